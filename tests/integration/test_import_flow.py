"""Import and export in the options: from an uploaded file to its undoing."""

import asyncio
import csv
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
)
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.audible_tracker.actions.import_jobs import jobs_of
from custom_components.audible_tracker.core.kinds import (
    BookStatus,
    BookType,
    ReadOutcome,
)
from custom_components.audible_tracker.flows import (
    imports,
    past_imports,
    translated_texts,
)
from custom_components.audible_tracker.flows.translated_texts import (
    TextKind,
    TranslatedTexts,
    marked_down,
)
from tests.integration.databases import change, rows
from tests.integration.import_dialog import (
    SAMPLES,
    ImportDialog,
    as_json,
    choices_of,
    counts,
    fields_of,
    goodreads,
    goodreads_row,
    options_of,
    told,
)
from tests.integration.steps import Household
from tests.simulator.catalog import OTHER_EMAIL

SAMPLE_FILES = tuple(
    sorted(
        path.relative_to(SAMPLES).as_posix()
        for folder in ("goodreads", "storygraph", "other-trackers")
        for path in (SAMPLES / folder).iterdir()
    )
)
HEARD = {
    "asin": "B017V4IM1G",
    "title": "The Hobbit",
    "authors": "J.R.R. Tolkien",
    "runtime_length_min": "650",
    "is_finished": "True",
}
LIBATION = {
    "AudibleProductId": "B017V4IM1G",
    "Title": "The Hobbit",
    "AuthorNames": "J.R.R. Tolkien",
    "LengthInMinutes": 650,
    "IsFinished": True,
    "IsSpatial": False,
}
OPENAUDIBLE = {
    "asin": "B017V4IM1G",
    "key": "k1",
    "title": "The Hobbit",
    "author": "J.R.R. Tolkien",
    "narrated_by": "Andy Serkis",
    "seconds": 39030,
    "read_status": "Finished",
    "series_name": "Middle-earth",
    "chapters": [],
}
HARDCOVER = (
    b"Title,Author,Status,Hardcover Book ID,ISBN 13,Date Started,Date Finished\n"
    b'"The Hobbit","J.R.R. Tolkien","Read","1","9780261103344",,"2024-02-03"\n'
)
MADE_FILES = {
    "audible_cli": ("library.json", as_json([HEARD])),
    "libation": ("libation.json", as_json([LIBATION])),
    "openaudible": ("books.json", as_json([OPENAUDIBLE])),
    "hardcover": ("hardcover.csv", HARDCOVER),
}
FORMAT_NAMES = {
    "audible_cli": "audible-cli",
    "libation": "Libation",
    "openaudible": "OpenAudible",
    "hardcover": "Hardcover",
}
TOLKIEN = "J.R.R. Tolkien"
RINGS = goodreads_row(
    1, "The Lord of the Rings", TOLKIEN, binding="Paperback", year="1954"
)
OMNIBUS = goodreads_row(9, "The Lord of the Rings (Omnibus)", TOLKIEN)
NO_TITLE = goodreads_row(10, "", "Nobody")


@pytest.fixture
def upload_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where Home Assistant keeps uploaded files in this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / "home-assistant-file_upload"


@pytest.fixture
async def dialog(
    household: Household, hass_client: ClientSessionGenerator, upload_folder: Path
) -> ImportDialog:
    """Return the dialog of an account that is set up."""
    await async_setup_component(household.hass, "config", {})
    entry = await household.sign_up()
    return ImportDialog(household, entry, await hass_client())


@pytest.fixture
def told_progress(hass: HomeAssistant) -> list[float]:
    """Return how far work said it was."""
    heard: list[float] = []

    @callback
    def hear(event: Event[Mapping[str, Any]]) -> None:
        heard.append(event.data["progress"])

    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, hear)
    return heard


