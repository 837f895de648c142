"""The cover of what a reader reads now, from this house and not from the shop."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity
from homeassistant.util import dt as dt_util

from .coordinator import AudibleConfigEntry
from .core.audible.covers import image_type
from .core.store.records import ReaderId
from .covers import covers_of
from .entity import ReaderEntity, follow_readers

PARALLEL_UPDATES = 0

COVER: Final = ImageEntityDescription(key="cover")
_TOKEN_LASTS: Final = timedelta(hours=1)
"""Home Assistant asks for one every five minutes, and each would be recorded."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an image for each reader."""
    follow_readers(
        entry,
        async_add_entities,
        lambda reader_id: [CoverImage(hass, entry, reader_id)],
    )


@dataclass(frozen=True, slots=True)
class _Shown(ExtraStoredData):
    """Which cover it was, so that a restart knows whether it is another one."""

    url: str | None

    @override
    def as_dict(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)


class CoverImage(ReaderEntity, ImageEntity, RestoreEntity):
    """The cover; its state is since when it is this one."""

    def __init__(
        self, hass: HomeAssistant, entry: AudibleConfigEntry, reader_id: ReaderId
    ) -> None:
        """Belong to the reader's device."""
        ReaderEntity.__init__(self, entry, reader_id, COVER)
        self._url: str | None = None
        self._token_until: datetime | None = None
        ImageEntity.__init__(self, hass)
        self._follow()

    @override
    async def async_added_to_hass(self) -> None:
        """Go on with the same cover after a restart: it has not changed."""
        await super().async_added_to_hass()
        state = await self.async_get_last_state()
        kept = await self.async_get_last_extra_data()
        if state and kept and kept.as_dict() == self.extra_restore_state_data.as_dict():
            self._attr_image_last_updated = dt_util.parse_datetime(state.state)

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData:
        """Return what a restart compares."""
        return _Shown(self._url)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show another cover once another title is read."""
        self._follow()
        super()._handle_coordinator_update()

    @callback
    def _follow(self) -> None:
        now = self.shown.reading_now if self.shown else None
        url = now.title.cover_url if now else None
        if url != self._url:
            self._url = url
            self._attr_image_last_updated = dt_util.utcnow() if url else None

    @callback
    @override
    def async_update_token(self) -> None:
        """Give another token out, once an hour."""
        now = dt_util.utcnow()
        if self._token_until is None or now >= self._token_until:
            self._token_until = now + _TOKEN_LASTS
            super().async_update_token()

    @override
    async def async_image(self) -> bytes | None:
        """Return the image; None where there is none, or none can be had now."""
        content = await covers_of(self.hass).async_find(self._url)
        if content is not None:
            self._attr_content_type = image_type(content) or self._attr_content_type
        return content
