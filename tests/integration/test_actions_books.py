"""Actions about books, titles, reads and conflicts."""

import json
import math
from datetime import UTC, date, datetime
from typing import Any

import probatio
import pytest
from homeassistant.const import EntityCategory
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er

from custom_components.audible_tracker.actions import conflicts
from custom_components.audible_tracker.core.decisions.journal import Action
from tests.integration.databases import refuse_noting
from tests.integration.steps import Household
from tests.simulator.catalog import (
    OTHER_EMAIL,
    OTHER_PASSWORD,
    TREE_ASIN,
    UNDER_WAY_ASIN,
    UNSTARTED_ASIN,
)

ANNA = "Anna Example"
BEN = "Ben Sample"


async def book_of(household: Household, title: str) -> int:
    """Return the number of the book of a title."""
    found = await household.act("search_books", query=title)
    number: int = found["books"][0]["book_id"]
    return number


async def test_book_is_added_found_corrected_rated_and_deleted(
    household: Household,
) -> None:
    """A book by hand lives its whole life through actions."""
    await household.sign_up()
    user = await household.hass.auth.async_create_user("Anna at home")

    added = await household.act(
        "add_book",
        user.id,
        title="Der Zauberberg",
        authors=["Thomas Mann"],
        page_count=1000,
        isbn="978-3-10-348128-0",
        book_type="print",
        series="Klassiker",
        series_sequence="7",
        runtime_minutes=60,
        status="reading",
        date="2026-03-01",
    )
    number = added["book_id"]
    found = await household.act("search_books", query="zauber mann")
    edited = await household.act(
        "edit_book", book_id=number, publisher="Fischer", clear=["series", "isbn"]
    )
    rated = await household.act("rate_book", book_id=number, rating=4.75)
    unrated = await household.act("rate_book", book_id=number, clear=True)
    finished = await household.act(
        "set_book_status", book_id=number, status="finished", date="2026-04-01"
    )
    history = await household.act("get_history", book_id=number)
    deleted = await household.act("delete_book", book_id=number)

    assert added["isbn"] == "9783103481280"
    assert added["status"] == "reading"
    assert added["started_on"] == "2026-03-01"
    assert added["series"] == [{"title": "Klassiker", "sequence": "7"}]
    assert added["runtime_ms"] == 3_600_000
    assert [book["book_id"] for book in found["books"]] == [number]
    assert (edited["publisher"], edited["series"], edited["isbn"]) == (
        "Fischer",
        [],
        None,
    )
    assert (rated["rating"], unrated["rating"]) == (4.75, None)
    assert (finished["status"], finished["finished_on"]) == ("finished", "2026-04-01")
    decisions = {
        entry["data"]["action"]: entry["actor"]
        for entry in history["history"]
        if entry["kind"] == "decision"
    }
    assert decisions["add_book"] == "Anna at home"
    assert decisions["rate_book"] == "automation"
    assert deleted["deleted"]["title"] == "Der Zauberberg"
    assert (await household.act("search_books", query="zauber"))["books"] == []
    with pytest.raises(ServiceValidationError) as told:
        await household.act("rate_book", book_id=number, rating=3)
    assert str(told.value) == f"There is no book {number}"
    assert json.dumps([added, found, history, deleted])


async def told_of(
    household: Household, action: str, data: dict[str, Any]
) -> tuple[str | None, str, str]:
    """Return the key, the field and what is allowed, as a wrong call is told."""
    with pytest.raises(ServiceValidationError) as told:
        await household.act(action, **data)
    placeholders = told.value.translation_placeholders
    assert placeholders is not None, action
    return told.value.translation_key, placeholders["field"], placeholders["allowed"]


