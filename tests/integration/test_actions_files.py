"""Actions that take books in from a file, and write them out into one."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import Event, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.audible_tracker.actions import imports
from custom_components.audible_tracker.actions.import_jobs import EVENT_IMPORT
from custom_components.audible_tracker.household import household_of
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN

HEADER = (
    "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,"
    "Average Rating,Publisher,Binding,Number of Pages,Year Published,"
    "Original Publication Year,Date Read,Date Added,Bookshelves,"
    "Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,"
    "Read Count,Owned Copies"
)


def row(number: int, title: str, author: str, day: str = "2024/02/03") -> str:
    """Return a finished book as Goodreads writes it."""
    first, last = author.split()
    return (
        f'{number},{title},{author},"{last}, {first}",,"=""""","=""""",4,4.1,,'
        f"Paperback,300,2000,1990,{day},2024/01/01,,,read,,,,1,0"
    )


def put(household: Household, name: str, *rows: str) -> Path:
    """Write a file into the configuration folder."""
    path = Path(household.hass.config.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


async def titles(household: Household, words: str) -> list[str]:
    """Return the titles of books that are found."""
    found = await household.act("search_books", query=words)
    return [book["title"] for book in found["books"]]


async def test_file_is_previewed_imported_and_taken_back(
    household: Household,
) -> None:
    """Each row has an outcome with words; twice changes nothing; undo undoes it."""
    await household.sign_up()
    put(
        household,
        "imports/books.csv",
        row(1, "Der Zauberberg", "Thomas Mann"),
        row(2, "Pride and Prejudice", "Jane Austen"),
        row(3, "", "Nobody There"),
    )
    path = "imports/books.csv"

    preview = await household.act("import_books", path=path, preview=True)
    rejected = await household.act(
        "import_books", path=path, preview=True, outcomes=["rejected"], limit=1
    )
    before = await titles(household, "Zauberberg")
    done = await household.act("import_books", path=path)
    again = await household.act("import_books", path=path)
    left = await household.act("import_books", import_id=done["import_id"])
    status = await household.act("get_status")
    undone = await household.act("import_books", undo=done["import_id"])

    assert preview["format"] == "goodreads"
    outcomes = [one["outcome"] for one in preview["rows"]]
    assert outcomes == ["made", "joined", "rejected"]
    assert preview["rows"][1]["book_id"] is not None
    assert [one["row"] for one in rejected["rows"]] == [3]
    assert rejected["total"] == 1
    assert rejected["rows"][0]["words"]
    assert before == []
    assert (done["made"], done["joined"], done["rejected"]) == (1, 1, 1)
    assert (again["made"], again["unchanged"]) == (0, 2)
    assert (left["total"], left["rejected_total"]) == (0, 1)
    assert left["rejected"] == [
        {"row": 3, "title": "", "words": ["The row has no title."]}
    ]
    assert status["last_imports"][1]["import_id"] == done["import_id"]
    assert status["last_imports"][1]["file_name"] == "books.csv"
    assert status["last_imports"][1]["actor"] == "automation"
    assert [job["state"] for job in status["imports"]] == ["done"] * 4
    assert undone["books_removed"] == 1
    assert await titles(household, "Zauberberg") == []
    with pytest.raises(ServiceValidationError) as told:
        await household.act("import_books", undo=done["import_id"])
    assert told.value.translation_key == "import_taken_back"
    assert json.dumps([preview, done, status, undone])


async def test_unsure_rows_wait_for_a_choice(household: Household) -> None:
    """They are listed with their candidates, and imported when they are decided."""
    await household.sign_up()
    for _ in range(2):
        await household.act(
            "add_book",
            title="Faust",
            authors=["Johann Goethe"],
            isbn="9783150000014",
        )
    put(
        household,
        "faust.csv",
        row(1, "Faust", "Johann Goethe").replace(
            '"=""""","=""""",4', '"=""""","=""9783150000014""",4'
        ),
    )

    done = await household.act("import_books", path="faust.csv")
    waiting = await household.act("import_books", import_id=done["import_id"])
    [unsure] = waiting["rows"]
    chosen = unsure["candidates"][0]["book_id"]
    decided = await household.act(
        "import_books", import_id=done["import_id"], choices={unsure["row"]: chosen}
    )
    empty = await household.act("import_books", import_id=done["import_id"])
    undone = await household.act("import_books", undo=decided["import_id"])
    again = await household.act("import_books", import_id=done["import_id"])

    assert done["unsure"] == 1
    assert unsure["outcome"] == "unsure"
    assert len(unsure["candidates"]) == 2
    assert decided["joined"] == 1
    assert empty["total"] == 0
    assert undone["books_restored"] == 1
    assert again["rows"] == waiting["rows"]
    for choices in ({"one": "new"}, {1: "perhaps"}, {1: None}):
        with pytest.raises(ServiceValidationError) as told:
            await household.act("import_books", path="faust.csv", choices=choices)
        placeholders = told.value.translation_placeholders
        assert placeholders is not None
        assert placeholders["allowed"].startswith("the numbers of rows")
    with pytest.raises(ServiceValidationError) as told:
        await household.act("import_books", path="faust.csv", choices={7: "new"})
    assert told.value.translation_key == "value_missing"


