"""Repairs: titles that need a person, and syncs that fail, as a person meets them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.decisions.journal import Action
from custom_components.audible_tracker.flows import conflict_decisions
from tests.integration.databases import change, refuse_noting
from tests.integration.steps import Household
from tests.integration.test_actions_books import with_conflict
from tests.simulator.faults import FaultKind

DAY = timedelta(days=1, hours=2)


class Repair:
    """A person who works on the repair of an account."""

    def __init__(self, household: Household, entry: ConfigEntry) -> None:
        """Look at one account."""
        self._hass = household.hass
        self._household = household
        self._entry = entry
        self.form: Mapping[str, Any] = {}

    @property
    def issues(self) -> list[ir.IssueEntry]:
        """Return the account's repairs."""
        registry = ir.async_get(self._hass)
        return [
            issue
            for (domain, issue_id), issue in registry.issues.items()
            if domain == DOMAIN and issue_id.endswith(self._entry.entry_id)
        ]

    async def open(self) -> None:
        """Open the only one."""
        [issue] = self.issues
        assert await async_setup_component(self._hass, REPAIRS, {})
        self.form = await self._hass.data[REPAIRS]["flow_manager"].async_init(
            DOMAIN, data={"issue_id": issue.issue_id}
        )

    async def answer(self, **user_input: Any) -> None:
        """Fill in the form that is shown."""
        manager = self._hass.data[REPAIRS]["flow_manager"]
        self.form = await manager.async_configure(self.form["flow_id"], user_input)
        await self._household.settle()

    @property
    def words(self) -> Mapping[str, str]:
        """Return what fills the form's sentences."""
        words: Mapping[str, str] = self.form["description_placeholders"]
        return words

    def choices(self) -> Iterator[tuple[str, str]]:
        """Yield what may be chosen, with its label."""
        selector = self.form["data_schema"].schema["choice"]
        for option in selector.config["options"]:
            yield option["value"], option["label"]

    async def page_to(self, title: str) -> None:
        """Put titles off until one is shown."""
        while self.words["title"] != title:
            await self.answer(choice="later")


@pytest.fixture
async def repair(household: Household) -> Repair:
    """Return the repair of an account most of whose titles match no book."""
    entry, _ = await with_conflict(household)
    return Repair(household, entry)


def left(repair: Repair) -> int:
    """Return how many titles are said to be left."""
    return int(repair.words["left"])


async def test_first_sync_opens_one_repair_however_much_is_unclear(
    repair: Repair,
) -> None:
    """It says how many titles it is about."""
    [issue] = repair.issues
    assert issue.translation_key == "conflicts"
    assert issue.is_fixable
    assert int((issue.translation_placeholders or {})["number"]) > 20


async def test_title_is_shown_beside_the_books_that_it_may_be(
    repair: Repair,
) -> None:
    """With author, narrator, length, evidence and cover; the person chooses."""
    await repair.open()
    await repair.page_to("Dracula")

    words = repair.words
    assert words["authors"] == "Bram Stoker"
    assert words["length"].endswith(" h")
    assert "/api/audible_tracker/cover/" in words["cover"]
    assert "authSig=" in words["cover"]
    assert "<b>2. Dracula</b>" in words["candidates"]
    assert "the titles agree" in words["candidates"]
    books = [value for value, _ in repair.choices() if value.startswith("book_")]
    assert len(books) == 2
    assert ("search", "") in list(repair.choices())
    # Two books fit equally: whoever only presses the button decides nothing.
    assert repair.form["data_schema"]({}) == {"choice": "later"}
    before = left(repair)

    await repair.answer(choice=books[0])

    assert left(repair) == before - 1
    assert repair.words["title"] != "Dracula"


async def test_series_is_named_where_there_is_one(repair: Repair) -> None:
    """With the number in it; a title of no series has no such line."""
    await repair.open()
    named = {}
    while repair.form["type"] is FlowResultType.FORM:
        named[repair.words["title"]] = repair.words["series"]
        await repair.answer(choice="later")

    assert named["A Study in Scarlet"] == "Series: Sherlock Holmes 1"
    assert named["The Lost World"] == ""


async def test_decision_is_undone_from_the_next_title(repair: Repair) -> None:
    """The last one, and then the one before it."""
    await repair.open()
    assert "undo" not in dict(repair.choices())
    before, title = left(repair), repair.words["title"]
    await repair.answer(choice="ignore")
    await repair.answer(choice="create")
    assert left(repair) == before - 2

    await repair.answer(choice="undo")
    await repair.answer(choice="undo")

    assert (left(repair), repair.words["title"]) == (before, title)