async def test_mistakes_are_told_by_field(household: Household) -> None:
    """Each mistake names the caller's field, what came and what is allowed."""
    await household.sign_up()
    number = await book_of(household, "Pride and Prejudice")
    other = await book_of(household, "Moby-Dick")
    book = {"book_id": number}
    for action, data, field, allowed in (
        ("add_book", {"title": "A", "isbn": "123"}, "isbn", "an ISBN with its right"),
        (
            "add_book",
            {"asin": UNDER_WAY_ASIN, "title": "A"},
            "title",
            "not with an ASIN",
        ),
        (
            "add_book",
            {"asin": UNDER_WAY_ASIN, "series": "A"},
            "series",
            "not with an ASIN",
        ),
        (
            "add_book",
            {"asin": UNDER_WAY_ASIN, "date": "2026-01-01"},
            "date",
            "not with an ASIN",
        ),
        ("add_book", {"title": "A", "date": "2026-01-01"}, "date", "no day, for"),
        (
            "add_book",
            {"title": "A", "status": "finished", "date": "2126-01-01"},
            "date",
            "a day that is not in the future",
        ),
        ("add_book", {"title": "A", "series": " "}, "series", "a text"),
        (
            "edit_book",
            book | {"isbn": "9783103481280", "clear": ["isbn"]},
            "isbn",
            "a value, or its name in clear, not both",
        ),
        (
            "edit_book",
            book | {"cover_url": "javascript:alert(1)"},
            "cover_url",
            "an address that begins with https://",
        ),
        (
            "set_book_status",
            book | {"status": "paused", "date": "2026-01-01"},
            "date",
            "no day, for paused has none here",
        ),
        ("rate_book", book | {"rating": 4.6}, "rating", "0 to 5"),
        (
            "rate_book",
            book | {"rating": 4, "clear": True},
            "rating",
            "a rating, or clear, not both",
        ),
        ("rate_book", {"asin": "x", "rating": 4}, "asin", "ten letters and digits"),
        ("rate_book", book | {"rating": 4, "reader": "Nobody"}, "reader", ANNA),
        (
            "delete_book",
            {"asin": UNDER_WAY_ASIN, "book_id": other},
            "book_id",
            f"the book of {UNDER_WAY_ASIN}, {number}",
        ),
        (
            "unlink_book",
            {"asin": UNDER_WAY_ASIN, "book_id": other},
            "book_id",
            f"the book of {UNDER_WAY_ASIN}, {number}",
        ),
        ("search_books", {"query": "a", "limit": 0}, "limit", "1 to 200"),
        ("search_books", {"query": "a" * 201}, "query", "at most 200 characters"),
        (
            "set_goal",
            {"kind": "books", "target": 3, "start_date": "2026-01-01"},
            "start_date",
            "start_date and end_date, or else year",
        ),
        (
            "get_statistics",
            {"start_date": "2026-02-01", "end_date": "2026-01-01"},
            "end_date",
            "from 2026-02-01 on",
        ),
        ("get_history", {"limit": 0}, "limit", "1 to 1000"),
        (
            "edit_read",
            {"read_id": 1, "started_on": "2026-01-01", "clear": ["started_on"]},
            "started_on",
            "a day, or its name in clear, not both",
        ),
        (
            "resolve_conflict",
            {"accept_above": 1.5},
            "accept_above",
            "0.0 to 1.0",
        ),
        (
            "resolve_conflict",
            {"create_all": True, "book_id": number},
            "book_id",
            "with conflict_id alone",
        ),
        (
            "resolve_conflict",
            {"asin": UNDER_WAY_ASIN, "undo": True, "choice": "create"},
            "choice",
            "not with undo",
        ),
        (
            "list_conflicts",
            {"conflict_id": 1, "unlinked": True},
            "conflict_id",
            "not with unlinked",
        ),
        (
            "set_sync_interval",
            book | {"minutes": 60, "clear": True},
            "minutes",
            "minutes, or clear, not both",
        ),
        (
            "merge_books",
            book | {"dropped_book_id": number},
            "dropped_book_id",
            "another book than the kept one",
        ),
        ("unlink_book", {"asin": "B0PODCLASS"}, "asin", "a title that is linked"),
        ("add_reader", {"name": " "}, "name", "1 to "),
        ("import_books", {"path": "a.csv", "undo": 1}, "path, undo", "one of them"),
        (
            "import_books",
            {"path": "nowhere.csv", "reader": "Nobody"},
            "path",
            "a file that is there",
        ),
    ):
        told = await told_of(household, action, data)
        assert ("invalid_value", field) == told[:2], action
        assert told[2].startswith(allowed), (action, told)