async def comes_in_and_goes_out(dialog: ImportDialog, data: bytes, name: str) -> str:
    """Walk the whole way with one file; return what it was recognised as."""
    before = dialog.tracker()
    shown = await dialog.preview(data, name)
    total, made, joined, rejected = counts(shown, "total", "made", "joined", "rejected")
    untouched = dialog.tracker()
    done = await dialog.answer(shown, decision="import")
    between = dialog.tracker()
    again = await dialog.preview(data, name)
    second = await dialog.answer(again, decision="import")
    after = dialog.tracker()
    for one in (second, done):
        # What changed nothing has nothing to undo.
        if any(counts(one, "made", "joined", "unsure")):
            await dialog.undo()

    assert before == untouched, name
    assert counts(shown, "made", "joined", "rejected", "unsure") == (
        counts(done, "made", "joined", "rejected", "unsure")
    ), name
    assert total == sum(counts(shown, "made", "joined", "unchanged", "unsure")) + (
        rejected
    ), name
    assert (between != before) == bool(made or joined), name
    assert counts(again, "made", "joined", "unchanged") == (
        0,
        0,
        made + joined + counts(shown, "unchanged")[0],
    ), name
    assert counts(second, "made", "joined", "books_made") == (0, 0, 0), name
    assert between == after, name
    assert before == dialog.tracker(), name
    return told(shown)["format"]


@pytest.mark.parametrize("folder", ["goodreads", "storygraph", "other-trackers"])
async def test_sample_comes_in_twice_and_goes_out_again(
    dialog: ImportDialog, folder: str
) -> None:
    """Nothing before the consent, nothing new from the second time, nothing left."""
    for name in SAMPLE_FILES:
        if name.startswith(f"{folder}/"):
            data = (SAMPLES / name).read_bytes()
            await comes_in_and_goes_out(dialog, data, Path(name).name)


@pytest.mark.parametrize("kind", MADE_FILES)
async def test_file_of_an_audible_program_comes_in(
    dialog: ImportDialog, kind: str
) -> None:
    """What has no sample among the fixtures is made here."""
    name, data = MADE_FILES[kind]

    assert await comes_in_and_goes_out(dialog, data, name) == FORMAT_NAMES[kind]


async def test_preview_says_what_would_come_of_the_file(
    dialog: ImportDialog, upload_folder: Path, told_progress: list[float]
) -> None:
    """Counts, the format, and the rows that need a look, as Markdown shows them."""
    await dialog.import_file(goodreads(RINGS))
    damaged = goodreads_row(2, "A *Star* [is] born", "Jane Roe", isbn="9780261103345")
    lone = goodreads_row(3, "The Stone Raft", "José Saramago")

    shown = await dialog.preview(
        goodreads(damaged, lone, OMNIBUS, NO_TITLE), "my_books.csv"
    )

    words = told(shown)
    assert words["format"] == "Goodreads"
    assert words["file"] == r"my\_books.csv"
    assert words["reader"] == "Anna Example"
    assert counts(shown, "total", "made", "joined", "unchanged", "unsure") == (
        (4, 2, 0, 0, 1)
    )
    assert counts(shown, "rejected") == (1,)
    heading, *listed = words["rows"].splitlines()
    assert heading == "Have a look at these:"
    assert [line[:8] for line in listed if line] == ["- Row 1:", "- Row 3:", "- Row 4:"]
    assert r"A \*Star\* \[is\] born · Jane Roe" in words["rows"]
    assert "is no valid ISBN; it is not used." in words["rows"]
    assert "A book is like it, but not surely the same." in words["rows"]
    assert "The row has no title." in words["rows"]
    assert list(upload_folder.iterdir()) == []
    assert told_progress[-1] == 1.0
    newest = jobs_of(dialog.household.hass)[0]
    assert (newest.file_name, newest.is_preview) == ("my_books.csv", True)
    assert newest.state.value == "done"