async def test_a_preview_heeds_choices_and_writes_nothing(household: Household) -> None:
    """Of a file and of rows that wait; of an undo there is none."""
    await household.sign_up()
    for _ in range(2):
        await household.act(
            "add_book", title="Faust", authors=["J Goethe"], isbn="9783150000014"
        )
    faust = row(1, "Faust", "Johann Goethe").replace(
        '"=""""","=""""",4', '"=""""","=""9783150000014""",4'
    )
    put(household, "faust.csv", faust)

    plain = await household.act("import_books", path="faust.csv", preview=True)
    chosen = await household.act(
        "import_books",
        path="faust.csv",
        preview=True,
        choices={1: "new"},
        fingerprint=plain["fingerprint"],
    )
    done = await household.act("import_books", path="faust.csv")
    waiting = await household.act(
        "import_books", import_id=done["import_id"], choices={1: "skip"}, preview=True
    )
    with pytest.raises(ServiceValidationError) as told:
        await household.act("import_books", undo=done["import_id"], preview=True)
    status = await household.act("get_status")

    assert [one["outcome"] for one in plain["rows"]] == ["unsure"]
    assert [one["outcome"] for one in chosen["rows"]] == ["made"]
    assert [one["outcome"] for one in waiting["rows"]] == ["skipped"]
    assert told.value.translation_key == "invalid_value"
    assert not status["last_imports"][0]["is_undone"]
    assert status["last_imports"][0]["import_id"] == done["import_id"]


async def test_choices_are_for_the_file_that_was_previewed(
    household: Household,
) -> None:
    """A newer file under the same name would shift the numbers of its rows."""
    await household.sign_up()
    put(household, "books.csv", row(1, "Faust", "Johann Goethe"))
    shown = await household.act("import_books", path="books.csv", preview=True)
    choices = {"choices": {1: "skip"}, "fingerprint": shown["fingerprint"]}
    kept = await household.act("import_books", path="books.csv", **choices)
    put(household, "books.csv", row(2, "Emma", "Jane Austen"))

    with pytest.raises(ServiceValidationError) as told:
        await household.act("import_books", path="books.csv", **choices)
    assert told.value.translation_key == "invalid_value"
    assert told.value.translation_placeholders is not None
    assert told.value.translation_placeholders["field"] == "fingerprint"
    assert (kept["skipped"], kept["made"]) == (1, 0)


async def test_only_files_of_the_configuration_folder_are_read(
    household: Household, tmp_path: Path
) -> None:
    """No way leads out of it, and none to what is hidden in it."""
    await household.sign_up()
    outside = tmp_path / "outside.csv"
    outside.write_text(HEADER + "\n", encoding="utf-8")
    config = Path(household.hass.config.config_dir)
    (config / "link.csv").symlink_to(outside)
    (config / "way").symlink_to(tmp_path, target_is_directory=True)
    (config / "secrets.yaml").write_text("password: x\n", encoding="utf-8")
    (config / "round.csv").symlink_to("round.csv")
    (config / "folder.csv").mkdir()
    os.mkfifo(config / "pipe.csv")
    inside = "a file inside the configuration folder"
    hidden = "a file that is not hidden"
    there = "a file that is there, in the configuration folder"
    suffix = "a file that ends in .csv, .tsv, .txt, .json"

    for path, allowed in (
        ("../outside.csv", inside),
        ("imports/../../outside.csv", inside),
        (str(outside), inside),
        ("link.csv", inside),
        ("way/outside.csv", inside),
        ("/etc/passwd", inside),
        (".storage/auth.json", hidden),
        (".audible_tracker.key", hidden),
        ("secrets.yaml", suffix),
        ("audible_tracker.db", suffix),
        ("nowhere.csv", there),
        ("folder.csv", there),
        ("pipe.csv", there),
        ("a\0b.csv", "the path of a file"),
    ):
        with pytest.raises(ServiceValidationError) as told:
            await household.act("import_books", path=path)
        assert told.value.translation_key == "invalid_value"
        placeholders = told.value.translation_placeholders
        assert placeholders is not None
        assert (path, placeholders["allowed"]) == (path, allowed)
    with pytest.raises(ServiceValidationError):
        await household.act("import_books", path="round.csv")
    whole = await household.act(
        "import_books", path=str(put(household, "b.csv", row(1, "B", "C D")))
    )
    assert whole["made"] == 1


