"""What the set-up shows and asks before it creates anything, and what comes of it."""

from collections import Counter
from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType

from tests.integration.databases import change, database_path, rows
from tests.integration.steps import Household, Result
from tests.integration.test_options_flow import GOOD, OF_ENTRY, answer, open_options
from tests.integration.test_translations import TEXTS
from tests.simulator.catalog import OTHER_EMAIL, UNDER_WAY_ASIN
from tests.simulator.faults import FaultKind

PROGRESS = f"{UNDER_WAY_ASIN}_progress"


OF_BOOKS = ("joined", "created", "twice", "nameless", "known", "conflicts")
LINES = TEXTS["selector"]["first_sync"]["options"]


def numbers(shown: Result) -> Counter[str]:
    """Return the numbers that a preview shows; what is not shown is none."""
    names = {text.format(count=""): name for name, text in LINES.items()}
    told = shown["description_placeholders"]
    listed = f"{told['library']}\n{told['books']}".strip()
    lines = listed.removeprefix("- ").split("\n- ")
    parts = (line.rpartition(" ") for line in lines)
    return Counter({names[f"{words} "]: int(number) for words, _, number in parts})


async def preview(
    household: Household, *, country_code: str = "us", **who: str
) -> Result:
    """Sign in and return what is shown before the account is created."""
    form = await household.begin(country_code=country_code)
    landing = await household.land(form, **who)
    shown = await household.answer(form, landing_url=landing)
    assert shown["step_id"] == "first_sync"
    return shown


async def test_library_is_shown_in_numbers_before_anything_is_created(
    household: Household,
) -> None:
    """The numbers are those of what comes afterwards."""
    shown = await preview(household)

    counts = numbers(shown)
    assert counts["books"] == sum(counts[name] for name in OF_BOOKS)
    assert counts["nameless"] == 1
    assert rows(household.hass, "SELECT count(*) FROM audible_config") == [(0,)]
    assert rows(household.hass, "SELECT count(*) FROM readers") == [(0,)]
    done = await household.agree(shown)
    await household.settle()
    overview = done["result"].runtime_data.coordinator.data
    assert counts["titles"] == overview.titles
    assert counts["books"] + counts["not_books"] == counts["titles"]
    assert counts["conflicts"] == overview.conflicts_open
    assert 0 < counts["finished"] < counts["books"]
    assert 0 < counts["under_way"] < counts["books"]
    assert "joined" not in counts
    [(books,)] = rows(household.hass, "SELECT count(*) FROM books")
    assert counts["created"] == books
    assert household.count_libraries() == 1


async def test_other_answers_are_counted_and_shown_before_they_are_kept(
    household: Household,
) -> None:
    """The numbers that were agreed to are those of the reader who was chosen."""
    await household.sign_up()
    shown = await preview(household, country_code="de")
    first = numbers(shown)
    assert first["joined"] > 0

    counted = await household.answer(shown, reader="Ben", creates_books=False)

    assert counted["step_id"] == "first_sync"
    assert numbers(counted)["joined"] == numbers(counted)["created"] == 0
    assert numbers(counted)["conflicts"] > first["conflicts"]
    for each in (first, numbers(counted)):
        assert each["books"] == sum(each[name] for name in OF_BOOKS)
    assert counted["data_schema"]({}) == {"reader": "Ben", "creates_books": False}
    assert rows(household.hass, "SELECT count(*) FROM readers") == [(1,)]
    done = await household.agree(counted)
    await household.settle()
    overview = done["result"].runtime_data.coordinator.data
    assert overview.conflicts_open == numbers(counted)["conflicts"]