async def test_what_is_missing_is_asked_for(household: Household) -> None:
    """A value that is not there is not called a wrong one."""
    await household.sign_up()
    book = {"book_id": await book_of(household, "Pride and Prejudice")}
    ends = "outcome, finished_on, stopped_on"
    for action, data, field, allowed in (
        ("add_book", {}, "title", "what the book is called"),
        ("add_book", {"title": "A", "series_sequence": "2"}, "series", "the series"),
        ("edit_book", book | {"series_sequence": "2"}, "series", "the series"),
        ("rate_book", book, "rating", "a rating, or clear"),
        ("rate_book", {"rating": 4}, "asin, book_id", "one of the two"),
        ("set_goal", {"kind": "books"}, "target", "a number, or clear"),
        ("edit_read", {"delete": True}, "read_id", "the read to delete"),
        ("edit_read", book, ends, "one of them, or read_id"),
        ("edit_read", book | {"clear": ["finished_on"]}, ends, "one of them"),
        ("edit_read", book | {"started_on": "2019-01-01"}, ends, "one of them"),
        ("resolve_conflict", {}, "conflict_id", "conflicts, or else create_all"),
        (
            "resolve_conflict",
            {"conflict_id": 1},
            "choice",
            "link, create, ignore, not_a_book",
        ),
        (
            "resolve_conflict",
            {"conflict_id": 1, "choice": "link"},
            "book_id",
            "the book that it is",
        ),
        ("set_sync_interval", book, "minutes", "15 to 1440 minutes"),
        ("import_books", {}, "path, import_id, undo", "one of them"),
    ):
        told = await told_of(household, action, data)
        assert ("value_missing", field) == told[:2], action
        assert told[2].startswith(allowed), (action, told)
    key, field, _ = await told_of(household, "edit_book", book)
    assert (key, field[:5]) == ("value_missing", "title")


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30, 1.5, True, "one", math.inf])
async def test_number_that_no_row_can_have_is_refused(
    household: Household, number: Any
) -> None:
    """Before the database sees it, in words of the field."""
    await household.sign_up()
    for action, data in (
        ("rate_book", {"book_id": number, "rating": 4}),
        ("merge_books", {"book_id": 1, "dropped_book_id": number}),
        ("link_book", {"asin": UNDER_WAY_ASIN, "book_id": number}),
        ("edit_read", {"read_id": number, "delete": True}),
        ("list_conflicts", {"conflict_id": [number]}),
        ("resolve_conflict", {"conflict_id": number, "choice": "create"}),
        ("import_books", {"undo": number}),
        ("import_books", {"import_id": number}),
    ):
        with pytest.raises(probatio.Invalid, match="expected a whole number, 1 to"):
            await household.act(action, **data)
    with pytest.raises(ServiceValidationError) as told:
        await household.act("rate_book", book_id=2**63 - 1, rating=4)
    assert told.value.translation_key == "not_in_store"


async def test_what_is_missing_is_named_in_the_language_of_the_house(
    household: Household,
) -> None:
    """Home Assistant translates the sentence, and not what fills it."""
    await household.hass.config.async_update(language="de")
    await household.sign_up()
    for action, data, what in (
        ("rate_book", {"book_id": 999_999, "rating": 3}, "Buch"),
        ("unlink_book", {"asin": "B0NOTTHERE"}, "Titel"),
    ):
        with pytest.raises(ServiceValidationError) as told:
            await household.act(action, **data)
        assert told.value.translation_key == "not_in_store"
        assert (told.value.translation_placeholders or {})["what"] == what


async def test_read_of_another_book_is_refused(household: Household) -> None:
    """A book that is named beside a read has to be its book."""
    await household.sign_up()
    number = await book_of(household, "Pride and Prejudice")
    added = await household.act(
        "edit_read", asin=UNSTARTED_ASIN, finished_on="2019-05-04"
    )
    read_id = added["read"]["read_id"]

    told = await told_of(
        household, "edit_read", {"read_id": read_id, "book_id": number, "delete": True}
    )

    assert told == ("invalid_value", "read_id", f"a read of the book {number}")
    await household.act("add_reader", name=BEN)
    told = await told_of(
        household, "edit_read", {"read_id": read_id, "reader": BEN, "delete": True}
    )
    assert told == ("invalid_value", "reader", ANNA)


