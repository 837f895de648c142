"""Automations that wait for what the tracker tells, in a real Home Assistant."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import automation
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.trigger import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict

from custom_components.audible_tracker.const import DOMAIN, EVENT_TRACKER
from custom_components.audible_tracker.trigger import TRIGGERS
from tests.integration.steps import Household
from tests.simulator.catalog import DEMO_EMAIL, PLUS_ASIN, UNDER_WAY_ASIN

MINUTE_MS = 60_000
FIVE_MINUTES = timedelta(minutes=5, seconds=2)
HOUR = timedelta(minutes=67)


class Automations:
    """Automations of a user, and what they found under ``trigger`` when they ran."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen to what they do."""
        self._hass = hass
        self.ran: list[Mapping[str, Any]] = []
        hass.bus.async_listen("ran", lambda event: self.ran.append(event.data))

    async def add(self, *triggers: Mapping[str, Any]) -> None:
        """Make an automation for each trigger."""
        config = [
            {
                "alias": f"automation {number}",
                "triggers": trigger,
                "actions": {
                    "event": "ran",
                    "event_data": {
                        "key": trigger["trigger"].removeprefix(f"{DOMAIN}."),
                        "trigger": "{{ trigger }}",
                    },
                },
            }
            for number, trigger in enumerate(triggers)
        ]
        assert await async_setup_component(
            self._hass, automation.DOMAIN, {automation.DOMAIN: config}
        )
        await self._hass.async_block_till_done()
        assert len(triggers) == len(self._hass.states.async_all(automation.DOMAIN))
        states = self._hass.states.async_all(automation.DOMAIN)
        assert {"on"} == {state.state for state in states}

    @property
    def keys(self) -> list[str]:
        """Return which triggers ran, in order."""
        return [ran["key"] for ran in self.ran]


@pytest.fixture
def automations(hass: HomeAssistant) -> Automations:
    """Return the automations of this Home Assistant."""
    return Automations(hass)


@pytest.fixture
async def entry(household: Household) -> ConfigEntry:
    """Return an account that is set up."""
    return await household.sign_up()


def tell(hass: HomeAssistant, entry: ConfigEntry, kind: str, **data: Any) -> None:
    """Fire what the household tells."""
    overview = entry.runtime_data.coordinator.data
    event = {
        "id": "an id",
        "type": kind,
        "asin": UNDER_WAY_ASIN,
        "book_id": 1,
        "reader_id": overview.readers[0].reader.reader_id,
        "account_id": overview.account.account_id,
        "config_entry_id": entry.entry_id,
        "title": "Pride and Prejudice",
    }
    hass.bus.async_fire(EVENT_TRACKER, event | data)