async def test_book_is_searched_for(repair: Repair) -> None:
    """What is not found is said; what is found may be none of them."""
    await repair.open()
    before = left(repair)
    await repair.answer(choice="search")
    await repair.answer(search="words that no book has")
    assert repair.form["errors"] == {"search": "nothing_found"}
    assert repair.form["data_schema"]({}) == {"search": "words that no book has"}
    await repair.answer(search="stoker")
    found = [value for value, label in repair.choices() if "Dracula" in label]
    assert len(found) == 2
    await repair.answer(choice="back")
    assert left(repair) == before

    await repair.answer(choice="search")
    await repair.answer(search="dracula")
    await repair.answer(choice=found[0])

    assert left(repair) == before - 1


async def test_rest_is_done_for_the_person_and_the_repair_closes(
    household: Household, repair: Repair
) -> None:
    """What several books fit stays; once that is decided nothing is left."""
    await repair.open()
    await repair.answer(choice="rest")
    assert repair.form["step_id"] == "rest"
    await repair.answer()
    assert repair.words["title"] == "Dracula"
    assert left(repair) == 1

    await repair.answer(choice="create")
    assert repair.form["step_id"] == "done"
    assert left(repair) == 0
    await repair.answer(choice="finish")

    assert repair.form["type"] is FlowResultType.CREATE_ENTRY
    assert repair.issues == []


async def test_last_decision_of_all_can_be_undone(repair: Repair) -> None:
    """Also if nothing is left to look at, or all the others were put off."""
    await repair.open()
    title = repair.words["title"]
    await repair.answer(choice="create")
    while repair.form["step_id"] == "conflict":
        await repair.answer(choice="later")
    assert repair.form["step_id"] == "done"
    assert repair.words["decided"] == "1"

    await repair.answer(choice="undo")

    assert repair.words["title"] == title


async def test_rest_is_undone_as_a_whole(repair: Repair) -> None:
    """All of it waits again."""
    await repair.open()
    before = left(repair)
    await repair.answer(choice="rest")
    await repair.answer()

    await repair.answer(choice="undo")

    assert left(repair) == before


async def test_undo_that_fails_says_so_and_is_tried_again(
    hass: HomeAssistant, repair: Repair
) -> None:
    """It is still offered, and the title comes back once it works."""
    await repair.open()
    before, title = left(repair), repair.words["title"]
    await repair.answer(choice="ignore")
    refuse_noting(hass, Action.UNDO)

    await repair.answer(choice="undo")

    assert repair.form["errors"] == {"base": "failed"}
    assert repair.words["error"].startswith("The database ")
    assert left(repair) == before - 1
    change(hass, "DROP TRIGGER not_noted")
    await repair.answer(choice="undo")
    assert repair.form["errors"] == {}
    assert (left(repair), repair.words["title"]) == (before, title)


async def test_rest_of_an_undo_that_breaks_off_is_tried_again(
    hass: HomeAssistant, repair: Repair
) -> None:
    """Some are undone, and shown so; the others wait for the next try."""
    await repair.open()
    before = left(repair)
    await repair.answer(choice="rest")
    await repair.answer()
    decided = left(repair)
    refuse_noting(hass, Action.UNDO, after=2)

    await repair.answer(choice="undo")

    assert repair.form["errors"] == {"base": "failed"}
    assert left(repair) == decided + 2
    change(hass, "DROP TRIGGER not_noted")
    await repair.answer(choice="undo")
    assert left(repair) == before


async def test_rest_is_that_of_this_account_alone(household: Household) -> None:
    """A reader whose titles come from two accounts has a repair for each."""
    first, second = [
        await _without_books(household, country_code) for country_code in ("us", "uk")
    ]
    others = int((first.issues[0].translation_placeholders or {})["number"])
    await second.open()
    assert left(second)
    await second.answer(choice="rest")

    await second.answer()

    assert second.form["step_id"] == "done"
    assert left(second) == 0
    [issue] = first.issues
    assert (issue.translation_placeholders or {})["number"] == str(others)


async def _without_books(household: Household, country_code: str) -> Repair:
    """Sign the same person up in a shop; none of the titles becomes a book."""
    form = await household.begin(country_code=country_code)
    form = await household.answer(form, landing_url=await household.land(form))
    defaults = form["data_schema"]({})
    counted = await household.answer(form, **{**defaults, "creates_books": False})
    result = await household.agree(counted)
    await household.settle()
    return Repair(household, result["result"])


