"""A license is spent once, whatever stops the server or asks at the same instant."""

import asyncio
import signal
from pathlib import Path

import aiohttp
import pytest
from audible_core.models import Asin
from audible_core.wire import SECRET_HEADER

from audible_server.store.job import JobKind
from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN
from tests.simulator.faults import Fault, FaultKind

from .conftest import SignedIn
from .patience import SOON_S
from .program import Program, running_program
from .server import SECRET, Server

ASIN = Asin(SHORT_ASIN)
PATH = f"/1.0/content/{ASIN}/licenserequest"


def _answer_late(shop: Simulator, late_s: float = 1.0) -> None:
    shop.shop.faults.append(Fault(FaultKind.LATE, PATH, late_s=late_s))


def _spent(shop: Simulator) -> int:
    """Return how many licenses the shop has counted, told or not."""
    accounts = shop.shop.accounts.values()
    return sum(grant.asin == ASIN for of in accounts for grant in of.grants)


async def _until_spent(shop: Simulator) -> None:
    async with asyncio.timeout(SOON_S):
        while not _spent(shop):
            await asyncio.sleep(0.01)


async def _listed(program: Program, account: SignedIn) -> None:
    await program.client.hand_over(*account)
    async with asyncio.timeout(SOON_S):
        while ASIN not in {book.asin for book in await program.client.fetch_books()}:
            await asyncio.sleep(0.05)


async def test_download_that_is_paused_meanwhile_keeps_its_license(
    linked: Server, shop: Simulator
) -> None:
    """The answer comes after the pause, and is there for what goes on."""
    _answer_late(shop)
    await linked.client.post(f"/api/books/{ASIN}/download")
    await _until_spent(shop)
    job = await linked.services.desk.find_open(JobKind.DOWNLOAD, ASIN)
    assert job
    async with linked.client.post(f"/api/jobs/{job.number}/pause") as answer:
        assert 200 == answer.status
    assert await linked.services.books.load_grant(ASIN) is None

    await linked.client.post(f"/api/jobs/{job.number}/resume")
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    assert "downloaded" == (await linked.book(ASIN))["state"]
    assert 1 == _spent(shop)


async def test_listener_who_leaves_meanwhile_costs_nothing_more(
    linked: Server, shop: Simulator
) -> None:
    """Another player, a moment later, plays with the same license."""
    _answer_late(shop)
    leaving = asyncio.create_task(linked.body(f"/stream/{ASIN}"))
    await _until_spent(shop)
    leaving.cancel()
    await asyncio.wait([leaving])

    assert 200 == (await linked.body(f"/stream/{ASIN}"))[0]
    assert 1 == _spent(shop)


async def test_what_was_not_sent_yet_is_not_sent_any_more(
    linked: Server, shop: Simulator
) -> None:
    """Who gives up while waiting for a turn spends no license."""
    book = await linked.services.books.load(ASIN)
    pace = linked.services.shop._pace
    async with pace._line:
        asking = asyncio.create_task(linked.services.licensing.grant(book))
        while not pace._waiting:
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait([asking])
    await asyncio.sleep(0.2)

    assert 0 == _spent(shop)


async def test_license_that_the_database_would_not_take_is_kept_for_the_next_wish(
    linked: Server, shop: Simulator
) -> None:
    """A database that is away for a moment costs no second license."""
    books = linked.services.books
    save = books.save_grant

    async def refuse(*_: object, **__: object) -> None:
        raise OSError("the database is away")

    books.save_grant = refuse  # type: ignore[method-assign]
    book = await books.load(ASIN)
    with pytest.raises(OSError, match="the database is away"):
        await linked.services.licensing.grant(book)
    books.save_grant = save  # type: ignore[method-assign]

    grant = await linked.services.licensing.grant(book)
    assert grant == await books.load_grant(ASIN)
    assert 1 == _spent(shop)


async def test_server_that_is_stopped_meanwhile_keeps_its_license(
    shop: Simulator, account: SignedIn, tmp_path: Path
) -> None:
    """It waits for the answer before it ends; the next start downloads with it."""
    async with running_program(tmp_path) as program:
        await _listed(program, account)
        _answer_late(shop)
        await program.client.start_download(ASIN)
        await _until_spent(shop)
        program.process.send_signal(signal.SIGTERM)
        assert 0 == await program.process.wait()
        assert b"Traceback" not in program.log, program.log.decode()
    async with running_program(tmp_path) as program:
        await program.until(ASIN, lambda book: book.is_downloaded)

    assert 1 == _spent(shop)


async def test_servers_that_ask_at_the_same_instant_spend_one(
    shop: Simulator, account: SignedIn, postgres_url: str, tmp_path: Path
) -> None:
    """One asks the shop; the other waits for it and plays with the same license."""
    async with (
        running_program(tmp_path, DATABASE_URL=postgres_url) as first,
        running_program(tmp_path, DATABASE_URL=postgres_url) as second,
        aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session,
    ):
        await _listed(first, account)
        _answer_late(shop)

        async def body(program: Program) -> bytes:
            async with session.get(f"{program.url}/stream/{ASIN}") as answer:
                assert 200 == answer.status
                return await answer.read()

        bodies = await asyncio.gather(body(first), body(second))
        assert bodies[0] == bodies[1]
        assert bodies[0]
        assert 1 == _spent(shop)