async def test_only_the_first_rows_are_shown(dialog: ImportDialog) -> None:
    """The rest is counted; rows that are left out come before mere remarks."""
    remarked = [
        goodreads_row(number, f"Book {number}", "Jane Roe", isbn="9780261103345")
        for number in range(20, 31)
    ]

    shown = await dialog.preview(goodreads(*remarked, NO_TITLE, RINGS))

    lines = [line for line in told(shown)["rows"].splitlines() if "- " in line]
    assert len(lines) == 11
    assert lines[9].startswith("- Row 12: ")
    assert lines[10] == "- And 2 more."


async def test_reasons_are_in_the_language_of_the_house(
    dialog: ImportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences that fill the dialog come from the translations too."""
    hass = dialog.household.hass
    await hass.config.async_update(language="de")
    original = translated_texts.async_get_translations

    async def german(_hass: HomeAssistant, language: str, *rest: Any) -> dict[str, str]:
        assert language == "de"
        texts = await original(_hass, language, *rest)
        name = "component.audible_tracker.selector.import_note.options.no_title"
        assert name in texts
        return texts | {name: "Die Zeile hat keinen Titel."}

    monkeypatch.setattr(translated_texts, "async_get_translations", german)
    shown = await dialog.preview(goodreads(NO_TITLE))

    assert "Row 1: Nobody: Die Zeile" not in told(shown)["rows"]
    assert "Die Zeile hat keinen Titel." in told(shown)["rows"]


async def test_what_stays_against_the_file_is_shown_before(
    dialog: ImportDialog,
) -> None:
    """A file overwrites nothing that is known; the preview says which."""
    rated = goodreads_row(
        1, "Dune", "Frank Herbert", shelf="did-not-finish", rating="3"
    )
    await dialog.import_file(goodreads(rated))

    other = goodreads_row(2, "Dune", "Frank Herbert", rating="5", read="2024/02/03")
    shown = await dialog.preview(goodreads(other))

    assert counts(shown, "joined") == (1,)
    assert r"Rating: 3.0 stays, the file says 5.0." in told(shown)["rows"]
    status = r"Status: Did not finish stays, the file says Finished."
    assert status in told(shown)["rows"]


async def test_each_text_is_there(dialog: ImportDialog) -> None:
    """Every line of a list and every field that may stay can be said."""
    texts = await TranslatedTexts.async_load(dialog.household.hass)
    fields = ("status", "rating", "review", "private_notes", "reads")
    days = ("started_on", "finished_on", "stopped_on")

    for name in (*fields, *days):
        assert texts.of(TextKind.FIELD, name)
    for kind, words in (
        (TextKind.BOOK_STATUS, BookStatus),
        (TextKind.BOOK_TYPE, BookType),
        (TextKind.OUTCOME, ReadOutcome),
    ):
        assert all(texts.of(kind, word) for word in words)


async def test_cancelled_import_writes_nothing(dialog: ImportDialog) -> None:
    """The preview may be all that somebody wants."""
    before = dialog.tracker()
    shown = await dialog.preview(goodreads(RINGS))

    ended = await dialog.answer(shown, decision="cancel")

    assert ended["type"] is FlowResultType.ABORT
    assert ended["reason"] == "import_cancelled"
    assert before == dialog.tracker()
    assert "undo_import" not in (await dialog.menu())["menu_options"]


@pytest.mark.parametrize(
    ("unsure", "made", "skipped", "waiting"),
    [("later", 0, 0, 1), ("new", 1, 0, 0), ("skip", 0, 1, 0)],
)
async def test_unsure_rows_become_what_was_chosen(
    dialog: ImportDialog, unsure: str, made: int, skipped: int, waiting: int
) -> None:
    """They wait, become new books, or are left out."""
    await dialog.import_file(goodreads(RINGS))

    done = await dialog.import_file(goodreads(OMNIBUS), unsure=unsure)
    ended = await dialog.answer(done)
    menu = await dialog.menu()

    assert counts(done, "made", "skipped", "unsure") == (made, skipped, waiting)
    assert ended["type"] is FlowResultType.CREATE_ENTRY
    assert ended["data"] == dialog.entry.options
    assert ("unsure_rows" in menu["menu_options"]) == bool(waiting)
    assert ("The Lord of the Rings (Omnibus)" in dialog.titles()) == bool(made)


async def test_file_without_unsure_rows_asks_nothing_about_them(
    dialog: ImportDialog,
) -> None:
    """One question less."""
    shown = await dialog.preview(goodreads(RINGS))

    assert fields_of(shown) == {"decision"}


# --- what may be wrong with a file ----------------------------------------------------


@pytest.mark.parametrize(
    ("data", "error", "placeholders"),
    [
        (b" \n", "import_file_empty", set()),
        (b"Title,Author,Exclusive Shelf\n", "import_file_empty", set()),
        (b"PK\x03\x04", "import_file_unknown", {"found", "supported"}),
        (b"Colour,Weight\nred,3\n", "import_file_unknown", {"found", "supported"}),
        (b'{"format": ', "import_file_damaged", {"reason"}),
        (
            b'{"format": "audible_tracker", "schema_version": 99, "books": []}',
            "import_file_too_new",
            {"found", "known"},
        ),
    ],
)
async def test_wrong_file_is_named_and_can_be_made_good(
    dialog: ImportDialog,
    upload_folder: Path,
    data: bytes,
    error: str,
    placeholders: set[str],
) -> None:
    """The sentence stands at the field; the next file may be right."""
    form = await dialog.open("import_file")

    wrong = await dialog.answer(form, file=await dialog.upload(data))

    assert wrong["step_id"] == "import_file"
    assert wrong["errors"] == {"file": error}
    assert placeholders <= set(told(wrong))
    assert list(upload_folder.iterdir()) == []
    right = await dialog.answer(wrong, file=await dialog.upload(goodreads(RINGS)))
    assert right["step_id"] == "preview"
    assert jobs_of(dialog.household.hass)[1].error == error


async def test_too_large_file_is_told_the_limit(
    dialog: ImportDialog, upload_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is removed without being read."""
    monkeypatch.setattr(imports, "IMPORT_BYTES_MAX", 2 * 1024**2)
    form = await dialog.open("import_file")
    file_id = await dialog.upload(b"x" * (2 * 1024**2 + 1))

    wrong = await dialog.answer(form, file=file_id)

    assert wrong["errors"] == {"file": "import_file_too_large"}
    assert told(wrong)["limit_mib"] == "2"
    assert list(upload_folder.iterdir()) == []


async def test_file_that_is_gone_is_asked_for_again(dialog: ImportDialog) -> None:
    """An upload is good for one preview."""
    form = await dialog.open("import_file")

    wrong = await dialog.answer(form, file=uuid4().hex)

    assert wrong["errors"] == {"file": "import_file_gone"}


async def test_form_names_all_formats_and_the_limit(dialog: ImportDialog) -> None:
    """Nobody has to guess which file is meant."""
    form = await dialog.open("import_file")

    assert fields_of(form) == {"file"}
    for name in ("Goodreads (CSV)", "Audible Tracker (JSON)"):
        assert name in told(form)["formats"]
    assert told(form)["limit_mib"] == "100"
    accepted = form["data_schema"].schema["file"].config["accept"]
    assert accepted == ".csv,.tsv,.txt,.json"


async def test_fault_of_our_own_does_not_leave_the_dialog_waiting(
    dialog: ImportDialog,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The dialog says so, the log says more."""
    shown = await dialog.preview(goodreads(RINGS))

    async def broken(*_: Any, **__: Any) -> None:
        msg = "a fault"
        raise ZeroDivisionError(msg)

    with monkeypatch.context() as patched:
        patched.setattr(imports, "apply_import", broken)
        wrong = await dialog.answer(shown, decision="import")

    assert wrong["step_id"] == "preview"
    assert wrong["errors"] == {"base": "unexpected"}
    assert "ZeroDivisionError: a fault" in caplog.text
    caplog.clear()
    done = await dialog.answer(wrong, decision="import")
    assert counts(done, "made") == (1,)


async def test_import_ends_also_when_the_dialog_is_closed(
    dialog: ImportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was agreed to is done once, however often the dialog asks how it stands."""
    shown = await dialog.preview(goodreads(RINGS))
    original, go_on = imports.apply_import, asyncio.Event()

    async def slow(*args: Any, **options: Any) -> Any:
        await go_on.wait()
        return await original(*args, **options)

    monkeypatch.setattr(imports, "apply_import", slow)
    working = await dialog.send(shown, decision="import")
    again = await dialog.send(working)
    dialog.household.hass.config_entries.options.async_abort(working["flow_id"])
    go_on.set()
    await dialog.household.settle()

    assert working["type"] is FlowResultType.SHOW_PROGRESS
    assert working["progress_action"] == again["progress_action"] == "write_import"
    assert "The Lord of the Rings" in dialog.titles()


# --- whose books ----------------------------------------------------------------------


async def test_books_go_to_the_reader_that_was_chosen(dialog: ImportDialog) -> None:
    """With two readers the form asks; the account's own is proposed."""
    await dialog.household.sign_up(email=OTHER_EMAIL)
    form = await dialog.open("import_file")
    readers = options_of(form, "reader")
    (ben,) = (number for number, name in readers.items() if name.startswith("Ben"))
    proposed = form["data_schema"]({"file": uuid4().hex})["reader"]

    shown = await dialog.preview(goodreads(RINGS), reader=ben)
    await dialog.answer(shown, decision="import")
    export = await dialog.open("export_books")
    done = await dialog.answer(export, format="json", reader=ben)

    assert readers[proposed] == "Anna Example"
    assert told(shown)["reader"] == readers[ben]
    (owner,) = rows(
        dialog.household.hass,
        "SELECT reader_id FROM books WHERE title = 'The Lord of the Rings'",
    )
    assert owner == (int(ben),)
    assert "The Lord of the Rings" in exported(dialog, done)


async def test_broken_database_says_why(dialog: ImportDialog) -> None:
    """There is nothing to import into."""
    hass = dialog.household.hass
    form = await dialog.open("import_file")
    export = await dialog.open("export_books")
    await hass.config_entries.async_unload(dialog.entry.entry_id)
    change(hass, "UPDATE database_owner SET owner = 'another house'")

    ended = [
        await dialog.menu(),
        await dialog.answer(form, file=uuid4().hex),
        await dialog.answer(export, format="json"),
    ]

    assert [one["type"] for one in ended] == [FlowResultType.ABORT] * 3
    assert {one["reason"] for one in ended} == {"store_owned"}
    assert told(ended[0])["owner"] == "another house"


# --- rows that wait -------------------------------------------------------------------

ALIKE = (
    "The Lord of the Rings",
    "The Forsyte Saga",
    "Kristin Lavransdatter",
    "The Cairo Trilogy",
    "Parade's End",
    "The Deptford Trilogy",
)


async def let_six_wait(dialog: ImportDialog) -> None:
    """Have six books, and import an omnibus of each."""
    authors = ("J.R.R. Tolkien", "John Galsworthy", "Sigrid Undset")
    names = (*authors, "Naguib Mahfouz", "Ford Madox Ford", "Robertson Davies")
    have, wait = [], []
    for number, (title, author) in enumerate(zip(ALIKE, names, strict=True), start=1):
        have.append(
            goodreads_row(number, title, author, binding="Paperback", year="1954")
        )
        wait.append(goodreads_row(number + 50, f"{title} (Omnibus)", author))
    await dialog.import_file(goodreads(*have))
    done = await dialog.import_file(goodreads(*wait), "omnibuses.csv")
    assert counts(done, "unsure") == (6,)


async def test_unsure_rows_are_paged_through(dialog: ImportDialog) -> None:
    """Five at a time, each with its candidates; what is said is done at once."""
    await let_six_wait(dialog)
    form = await dialog.open("unsure_rows")
    words = told(form)
    book, *rest = options_of(form, "row_1").items()

    following = await dialog.answer(
        form, row_1=book[0], row_2="new", row_3="skip", row_4="later", row_5="new"
    )
    titles = dialog.titles()
    done = await dialog.answer(following, row_1="skip")

    assert fields_of(form) == {f"row_{number}" for number in range(1, 6)}
    assert (words["first"], words["last"], words["total"]) == ("1", "5", "6")
    assert words["row_1"] == "The Lord of the Rings (Omnibus) · J.R.R. Tolkien"
    assert words["why_1"] == "A book is like it, but not surely the same."
    assert (
        marked_down("omnibuses.csv · Anna Example: 0 new, 0 joined")
        in (words["import"])
    )
    name, percent = book[1].rsplit(" · ", 1)
    assert name == "The Lord of the Rings · J.R.R. Tolkien · Print · 1954"
    assert percent.endswith("%")
    assert [value for value, _ in rest][-3:] == ["new", "skip", "later"]
    assert form["data_schema"]({})["row_1"] == "later"
    assert [title for title in titles if "Omnibus" in title] == [
        "The Forsyte Saga (Omnibus)",
        "Parade's End (Omnibus)",
    ]
    assert fields_of(following) == {"row_1"}
    assert told(following)["first"] == "6"
    assert done["step_id"] == "unsure_done"
    assert counts(done, "made", "joined", "skipped", "unsure") == (2, 1, 2, 1)
    again = await dialog.open("unsure_rows")
    assert told(again)["row_1"].startswith("The Cairo Trilogy")
    left = await dialog.answer(again, row_1="later")
    ended = await dialog.answer(left)
    assert ended["type"] is FlowResultType.CREATE_ENTRY


async def test_row_that_somebody_else_decided_is_told(dialog: ImportDialog) -> None:
    """The page is made anew, with what still waits."""
    await let_six_wait(dialog)
    form = await dialog.open("unsure_rows")
    other = await dialog.open("unsure_rows")
    await dialog.answer(
        other, row_1="skip", row_2="later", row_3="later", row_4="later", row_5="later"
    )

    answers = dict.fromkeys(("row_1", "row_2", "row_3", "row_4", "row_5"), "new")
    late = await dialog.answer(form, **answers)

    assert late["errors"] == {"base": "invalid_value"}
    assert told(late)["total"] == "5"
    assert told(late)["row_1"].startswith("The Forsyte Saga")
    assert not [title for title in dialog.titles() if "Omnibus" in title]


async def test_rows_of_an_import_that_was_undone_meanwhile_are_gone(
    dialog: ImportDialog,
) -> None:
    """There is nothing left to ask."""
    await let_six_wait(dialog)
    form = await dialog.open("unsure_rows")
    await dialog.undo()

    answers = dict.fromkeys(("row_1", "row_2", "row_3", "row_4", "row_5"), "new")
    done = await dialog.answer(form, **answers)

    assert done["step_id"] == "unsure_done"
    assert counts(done, "made", "joined", "skipped", "unsure") == (0, 0, 0, 0)


async def test_rows_that_wait_in_a_lost_database_say_why(dialog: ImportDialog) -> None:
    """Neither the page nor its answer can do anything."""
    await let_six_wait(dialog)
    form = await dialog.open("unsure_rows")
    hass = dialog.household.hass
    await hass.config_entries.async_unload(dialog.entry.entry_id)
    change(hass, "UPDATE database_owner SET owner = 'another house'")

    answers = dict.fromkeys(("row_1", "row_2", "row_3", "row_4", "row_5"), "new")
    ended = await dialog.answer(form, **answers)

    assert ended["type"] is FlowResultType.ABORT
    assert ended["reason"] == "store_owned"


# --- undo -----------------------------------------------------------------------------


async def test_an_older_import_is_chosen_from_the_list(dialog: ImportDialog) -> None:
    """Each says its day, program, file, reader and counts; the newest is first."""
    await dialog.import_file(goodreads(RINGS), "first.csv")
    await dialog.import_file(HARDCOVER, "second.csv")
    form = await dialog.open("undo_import")
    newest, older = options_of(form, "import").items()

    done = await dialog.undo(older[0])
    ended = await dialog.answer(done)
    left = await dialog.open("undo_import")

    assert "Hardcover · second.csv · Anna Example: 1 new, 0 joined" in newest[1]
    assert "Goodreads · first.csv · Anna Example: 1 new, 0 joined" in older[1]
    assert counts(done, "books_removed", "books_kept", "reads_removed") == (1, 0, 1)
    assert ended["type"] is FlowResultType.CREATE_ENTRY
    assert "The Lord of the Rings" not in dialog.titles()
    assert "The Hobbit" in dialog.titles()
    assert choices_of(left, "import") == (newest[0],)


async def test_decisions_stand_beneath_their_import(dialog: ImportDialog) -> None:
    """One undone by itself gives its rows back; the import takes the others along."""
    await let_six_wait(dialog)
    form = await dialog.open("unsure_rows")
    page = await dialog.answer(
        form, row_1="new", row_2="skip", row_3="later", row_4="later", row_5="later"
    )
    await dialog.answer(page, row_1="new")
    await dialog.import_file(HARDCOVER, "hobbit.csv")
    await dialog.import_file(HARDCOVER, "hobbit again.csv")
    form = await dialog.open("undo_import")
    other, omnibuses, second, first, _ = options_of(form, "import").items()

    await dialog.undo(first[0])
    again = await dialog.open("unsure_rows")
    await dialog.undo(omnibuses[0])
    left = await dialog.open("undo_import")

    assert told(form)["older"] == ""
    assert "· hobbit.csv ·" in other[1]
    assert "· omnibuses.csv ·" in omnibuses[1]
    assert second[1].startswith("↳ ")
    assert second[1].endswith("decided: 1 new, 0 joined, 0 left out")
    assert first[1].endswith("decided: 1 new, 0 joined, 1 left out")
    assert told(again)["total"] == "5"
    assert [title for title in dialog.titles() if "Omnibus" in title] == []
    assert second[0] not in options_of(left, "import")


async def test_imports_that_are_not_listed_are_counted(
    dialog: ImportDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that ends says so."""
    monkeypatch.setattr(past_imports, "_LOGS_MAX", 1)
    await dialog.import_file(goodreads(RINGS), "first.csv")
    await dialog.import_file(HARDCOVER, "second.csv")

    form = await dialog.open("undo_import")

    assert len(options_of(form, "import")) == 1
    assert told(form)["older"].startswith("Not listed here: 1 older")


async def test_import_that_was_undone_meanwhile_is_told(dialog: ImportDialog) -> None:
    """The question says why it cannot be done."""
    await dialog.import_file(goodreads(RINGS))
    form = await dialog.open("undo_import")
    (number,) = choices_of(form, "import")
    question = await dialog.answer(form, **{"import": number})
    await dialog.undo()

    wrong = await dialog.answer(question)

    assert wrong["step_id"] == "undo_confirm"
    assert wrong["errors"] == {"base": "import_taken_back"}
    assert told(wrong)["number"] == number


async def test_menu_offers_only_what_there_is_something_for(
    dialog: ImportDialog,
) -> None:
    """Without an import there is none to undo."""
    before = await dialog.menu()
    await dialog.import_file(goodreads(RINGS))
    after = await dialog.menu()

    assert before["menu_options"] == ["import_file", "export_books"]
    assert after["menu_options"] == ["import_file", "undo_import", "export_books"]


async def test_import_is_signed_with_the_user_s_name(dialog: ImportDialog) -> None:
    """Who sits before the dialog is known when it comes over the network."""
    browser = dialog.browser
    shown = await dialog.preview(goodreads(RINGS))
    url = f"/api/config/config_entries/options/flow/{shown['flow_id']}"
    answer = await browser.post(url, json={"decision": "import"})
    await dialog.household.settle()

    assert answer.status == 200
    (details,) = rows(
        dialog.household.hass,
        "SELECT details FROM audible_sync_logs WHERE details LIKE '%\"actor\"%'",
    )
    assert json.loads(details[0])["actor"] == "Mock User"


# --- export ---------------------------------------------------------------------------


def exported(dialog: ImportDialog, done: Mapping[str, Any]) -> str:
    """Return the text of the file that a step told of."""
    assert done["step_id"] == "export_done", done
    path = told(done)["path"].replace("\\", "")
    return Path(dialog.household.hass.config.path(path)).read_text(encoding="utf-8")


async def test_json_export_comes_back_unchanged(dialog: ImportDialog) -> None:
    """It is known again, book by book."""
    await dialog.import_file(goodreads(RINGS))
    done = await dialog.answer(await dialog.open("export_books"), format="json")
    ended = await dialog.answer(done)
    text = exported(dialog, done)

    again = await dialog.preview(text.encode(), "export.json")

    (books,) = counts(done, "books")
    assert books == len(json.loads(text)["books"]) == len(dialog.titles())
    assert ended["type"] is FlowResultType.CREATE_ENTRY
    assert told(again)["format"] == "Export of Audible Tracker"
    assert counts(again, "unchanged", "total") == (books, books)


@pytest.mark.parametrize("export_format", ["goodreads", "storygraph"])
async def test_csv_export_has_a_line_for_each_book(
    dialog: ImportDialog, export_format: str
) -> None:
    """It lies in the configuration folder, and the dialog says where."""
    form = await dialog.open("export_books")
    done = await dialog.answer(form, format=export_format)

    lines = list(csv.reader(exported(dialog, done).splitlines()))
    assert counts(done, "books") == (len(lines) - 1,)
    assert len(lines) - 1 == len(dialog.titles())
    assert told(done)["path"].startswith(r"audible\_tracker/exports/")


@pytest.fixture
def blocked_folder(hass: HomeAssistant) -> Path:
    """Return a file that is where the folder for exports should be."""
    path = Path(hass.config.path("audible_tracker", "exports"))
    path.parent.mkdir()
    path.touch()
    return path


async def test_export_that_cannot_be_written_says_why(
    dialog: ImportDialog, blocked_folder: Path
) -> None:
    """It can be tried again once the folder is right."""
    form = await dialog.open("export_books")

    wrong = await dialog.answer(form, format="json")

    assert wrong["step_id"] == "export_books"
    assert wrong["errors"] == {"base": "export_file"}
    assert told(wrong)["reason"] == "File exists"
    blocked_folder.unlink()
    done = await dialog.answer(wrong, format="json")
    assert done["step_id"] == "export_done"


def test_titles_are_shown_as_they_stand() -> None:
    """Nothing in a file becomes a link, a heading or a tag."""
    spoiled = "# [a](b) <i>\n1 * 2_3 `c` &amp; ![d] | ~e~ \\"

    shown = marked_down(spoiled)

    assert shown.replace("\\", "") == " ".join(spoiled.split()).replace("\\", "")
    assert shown.startswith(r"\# \[a\]\(b\) \<i\> 1 \* 2\_3 \`c\` \&amp; \!\[d\]")