async def test_what_was_decided_before_the_rest_broke_off_can_be_undone(
    hass: HomeAssistant, repair: Repair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is done piece by piece: an error in the second leaves the first."""
    monkeypatch.setattr(conflict_decisions, "BULK_MAX", 4)
    await repair.open()
    before = left(repair)
    refuse_noting(hass, Action.RESOLVE_CONFLICT, after=6)
    await repair.answer(choice="rest")

    await repair.answer()

    assert repair.form["errors"] == {"base": "failed"}
    assert left(repair) == before - 4
    await repair.answer(choice="undo")
    assert left(repair) == before


async def test_undo_that_somebody_else_was_faster_with_says_so(
    household: Household, repair: Repair
) -> None:
    """It is not offered again, and the title is shown: it waits by now."""
    await repair.open()
    title = repair.words["title"]
    listed = await household.act("list_conflicts", limit=1)
    number = listed["conflicts"][0]["conflict_id"]
    await repair.answer(choice="ignore")
    await household.act("resolve_conflict", conflict_id=number, undo=True)

    await repair.answer(choice="undo")

    assert repair.form["errors"] == {"base": "failed"}
    assert "can be undone" in repair.words["error"]
    assert repair.words["title"] == title
    assert "undo" not in dict(repair.choices())


async def test_undo_that_came_too_late_says_so_at_the_end(
    hass: HomeAssistant, repair: Repair
) -> None:
    """Where nothing is left to look at, or to undo, there is still something to say."""
    await repair.open()
    await repair.answer(choice="ignore")
    while repair.form["step_id"] == "conflict":
        await repair.answer(choice="later")
    change(hass, "DELETE FROM audible_conflicts")

    await repair.answer(choice="undo")

    assert repair.form["step_id"] == "done"
    assert repair.form["errors"] == {"base": "failed"}
    assert dict(repair.choices()) == {"finish": ""}
    await repair.answer(choice="finish")
    assert repair.form["type"] is FlowResultType.CREATE_ENTRY


async def test_who_puts_everything_off_is_asked_again_later(repair: Repair) -> None:
    """The repair stays."""
    await repair.open()
    for _ in range(left(repair)):
        await repair.answer(choice="later")
    assert repair.form["type"] is FlowResultType.ABORT
    assert repair.form["reason"] == "left"
    assert len(repair.issues) == 1


async def test_what_was_decided_elsewhere_meanwhile_is_passed(
    household: Household, repair: Repair
) -> None:
    """The card was faster."""
    await repair.open()
    before = left(repair)
    listed = await household.act("list_conflicts", limit=1)
    number = listed["conflicts"][0]["conflict_id"]
    await household.act("resolve_conflict", conflict_id=number, choice="ignore")

    await repair.answer(choice="create")

    assert left(repair) == before - 1


async def test_account_that_is_unloaded_takes_its_repair_along(
    hass: HomeAssistant, household: Household, repair: Repair
) -> None:
    """And an open one ends with a reason."""
    await repair.open()
    entry_id = next(iter(repair.issues)).data or {}
    assert await hass.config_entries.async_unload(str(entry_id["entry_id"]))
    assert repair.issues == []
    await repair.answer(choice="later")
    assert repair.form["reason"] == "not_loaded"


@pytest.mark.parametrize("choice", ["search", "create"])
async def test_account_that_is_unloaded_meanwhile_decides_nothing(
    hass: HomeAssistant, repair: Repair, choice: str
) -> None:
    """Whatever is chosen then."""
    await repair.open()
    [issue] = repair.issues
    entry_id = str((issue.data or {})["entry_id"])
    assert await hass.config_entries.async_unload(entry_id)

    await repair.answer(choice=choice)

    assert repair.form["reason"] == "not_loaded"


async def test_database_that_is_broken_ends_the_dialog(
    hass: HomeAssistant, repair: Repair
) -> None:
    """With its sentence; the repair stays."""
    await repair.open()
    change(hass, "DROP TABLE books")

    await repair.answer(choice="later")

    assert repair.form["type"] is FlowResultType.ABORT
    assert repair.form["reason"] == "failed"
    assert repair.words["error"].startswith("The database ")
    assert len(repair.issues) == 1


async def test_search_in_a_broken_database_ends_the_dialog(
    hass: HomeAssistant, repair: Repair
) -> None:
    """It looks into the books as well."""
    await repair.open()
    await repair.answer(choice="search")
    change(hass, "DROP TABLE books")

    await repair.answer(search="dracula")

    assert repair.form["reason"] == "failed"
    assert repair.words["error"].startswith("The database ")


async def test_repair_that_is_ignored_stays_so_until_the_account_goes(
    hass: HomeAssistant, household: Household, repair: Repair
) -> None:
    """A reload does not bring it back; with the account it is forgotten."""
    [issue] = repair.issues
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, ignore=True)
    entry_id = str((issue.data or {})["entry_id"])
    entry = hass.config_entries.async_get_known_entry(entry_id)

    await household.restart(entry)

    [issue] = repair.issues
    assert issue.active
    assert issue.dismissed_version is not None
    await hass.config_entries.async_remove(entry_id)
    assert repair.issues == []


# --- syncs that fail ------------------------------------------------------------------


async def _fail_for_a_day(
    household: Household, freezer: FrozenDateTimeFactory, kind: FaultKind, **more: Any
) -> Repair:
    entry = await household.sign_up()
    repair = Repair(household, entry)
    household.break_shop(kind, **more)
    await household.pass_time(freezer, timedelta(hours=3))
    assert repair.issues == []
    await household.pass_time(freezer, DAY)
    await household.pass_time(freezer, timedelta(hours=1, minutes=5))
    return repair


async def test_day_without_a_sync_is_a_repair_that_tries_again(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """With the cause, how often it was tried, and when it is next."""
    repair = await _fail_for_a_day(household, freezer, FaultKind.UNREACHABLE)
    [issue] = repair.issues
    assert issue.translation_key == "sync_offline"
    words = issue.translation_placeholders or {}
    assert words["cause"] == "audible_unreachable"
    assert int(words["tries"]) >= 2
    assert words["next_try"] != "?"
    page = (
        "https://github.com/audible-tracker/audible-tracker/blob/main/docs/"
        "troubleshooting.md#audible"
    )
    assert issue.learn_more_url == page

    await repair.open()
    assert repair.words["cause"] == (
        f"Audible does not answer ([`audible_unreachable`]({page}))"
    )
    await repair.answer()
    # It was asked a moment ago, and is left alone for a while.
    assert repair.form["errors"] == {"base": "paused"}
    assert repair.words["next_try"] != "?"
    freezer.tick(timedelta(hours=3))
    await repair.answer()
    assert repair.form["errors"] == {"base": "still_failing"}
    household.mend_shop()
    await household.pass_time(freezer, timedelta(hours=1))
    if repair.issues:
        await repair.answer()
        assert repair.form["type"] is FlowResultType.CREATE_ENTRY

    assert repair.issues == []


async def test_cause_is_told_in_the_language_of_the_house(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """As all else that fills the sentences of a dialog."""
    household.hass.config.language = "de"
    repair = await _fail_for_a_day(household, freezer, FaultKind.UNREACHABLE)

    await repair.open()

    assert repair.words["cause"].startswith("Audible antwortet nicht (")


async def test_refused_sign_ins_are_a_repair_that_signs_in(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Three in a row, long before the day is over."""
    entry = await household.sign_up()
    repair = Repair(household, entry)
    for device in household.registered():
        device.is_revoked = True
    for _ in range(8):
        await household.pass_time(freezer, timedelta(minutes=50))

    [issue] = repair.issues
    assert issue.translation_key == "sync_sign_in_needed"
    await repair.open()
    await repair.answer()

    assert repair.form["type"] is FlowResultType.CREATE_ENTRY
    flow_type, flow_id = repair.form["next_flow"]
    assert flow_type == "config_flow"
    flows = household.hass.config_entries.flow.async_progress()
    assert [flow_id] == [flow["flow_id"] for flow in flows]


async def test_sign_in_that_works_again_needs_nobody(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """An outage of theirs ends by itself: neither repair nor question stays."""
    entry = await household.sign_up()
    repair = Repair(household, entry)
    device = household.registered()[0]
    device.is_revoked = True
    await household.pass_time(freezer, timedelta(minutes=50))
    assert household.hass.config_entries.flow.async_progress()

    device.is_revoked = False
    await household.pass_time(freezer, timedelta(hours=1))

    assert entry.runtime_data.coordinator.last_update_success
    assert household.hass.config_entries.flow.async_progress() == []
    assert repair.issues == []


async def test_sync_that_works_again_closes_its_repair(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Who agrees asks at once, without waiting for the next try."""
    repair = await _fail_for_a_day(household, freezer, FaultKind.UNREACHABLE)
    await repair.open()
    household.mend_shop()
    freezer.tick(timedelta(hours=1))

    await repair.answer()

    assert repair.form["type"] is FlowResultType.CREATE_ENTRY
    assert repair.issues == []


async def test_sync_repair_of_an_unloaded_account_ends(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """With the reason."""
    repair = await _fail_for_a_day(household, freezer, FaultKind.UNREACHABLE)
    await repair.open()
    [entry] = household.hass.config_entries.async_entries(DOMAIN)
    assert await household.hass.config_entries.async_unload(entry.entry_id)

    await repair.answer()

    assert repair.form["reason"] == "not_loaded"


async def test_repair_signs_in_though_the_question_was_put_away(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The sign-in that Home Assistant asked for was closed by somebody."""
    entry = await household.sign_up()
    repair = Repair(household, entry)
    for device in household.registered():
        device.is_revoked = True
    for _ in range(8):
        await household.pass_time(freezer, timedelta(minutes=50))
    flows = household.hass.config_entries.flow
    for flow in flows.async_progress():
        flows.async_abort(flow["flow_id"])
    await repair.open()

    await repair.answer()

    _, flow_id = repair.form["next_flow"]
    [flow] = flows.async_progress()
    assert (flow["flow_id"], flow["context"]["source"]) == (flow_id, "reauth")
