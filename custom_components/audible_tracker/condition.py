"""Conditions: what an automation asks about listening, answered at once."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Unpack, override

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.typing import ConfigType

from .const import CONF_ASIN
from .playing.hearing import is_hearing
from .whose import (
    CONF_ENTRY,
    WHOSE,
    checked_options,
    one_asin,
    overviews,
    readers,
    readers_of_accounts,
)


class TrackerCondition(Condition):
    """Looks at what the entities show; what is not known is not so."""

    options: ClassVar[Mapping[probatio.Marker, Any]] = WHOSE

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate what an automation says."""
        return checked_options(config, cls.options)

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        self._wanted: Mapping[str, Any] = config.options or {}


class IsListening(TrackerCondition):
    """Whether a speaker plays, or a place moved at Audible within the last minutes."""

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        return any(
            is_hearing(self._hass, overview.account.account_id, reader)
            for overview, reader in readers_of_accounts(self._hass, self._wanted)
        )


class IsFinished(TrackerCondition):
    """Whether a title was heard to its end, and is not being heard again."""

    options: ClassVar[Mapping[probatio.Marker, Any]] = {
        **WHOSE,
        probatio.Required(CONF_ASIN): one_asin,
    }

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        asin = self._wanted[CONF_ASIN]
        return any(
            asin in reader.figures.finished_asins
            for reader in readers(self._hass, self._wanted)
        )


class HasConflicts(TrackerCondition):
    """Whether titles wait for somebody to say which books they are."""

    options: ClassVar[Mapping[probatio.Marker, Any]] = {
        name: check for name, check in WHOSE.items() if name == CONF_ENTRY
    }

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        return any(one.conflicts_open for one in overviews(self._hass, self._wanted))


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_listening": IsListening,
    "is_finished": IsFinished,
    "has_conflicts": HasConflicts,
}


async def async_get_conditions(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by position
) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
