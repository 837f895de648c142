"""Downloads: licenses are precious, bytes are kept, mistakes become sentences."""

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from audible_core.models import Asin

from audible_server.media.keys import ContentKey
from audible_server.store.clock import now_ms
from audible_server.store.grants import Grant
from audible_server.store.job import JobKind
from tests.simulator import Simulator
from tests.simulator.catalog import (
    AAX_ASIN,
    EPISODE_ASIN,
    LAPSED_ASIN,
    SHORT_ASIN,
    TEMPORARY_ASIN,
    WIDEVINE_ASIN,
)
from tests.simulator.faults import Fault, FaultKind

from .conftest import SignedIn
from .server import Server, error_of

ASIN = Asin(SHORT_ASIN)


def _licenses(shop: Simulator, asin: str = ASIN) -> int:
    return len(shop.requests(f"/1.0/content/{asin}/licenserequest"))


def _fetches(shop: Simulator, asin: str = ASIN) -> list[int]:
    return [request.status for request in shop.requests(f"/{asin}/")]


def _part(server: Server) -> Path:
    return server.settings.library_dir / f"{ASIN}.aaxc.part"


def _cut(shop: Simulator, after_bytes: int, count: int | None = None) -> None:
    fault = Fault(FaultKind.CUT_DOWNLOAD, count=count, after_bytes=after_bytes)
    shop.shop.faults.append(fault)


async def _plain(shop: Simulator, asin: str) -> Path:
    return await shop.books.plain(shop.shop.titles[asin])


def _sound(path: Path) -> bytes:
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "md5", "-"],
        check=True,
        capture_output=True,
    ).stdout


async def _streamed(server: Server, asin: str, folder: Path) -> Path:
    status, body = await server.body(f"/stream/{asin}")
    assert 200 == status
    path = folder / f"streamed-{asin}"
    path.write_bytes(body)
    return path


async def test_library_is_listed_after_the_hand_over(linked: Server) -> None:
    """What the account owns is there, with what the shop says about it."""
    book = await linked.book(ASIN)

    assert ("Before the Law", "new", False, True) == (
        book["title"],
        book["state"],
        book["is_downloaded"],
        book["has_cover"],
    )
    async with linked.client.get(f"/api/books/{ASIN}/cover") as answer:
        image = await answer.read()
    assert 200 == answer.status
    assert answer.headers["Content-Type"] in {"image/jpeg", "image/png"}
    kept = linked.settings.data_dir / "covers" / ASIN
    assert image == kept.read_bytes()


async def test_download_costs_one_license_and_keeps_no_part(
    linked: Server, shop: Simulator, tmp_path: Path
) -> None:
    """A title is fetched once, with one license, and sounds as the shop's original."""
    book = await linked.download(ASIN)

    assert ("downloaded", None) == (book["state"], book["error"])
    assert book["size_bytes"] == book["downloaded_bytes"]
    assert [1, [200]] == [_licenses(shop), _fetches(shop)]
    assert [f"{ASIN}.aaxc"] == [
        path.name for path in linked.settings.library_dir.iterdir()
    ]
    streamed = await _streamed(linked, ASIN, tmp_path)
    assert _sound(await _plain(shop, ASIN)) == _sound(streamed)


async def test_title_tells_what_its_files_take(
    linked: Server, plain_book: Path
) -> None:
    """Each of them, also before and after a scan; nothing once they are gone."""
    assert 0 == (await linked.book(ASIN))["disk_bytes"]
    book = await linked.download(ASIN)
    assert book["size_bytes"] == book["disk_bytes"]
    own = linked.settings.library_dir / f"{ASIN}.m4b"
    own.write_bytes(plain_book.read_bytes())
    own_bytes = own.stat().st_size
    scanner = linked.services.watch.scanner
    scanner.settle_s = 0.0
    await scanner.scan()
    assert book["size_bytes"] + own_bytes == (await linked.book(ASIN))["disk_bytes"]
    listed = (await linked.json("/api/books"))["books"]
    assert [book["size_bytes"] + own_bytes] == [
        of["disk_bytes"] for of in listed if of["asin"] == ASIN
    ]
    checks = (await linked.json("/api/checks"))["checks"]
    (disk,) = (check for check in checks if check["name"] == "disk")
    assert "which take 0.0 GB now." in disk["sentence"]

    own.unlink()
    async with linked.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 0 == (await answer.json())["data"]["disk_bytes"]


