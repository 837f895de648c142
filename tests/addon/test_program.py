"""The server as a program: stopped, killed, started again, and searched for secrets."""

import asyncio
import json
import shutil
import signal
from pathlib import Path

import aiohttp
import pytest
from audible_core.models import Asin
from audible_core.vault import Vault
from audible_core.wire import SECRET_HEADER, BookState

from audible_server.store.grants import Grant
from tests.simulator import Simulator
from tests.simulator.catalog import AAX_ASIN, SHORT_ASIN
from tests.simulator.faults import Fault, FaultKind

from .conftest import SignedIn
from .patience import SOON_S
from .processes import ffmpegs
from .program import Program, running_program
from .server import SECRET

ASIN = Asin(SHORT_ASIN)
LONG = Asin("B0VERWANDL")
CUT_BYTES = 100_000


async def _in_the_middle(program: Program, shop: Simulator, account: SignedIn) -> None:
    """Bring a download to a point where bytes are on disk and more are to come."""
    fault = Fault(FaultKind.CUT_DOWNLOAD, after_bytes=CUT_BYTES)
    shop.shop.faults.append(fault)
    await _listed(program, account, ASIN)
    await program.client.start_download(ASIN)
    await program.until(ASIN, lambda book: (book.downloaded_bytes or 0) >= CUT_BYTES)
    shop.shop.faults.clear()


async def _listed(program: Program, account: SignedIn, asin: Asin) -> None:
    await program.client.hand_over(*account)
    while asin not in {book.asin for book in await program.client.fetch_books()}:
        pass


def _statuses(shop: Simulator) -> list[int]:
    return [request.status for request in shop.requests(f"/{ASIN}/")]


async def test_killed_download_goes_on_at_the_next_start(
    shop: Simulator, account: SignedIn, tmp_path: Path
) -> None:
    """After kill -9 the part is there, and the next start finishes it by itself."""
    async with running_program(tmp_path) as program:
        await _in_the_middle(program, shop, account)
        program.process.kill()
        await program.process.wait()
    part = tmp_path / "library" / f"{ASIN}.aaxc.part"
    assert part.stat().st_size >= CUT_BYTES

    async with running_program(tmp_path) as program:
        await program.until(ASIN, lambda book: book.state is BookState.DOWNLOADED)
        assert [part.with_suffix("")] == list(part.parent.iterdir())
        # Who knows the title now knows that the file is the server's.
        assert 200 == await program.ask("DELETE", f"/api/books/{ASIN}/download")
        assert [] == list(part.parent.iterdir())

    assert 1 == len(shop.requests(f"/1.0/content/{ASIN}/licenserequest"))
    assert 206 == _statuses(shop)[-1]


async def test_stopped_download_waits_for_the_next_start(
    shop: Simulator, account: SignedIn, tmp_path: Path
) -> None:
    """SIGTERM ends the program in order; the download goes on at the next start."""
    async with running_program(tmp_path) as program:
        await _in_the_middle(program, shop, account)
        program.process.send_signal(signal.SIGTERM)
        assert 0 == await program.process.wait()
        assert b"Traceback" not in program.log, program.log.decode()

    assert (tmp_path / "library" / f"{ASIN}.aaxc.part").is_file()
    async with running_program(tmp_path) as program:
        await program.until(ASIN, lambda book: book.is_downloaded)