async def test_removed_account_is_added_again_with_another_reader(
    household: Household,
) -> None:
    """It is switched on again, whoever listens with it now."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_remove(entry.entry_id)
    assert rows(household.hass, "SELECT enabled FROM audible_config") == [(0,)]

    shown = await preview(household)
    counted = await household.answer(shown, reader="Ben", creates_books=True)
    again = (await household.agree(counted))["result"]
    await household.settle()

    account = await household.account(again)
    assert account.enabled
    assert rows(
        household.hass,
        f"SELECT name FROM readers WHERE id = {account.default_reader_id}",
    ) == [("Ben",)]


async def test_reader_is_named_after_the_account(household: Household) -> None:
    """Who agrees to everything has one reader of their own name."""
    await household.sign_up()

    assert rows(household.hass, "SELECT name FROM readers") == [("Anna Example",)]


async def test_two_accounts_may_have_one_reader(household: Household) -> None:
    """Somebody with two accounts chooses themselves in the list."""
    await household.sign_up()
    shown = await preview(household, email=OTHER_EMAIL)
    [field] = [key for key in shown["data_schema"].schema if str(key) == "reader"]
    options = shown["data_schema"].schema[field].config["options"]
    assert options == ["Anna Example"]

    counted = await household.answer(
        shown, reader=" anna  example ", creates_books=True
    )
    await household.agree(counted)
    await household.settle()

    assert rows(household.hass, "SELECT name FROM readers") == [("Anna Example",)]
    assert rows(household.hass, "SELECT DISTINCT default_reader_id FROM audible_config")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_reader_without_a_name_is_refused(
    household: Household, name: str
) -> None:
    """The form says what is allowed, and nothing was created."""
    shown = await preview(household)

    wrong = await household.answer(shown, reader=name, creates_books=True)

    assert wrong["errors"] == {"reader": "invalid_value"}
    assert wrong["description_placeholders"]["allowed"] == "1 to 100 characters"
    done = await household.agree({**wrong, "errors": {}})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()


async def test_books_are_not_created_where_nobody_wants_them(
    household: Household,
) -> None:
    """Each title that matches no book waits as a conflict."""
    shown = await preview(household)

    counted = await household.answer(shown, reader="Anna", creates_books=False)
    assert rows(household.hass, "SELECT count(*) FROM readers") == [(0,)]
    done = await household.agree(counted)
    await household.settle()

    assert done["result"].options == {"creates_books": False}
    assert rows(household.hass, "SELECT count(*) FROM books") == [(0,)]
    assert done["result"].runtime_data.coordinator.data.conflicts_open > 10


async def test_abandoned_preview_creates_nothing(household: Household) -> None:
    """No account, no reader, no virtual device."""
    shown = await preview(household)

    household.hass.config_entries.flow.async_abort(shown["flow_id"])
    await household.settle()

    assert household.registered() == []
    assert rows(household.hass, "SELECT count(*) FROM readers") == [(0,)]


async def test_one_customer_may_have_accounts_in_two_countries(
    household: Household,
) -> None:
    """Two shops, two libraries, two entries; a book of both is one book."""
    first = await household.sign_up(country_code="us")
    books = rows(household.hass, "SELECT count(*) FROM books")

    second = await household.sign_up(country_code="de")

    assert first.unique_id != second.unique_id
    assert (first.state, second.state) == (ConfigEntryState.LOADED,) * 2
    assert rows(
        household.hass, "SELECT marketplace FROM audible_config ORDER BY id"
    ) == [
        ("us",),
        ("de",),
    ]
    assert rows(household.hass, "SELECT count(*) FROM readers") == [(1,)]
    assert rows(household.hass, "SELECT count(*) FROM books") == books
    assert len(household.registered()) == 2


async def test_other_country_keeps_names_history_and_reader(
    household: Household,
) -> None:
    """Reconfigured, an account has another shop's library and the same entities."""
    entry = await household.sign_up(country_code="us")
    before = household.entity_id("_last_sync")
    books = rows(household.hass, "SELECT count(*) FROM books")

    form = await _reconfigure(household, entry)
    await household.finish(await household.answer(form, country_code="de"))
    await household.settle()

    assert entry.state is ConfigEntryState.LOADED
    assert (entry.unique_id or "").endswith("_de")
    assert household.entity_id("_last_sync") == before
    assert household.state("_last_sync").state != "unavailable"
    assert rows(household.hass, "SELECT count(*) FROM books") == books
    assert rows(
        household.hass,
        "SELECT marketplace, encrypted_credentials IS NULL, default_reader_id "
        "FROM audible_config",
    ) == [("us", 1, 1), ("de", 0, 1)]


async def test_country_that_has_an_entry_already_is_refused(
    household: Household,
) -> None:
    """Two entries never become one."""
    entry = await household.sign_up(country_code="us")
    await household.sign_up(country_code="de")

    form = await _reconfigure(household, entry)
    done = await household.finish(await household.answer(form, country_code="de"))
    await household.settle()

    assert done["reason"] == "already_configured"
    assert (entry.unique_id or "").endswith("_us")
    assert len(household.registered()) == 2


async def test_database_that_cannot_be_used_is_told_before_the_sign_in(
    household: Household,
) -> None:
    """Nobody signs in at Amazon for nothing."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    change(household.hass, "UPDATE audible_schema_version SET version_num = '9999'")

    form = await household.begin()

    assert form["step_id"] == "user"
    assert form["errors"] == {"base": "store_too_new"}
    assert form["description_placeholders"]["found"] == "9999"


async def test_database_of_another_house_is_taken_over_at_set_up(
    household: Household,
) -> None:
    """A house that moved to a new machine brings its history along."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_remove(entry.entry_id)
    change(household.hass, "UPDATE database_owner SET owner = 'the old machine'")

    question = await household.begin()
    assert question["step_id"] == "take_over"
    assert question["description_placeholders"] == {"owner": "the old machine"}
    form = await household.answer(question)
    done = await household.finish(form)
    await household.settle()

    assert done["result"].state is ConfigEntryState.LOADED