async def test_title_is_unlinked_linked_and_that_is_undone(
    household: Household,
) -> None:
    """Reads go along each time; the last decision can be taken back by its ASIN."""
    await household.sign_up()
    number = await book_of(household, "Pride and Prejudice")
    other = await household.act("add_book", title="Stolz und Vorurteil")

    unlinked = await household.act("unlink_book", book_id=number)
    waiting = await household.act("list_conflicts", unlinked=True)
    linked = await household.act(
        "link_book", asin=UNDER_WAY_ASIN, book_id=other["book_id"]
    )
    undone = await household.act("resolve_conflict", asin=UNDER_WAY_ASIN, undo=True)
    made = await household.act("add_book", asin=UNDER_WAY_ASIN)

    assert unlinked["title"]["book_id"] is None
    assert [title["asin"] for title in waiting["titles"]] == [UNDER_WAY_ASIN]
    assert waiting["total"] == 1
    assert (await household.act("list_conflicts", unlinked=True))["titles"] == []
    assert unlinked["reads_moved"] == 1
    assert unlinked["left_over_book_id"] == number
    assert linked["title"]["is_confirmed"] is True
    assert linked["book"]["status"] == "reading"
    assert [title["book_id"] for title in undone["undone"]] == [None]
    assert made["title"] == "Pride and Prejudice"
    assert made["book_id"] not in (number, other["book_id"])
    with pytest.raises(ServiceValidationError) as told:
        await household.act("link_book", asin=UNDER_WAY_ASIN, book_id=99_999)
    assert told.value.translation_key == "not_in_store"


async def test_reads_are_added_corrected_and_deleted(household: Household) -> None:
    """Each pass has a number of its own; the book follows the newest."""
    await household.sign_up()
    number = await book_of(household, "Moby-Dick")

    added = await household.act(
        "edit_read", asin=UNSTARTED_ASIN, finished_on="2019-05-04"
    )
    read_id = added["read"]["read_id"]
    edited = await household.act(
        "edit_read", read_id=read_id, started_on="2019-05-01", clear=["finished_on"]
    )
    deleted = await household.act("edit_read", read_id=read_id, delete=True)

    assert added["read"]["outcome"] == "finished"
    assert added["book"]["book_id"] == number
    assert added["book"]["finished_on"] == "2019-05-04"
    assert (edited["read"]["started_on"], edited["read"]["finished_on"]) == (
        "2019-05-01",
        None,
    )
    assert deleted["read"] is None
    assert deleted["reads"] == []
    await household.act("edit_read", book_id=number, outcome="under_way")
    with pytest.raises(ServiceValidationError) as told:
        await household.act("edit_read", book_id=number, outcome="under_way")
    assert told.value.translation_key == "read_under_way"


async def with_conflict(household: Household) -> tuple[Any, list[int]]:
    """Let Anna's account feed Ben, who has two books that one title may be."""
    await household.sign_up(email=OTHER_EMAIL, password=OTHER_PASSWORD)
    books = [
        await household.act(
            "add_book", title="Dracula", authors=["Bram Stoker"], isbn="9780141439846"
        )
        for _ in range(2)
    ]
    form = await household.begin()
    form = await household.answer(form, landing_url=await household.land(form))
    counted = await household.answer(form, reader=BEN, creates_books=False)
    result = await household.agree(counted)
    await household.settle()
    return result["result"], [book["book_id"] for book in books]