async def test_book_that_is_killed_while_it_plays_goes_on(
    shop: Simulator, account: SignedIn, tmp_path: Path
) -> None:
    """After kill -9 in the middle of a seek no byte is believed that is not there."""
    title = shop.shop.titles[LONG]
    stored = (await shop.books.content(title)).read_bytes()
    shop.shop.settings.content_kbit_per_s = 10_000
    async with running_program(tmp_path) as program:
        await _listed(program, account, LONG)
        before = await _heard(program, len(stored) // 2)
        await program.until(LONG, lambda book: (book.downloaded_bytes or 0) > 1_000_000)
        program.process.kill()
        await program.process.wait()
    whole = tmp_path / "library" / f"{LONG}.aaxc"
    part = whole.with_name(f"{whole.name}.part")
    assert stored != part.read_bytes()[: len(stored)]

    async with running_program(tmp_path) as program:
        assert before == await _heard(program, len(stored) // 2)
        shop.shop.settings.content_kbit_per_s = None
        await program.until(LONG, lambda book: book.state is BookState.DOWNLOADED)
    assert stored == whole.read_bytes()
    assert not part.exists()
    assert 1 == len(shop.requests(f"/1.0/content/{LONG}/licenserequest"))


async def _heard(program: Program, start: int) -> tuple[str, bytes]:
    """Return the tag and some bytes of the book from a place on."""
    headers = {SECRET_HEADER: SECRET, "Range": f"bytes={start}-{start + 99_999}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{program.client.url}/stream/{LONG}") as answer,
    ):
        return answer.headers["ETag"], await answer.read()


async def test_stop_ends_every_ffmpeg(long_book: Path, tmp_path: Path) -> None:
    """No transcode outlives the server, although its listener is still there."""
    (tmp_path / "library").mkdir()
    shutil.copy(long_book, tmp_path / "library" / f"{ASIN}.m4b")
    async with running_program(tmp_path) as program:
        url = f"{program.client.url}/stream/{ASIN}?format=mp3"
        async with (
            aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session,
            session.get(url) as answer,
        ):
            await answer.content.read(1000)
            pids = ffmpegs(program.process.pid)
            # One may have been started ahead.
            assert 1 <= len(pids) <= 2
            program.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(SOON_S):
                assert 0 == await program.process.wait()

    assert not any(_is_alive(pid) for pid in pids)


def _is_alive(pid: int) -> bool:
    """Tell whether a process still runs; what nobody has collected does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("asin", [ASIN, Asin(AAX_ASIN)])
async def test_no_secret_is_on_disk_or_in_the_log(
    shop: Simulator, account: SignedIn, tmp_path: Path, asin: Asin
) -> None:
    """Whoever reads the data folder or the log, at level DEBUG, learns no secret."""
    async with running_program(tmp_path) as program:
        await _listed(program, account, asin)
        await program.client.start_download(asin)
        await program.until(asin, lambda book: book.is_downloaded)
        program.process.send_signal(signal.SIGTERM)
        await program.process.wait()
        log = bytes(program.log)
    planted = _secrets(shop, account, asin)
    assert len(planted) > 10

    searched = {"log": log}
    for path in (tmp_path / "data").rglob("*"):
        if path.is_file() and path.name != "keys":
            searched[path.name] = path.read_bytes()
    assert "server.db" in searched

    found = [
        (place, name)
        for place, content in searched.items()
        for name, secret in planted.items()
        if secret in content
    ]
    assert [] == found


def _secrets(shop: Simulator, account: SignedIn, asin: Asin) -> dict[str, bytes]:
    """Return everything that must not be found, by what it is."""
    members = json.loads(account[1].text)
    title = shop.shop.titles[asin]
    customer = next(iter(shop.shop.accounts.values()))
    planted = {
        name: value.encode()
        for name, value in _texts(members)
        if len(value) > 20 and name != "user_id"
    }
    planted |= {
        "key": title.content_key,
        "key in hex": title.content_key.hex().encode(),
        "iv in hex": title.content_iv.hex().encode(),
        "activation bytes": customer.activation_bytes.hex().encode(),
        "secret": SECRET.encode(),
    }
    for request in shop.requests():
        signature = request.query.partition("Signature=")[2][:40].encode()
        if signature and f"/{asin}" in request.path:
            planted["signature"] = signature
    assert len(planted["signature"]) == 40
    return planted


def _texts(value: object, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        pairs = value.items()
        return [found for key, inner in pairs for found in _texts(inner, str(key))]
    return [(name, value)] if isinstance(value, str) else []


async def test_sealed_grant_opens_with_the_installation_keys(tmp_path: Path) -> None:
    """What is searched for above is really there, only sealed."""
    vault = Vault.open(tmp_path / "keys")
    text = json.dumps(
        {
            "kind": "aaxc",
            "url": "https://cdn.example/x?Signature=planted",
            "size_bytes": 1,
            "codec": None,
            "requested_at": 0,
            "key": "00" * 16,
            "iv": "11" * 16,
        }
    )
    sealed = vault.seal(text)
    grant = Grant.from_text(vault.unseal(sealed, what="license"))

    assert "planted" not in sealed
    assert "planted" not in repr(grant)
    assert "0000" not in repr(grant)
    assert json.loads(text) == json.loads(grant.to_text())