async def test_large_file_goes_on_in_the_background(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call returns at once; progress is told, and the end is in the status."""
    await household.sign_up()
    monkeypatch.setattr(imports, "_BACKGROUND_FROM_BYTES", 1000)
    told: list[dict[str, Any]] = []

    @callback
    def note(event: Event) -> None:
        told.append(dict(event.data))

    household.hass.bus.async_listen(EVENT_IMPORT, note)
    put(
        household,
        "many.csv",
        *(row(number, f"Band {number}", "Erna Muster") for number in range(1, 60)),
    )

    answer = await household.act("import_books", path="many.csv")
    running = (await household.act("get_status"))["imports"]
    await household.settle()
    [job] = (await household.act("get_status"))["imports"]

    assert answer == {"job_id": job["job_id"], "state": "running"}
    assert [one["state"] for one in running] == ["running"]
    assert (job["state"], job["done"], job["total"]) == ("done", 59, 59)
    assert job["answer"]["made"] == 59
    assert (told[0]["state"], told[0]["total"]) == ("running", None)
    assert (told[1]["state"], told[1]["total"]) == ("running", 59)
    assert told[-1]["state"] == "done"
    assert told[-1]["import_id"] == job["answer"]["import_id"]
    assert len(told) < 30

    Path(household.hass.config.path("bad.csv")).write_text("a,b\n1,2\n")
    await household.act("import_books", path="bad.csv", background=True)
    await household.settle()
    job = (await household.act("get_status"))["imports"][0]
    assert (job["state"], job["error"]) == ("failed", "import_file_unknown")
    assert "no known format" in job["message"]
    with pytest.raises(ServiceValidationError) as refused:
        await household.act("import_books", path="bad.csv")
    assert refused.value.translation_key == "import_file_unknown"


@pytest.mark.parametrize("export_format", ["json", "goodreads", "storygraph"])
async def test_books_are_exported_and_known_when_they_come_back(
    household: Household, export_format: str
) -> None:
    """The file lies in the folder for exports, and holds every book."""
    await household.sign_up()

    written = await household.act("export_books", format=export_format)
    text = await household.act("export_books", format=export_format, in_response=True)
    preview = await household.act("import_books", path=written["path"], preview=True)

    path = Path(household.hass.config.path(written["path"]))
    assert path.parent == Path(household.hass.config.path("audible_tracker/exports"))
    assert path.name.startswith(f"anna_example_{export_format}_")
    assert path.stat().st_size == written["size_bytes"]
    assert path.read_bytes().decode() == text["text"]
    assert written["books"] == text["books"] == 36
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert sum(preview["counts"].values()) == 36
    assert preview["counts"]["made"] == preview["counts"]["unsure"] == 0


async def test_export_that_is_too_long_for_an_answer_is_refused(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says what to do instead; a file is never left half."""
    await household.sign_up()
    monkeypatch.setattr(
        "custom_components.audible_tracker.actions.exports._RESPONSE_MAX", 100
    )

    with pytest.raises(ServiceValidationError) as told:
        await household.act("export_books", in_response=True)
    assert told.value.translation_placeholders is not None
    assert "get a file" in told.value.translation_placeholders["allowed"]
    folder = Path(household.hass.config.path("audible_tracker"))
    folder.symlink_to(household.hass.config.path(".."), target_is_directory=True)
    with pytest.raises(ServiceValidationError) as told:
        await household.act("export_books")
    assert told.value.translation_key == "invalid_value"
    folder.unlink()
    folder.write_text("a file in the folder's place", encoding="utf-8")
    with pytest.raises(HomeAssistantError) as broken:
        await household.act("export_books")
    assert broken.value.translation_key == "export_file"
    assert "cannot be written" in str(broken.value)


async def test_actions_do_the_same_on_postgresql(
    household: Household, postgres_url: str
) -> None:
    """A dry run is taken back, a file goes in and out, and history is told."""
    entry = await household.sign_up()
    await household_of(household.hass).async_use_database(postgres_url)
    await household.hass.config_entries.async_reload(entry.entry_id)
    await household.settle()
    put(household, "books.csv", row(1, "Der Zauberberg", "Thomas Mann"))

    done = await household.act("import_books", path="books.csv")
    [book] = (await household.act("search_books", query="zauberberg"))["books"]
    unlinked = await household.act("unlink_book", asin=UNDER_WAY_ASIN)
    await household.act("link_book", asin=UNDER_WAY_ASIN, book_id=book["book_id"])
    history = await household.act("get_history", asin=UNDER_WAY_ASIN)
    undone = await household.act("resolve_conflict", asin=UNDER_WAY_ASIN, undo=True)
    figures = await household.act("get_statistics")
    written = await household.act("export_books")
    status = await household.act("get_status")

    assert done["made"] == 1
    assert unlinked["book"] is None
    assert history["history"][0]["data"]["action"] == "link_book"
    assert undone["undone"][0]["book_id"] is None
    assert figures["books_finished"] >= 0
    assert written["books"] == 37
    assert status["database"] == "postgresql"
    assert status["last_imports"][0]["import_id"] == done["import_id"]

    tried = await household.act(
        "resolve_conflict", asin=UNDER_WAY_ASIN, undo=True, dry_run=True
    )
    again = await household.act(
        "resolve_conflict", asin=UNDER_WAY_ASIN, undo=True, dry_run=True
    )
    assert tried["undone"] == again["undone"]
    assert tried["undone"][0]["book_id"] is not None