async def test_second_wish_changes_nothing(linked: Server, shop: Simulator) -> None:
    """However often a title is asked for, it costs one license."""
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(linked.download(ASIN))
    await linked.download(ASIN)

    assert [1, [200]] == [_licenses(shop), _fetches(shop)]


async def test_cut_download_goes_on_where_it_stopped(
    linked: Server, shop: Simulator, tmp_path: Path
) -> None:
    """After a broken connection only the missing bytes are fetched."""
    linked.retry_without_waiting(3)
    _cut(shop, 100_000, count=2)
    book = await linked.download(ASIN)

    assert "downloaded" == book["state"]
    assert [1, [200, 206, 206]] == [_licenses(shop), _fetches(shop)]
    streamed = await _streamed(linked, ASIN, tmp_path)
    assert _sound(await _plain(shop, ASIN)) == _sound(streamed)


async def test_download_that_is_given_up_keeps_what_came(
    linked: Server, shop: Simulator
) -> None:
    """When all tries failed, the next wish goes on with the same license."""
    linked.retry_without_waiting(0)
    _cut(shop, 100_000)
    book = await linked.download(ASIN)

    assert ("failed", "download_incomplete") == (book["state"], book["error"])
    assert 100_000 == book["downloaded_bytes"] == _part(linked).stat().st_size
    assert not book["is_downloaded"]

    shop.shop.faults.clear()
    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert [1, [200, 206]] == [_licenses(shop), _fetches(shop)]


async def test_shop_that_is_busy_is_asked_again(
    linked: Server, shop: Simulator
) -> None:
    """A fault of the CDN that passes is not shown to anybody."""
    linked.retry_without_waiting(3)
    shop.shop.faults.append(Fault(FaultKind.UNAVAILABLE, f"/{ASIN}/", count=2))

    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert [503, 503, 200] == _fetches(shop)


async def test_page_instead_of_audio_is_an_error(
    linked: Server, shop: Simulator
) -> None:
    """An error page with status 200 never becomes a book, nor is it retried."""
    shop.shop.faults.append(Fault(FaultKind.HTML, f"/{ASIN}/"))
    book = await linked.download(ASIN)

    assert ("failed", "download_incomplete") == (book["state"], book["error"])
    assert "text/html" in book["error_text"]
    assert [200] == _fetches(shop)
    assert not _part(linked).exists()


@pytest.mark.parametrize(
    ("asin", "code"),
    [
        (LAPSED_ASIN, "license_lapsed"),
        (TEMPORARY_ASIN, "license_temporarily_denied"),
        (WIDEVINE_ASIN, "license_no_form"),
    ],
)
async def test_denied_license_is_told_and_never_retried(
    linked: Server, shop: Simulator, asin: str, code: str
) -> None:
    """Each refusal has its own sentence, and is asked for again by a person alone."""
    book = await linked.download(asin)

    assert ("failed", code) == (book["state"], book["error"])
    assert book["error_text"].endswith(".")
    assert 1 == _licenses(shop, asin)
    await linked.download(asin)
    assert 2 == _licenses(shop, asin)


async def test_title_without_a_license_form_comes_as_aax(
    linked: Server, shop: Simulator, tmp_path: Path
) -> None:
    """Older titles come in the older form, opened by the account's own key."""
    book = await linked.download(AAX_ASIN)

    assert "downloaded" == book["state"], book
    assert (linked.settings.library_dir / f"{AAX_ASIN}.aax").is_file()
    streamed = await _streamed(linked, AAX_ASIN, tmp_path)
    assert _sound(await _plain(shop, AAX_ASIN)) == _sound(streamed)
    assert 1 == len(shop.requests("/license/token"))


async def test_cut_aax_goes_on_although_its_size_was_unknown(
    linked: Server, shop: Simulator
) -> None:
    """The older form says no size in advance, and is still gone on with."""
    linked.retry_without_waiting(3)
    _cut(shop, 100_000, count=1)

    assert "downloaded" == (await linked.download(AAX_ASIN))["state"]
    assert [200, 206] == [r.status for r in shop.requests("/download/")]


async def test_episode_comes_as_plain_mp3(linked: Server) -> None:
    """What is not encrypted is kept and served as it came."""
    book = await linked.download(EPISODE_ASIN)

    assert "completed" == book["state"], book
    async with linked.client.get(f"/stream/{EPISODE_ASIN}") as answer:
        assert 200 == answer.status
        assert "audio/mpeg" == answer.headers["Content-Type"]
        kept = linked.settings.library_dir / f"{EPISODE_ASIN}.mp3"
        assert kept.read_bytes() == await answer.read()