async def test_conflicts_are_listed_tried_resolved_and_undone(
    household: Household,
) -> None:
    """A dry run changes nothing, a decision is for ever, undo opens it again."""
    entry, books = await with_conflict(household)

    listed = await household.act("list_conflicts", limit=200)
    page = await household.act("list_conflicts", reader=BEN, offset=1, limit=2)
    by_asin = {one["title"]["asin"]: one for one in listed["conflicts"]}
    dracula = by_asin[TREE_ASIN]
    number = dracula["conflict_id"]
    tried = await household.act(
        "resolve_conflict",
        conflict_id=number,
        choice="link",
        book_id=books[0],
        dry_run=True,
    )
    still = await household.act("list_conflicts", conflict_id=[number])
    resolved = await household.act(
        "resolve_conflict", conflict_id=number, choice="link", book_id=books[0]
    )
    shown = await household.act("list_conflicts", conflict_id=number)
    with pytest.raises(ServiceValidationError) as told:
        await household.act(
            "resolve_conflict", conflict_id=[number], choice="not_a_book"
        )
    undone = await household.act("resolve_conflict", conflict_id=number, undo=True)

    assert dracula["type"] == "ambiguous"
    assert dracula["reader"] == BEN
    assert {one["book"]["book_id"] for one in dracula["candidates"]} == {*books}
    assert all(one["evidence"] for one in dracula["candidates"])
    assert dracula["title"]["authors"] == ["Bram Stoker"]
    assert dracula["words"][0] == "Dracula: several books may be meant"
    assert page["total"] == listed["total"] == len(listed["conflicts"])
    assert page["conflicts"] == listed["conflicts"][1:3]
    assert tried["dry_run"] is True
    assert tried["resolved"][0]["book"]["book_id"] == books[0]
    assert still["conflicts"][0]["resolved"] is False
    assert resolved["resolved"][0]["resolution"] == "linked"
    assert resolved["resolved"][0]["reads_moved"] == 1
    assert shown["conflicts"][0]["resolution"] == "linked"
    assert told.value.translation_key == "conflict_settled"
    assert undone["undone"][0]["book_id"] is None
    again = await household.act("list_conflicts", conflict_id=number)
    assert again["conflicts"][0]["resolved"] is False
    status = await household.act("get_status", config_entry_id=entry.entry_id)
    assert status["accounts"][0]["conflicts_open"] == listed["total"]


async def test_two_accounts_of_two_readers_ask_who_is_meant(
    household: Household,
) -> None:
    """Only with one account its default reader is meant."""
    entry, _ = await with_conflict(household)
    await household.act("add_reader", name=ANNA, config_entry_id=entry.entry_id)

    told = await told_of(household, "add_book", {"title": "Whose?"})

    assert told[:2] == ("value_missing", "reader")
    assert BEN in told[2]


async def test_open_conflicts_are_counted_by_a_sensor(household: Household) -> None:
    """It is there from the start, and follows each decision at once."""
    entry, _ = await with_conflict(household)
    listed = await household.act("list_conflicts", config_entry_id=entry.entry_id)
    registry = er.async_get(household.hass)
    [sensor] = [
        one
        for one in er.async_entries_for_config_entry(registry, entry.entry_id)
        if one.unique_id.endswith("_conflicts_open")
    ]
    state = household.hass.states.get(sensor.entity_id)
    assert state is not None
    assert int(state.state) == listed["total"] > 1

    number = listed["conflicts"][0]["conflict_id"]
    await household.act("resolve_conflict", conflict_id=number, choice="ignore")

    state = household.hass.states.get(sensor.entity_id)
    assert state is not None
    assert int(state.state) == listed["total"] - 1
    assert sensor.entity_category is EntityCategory.DIAGNOSTIC


