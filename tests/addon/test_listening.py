"""Places and bookmarks of the page, and the stream of what happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from aiohttp import ClientResponse
from audible_core.wire import ServerEvent, bookmark_key_of, bookmark_of

from .patience import SOON_S
from .server import Server, error_of

ASIN = "B0PLAYABLE"
PATH = f"/api/books/{ASIN}"


@pytest.fixture
async def server(start_server: Any, tmp_path: Path, plain_book: Path) -> Server:
    """Start a server with one title."""
    (tmp_path / "library").mkdir()
    copyfile(plain_book, tmp_path / "library" / f"{ASIN}.m4b")
    server: Server = await start_server()
    return server


async def send(
    server: Server, method: str, path: str, body: Any = None, status: int = 200
) -> Any:
    """Return the data of an answer, or its error."""
    async with server.client.request(method, path, json=body) as answer:
        assert status == answer.status, await answer.text()
        if status == 204:
            return None
        content = await answer.json()
        return content["data"] if content["success"] else content["error"]


@asynccontextmanager
async def listening(server: Server, last_id: int | None = None) -> AsyncIterator[Any]:
    """Yield the open stream of events, past its beginning."""
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    async with server.client.get("/api/events", headers=headers) as answer:
        assert 200 == answer.status
        assert "text/event-stream" == answer.content_type
        assert {"retry": "3000"} == await next_block(answer)
        yield answer


async def next_block(answer: ClientResponse) -> dict[str, str]:
    """Return the fields of the next block, an event or not."""
    async with asyncio.timeout(SOON_S):
        block = (await answer.content.readuntil(b"\n\n")).decode().strip("\n")
    fields = (line.partition(":") for line in block.split("\n"))
    return {name: value.removeprefix(" ") for name, _, value in fields}


async def test_place_is_kept_and_told_once(server: Server) -> None:
    """The last place is there for every page, and the other half hears of it."""
    assert {"position": None} == await send(server, "GET", f"{PATH}/position")
    async with listening(server) as events:
        put = await send(server, "PUT", f"{PATH}/position", {"position_ms": 1500})
        event = await next_block(events)
    kept = await send(server, "GET", f"{PATH}/position")

    assert put == kept
    assert 1500 == kept["position"]["position_ms"]
    assert "position" == event["event"]
    assert kept["position"] == json.loads(event["data"])


async def test_older_place_never_replaces_a_newer_one(server: Server) -> None:
    """A page that was offline may send late what was heard before."""
    now = await send(server, "PUT", f"{PATH}/position", {"position_ms": 9000})
    late = {"position_ms": 10, "heard_at": "2026-01-01T00:00:00Z"}
    assert now == await send(server, "PUT", f"{PATH}/position", late)
    # A clock that is ahead does not lock the place for ever.
    ahead = {"position_ms": 11, "heard_at": "2999-01-01T00:00:00+02:00"}
    assert (
        11
        == (await send(server, "PUT", f"{PATH}/position", ahead))["position"][
            "position_ms"
        ]
    )


async def test_while_somebody_listens_not_every_second_is_told(server: Server) -> None:
    """One place in a minute, and the one where they stop."""
    for number, is_playing in enumerate((True, True, True, False)):
        await asyncio.sleep(0.002)
        body = {"position_ms": number, "is_playing": is_playing}
        await send(server, "PUT", f"{PATH}/position", body)
    log = await server.services.queries.event_log.load_after(0, at_most=10)
    assert [0, 3] == [event.data["position_ms"] for event in log]


async def test_leap_is_told_at_once(server: Server) -> None:
    """On or back; a page that is torn away after it says nothing more."""
    for position_ms in (1_000, 3_600_000, 3_601_000, 5_000, 64_000):
        await asyncio.sleep(0.002)
        body = {"position_ms": position_ms, "is_playing": True}
        await send(server, "PUT", f"{PATH}/position", body)
    log = await server.services.queries.event_log.load_after(0, at_most=10)
    told = [event.data["position_ms"] for event in log]
    assert [1_000, 3_600_000, 5_000] == told


async def test_bookmarks_are_made_changed_and_forgotten(server: Server) -> None:
    """Each change is an event with the whole bookmark, which the other half reads."""
    path = f"{PATH}/bookmarks"
    made = await send(server, "POST", path, {"position_ms": 70, "note": "Ä note"}, 201)
    early = await send(server, "POST", path, {"position_ms": 7}, 201)
    assert [early, made] == (await send(server, "GET", path))["bookmarks"]

    one = f"{path}/{made['bookmark_id']}"
    changed = await send(server, "PATCH", one, {"note": "other"})
    assert made | {"note": "other", "updated_at": changed["updated_at"]} == changed
    await send(server, "DELETE", one, status=204)
    assert [early] == (await send(server, "GET", path))["bookmarks"]
    assert "unknown_bookmark" == (await send(server, "DELETE", one, status=404))["code"]
    error = await send(server, "PATCH", one, {"note": ""}, status=404)
    assert "unknown_bookmark" == error["code"]

    log = await server.services.queries.event_log.load_after(0, at_most=10)
    kinds = ["bookmark", "bookmark", "bookmark", "bookmark_deleted"]
    assert kinds == [event.kind for event in log]
    assert changed == log[2].data
    assert {"asin": ASIN, "bookmark_id": made["bookmark_id"]} == log[3].data
    told = [ServerEvent(event.kind, event.data) for event in log]
    keys = [made["bookmark_id"], early["bookmark_id"]]
    assert [*keys, keys[0]] == [bookmark_of(event)[1].key for event in told[:3]]
    assert (ASIN, keys[0]) == bookmark_key_of(told[3])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "position", {}),
        ("PUT", "position", {"position_ms": -1}),
        ("PUT", "position", {"position_ms": True}),
        ("PUT", "position", {"position_ms": 1.5}),
        ("PUT", "position", {"position_ms": 10**12}),
        ("PUT", "position", {"position_ms": 1, "heard_at": "2026-01-01"}),
        ("PUT", "position", {"position_ms": 1, "heard_at": 5}),
        ("PUT", "position", {"position_ms": 1, "is_playing": 1}),
        ("PUT", "position", {"position_ms": 1, "speed": 2}),
        ("PUT", "position", [1]),
        ("POST", "bookmarks", {"note": "nowhere"}),
        ("POST", "bookmarks", {"position_ms": 1, "note": "x" * 4001}),
        ("POST", "bookmarks", {"position_ms": 1, "note": None}),
        ("PATCH", "bookmarks/1", {}),
    ],
)
async def test_what_is_not_allowed_is_named(
    server: Server, method: str, path: str, body: Any
) -> None:
    """Nothing is kept of it."""
    error = await send(server, method, f"{PATH}/{path}", body, 400)
    assert "invalid_value" == error["code"]
    assert [] == await server.services.queries.event_log.load_after(0, at_most=10)


async def test_unknown_title_has_neither(server: Server) -> None:
    """Nothing can be kept for what is not there."""
    for path in ("position", "bookmarks"):
        error = await send(server, "GET", f"/api/books/B0UNKNOWN1/{path}", status=404)
        assert "unknown_book" == error["code"]


async def test_who_comes_back_is_told_what_was_missed(server: Server) -> None:
    """By the number of the last event, in order, then what happens next."""
    for number in range(3):
        await send(server, "PUT", f"{PATH}/position", {"position_ms": number})
        await asyncio.sleep(0.002)
    first, *_ = await server.services.queries.event_log.load_after(0, at_most=10)
    async with listening(server, first.event_id) as events:
        await send(server, "PUT", f"{PATH}/position", {"position_ms": 3})
        server.services.events.publish("job", {"state": "running"})
        told = [await next_block(events) for _ in range(4)]

    places = [json.loads(event["data"]).get("position_ms") for event in told]
    assert [1, 2, 3, None] == places
    numbers = [int(event["id"]) for event in told[:3]]
    assert sorted(set(numbers)) == numbers
    # What is not kept has no number: it does not change where one goes on.
    assert "id" not in told[3]


async def test_from_the_beginning_by_address(server: Server) -> None:
    """A browser cannot send the header the first time."""
    await send(server, "PUT", f"{PATH}/position", {"position_ms": 5})
    async with server.client.get("/api/events?last_event_id=0") as answer:
        await next_block(answer)
        assert 5 == json.loads((await next_block(answer))["data"])["position_ms"]


async def test_wrong_number_is_refused(server: Server) -> None:
    """Before anything is sent."""
    for text in ("x", "-1", "9" * 17, "٣"):
        async with server.client.get(f"/api/events?last_event_id={text}") as answer:
            assert 400 == answer.status
            assert "Last-Event-ID" == (await error_of(answer))["field"]


async def test_stranger_hears_nothing(server: Server) -> None:
    """Events are for those who know the secret."""
    async with server.stranger.get("/api/events") as answer:
        assert 401 == answer.status


async def test_who_leaves_is_forgotten(server: Server) -> None:
    """Nothing is collected for nobody."""
    events = server.services.events
    async with listening(server):
        assert 1 == len(events._subscriptions)
    async with asyncio.timeout(SOON_S):
        while events._subscriptions:
            events.publish("job", {})
            await asyncio.sleep(0.01)
