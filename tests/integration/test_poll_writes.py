"""What a poll of positions writes: as few rows and states as can be."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from sqlalchemy import event

from custom_components.audible_tracker.const import DOMAIN
from tests.integration.steps import POSITIONS, Household
from tests.simulator.catalog import UNDER_WAY_ASIN

POLL = timedelta(minutes=5)
ROWS_MAX = 2


@contextmanager
def written_states(hass: HomeAssistant) -> Iterator[Counter[str]]:
    """Yield how often each of the integration's states is written, also unchanged."""
    written: Counter[str] = Counter()

    @callback
    def note(said: Event[Any]) -> None:
        entity_id = said.data["entity_id"]
        entity = er.async_get(hass).async_get(entity_id)
        if entity is not None and entity.platform == DOMAIN:
            written[entity_id] += 1

    ends = [
        hass.bus.async_listen(EVENT_STATE_CHANGED, note),
        hass.bus.async_listen(
            EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True)
        ),
    ]
    try:
        yield written
    finally:
        for end in ends:
            end()


@contextmanager
def written_rows(household: Household) -> Iterator[list[int]]:
    """Yield how many rows each statement of the tracker writes."""
    (entry,) = household.hass.config_entries.async_loaded_entries(DOMAIN)
    engine = entry.runtime_data.store._engine.sync_engine
    rows: list[int] = []

    def note(
        _connection: Any, cursor: Any, statement: str, *_arguments: object
    ) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA")):
            rows.append(max(0, cursor.rowcount))

    event.listen(engine, "after_cursor_execute", note)
    try:
        yield rows
    finally:
        event.remove(engine, "after_cursor_execute", note)


async def settled_household(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Sign up, and let all be asked for that is asked for once."""
    await household.sign_up()
    for _ in range(12):
        asked = household.count("/")
        await household.pass_time(freezer, POLL)
        if household.count("/") - asked <= 1:
            return
    raise AssertionError("errands do not end")


def of_each_poll(household: Household) -> set[str | None]:
    """Return the entities that say when the last sync was and when the next may be."""
    return {household.entity_id(key) for key in ("_last_sync", "_next_allowed_sync")}


async def poll(household: Household, freezer: FrozenDateTimeFactory) -> None:
    """Ask for positions, without the timers that Home Assistant has at that time."""
    freezer.tick(POLL)
    await household.ask_now(household.state("_last_sync").entity_id)


async def test_poll_with_nothing_new_writes_next_to_nothing(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The account's row; no state but the last and the next sync."""
    await settled_household(household, freezer)
    polls = household.count(POSITIONS)

    with written_states(household.hass) as states, written_rows(household) as rows:
        await poll(household, freezer)

    assert household.count(POSITIONS) == polls + 1
    assert len(household.title_devices()) > ROWS_MAX
    assert 1 <= sum(rows) <= ROWS_MAX
    assert set(states) <= of_each_poll(household)


async def test_moved_position_writes_its_own_entities_once(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Those of the title and of what is read now; other titles are left alone."""
    await settled_household(household, freezer)
    household.listen(UNDER_WAY_ASIN, 15_400_000)
    before = {
        state.entity_id: (state.state, dict(state.attributes))
        for state in household.hass.states.async_all()
    }

    with written_states(household.hass) as states:
        await poll(household, freezer)

    progress = household.entity_id(f"{UNDER_WAY_ASIN}_progress")
    assert states[progress] == 1
    assert _of_titles(household, states) == {UNDER_WAY_ASIN}
    now = household.hass.states
    same = {
        name
        for name in set(states) - of_each_poll(household)
        if (state := now.get(name)) is not None
        and before[name] == (state.state, dict(state.attributes))
    }
    assert same == set()


def _of_titles(household: Household, entities: Counter[str]) -> set[str]:
    """Return the ASINs of the titles whose own entities these are."""
    registry = dr.async_get(household.hass)
    found = set()
    for entity_id in entities:
        entity = er.async_get(household.hass).async_get(entity_id)
        assert entity is not None
        assert entity.device_id is not None
        device = registry.async_get(entity.device_id)
        assert device is not None
        ((_, identifier),) = device.identifiers
        asin = identifier.rpartition("_")[2]
        if asin.startswith("B0"):
            found.add(asin)
    return found