async def test_what_was_resolved_before_an_error_is_shown(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are resolved piece by piece: an error in the second leaves the first."""
    monkeypatch.setattr(conflicts, "BULK_MAX", 4)
    entry, _ = await with_conflict(household)
    coordinator = entry.runtime_data.coordinator
    before = coordinator.data.conflicts_open
    refuse_noting(household.hass, Action.RESOLVE_CONFLICT, after=6)

    with pytest.raises(HomeAssistantError):
        await household.act("resolve_conflict", reader=BEN, create_all=True)

    assert coordinator.data.conflicts_open == before - 4


async def test_all_clear_conflicts_are_resolved_at_once(household: Household) -> None:
    """What several books fit is left with its reason; the rest become books."""
    _, books = await with_conflict(household)
    total = (await household.act("list_conflicts"))["total"]
    call = {"create_all": True, "accept_above": 0.5, "reader": BEN, "limit": 2}

    tried = await household.act("resolve_conflict", **call, dry_run=True)
    some = await household.act("resolve_conflict", **call)
    looked = len(some["resolved"])
    assert [one["conflict_id"] for one in (*some["resolved"], *some["left"])] == [
        one["conflict_id"] for one in (*tried["resolved"], *tried["left"])
    ]
    assert looked + len(some["left"]) == 2

    answer = await household.act(
        "resolve_conflict", create_all=True, accept_above=0.5, reader=BEN
    )

    assert [(left["asin"], left["reason"]) for left in answer["left"]] == [
        (TREE_ASIN, "several_fit")
    ]
    assert len(answer["resolved"]) == total - 1 - looked
    assert {one["resolution"] for one in answer["resolved"]} == {"created"}
    merged = await household.act(
        "merge_books", book_id=books[0], dropped_book_id=books[1]
    )
    assert merged["book_id"] == books[0]
    [left] = (await household.act("list_conflicts"))["conflicts"]
    assert [one["book"]["book_id"] for one in left["candidates"]] == [books[0]]

    apart = await household.act("merge_books", book_id=books[0], undo=True)
    assert [apart["book_id"], apart["restored"]["book_id"]] == books
    [left] = (await household.act("list_conflicts"))["conflicts"]
    assert {one["book"]["book_id"] for one in left["candidates"]} == set(books)
    for wrong in ({}, {"dropped_book_id": books[1], "undo": True}):
        with pytest.raises(ServiceValidationError):
            await household.act("merge_books", book_id=books[0], **wrong)


async def test_shared_account_lets_another_reader_take_a_title(
    household: Household,
) -> None:
    """From then on the place counts for whoever took it, until it is given back."""
    await household.sign_up()
    shared = await household.act("add_reader", name=" Ben  Sample")

    taken = await household.act("take_title", reader="ben sample", asin=UNDER_WAY_ASIN)
    household.listen(UNDER_WAY_ASIN, 3_723_000)
    synced = await household.act("sync_book", asin=UNDER_WAY_ASIN)
    given = await household.act(
        "take_title", reader=BEN, asin=UNDER_WAY_ASIN, give_back=True
    )

    assert [one["reader"] for one in shared["readers"]] == [ANNA, BEN]
    assert taken["reader"] == BEN
    places = {one["reader"]: one["position_ms"] for one in synced["titles"]}
    assert places[BEN] == 3_723_000
    assert places[ANNA] != 3_723_000
    assert given["reader"] == BEN
    rated = await household.act("rate_book", asin=UNDER_WAY_ASIN, rating=4)
    assert rated["book_id"] == await book_of(household, "Pride and Prejudice")
    added = await household.act("add_book", title="Whose?")
    shown = await household.act("search_books", query="Whose")
    assert (shown["reader"], shown["books"]) == (ANNA, [added])


async def test_day_may_be_an_instant_of_a_template(household: Household) -> None:
    """What counts is its day."""
    await household.sign_up()

    found = await household.act(
        "get_statistics",
        start_date=datetime(2026, 1, 1, 12, tzinfo=UTC),
        end_date=date(2026, 2, 1),
    )

    assert (found["start_date"], found["end_date"]) == ("2026-01-01", "2026-02-01")


async def test_null_character_in_a_text_is_the_callers_mistake(
    household: Household,
) -> None:
    """It is refused before the database is."""
    await household.sign_up()

    with pytest.raises(probatio.Invalid, match="null character"):
        await household.act("search_books", query="A\0B")


async def test_goals_and_statistics(household: Household) -> None:
    """A goal is set, seen in the figures, and given up."""
    await household.sign_up()
    await household.act(
        "add_book", title="One", status="finished", date="2026-01-05", rating=5
    )

    goals = await household.act("set_goal", kind="books", target=4, year=2026)
    figures = await household.act("get_statistics", start_date="2026-01-01")
    cleared = await household.act("set_goal", kind="books", year=2026, clear=True)

    [goal] = goals["goals"]
    assert (goal["kind"], goal["target"]) == ("books", 4)
    assert (goal["start_date"], goal["end_date"]) == ("2026-01-01", "2026-12-31")
    assert goal["done"] >= 1
    assert figures["goals"] == goals["goals"]
    assert figures["books_finished"] == goal["done"]
    assert "One" in [one["book"]["title"] for one in figures["finished"]]
    assert figures["is_listening_known"] is True
    assert set(figures["totals"]) == {
        "day_ms",
        "week_ms",
        "month_ms",
        "year_ms",
        "all_ms",
    }
    assert json.dumps(figures)
    assert cleared["goals"] == []
    with pytest.raises(ServiceValidationError) as told:
        await household.act("set_goal", kind="books", year=2026, clear=True)
    assert told.value.translation_key == "not_in_store"