async def test_listening_runs_automations_once_each(
    household: Household,
    entry: ConfigEntry,
    automations: Automations,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Somebody hears into the next chapter, then to the end, as polls see it."""
    household.listen(UNDER_WAY_ASIN, 100 * MINUTE_MS)
    await household.pass_time(freezer, FIVE_MINUTES)
    runtime_ms = household.owned(UNDER_WAY_ASIN).title.runtime_ms
    await automations.add(
        *({"trigger": f"{DOMAIN}.{key}"} for key in TRIGGERS if "_left_" not in key),
        {"trigger": f"{DOMAIN}.time_left_below", "options": {"minutes": 60}},
        {"trigger": f"{DOMAIN}.time_left_below", "options": {"minutes": 10}},
    )

    for left in (50, 55, 45, 1):
        household.listen(UNDER_WAY_ASIN, runtime_ms - left * MINUTE_MS)
        await household.pass_time(freezer, FIVE_MINUTES)
        await household.restart(entry)

    # The last minutes were heard between two looks: that it is finished says enough.
    chapters = [
        ran["trigger"]["chapter_number"]
        for ran in automations.ran
        if ran["key"] == "chapter_reached"
    ]
    assert len(chapters) == len(set(chapters)) == 2
    assert ["time_left_below", *["chapter_reached"] * 2, "book_finished"] == (
        automations.keys
    )
    left_below = automations.ran[0]["trigger"]
    assert UNDER_WAY_ASIN == left_below["asin"]
    assert left_below["minutes_left"] in (49, 50)


async def test_account_and_reader_are_respected(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    automations: Automations,
) -> None:
    """What is of another account, reader or title runs nothing."""
    name = entry.runtime_data.coordinator.data.readers[0].reader.name
    key = f"{DOMAIN}.book_finished"
    await automations.add(
        *(
            {"trigger": key, "options": options}
            for options in (
                {},
                {"config_entry_id": entry.entry_id, "reader": f" {name.upper()} "},
                {"asin": UNDER_WAY_ASIN.lower()},
                {"config_entry_id": "another"},
                {"reader": "nobody"},
                {"asin": PLUS_ASIN},
            )
        )
    )

    tell(hass, entry, "book_finished")
    await hass.async_block_till_done()

    assert 3 == len(automations.ran)


async def test_templates_find_what_happened(
    hass: HomeAssistant, entry: ConfigEntry, automations: Automations
) -> None:
    """The event's id too, beside the trigger's own."""
    await automations.add({"trigger": f"{DOMAIN}.book_started", "id": "mine"})

    tell(hass, entry, "book_started", started_on="2026-11-20")
    await hass.async_block_till_done()

    [ran] = automations.ran
    assert {
        "id": "mine",
        "event_id": "an id",
        "title": "Pride and Prejudice",
        "started_on": "2026-11-20",
        "platform": f"{DOMAIN}.book_started",
    }.items() <= ran["trigger"].items()


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("title_added", "new_title"),
        ("title_leaving", "title_leaving"),
        ("conflict_found", "conflict_opened"),
        ("streak_at_risk", "streak_at_risk"),
        ("goal_reached", "goal_reached"),
    ],
)
async def test_each_event_has_its_trigger(
    hass: HomeAssistant,
    entry: ConfigEntry,
    automations: Automations,
    kind: str,
    key: str,
) -> None:
    """And runs no other."""
    await automations.add(*({"trigger": f"{DOMAIN}.{name}"} for name in TRIGGERS))

    tell(hass, entry, kind)
    await hass.async_block_till_done()

    assert [key] == automations.keys


async def test_title_that_leaves_plus_and_a_streak_are_told_by_the_polls(
    household: Household,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each once, however often the account is set up again."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    # After everything that the shop's catalogue holds, which is as old as this run.
    begun = dt_util.utcnow().replace(hour=8, minute=0) + timedelta(days=2)
    freezer.move_to(begun)
    leaves_at = begun + timedelta(days=20)
    household.owned(PLUS_ASIN).leaves_at = leaves_at
    # What counts are the days on which a place moves.
    household.simulator.shop.accounts[DEMO_EMAIL].heard.clear()
    told: list[Event] = []
    hass.bus.async_listen(EVENT_TRACKER, told.append)
    entry = await household.sign_up()
    for day in range(3):
        household.listen(UNDER_WAY_ASIN, (200 + day) * MINUTE_MS)
        await household.pass_time(freezer, FIVE_MINUTES)
        await household.pass_time(freezer, timedelta(days=1))
        await household.restart(entry)
    # It is evening in Berlin of a day on which nothing was heard.
    freezer.move_to(begun + timedelta(days=3, hours=11, minutes=30))
    for _ in range(2):
        await household.pass_time(freezer, FIVE_MINUTES)
        await household.restart(entry)

    kinds = [event.data["type"] for event in told]
    [leaving] = [event for event in told if event.data["type"] == "title_leaving"]
    assert (PLUS_ASIN, leaves_at.date().isoformat()) == (
        leaving.data["asin"],
        leaving.data["leaves_on"],
    )
    assert 1 == kinds.count("streak_at_risk")


async def test_editor_shows_every_trigger_with_its_fields(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """A description that is empty would not be shown."""
    found = await async_get_all_descriptions(hass)
    ours = {name for name in found if name.startswith(f"{DOMAIN}.")}
    assert {f"{DOMAIN}.{key}" for key in TRIGGERS} == ours
    assert all(found[name]["fields"] for name in ours)


def test_described_fields_are_those_that_are_validated() -> None:
    """Neither a field that does nothing nor one that nobody is shown."""
    described = load_yaml_dict("custom_components/audible_tracker/triggers.yaml")
    assert {
        key: {str(option) for option in kind.options} for key, kind in TRIGGERS.items()
    } == {key: set(described[key]["fields"]) for key in described}