async def test_address_that_is_always_too_old_costs_one_more_license(
    linked: Server, shop: Simulator
) -> None:
    """An address that expired is renewed once, never in a loop."""
    shop.shop.settings.content_address_life_s = -10
    book = await linked.download(ASIN)

    assert ("failed", "download_incomplete") == (book["state"], book["error"])
    assert 2 == _licenses(shop)
    assert 2 == (await linked.services.books.load(ASIN)).license_count


async def test_old_address_is_renewed_and_the_bytes_are_kept(
    linked: Server, shop: Simulator, tmp_path: Path
) -> None:
    """A download goes on days later: one more license, no byte twice."""
    linked.retry_without_waiting(0)
    _cut(shop, 100_000)
    await linked.download(ASIN)
    shop.shop.faults.clear()
    await _edit_grant(linked, url=f"https://d1.cloudfront.net/{ASIN}/x.aaxc?Expires=1")

    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert 2 == _licenses(shop)
    assert 206 == _fetches(shop)[-1]
    streamed = await _streamed(linked, ASIN, tmp_path)
    assert _sound(await _plain(shop, ASIN)) == _sound(streamed)


async def test_fresh_address_that_is_refused_costs_no_license(
    linked: Server, shop: Simulator
) -> None:
    """A refusal that a new license would not cure asks for none."""
    grant = await _granted(linked)
    query = urlsplit(grant.url).query
    await linked.services.books.save_grant(
        ASIN,
        replace(grant, url=f"https://d1.cloudfront.net/{ASIN}/forged.aaxc?{query}"),
        is_license=True,
    )
    book = await linked.download(ASIN)

    assert ("failed", "download_incomplete") == (book["state"], book["error"])
    assert [1, [403]] == [_licenses(shop), _fetches(shop)]


async def test_wrong_key_is_told_and_a_new_license_cures_it(
    linked: Server, shop: Simulator
) -> None:
    """Bytes that the key does not open are kept, but never called a book."""
    grant = await _granted(linked)
    wrong = replace(grant, key=ContentKey(bytes(16), bytes(16)))
    await linked.services.books.save_grant(ASIN, wrong, is_license=True)
    book = await linked.download(ASIN)

    assert ("failed", "media_key_wrong") == (book["state"], book["error"])
    assert not book["is_downloaded"]
    assert _part(linked).is_file()
    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert [2, [200]] == [_licenses(shop), _fetches(shop)]


async def test_lost_key_file_is_told_and_a_new_license_cures_it(
    linked: Server, shop: Simulator
) -> None:
    """A license that no key of the installation opens is asked for anew, by hand."""
    await linked.download(ASIN)
    await linked.services.books.update(ASIN, voucher="sealed with a lost key")
    async with linked.client.get(f"/stream/{ASIN}") as answer:
        assert 422 == answer.status
        assert "media_key_wrong" == (await error_of(answer))["code"]

    (linked.settings.library_dir / f"{ASIN}.aaxc").unlink()
    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert 2 == _licenses(shop)
    assert 206 == (await linked.body(f"/stream/{ASIN}", Range="bytes=0-9"))[0]


async def test_damaged_file_is_told_and_fetched_anew(
    linked: Server, shop: Simulator
) -> None:
    """Damage is noticed before a file is called whole; the next wish starts over."""
    linked.retry_without_waiting(0)
    _cut(shop, 200_000)
    await linked.download(ASIN)
    shop.shop.faults.clear()
    with _part(linked).open("r+b") as file:
        file.write(bytes(150_000))
    book = await linked.download(ASIN)

    assert ("failed", "media_file_damaged") == (book["state"], book["error"])
    assert _part(linked).is_file()
    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert [1, [200, 206, 200]] == [_licenses(shop), _fetches(shop)]


async def test_part_that_is_too_long_is_started_over(
    linked: Server, shop: Simulator
) -> None:
    """What cannot be a part of the file is not gone on with."""
    grant = await _granted(linked)
    await linked.services.books.save_grant(ASIN, grant, is_license=True)
    _part(linked).write_bytes(bytes((grant.size_bytes or 0) + 1))

    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert [200] == _fetches(shop)


async def test_full_disk_is_told_before_the_first_byte(
    linked: Server, shop: Simulator
) -> None:
    """A book that does not fit is not begun."""
    grant = await _granted(linked)
    await linked.services.books.save_grant(
        ASIN, replace(grant, size_bytes=10**15), is_license=True
    )
    book = await linked.waits(ASIN)

    assert ("queued", "no_space") == (book["state"], book["error"])
    assert "MiB are free" in book["error_text"]
    assert [] == _fetches(shop)


