"""Steps: what the tracker keeps, tells, imports, and leaves to a person."""

import shutil
import stat
from typing import Any, Final

from tests.simulator.catalog import NOT_OWNED_ASIN

from .home_assistant import REPOSITORY
from .processes import wait_until
from .tracker_database import count_rows, database_path, let_two_hours_pass
from .walk import DOMAIN, EVENT, Walk, demo_titles, expect

FINISHED_ASIN: Final = "B0VERWANDL"
_SAMPLE: Final = (
    REPOSITORY / "tests/fixtures/imports/goodreads/goodreads-23col-2026.csv"
)
_IMPORT: Final = "imports/goodreads.csv"


async def everything_is_in_the_database(walk: Walk) -> str:
    """The tracker's database is there, for its owner alone, and holds the library."""
    folder = walk.house.home_process.folder
    mode = stat.S_IMODE(database_path(folder).stat().st_mode)
    expect(mode == 0o600, f"the database's mode is {mode:o}")
    counts = {
        name: count_rows(folder, table)
        for name, table in (
            ("titles", "audible_titles"),
            ("links", "audible_book_mappings"),
            ("books", "books"),
        )
    }
    expect(all(counts.values()), f"the database holds {counts}")
    return (
        f"mode 0600; {', '.join(f'{number} {name}' for name, number in counts.items())}"
    )


async def an_import_can_be_undone(walk: Walk) -> str:
    """A Goodreads file is previewed, imported and taken back, without a trace."""
    folder = walk.house.home_process.folder
    path = folder / _IMPORT
    path.parent.mkdir(exist_ok=True)
    shutil.copy(_SAMPLE, path)
    before = count_rows(folder, "books")
    preview = await act(walk, "import_books", {"path": _IMPORT, "preview": True})
    made = preview["counts"]["made"]
    expect(preview["format"] == "goodreads", f"the preview says {preview['format']}")
    expect(made and count_rows(folder, "books") == before, "the preview wrote books")
    done = await act(walk, "import_books", {"path": _IMPORT})
    expect(
        count_rows(folder, "books") == before + made,
        f"the preview promised {made} books, the import says {done}",
    )
    undone = await act(walk, "import_books", {"undo": done["import_id"]})
    expect(count_rows(folder, "books") == before, f"the undo left books: {undone}")
    return f"{made} books previewed, imported, and removed again"


async def a_finished_book_is_told_once(walk: Walk) -> str:
    """What was finished and bought at the shop comes with the next sync, told once."""
    folder = walk.house.home_process.folder
    home = walk.house.home_assistant
    title = demo_titles()[FINISHED_ASIN].title
    # A book without an author: nobody can be sure that the bought title is it.
    await act(walk, "add_book", {"title": demo_titles()[NOT_OWNED_ASIN].title})
    await walk.house.shop_control("POST", "/titles/add", {"asin": NOT_OWNED_ASIN})
    status = {"asin": FINISHED_ASIN, "percent_complete": 99, "is_finished": True}
    await walk.house.shop_control("POST", "/listening-status", status)
    let_two_hours_pass(folder)
    async with home.listening(EVENT) as told:
        await act(walk, "sync", {})

        async def heard() -> dict[str, Any] | None:
            found = finished_events(told)
            return found[0] if found else None

        event = await wait_until("the event of the finished book", heard, timeout_s=10)
        await act(walk, "get_status", {})
        count = len(finished_events(told))
    expect(count == 1, f"the finished book was told {count} times")
    expect(event["title"] == title, f"the event tells of {event}")
    is_finished = f"id = {int(event['book_id'])} AND status = 'finished'"
    expect(count_rows(folder, "books", is_finished) == 1, "the book is not finished")
    return f"{title}: one event, one finished book"


async def a_conflict_is_decided(walk: Walk) -> str:
    """What the tracker is not sure of is listed with reasons; a person decides."""
    listed = await act(walk, "list_conflicts", {})
    expect(listed["total"] == 1, f"{listed['total']} conflicts are listed")
    conflict = listed["conflicts"][0]
    expect(
        conflict["title"]["asin"] == NOT_OWNED_ASIN, f"the conflict is of {conflict}"
    )
    candidate = conflict["candidates"][0]
    answer = await act(
        walk,
        "resolve_conflict",
        {
            "conflict_id": conflict["conflict_id"],
            "choice": "link",
            "book_id": candidate["book"]["book_id"],
        },
    )
    expect(len(answer["resolved"]) == 1, f"the decision is answered with {answer}")
    left = await act(walk, "list_conflicts", {})
    expect(left["total"] == 0, "the conflict is still there")
    evidence = ", ".join(one["words"] for one in candidate["evidence"])
    return f"{conflict['title']['title']} ({evidence}): linked by hand"


async def act(walk: Walk, action: str, data: dict[str, Any]) -> Any:
    """Call one of the tracker's actions; return what it answers."""
    home = walk.house.home_assistant
    answer = await home.call_action(DOMAIN, action, data, response=True)
    return answer["service_response"]


def finished_events(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events that tell of the finished book."""
    return [
        event
        for event in told
        if event["type"] == "book_finished" and event["asin"] == FINISHED_ASIN
    ]
