"""What real syncs and polls tell: the event entity and each trigger, once each."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import (
    EventStateChangedData,
    async_track_state_change_event,
)

from custom_components.audible_tracker.const import DOMAIN
from tests.integration.steps import Household
from tests.integration.test_triggers import Automations
from tests.simulator.catalog import (
    DEMO_EMAIL,
    NOT_OWNED_ASIN,
    PLUS_ASIN,
    SHORT_ASIN,
    UNDER_WAY_ASIN,
)
from tests.simulator.shop import OwnedTitle

MINUTE_MS = 60_000
FIVE_MINUTES = timedelta(minutes=5, seconds=2)
HOUR = timedelta(minutes=67)
KEYS = (
    "book_started",
    "book_finished",
    "new_title",
    "title_leaving",
    "conflict_opened",
    "goal_reached",
)


def shown_by(hass: HomeAssistant, entity_id: str) -> list[tuple[str, str]]:
    """Return what the event entity will say: kinds and titles, in order."""
    shown: list[tuple[str, str]] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        if (
            new is not None
            and old is not None
            and new.state
            not in (
                old.state,
                "unavailable",
                "unknown",
            )
        ):
            shown.append((new.attributes["event_type"], new.attributes["asin"]))

    async_track_state_change_event(hass, entity_id, note)
    return shown


def buy(household: Household) -> None:
    """Buy a title in the shop."""
    shop = household.simulator.shop
    bought = OwnedTitle(shop.titles[NOT_OWNED_ASIN], shop.now(), changed_at=shop.now())
    shop.accounts[DEMO_EMAIL].library[NOT_OWNED_ASIN] = bought


async def test_syncs_run_each_trigger_and_the_entity_says_so(
    hass: HomeAssistant, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """A title is begun, ended, bought, leaves Plus, needs a person; a goal is met."""
    freezer.move_to(datetime(2026, 11, 20, 8, tzinfo=UTC))
    entry = await household.sign_up()
    hass.config_entries.async_update_entry(entry, options={"creates_books": False})
    await household.restart(entry)
    await household.act("set_goal", kind="books", target=1, year=2027)
    freezer.move_to(datetime(2027, 1, 4, 8, tzinfo=UTC))
    await household.pass_time(freezer, HOUR)
    automations = Automations(hass)
    await automations.add(*({"trigger": f"{DOMAIN}.{key}"} for key in KEYS))
    shown = shown_by(hass, household.state("_last_event").entity_id)

    buy(household)
    household.owned(PLUS_ASIN).leaves_at = datetime(2027, 1, 20, 12, tzinfo=UTC)
    runtime_ms = household.owned(UNDER_WAY_ASIN).title.runtime_ms
    household.listen(UNDER_WAY_ASIN, runtime_ms - 30_000)
    household.listen(SHORT_ASIN, 2 * MINUTE_MS)
    household.owned(SHORT_ASIN).percent_complete = 5.0
    for step in (HOUR, FIVE_MINUTES, timedelta(days=1), HOUR):
        await household.pass_time(freezer, step)

    assert sorted(KEYS) == sorted(automations.keys)
    assert {
        ("started", SHORT_ASIN),
        ("finished", UNDER_WAY_ASIN),
        ("new_title", NOT_OWNED_ASIN),
        ("conflict", NOT_OWNED_ASIN),
        ("leaving_plus", PLUS_ASIN),
    } == set(shown)
    assert len(shown) == 5