async def test_downloaded_book_outlives_its_account(linked: Server) -> None:
    """Removing an account forgets its secrets and titles, not what was downloaded."""
    await linked.download(ASIN)
    await linked.download(AAX_ASIN)
    account_id = (await linked.json("/api/accounts"))["accounts"][0]["account_id"]
    async with linked.client.delete(f"/api/accounts/{account_id}") as answer:
        assert 204 == answer.status

    books = (await linked.json("/api/books"))["books"]
    assert {ASIN, AAX_ASIN} == {book["asin"] for book in books}
    for asin in (ASIN, AAX_ASIN):
        assert 200 == (await linked.body(f"/stream/{asin}"))[0]
    assert {"accounts": []} == await linked.json("/api/accounts")


async def test_title_without_account_cannot_be_licensed(
    linked: Server, shop: Simulator
) -> None:
    """What was begun and needs a new license says that its account is gone."""
    linked.retry_without_waiting(0)
    _cut(shop, 100_000)
    await linked.download(ASIN)
    shop.shop.faults.clear()
    account_id = (await linked.json("/api/accounts"))["accounts"][0]["account_id"]
    async with linked.client.delete(f"/api/accounts/{account_id}") as answer:
        assert 204 == answer.status
    await _edit_grant(linked, url=f"https://d1.cloudfront.net/{ASIN}/x.aaxc?Expires=1")
    book = await linked.download(ASIN)

    assert ("failed", "no_account") == (book["state"], book["error"])


async def test_library_that_cannot_be_fetched_is_told(
    server: Server, shop: Simulator, account: SignedIn
) -> None:
    """The account is kept, and says why its titles are missing."""
    server.retry_without_waiting(0)
    shop.shop.faults.append(Fault(FaultKind.SERVER_ERROR_HTML, "/1.0/library"))
    await server.hand_over(*account)
    shown = (await server.json("/api/accounts"))["accounts"][0]
    assert ("audible_unreachable", None) == (
        shown["error"],
        shown["library_fetched_at"],
    )

    shop.shop.faults.clear()
    await server.hand_over(*account)
    shown = (await server.json("/api/accounts"))["accounts"][0]
    assert shown["error"] is None
    assert shown["library_fetched_at"] is not None


async def test_account_handed_over_again_asks_the_shop_once(
    linked: Server, shop: Simulator, account: SignedIn
) -> None:
    """The integration may start as often as it likes: a library has its floor."""
    await linked.hand_over(*account)

    assert 1 == len(shop.requests("/1.0/library"))


async def test_title_that_left_the_library_leaves_the_list(
    linked: Server, shop: Simulator, account: SignedIn
) -> None:
    """Returned titles go, unless they are on disk."""
    await linked.download(ASIN)
    library = next(iter(shop.shop.accounts.values())).library
    del library[SHORT_ASIN], library[LAPSED_ASIN]
    await linked.services.libraries.refresh(account[0].account_id)
    await linked.finished(JobKind.LIBRARY, account[0].account_id)

    assert (await linked.book(ASIN))["is_downloaded"]
    async with linked.client.get(f"/api/books/{LAPSED_ASIN}") as answer:
        assert 404 == answer.status


async def test_cover_that_is_no_image_is_refused(
    linked: Server, shop: Simulator
) -> None:
    """A page that comes instead of a cover is neither kept nor shown."""
    shop.shop.faults.append(Fault(FaultKind.HTML, "/images/"))
    async with linked.client.get(f"/api/books/{ASIN}/cover") as answer:
        assert 404 == answer.status
        assert "cover_missing" == (await error_of(answer))["code"]
    shop.shop.faults.clear()

    async with linked.client.get(f"/api/books/{ASIN}/cover") as answer:
        assert 200 == answer.status


async def _granted(server: Server) -> Grant:
    """Return a grant as the shop gives it."""
    book = await server.services.books.load(ASIN)
    license_ = await server.services.shop.request_license(
        book, lambda: None, licenses_lately=0
    )
    return Grant.of_license(license_, now_ms=now_ms())


async def _edit_grant(server: Server, url: str) -> None:
    grant = await server.services.books.load_grant(ASIN)
    assert grant is not None
    await server.services.books.save_grant(
        ASIN, replace(grant, url=url), is_license=False
    )
