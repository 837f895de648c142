"""Which reader a person of the house is, and whose reading that person's user sees."""

from collections.abc import Iterator
from dataclasses import dataclass

from homeassistant.core import HomeAssistant, callback

from .const import (
    CONF_PERSON,
    CONF_READER_ID,
    CONF_SHOWN_TO_ALL,
    DOMAIN,
    SUBENTRY_READER,
)
from .core.store.records import ReaderId


@dataclass(frozen=True, slots=True)
class _Tie:
    """A reader is a person; ``user_id`` is None for one who never signs in."""

    reader_id: ReaderId
    person: str
    user_id: str | None
    shown_to_all: bool


@callback
def readers_of_user(hass: HomeAssistant, user_id: str | None) -> frozenset[ReaderId]:
    """Return the readers who are the person of a user; mostly one, or none."""
    if user_id is None:
        return frozenset()
    return frozenset(tie.reader_id for tie in _ties(hass) if tie.user_id == user_id)


@callback
def readers_of_others(hass: HomeAssistant, user_id: str) -> frozenset[ReaderId]:
    """Return the readers who are other persons than a user, and not shown to all."""
    ties = tuple(_ties(hass))
    seen = {tie.reader_id for tie in ties if tie.shown_to_all or tie.user_id == user_id}
    return frozenset(tie.reader_id for tie in ties) - seen


@callback
def persons_of_readers(hass: HomeAssistant) -> dict[ReaderId, str]:
    """Return the entity of the person that a reader is, for those who are one."""
    return {tie.reader_id: tie.person for tie in _ties(hass)}


def _ties(hass: HomeAssistant) -> Iterator[_Tie]:
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        for subentry in entry.get_subentries_of_type(SUBENTRY_READER):
            data = subentry.data
            if person := data.get(CONF_PERSON):
                yield _Tie(
                    ReaderId(data[CONF_READER_ID]),
                    person,
                    _user_of(hass, person),
                    data.get(CONF_SHOWN_TO_ALL, False),
                )


def _user_of(hass: HomeAssistant, person: str) -> str | None:
    state = hass.states.get(person)
    return state.attributes.get("user_id") if state else None
