"""Which reader a user of Home Assistant is."""

from homeassistant.core import HomeAssistant, callback

from .const import CONF_PERSON, CONF_READER_ID, DOMAIN, SUBENTRY_READER
from .core.store.records import ReaderId


@callback
def readers_of_user(hass: HomeAssistant, user_id: str | None) -> set[ReaderId]:
    """Return the readers who are the person of a user; mostly one, or none."""
    if user_id is None:
        return set()
    return {
        ReaderId(subentry.data[CONF_READER_ID])
        for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False)
        for subentry in entry.get_subentries_of_type(SUBENTRY_READER)
        if _user_of(hass, subentry.data.get(CONF_PERSON)) == user_id
    }


@callback
def _user_of(hass: HomeAssistant, person: str | None) -> str | None:
    state = hass.states.get(person) if person else None
    return state.attributes.get("user_id") if state else None
