"""What is heard and marked on the server's page is kept here too, each once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker import page_listener
from tests.integration.databases import change, rows
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import (
    OTHER_EMAIL,
    OTHER_PASSWORD,
    SHORT_ASIN,
    UNDER_WAY_ASIN,
)

LEDGER = (
    "SELECT position_ms FROM audible_progress_history WHERE source = 'player' "
    "ORDER BY id"
)
MADE_AT = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the next look."""
    for name in ("LOOK_EVERY_S", "_WAIT_MIN_S", "_WAIT_MAX_S"):
        monkeypatch.setattr(page_listener, name, 0.02)


async def until(condition: Callable[[], bool]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def place(position_ms: int, asin: str = UNDER_WAY_ASIN, **after: int) -> dict[str, Any]:
    """Return the data of an event of the page."""
    heard_at = dt_util.utcnow() + timedelta(**after)
    return {
        "asin": asin,
        "position_ms": position_ms,
        "heard_at": heard_at.isoformat(),
    }


async def heard(
    household: Household, media_server: FakeMediaServer, *events: Any
) -> list[Any]:
    """Let the page tell something; return what the ledger has of players."""
    media_server.events += events
    asked = len(media_server.last_ids)
    # The third look begins after the second has been taken whole.
    await until(lambda: len(media_server.last_ids) >= asked + 3)
    await household.settle()
    return [row[0] for row in rows(household.hass, LEDGER)]


async def test_places_of_the_page_reach_the_ledger_once(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """The sensor follows; what comes twice, is older, or unknown changes nothing."""
    events = (
        (11, "position", place(3_723_000, seconds=1)),
        (12, "position", place(3_724_000, seconds=2)),
        (13, "position", place(1, seconds=-9999)),
        (14, "position", place(5, "B0UNKNOWN1", seconds=3)),
        (15, "bookmark", {"asin": UNDER_WAY_ASIN}),
        (16, "position", {"asin": UNDER_WAY_ASIN}),
        (None, "job", {}),
    )
    assert await heard(household, media_server, *events) == [3_723_000, 3_724_000]
    state = household.state(f"{UNDER_WAY_ASIN}_progress")
    assert state.attributes["position"] == "1:02:04"
    assert media_server.last_ids[0] == "0"
    assert media_server.last_ids[-1] == "16"

    again = (17, "position", events[1][2])
    assert await heard(household, media_server, again) == [3_723_000, 3_724_000]


async def test_chapters_are_looked_up_for_news_alone(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """A place that is older, told before, or of no title asks nobody for anything."""
    change(household.hass, "UPDATE audible_titles SET chapters = NULL")
    newest = (11, "position", place(3_723_000, seconds=1))
    media_server.calls.clear()

    await heard(
        household,
        media_server,
        newest,
        (12, "position", newest[2]),
        (13, "position", place(1, seconds=-9999)),
        (14, "position", place(5, "B0UNKNOWN1", seconds=3)),
    )

    asked = [path for _, path in media_server.calls if path.endswith("/chapters")]
    assert asked == [f"/api/books/{UNDER_WAY_ASIN}/chapters"]


async def test_place_that_is_told_twice_moves_nobody_else(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """Two accounts own the title; the first one's reader hears it on the page."""
    await household.sign_up(email=OTHER_EMAIL, password=OTHER_PASSWORD)
    event = (11, "position", place(3_723_000, seconds=1))
    again = (12, "position", event[2])
    assert await heard(household, media_server, event, again) == [3_723_000]


async def test_where_it_went_on_is_remembered(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """A restart begins where the last event was taken; one account listens."""
    await heard(household, media_server, (7, "position", place(70_000, seconds=1)))
    await household.restart(linked_entry)
    media_server.last_ids.clear()
    await until(lambda: bool(media_server.last_ids))
    assert media_server.last_ids[0] == "7"
    assert await heard(household, media_server) == [70_000]


async def test_place_goes_on_to_audible_if_it_is_wanted(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """As a place that is set by hand does."""
    household.hass.config_entries.async_update_entry(
        linked_entry, options={"writes_back": True}
    )
    await household.restart(linked_entry)
    await heard(household, media_server, (7, "position", place(70_000, seconds=1)))
    sql = "SELECT asin, position_ms, source FROM audible_position_writes"
    assert rows(household.hass, sql) == [(UNDER_WAY_ASIN, 70_000, "player")]


async def test_old_server_is_left_alone(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """A server that does not answer, or has no events, costs a look now and then."""
    media_server.secret = "changed meanwhile"
    await until(lambda: media_server.calls[-1] == ("GET", "/api/events"))
    media_server.secret = "a secret of the server"
    events = ((3, "position", place(80_000, seconds=1)),)
    assert await heard(household, media_server, *events) == [80_000]


def marked(key: str, note: str, *, after_s: int = 0, **more: Any) -> dict[str, Any]:
    """Return the data of an event about a bookmark of the page."""
    at = MADE_AT + timedelta(seconds=after_s)
    return {
        "bookmark_id": key,
        "asin": UNDER_WAY_ASIN,
        "position_ms": 61_500,
        "note": note,
        "created_at": MADE_AT.isoformat(),
        "updated_at": at.isoformat(),
        **more,
    }


async def notes(household: Household, **fields: Any) -> list[str]:
    """Return the notes of the bookmarks that the action answers."""
    answer = await household.act("list_bookmarks", **fields)
    return [one["note"] for one in answer["bookmarks"]]


async def test_bookmarks_of_the_page_are_kept_once(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """The newest word counts, what is deleted goes, what is unknown is left out."""
    gone = {"bookmark_id": "b2", "asin": UNDER_WAY_ASIN}
    await heard(
        household,
        media_server,
        (11, "bookmark", marked("b1", "Who is she?")),
        (12, "bookmark", marked("b2", "later", position_ms=70_000)),
        (13, "bookmark", marked("b1", "Her aunt", after_s=5)),
        (14, "bookmark", marked("b1", "Who is she?")),
        (15, "bookmark", marked("b3", "of no title", asin="B0UNKNOWN1")),
        (16, "bookmark", marked("b4", "nowhere", position_ms=-1)),
        (17, "bookmark_deleted", {"asin": UNDER_WAY_ASIN}),
        (18, "bookmark_deleted", gone | {"bookmark_id": "b9"}),
    )
    answer = await household.act("list_bookmarks")
    first, _ = answer["bookmarks"]
    assert await notes(household) == ["Her aunt", "later"]
    assert first == {
        "asin": UNDER_WAY_ASIN,
        "title": "Pride and Prejudice",
        "book_id": first["book_id"],
        "position_ms": 61_500,
        "note": "Her aunt",
        "source": "player",
        "created_at": MADE_AT.isoformat(),
        "updated_at": (MADE_AT + timedelta(seconds=5)).isoformat(),
    }

    assert await heard(household, media_server, (19, "bookmark_deleted", gone)) == []
    assert await notes(household) == ["Her aunt"]
    assert await notes(household, asin=UNDER_WAY_ASIN) == ["Her aunt"]
    assert await notes(household, book_id=first["book_id"]) == ["Her aunt"]
    assert await notes(household, asin=SHORT_ASIN) == []
    assert media_server.last_ids[-1] == "19"


async def test_all_that_is_told_once_more_changes_nothing(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """After a crash before the last number was written, or with another address."""
    await heard(
        household,
        media_server,
        (11, "bookmark", marked("b1", "kept")),
        (12, "bookmark", marked("b2", "deleted")),
        (13, "bookmark_deleted", {"bookmark_id": "b2", "asin": UNDER_WAY_ASIN}),
    )
    before = rows(household.hass, "SELECT * FROM bookmarks")
    await household.hass.config_entries.async_unload(linked_entry.entry_id)
    file = page_listener.last_event_file(household.hass)
    await file.async_save({})
    household.hass.data.pop(page_listener._LAST)
    media_server.last_ids.clear()
    await household.hass.config_entries.async_setup(linked_entry.entry_id)
    await until(lambda: "13" in media_server.last_ids)

    assert media_server.last_ids[0] == "0"
    assert rows(household.hass, "SELECT * FROM bookmarks") == before
    assert await notes(household) == ["kept"]


async def test_bookmarks_are_the_readers_of_the_title(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """Whoever has taken a title makes bookmarks of their own."""
    await heard(household, media_server, (1, "bookmark", marked("b1", "Anna's")))
    await household.act("add_reader", name="Ben")
    await household.act("take_title", reader="Ben", asin=UNDER_WAY_ASIN)
    await heard(household, media_server, (2, "bookmark", marked("b2", "Ben's")))

    assert await notes(household, reader="Anna Example") == ["Anna's"]
    assert await notes(household, reader="Ben") == ["Ben's"]
    assert await notes(household, reader="Ben", asin=UNDER_WAY_ASIN) == ["Ben's"]
