"""What lies in the folder, what is remembered, and what a restart changes."""

import asyncio
import logging
import shutil
from pathlib import Path

import pytest
from audible_core.models import Asin

from audible_server.store.accounts import AccountStore
from audible_server.store.clock import now_ms
from audible_server.store.job import JobKind
from tests.simulator import Simulator
from tests.simulator.audio import encrypt_aax
from tests.simulator.catalog import AAX_ASIN, SHORT_ASIN

from .conftest import SignedIn, StartServer
from .patience import SOON_S
from .server import Server, error_of, settings_in

ASIN = Asin("B0LIBRARY1")


async def test_files_that_lie_there_are_recognized_at_the_start(
    start_server: StartServer, plain_book: Path, tmp_path: Path
) -> None:
    """Books copied into the folder by hand play; other files are left alone."""
    library = settings_in(tmp_path).library_dir
    shutil.copy(plain_book, library / f"{ASIN}.m4b")
    for name in ("notes.txt", "lower0case.m4b", f"{ASIN}.m4b.part", "B0EMPTY001.m4b"):
        (library / name).touch()
    (library / "B0FOLDER01.m4b").mkdir()
    shutil.copy(plain_book, library / "B0LOCKED01.aaxc")
    server = await start_server()

    books = (await server.json("/api/books"))["books"]
    assert [(ASIN, True), ("B0LOCKED01", False)] == [
        (book["asin"], book["is_downloaded"]) for book in books
    ]


async def test_length_is_remembered_over_a_restart(
    start_server: StartServer,
    plain_book: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that has not changed is not probed again."""
    server = await start_server()
    shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    await server.services.shelf.load_all()
    await server.finished(JobKind.PROBE, ASIN)
    await server.services.books.update(ASIN, duration_ms=None)
    await server.client.server.close()

    monkeypatch.setenv("PATH", "")
    server = await start_server()
    await server.finished(JobKind.PROBE, ASIN)

    assert 60_000 == pytest.approx((await server.book(ASIN))["runtime_ms"], abs=100)


async def test_file_without_sound_is_probed_once(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that ffprobe does not understand is not probed at each look."""
    (server.settings.library_dir / f"{ASIN}.m4b").write_bytes(b"no sound" * 100)
    for _ in range(3):
        await server.book(ASIN)
        await server.finished(JobKind.PROBE, ASIN)

    warnings = [record for record in caplog.records if "length" in record.message]
    assert 1 == len(warnings)
    assert (await server.book(ASIN))["runtime_ms"] is None


async def test_own_aax_file_plays_with_the_account(
    linked: Server, shop: Simulator
) -> None:
    """An AAX file from former days plays once its account is linked."""
    customer = next(iter(shop.shop.accounts.values()))
    plain = await shop.books.plain(shop.shop.titles[AAX_ASIN])
    target = linked.settings.library_dir / f"{AAX_ASIN}.aax"
    encrypt_aax(plain, target, activation_bytes=customer.activation_bytes)

    assert (await linked.book(AAX_ASIN))["is_downloaded"]
    for _ in range(2):
        linked.services.sources._kept.clear()
        status, body = await linked.body(f"/stream/{AAX_ASIN}")
        assert (200, target.stat().st_size) == (status, len(body))
    assert 1 == len(shop.requests("/license/token"))


async def test_aax_file_of_somebody_else_is_an_error(
    linked: Server, shop: Simulator
) -> None:
    """A file that the account's key does not open gives a sentence."""
    plain = await shop.books.plain(shop.shop.titles[AAX_ASIN])
    target = linked.settings.library_dir / f"{AAX_ASIN}.aax"
    encrypt_aax(plain, target, activation_bytes=b"\x01\x02\x03\x04")
    async with linked.client.get(f"/stream/{AAX_ASIN}") as answer:
        assert 422 == answer.status
        assert "activation_bytes_wrong" == (await error_of(answer))["code"]


async def test_library_of_yesterday_is_fetched_at_the_start(
    linked: Server, shop: Simulator, start_server: StartServer, account: SignedIn
) -> None:
    """A restart asks the shop again only if a day has passed."""
    await linked.client.server.close()
    server = await start_server()
    await server.finished(JobKind.LIBRARY, account[0].account_id)
    assert 1 == len(shop.requests("/1.0/library"))
    await server.services.accounts._update(
        account[0].account_id, library_fetched_at=now_ms() - 25 * 3600 * 1000
    )
    await server.client.server.close()

    server = await start_server()
    async with asyncio.timeout(SOON_S):
        while len(shop.requests("/1.0/library")) < 2:
            await asyncio.sleep(0.01)
    await server.finished(JobKind.LIBRARY, account[0].account_id)
    assert 2 == len(shop.requests("/1.0/library"))
    assert (await server.book(SHORT_ASIN))["title"]


async def test_restart_with_the_shop_away_keeps_everything(
    linked: Server, shop: Simulator, start_server: StartServer
) -> None:
    """While the internet is down, downloaded books are listed and play."""
    await linked.download(SHORT_ASIN)
    await linked.client.server.close()
    await shop.proxy.close()

    server = await start_server()
    assert (await server.book(SHORT_ASIN))["is_downloaded"]
    assert 200 == (await server.body(f"/stream/{SHORT_ASIN}"))[0]


async def test_surprise_is_told_without_details(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error nobody thought of shows no internals; the log has them."""

    async def surprise(_: AccountStore) -> None:
        raise ZeroDivisionError("secret internals")

    monkeypatch.setattr(AccountStore, "load_all", surprise)
    with caplog.at_level(logging.ERROR):
        async with server.client.get("/api/accounts") as answer:
            text = await answer.text()
            error = await error_of(answer)

    assert (500, "unexpected") == (answer.status, error["code"])
    assert "internals" not in text
    assert "secret internals" in caplog.text
