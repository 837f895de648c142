"""What heals by itself or by "Try again": damaged files, lost networks, late news."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from audible_core.errors import StoreUnavailableError, UnknownAccountError
from audible_core.models import Asin, AudibleTitle

from audible_server.library import local
from audible_server.media.keys import ContentKey
from audible_server.store.accounts import AccountStore
from audible_server.store.grants import FileKind
from audible_server.store.job import JobKind
from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN, THROTTLED_ASIN
from tests.simulator.faults import Fault, FaultKind

from .conftest import SignedIn
from .server import Server, error_of

ASIN = Asin(SHORT_ASIN)
NOBODYS = Asin("B0NOBODYS1")


def _whole(server: Server) -> Path:
    return server.settings.library_dir / f"{ASIN}.aaxc"


def _licenses(shop: Simulator, asin: str = ASIN) -> int:
    return len(shop.requests(f"/1.0/content/{asin}/licenserequest"))


def _damage(path: Path) -> None:
    """Let bytes rot, as a disk does: nobody has written the file."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(status.st_size // 2)
        file.write(Random(7).randbytes(status.st_size // 3))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


async def _refused(server: Server, code: str) -> None:
    async with server.client.get(f"/stream/{ASIN}") as answer:
        assert 422 == answer.status
        assert code == (await error_of(answer))["code"]
    book = await server.book(ASIN)
    assert ("failed", code, False) == (
        book["state"],
        book["error"],
        book["is_downloaded"],
    )
    assert book["error_text"]


async def test_file_that_was_damaged_later_is_played_and_fetched_anew(
    linked: Server, shop: Simulator
) -> None:
    """Nobody hears of it: the shop's bytes come instead, for no new license."""
    await linked.download(ASIN)
    good = _whole(linked).read_bytes()
    _, clear = await linked.body(f"/stream/{ASIN}")
    _damage(_whole(linked))
    status, body = await linked.body(f"/stream/{ASIN}")
    assert (200, clear) == (status, body)
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    book = await linked.book(ASIN)

    assert ("downloaded", None, True) == (
        book["state"],
        book["error"],
        book["is_downloaded"],
    )
    assert good == _whole(linked).read_bytes()
    assert _whole(linked).with_name(f"{ASIN}.aaxc.bad").is_file()
    assert 1 == _licenses(shop)
    async with linked.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status
    assert [] == list(_whole(linked).parent.iterdir())


@pytest.mark.parametrize("is_link", [False, True])
async def test_what_has_no_bytes_keeps_no_name(linked: Server, is_link: bool) -> None:
    """An empty file, or a link to nothing, is put aside for the title that comes."""
    if is_link:
        _whole(linked).symlink_to("nowhere")
    else:
        _whole(linked).touch()

    book = await linked.download(ASIN)

    assert "downloaded" == book["state"], book
    assert _whole(linked).stat().st_size
    assert os.path.lexists(_whole(linked).with_name(f"{ASIN}.aaxc.bad"))


async def test_file_of_somebody_else_is_put_aside(
    linked: Server, shop: Simulator
) -> None:
    """A whole file that no license of the account opens is kept, under another name."""
    stranger = Random(8).randbytes(5_000)
    _whole(linked).write_bytes(stranger)
    earlier = _whole(linked).with_name(f"{ASIN}.aaxc.bad")
    earlier.write_bytes(b"put aside before")
    book = await linked.download(ASIN)

    assert "downloaded" == book["state"], book
    assert b"put aside before" == earlier.read_bytes()
    assert stranger == _whole(linked).with_name(f"{ASIN}.aaxc.2.bad").read_bytes()
    assert 1 == _licenses(shop)
    async with linked.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status
    assert {earlier.name, f"{ASIN}.aaxc.2.bad"} == {
        path.name for path in earlier.parent.iterdir()
    }


async def test_wrong_key_of_a_whole_file_is_cured_by_a_new_license(
    linked: Server, shop: Simulator
) -> None:
    """The bytes are good and stay; only the license is asked for again."""
    await linked.download(ASIN)
    fetches = len(shop.requests(f"/{ASIN}/"))
    grant = await linked.services.books.load_grant(ASIN)
    assert grant is not None
    wrong = replace(grant, key=ContentKey(bytes(16), bytes(16)))
    await linked.services.books.save_grant(ASIN, wrong, is_license=False)
    await _refused(linked, "media_key_wrong")

    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert [2, fetches] == [_licenses(shop), len(shop.requests(f"/{ASIN}/"))]


async def test_file_that_was_repaired_by_hand_is_accepted(
    linked: Server, shop: Simulator
) -> None:
    """Who put a good copy back is not made to fetch it again."""
    await linked.download(ASIN)
    good = _whole(linked).read_bytes()
    _damage(_whole(linked))
    shop.shop.faults.append(Fault(FaultKind.SERVER_ERROR_HTML, f"/{ASIN}/"))
    linked.retry_without_waiting(0)
    await linked.body(f"/stream/{ASIN}")
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    _whole(linked).write_bytes(good)
    shop.shop.faults.clear()
    fetches = len(shop.requests(f"/{ASIN}/"))

    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert 200 == (await linked.body(f"/stream/{ASIN}"))[0]
    assert fetches == len(shop.requests(f"/{ASIN}/"))


async def test_small_damage_of_a_download_is_noticed(
    linked: Server, shop: Simulator
) -> None:
    """One damaged hundredth of a file never becomes a book."""
    size = shop.books.size_bytes(shop.shop.titles[ASIN])
    linked.retry_without_waiting(0)
    shop.shop.faults.append(
        Fault(FaultKind.CUT_DOWNLOAD, count=1, after_bytes=size * 9 // 10)
    )
    await linked.download(ASIN)
    whole = _whole(linked)
    part = whole.with_name(f"{whole.name}.part")
    with part.open("r+b") as file:
        file.seek(size * 2 // 3)
        file.write(Random(9).randbytes(size // 100))
    book = await linked.download(ASIN)

    assert ("failed", "media_file_damaged") == (book["state"], book["error"])
    assert not whole.exists()


@pytest.mark.parametrize(
    "kind", [FaultKind.UNAVAILABLE, FaultKind.RATE_LIMIT_RETRY_AFTER]
)
async def test_license_is_asked_for_again_until_the_network_is_up(
    linked: Server, shop: Simulator, kind: FaultKind
) -> None:
    """A download resumed before the network is there does not fail at once."""
    linked.retry_without_waiting(3)
    path = f"/1.0/content/{ASIN}/licenserequest"
    shop.shop.faults.append(Fault(kind, path, count=2, retry_after_s=0))

    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert 3 == _licenses(shop)


async def test_refused_license_is_never_asked_for_again(
    linked: Server, shop: Simulator
) -> None:
    """Only what is no answer is tried again."""
    linked.retry_without_waiting(3)
    book = await linked.download(THROTTLED_ASIN)

    assert ("failed", "license_registration_old") == (book["state"], book["error"])
    assert 1 == _licenses(shop, THROTTLED_ASIN)


async def test_library_is_asked_for_again_until_the_network_is_up(
    server: Server, shop: Simulator, account: SignedIn
) -> None:
    """A library fetched before the network is there comes when it is."""
    server.retry_without_waiting(3)
    shop.shop.faults.append(Fault(FaultKind.UNAVAILABLE, "/1.0/library", count=2))
    await server.hand_over(*account)

    assert (await server.json("/api/accounts"))["accounts"][0]["error"] is None
    assert (await server.json("/api/books"))["books"]


async def test_deleted_file_leaves_no_sizes(linked: Server) -> None:
    """A title whose file was deleted is as one that never was downloaded."""
    await linked.download(ASIN)
    _whole(linked).unlink()
    book = await linked.book(ASIN)

    assert ("new", None, None) == (
        book["state"],
        book["size_bytes"],
        book["downloaded_bytes"],
    )


async def test_download_that_ends_during_a_listing_stays_downloaded(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a look into the folder could not see yet is not taken for gone."""
    books, scan = linked.services.books, local.scan
    await books.update(ASIN, state="downloading")
    loop = asyncio.get_running_loop()

    def scan_slowly(folder: Path, *, follow_links: bool) -> Any:
        found = scan(folder, follow_links=follow_links)
        _whole(linked).write_bytes(b"whole")
        values = {"state": "downloaded", "local_path_aax": f"{ASIN}.aaxc"}
        done = asyncio.run_coroutine_threadsafe(books.update(ASIN, **values), loop)
        done.result(10)
        return found

    monkeypatch.setattr(local, "scan", scan_slowly)
    await linked.services.shelf.load_all()

    assert "downloaded" == (await books.load(ASIN)).state


async def test_account_taken_back_during_its_fetch_leaves_nothing(
    linked: Server, shop: Simulator, account: SignedIn
) -> None:
    """A library that is on its way when its account goes is waited for by nobody."""
    shop.shop.faults.append(Fault(FaultKind.STALL, "/1.0/library"))
    account_id = account[0].account_id
    await linked.services.libraries.refresh(account_id)
    await linked.begun(JobKind.LIBRARY, account_id)
    async with linked.client.delete(f"/api/accounts/{account_id}") as answer:
        assert 204 == answer.status

    desk = linked.services.desk
    assert await desk.find_open(JobKind.LIBRARY, account_id) is None
    assert [] == (await linked.json("/api/books"))["books"]


async def test_library_of_a_forgotten_account_is_refused(server: Server) -> None:
    """An answer that comes too late is an error of ours, not of the database."""
    title = AudibleTitle(asin=ASIN, title="Late")
    with pytest.raises(UnknownAccountError):
        await server.services.books.save_library("gone", [title])
    assert [] == (await server.json("/api/books"))["books"]


async def test_titles_of_nobody_go_with_the_account(linked: Server) -> None:
    """What has neither owner nor file nor begun download is forgotten."""
    await linked.services.books.add_found(NOBODYS)
    (linked.settings.library_dir / "B0WITHFILE.mp3").write_bytes(b"sound")
    await linked.services.shelf.load_all()
    account_id = (await linked.json("/api/accounts"))["accounts"][0]["account_id"]
    async with linked.client.delete(f"/api/accounts/{account_id}") as answer:
        assert 204 == answer.status

    books = (await linked.json("/api/books"))["books"]
    assert ["B0WITHFILE"] == [book["asin"] for book in books]


async def test_account_renewed_during_a_fetch_is_fetched_once_more(
    linked: Server, shop: Simulator, account: SignedIn
) -> None:
    """The fetch that runs may have begun with the old credentials."""
    account_id = account[0].account_id
    shop.shop.faults.append(Fault(FaultKind.STALL, "/1.0/library", count=1))
    await linked.services.libraries.refresh(account_id)
    await linked.begun(JobKind.LIBRARY, account_id)
    while len(shop.requests("/1.0/library")) < 2:
        await asyncio.sleep(0.01)
    await linked.services.libraries.refresh_if_due(account_id)
    await linked.finished(JobKind.LIBRARY, account_id)

    assert 3 == len(shop.requests("/1.0/library"))


async def test_daily_look_outlives_a_fault_of_the_database(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a lock costs one look, not all that follow."""
    looked = asyncio.Event()

    async def fail(_: AccountStore) -> None:
        looked.set()
        raise StoreUnavailableError(reason="the disk is full")

    monkeypatch.setattr(AccountStore, "load_all", fail)
    watching = asyncio.create_task(server.services.libraries.watch())
    await looked.wait()
    await asyncio.sleep(0)

    assert not watching.done()
    watching.cancel()


async def test_cover_without_an_address_is_no_cover(linked: Server) -> None:
    """An address that cannot even be read is no fault of the server."""
    await linked.services.books.update(ASIN, cover_url="https://shop.example:port/x")
    async with linked.client.get(f"/api/books/{ASIN}/cover") as answer:
        assert 404 == answer.status
        assert "cover_missing" == (await error_of(answer))["code"]


async def test_secret_that_was_lost_is_no_fault_of_a_listener(linked: Server) -> None:
    """What is sealed here and cannot be opened is the server's own trouble."""
    asin = Asin("B0OLDBOOK1")
    account_id = (await linked.json("/api/accounts"))["accounts"][0]["account_id"]
    books = linked.services.books
    await books.add_found(asin)
    await books.update(asin, account_id=account_id)
    (linked.settings.library_dir / f"{asin}.{FileKind.AAX}").write_bytes(b"locked")
    accounts = linked.services.accounts
    await accounts._update(account_id, activation_bytes="sealed with a lost key")
    async with linked.client.get(f"/stream/{asin}") as answer:
        assert 500 == answer.status
        assert "seal_broken" == (await error_of(answer))["code"]