async def test_database_that_is_damaged_meanwhile_is_not_taken_over(
    household: Household,
) -> None:
    """The dialog says why, and can be answered once more."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_remove(entry.entry_id)
    change(household.hass, "UPDATE database_owner SET owner = 'the old machine'")
    question = await household.begin()
    path = database_path(household.hass)
    whole = path.read_bytes()
    path.write_bytes(b"no database" * 1000)

    refused = await household.answer(question)

    assert refused["step_id"] == "take_over"
    assert refused["errors"] == {"base": "store_damaged"}
    path.write_bytes(whole)
    assert (await household.answer(refused))["step_id"] == "sign_in"


async def test_reader_and_sync_are_changed_in_the_options(
    household: Household,
) -> None:
    """What the sync looks at is in the database, the rest in the entry."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "settings")

    changed = {**GOOD, "reader": "Ben", "auto_sync": False}
    await answer(household, form, **changed)

    account = await household.account(entry)
    assert rows(household.hass, "SELECT name FROM readers ORDER BY id") == [
        ("Anna Example",),
        ("Ben",),
    ]
    assert account.default_reader_id == 2
    assert account.auto_sync_progress is False
    assert dict(entry.options) == {name: GOOD[name] for name in OF_ENTRY}
    form = await open_options(household, entry, "settings")
    shown = {
        str(key): key.description["suggested_value"]
        for key in form["data_schema"].schema
    }
    assert shown == changed


async def test_account_that_is_not_synced_by_itself_asks_nothing(
    household: Household,
) -> None:
    """It is there with its last values, also after a restart."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "settings")
    await answer(household, form, **{**GOOD, "auto_sync": False})
    asked = household.count("/1.0")
    household.break_shop(FaultKind.UNREACHABLE)

    await household.restart(entry)

    assert entry.state is ConfigEntryState.LOADED
    assert household.state(PROGRESS).state != "unavailable"
    assert household.count("/1.0") == asked


async def _reconfigure(household: Household, entry: ConfigEntry) -> Result:
    return await household.hass.config_entries.flow.async_init(
        "audible_tracker",
        context={"source": "reconfigure", "entry_id": entry.entry_id},
    )


async def test_what_is_heard_after_the_reader_changed_is_the_new_readers(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Their tracker gets the library; the former reader's books stay as they were."""
    entry = await household.sign_up()
    books = "SELECT status, count(*) FROM books WHERE reader_id = {} GROUP BY 1"
    annas = rows(household.hass, books.format(1))
    form = await open_options(household, entry, "settings")
    await answer(household, form, **{**GOOD, "reader": "Ben", "creates_books": True})
    await household.settle()

    freezer.tick(timedelta(hours=1))
    household.listen(UNDER_WAY_ASIN, 18_000_000)
    await household.pass_time(freezer, timedelta(hours=1))

    places = [
        row[1:]
        for row in rows(
            household.hass,
            "SELECT link.asin, link.reader_id, book.current_position_ms, book.status "
            "FROM audible_book_mappings AS link "
            "JOIN books AS book ON book.id = link.book_id ORDER BY link.reader_id",
        )
        if row[0] == UNDER_WAY_ASIN
    ]
    assert [(1, "reading"), (2, "reading")] == [(row[0], row[2]) for row in places]
    assert places[0][1] != places[1][1] == 18_000_000
    assert annas == rows(household.hass, books.format(1))
    assert dict(rows(household.hass, books.format(2))).keys() == {"to_read", "reading"}
    assert household.state(PROGRESS).attributes["position"] == "5:00:00"


async def test_account_added_again_for_another_reader_becomes_their_books(
    household: Household,
) -> None:
    """As the preview says, although the library has not changed meanwhile."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_remove(entry.entry_id)
    shown = await preview(household)
    counted = await household.answer(shown, reader="Ben", creates_books=True)
    expected = numbers(counted)["created"]

    await household.agree(counted)
    await household.settle()

    bens = "SELECT count(*) FROM books AS book JOIN readers AS reader "
    bens += "ON reader.id = book.reader_id WHERE reader.name = 'Ben'"
    assert rows(household.hass, bens) == [(expected,)]
