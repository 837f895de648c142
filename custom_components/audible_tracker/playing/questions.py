"""One repair for the titles that were heard in two places at once."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.decisions.positions import list_questions
from ..core.errors import TrackerError
from ..issues import async_put_away

PLACES: Final = "places_"


@callback
def async_follow_questions(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Keep the repair of an account as its open questions are, until it is unloaded."""
    issue_id = f"{PLACES}{entry.entry_id}"

    @callback
    def follow() -> None:
        entry.async_create_background_task(
            hass, async_look(hass, entry), f"{DOMAIN} places"
        )

    follow()
    entry.async_on_unload(entry.runtime_data.coordinator.async_add_listener(follow))
    entry.async_on_unload(lambda: async_put_away(hass, issue_id))


async def async_look(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Show the repair where something is to be asked, else take it back."""
    runtime = entry.runtime_data
    try:
        async with runtime.store.reading() as connection:
            asked = await list_questions(connection, runtime.account_id)
    except TrackerError as err:
        LOGGER.debug("Whether places are to be asked about is unknown: %s", err.key)
        return
    issue_id = f"{PLACES}{entry.entry_id}"
    if not asked:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="places",
        translation_placeholders={
            "number": str(len(asked)),
            "title": asked[0].link.fields.audible_title,
        },
    )
