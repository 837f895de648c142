"""Scans: files of other programs become titles; what is unclear is listed and asked."""

import asyncio
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from audible_core.models import Asin
from mutagen.id3 import TALB, TIT2
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4

from audible_server.media.keys import ContentKey
from audible_server.scan.scanner import Scanner, ScanResult
from audible_server.store.files import Reason, RecognizedBy
from tests.simulator import Simulator
from tests.simulator.audio import encrypt_aaxc, synthesize_mp3
from tests.simulator.catalog import SHORT_ASIN

from .conftest import StartServer
from .patience import SOON_S
from .server import Server, error_of

ASIN = Asin("B0SCANNED1")
KEY, IV = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture
async def server(start_server: StartServer) -> Server:
    """Start a server whose own first look is over, so that the tests look alone."""
    server = await start_server()
    async with asyncio.timeout(SOON_S):
        while server.services.watch.scanner.last is None:
            await asyncio.sleep(0.01)
    return server


def put(server: Server, source: Path, name: str) -> Path:
    """Put a file into the library as it has lain there for an hour."""
    target = server.settings.library_dir / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    age(target)
    return target


def age(path: Path, hours: float = 1) -> None:
    """Make a file older."""
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def tag(path: Path, **texts: str) -> None:
    """Write MP4 tags by their names."""
    file = MP4(path)
    for name, text in texts.items():
        known = {"title": "\xa9nam", "artist": "\xa9ART", "cdek": "CDEK"}.get(name)
        key = known or f"----:com.apple.iTunes:{name.upper()}"
        file[key] = [text] if known else [text.encode()]
    file.save()
    age(path)


async def scan(server: Server) -> ScanResult:
    """Scan now."""
    return await server.services.watch.scanner.scan()


async def files(server: Server, query: str = "") -> dict[str, dict[str, Any]]:
    """Return the listed files by path."""
    found = (await server.json(f"/api/files{query}"))["files"]
    return {file["path"]: file for file in found}


async def test_files_of_other_programs_play(server: Server, plain_book: Path) -> None:
    """Libation's folders and whatever says its ASIN are played from where they lie."""
    put(server, plain_book, "Some Title [B0LIBATION]/Some Title [B0LIBATION].m4b")
    tagged = put(server, plain_book, "by hand/tagged.m4b")
    tag(tagged, asin="B0TAGGED01")
    old = put(server, plain_book, "by hand/old.m4b")
    tag(old, cdek="B0OLDTAG01")
    result = await scan(server)

    assert (3, 3, 0, 0) == (
        result.files, result.changed, result.gone, result.unrecognized
    )  # fmt: skip
    for asin, path in (("B0TAGGED01", tagged), ("B0OLDTAG01", old)):
        assert (await server.book(asin))["state"] == "completed"
        status, body = await server.body(f"/stream/{asin}")
        assert (200, path.read_bytes()) == (status, body)
    status, _ = await server.body("/stream/B0LIBATION")
    assert 200 == status
    listed = {book["asin"] for book in (await server.json("/api/books"))["books"]}
    assert {"B0LIBATION", "B0TAGGED01", "B0OLDTAG01"} == listed


async def test_openaudible_list_names_the_files(
    server: Server, plain_book: Path
) -> None:
    """Its files carry the title alone; its list says which they are."""
    put(server, plain_book, "OpenAudible/m4b/A Plain Book.m4b")
    body = [{"filename": "A Plain Book", "asin": "B0OPENAUD1"}]
    books = server.settings.library_dir / "OpenAudible" / "books.json"
    books.write_text(json.dumps(body))
    await scan(server)

    assert "completed" == (await server.book("B0OPENAUD1"))["state"]


async def test_voucher_of_audible_cli_opens_its_file(
    server: Server, plain_book: Path
) -> None:
    """The key is sealed in the database; the voucher is left as it is."""
    name = "A_plain_book-AAX_44_128"
    plain = put(server, plain_book, f"cli/{name}.aaxc")
    encrypt_aaxc(plain_book, plain, key=KEY, iv=IV)
    age(plain)
    voucher = plain.with_suffix(".voucher")
    license_ = {"asin": ASIN, "license_response": {"key": KEY.hex(), "iv": IV.hex()}}
    voucher.write_text(json.dumps({"content_license": license_}))
    before = voucher.read_bytes()
    await scan(server)

    grant = await server.services.books.load_grant(ASIN)
    assert grant is not None
    assert ContentKey(KEY, IV) == grant.key
    assert before == voucher.read_bytes()
    database = server.settings.data_dir / "server.db"
    stored = b"".join(p.read_bytes() for p in database.parent.glob("server.db*"))
    assert KEY.hex().encode() not in stored
    status, body = await server.body(f"/stream/{ASIN}")
    assert (200, plain.stat().st_size) == (status, len(body))
    assert b"aavd" not in body


async def test_wrong_voucher_is_refused_and_never_noise(
    server: Server, plain_book: Path
) -> None:
    """A key that does not fit is an error with a sentence."""
    locked = put(server, plain_book, f"{ASIN} - locked.aaxc")
    encrypt_aaxc(plain_book, locked, key=KEY, iv=IV)
    age(locked)
    text = f"Key={IV.hex()}\nIV={KEY.hex()}\n"
    locked.with_suffix(".key").write_text(text)
    await scan(server)

    async with server.client.get(f"/stream/{ASIN}") as answer:
        assert 422 == answer.status
        assert "media_key_wrong" == (await error_of(answer))["code"]


async def test_library_recognizes_a_file_by_its_title(
    linked: Server, shop: Simulator, tmp_path: Path
) -> None:
    """A file without any ASIN is the title that its tags, name and length tell."""
    title = shop.shop.titles[SHORT_ASIN]
    put(linked, await shop.books.plain(title), f"{title.authors[0]}/{title.title}.m4b")
    await scan(linked)

    found = await files(linked, "?all=1")
    (file,) = found.values()
    assert (SHORT_ASIN, RecognizedBy.MATCHING) == (file["asin"], file["recognized_by"])
    assert (await linked.book(SHORT_ASIN))["is_downloaded"]


async def test_file_of_another_length_is_not_that_title(
    linked: Server, shop: Simulator, plain_book: Path
) -> None:
    """One chapter that is called as its book is not the whole book."""
    title = shop.shop.titles["B0TIMEMACH"]
    path = put(linked, plain_book, "one.m4b")
    tag(path, title=title.title, artist=title.authors[0])
    await scan(linked)

    (file,) = (await files(linked)).values()
    assert Reason.LOW_CONFIDENCE == file["reason"]
    assert file["reason_text"].endswith(".")


async def test_authors_of_a_file_are_shown_without_roles(
    server: Server, plain_book: Path
) -> None:
    """Other programs write them as Audible says them."""
    path = put(server, plain_book, "one.m4b")
    tag(path, title="The Odyssey", artist="Homer, Emily Brook - translator")
    await scan(server)

    (file,) = (await files(server)).values()
    assert ["Homer"] == file["authors"]


async def test_numbered_parts_are_told_and_not_played(
    server: Server, tmp_path: Path
) -> None:
    """A folder of numbered files is one book that has to be joined first."""
    source = tmp_path / "part.mp3"
    synthesize_mp3(source, runtime_ms=5_000, title="part")
    for number in range(1, 4):
        path = put(server, source, f"Some Book/{number:02} - Chapter {number}.mp3")
        part = MP3(path)
        part.tags.add(TIT2(text=f"Chapter {number}"))
        part.tags.add(TALB(text="Some Book"))
        part.save()
        age(path)
    await scan(server)

    found = await files(server)
    assert [Reason.PART] * 3 == [file["reason"] for file in found.values()]
    assert [] == (await server.json("/api/books"))["books"]


async def test_split_chapters_with_an_asin_are_no_book(
    server: Server, plain_book: Path
) -> None:
    """What was cut into chapters never plays its first chapter as if it were all."""
    for number in (1, 2, 3):
        put(server, plain_book, f"Title [{ASIN}]/Title - {number:02}.m4b")
    await scan(server)

    assert {Reason.PART} == {file["reason"] for file in (await files(server)).values()}


async def test_unrecognized_file_is_assigned_by_hand(
    server: Server, plain_book: Path
) -> None:
    """A person's word stands, over scans, moves and the loss of the share."""
    path = put(server, plain_book, "odd.m4b")
    await scan(server)
    assert "no_match" == (await files(server))["odd.m4b"]["reason"]

    body = {"path": "odd.m4b", "asin": ASIN}
    async with server.client.put("/api/files/title", json=body) as answer:
        assert 200 == answer.status, await answer.text()
    assert {} == await files(server)
    assert (await server.book(ASIN))["is_downloaded"]

    moved = path.with_name("moved.m4b")
    path.rename(moved)
    await scan(server)
    assert (ASIN, "person") == _who(await files(server, "?all=1"), "moved.m4b")

    hidden = moved.with_name(".away")
    moved.rename(hidden)
    await scan(server)
    assert not (await server.book(ASIN))["is_downloaded"]
    assert {} == await files(server, "?all=1")
    hidden.rename(moved)
    await scan(server)
    assert (ASIN, "person") == _who(await files(server, "?all=1"), "moved.m4b")


def _who(found: dict[str, dict[str, Any]], path: str) -> tuple[str, str]:
    return found[path]["asin"], found[path]["recognized_by"]


async def test_file_can_be_said_to_be_of_no_title(
    server: Server, plain_book: Path
) -> None:
    """A wrong guess is taken back and does not come again."""
    put(server, plain_book, f"Wrong [{ASIN}].m4b")
    await scan(server)
    body = {"path": f"Wrong [{ASIN}].m4b", "asin": None}
    async with server.client.put("/api/files/title", json=body) as answer:
        assert 200 == answer.status
    await scan(server)

    (file,) = (await files(server)).values()
    assert (None, Reason.REFUSED) == (file["asin"], file["reason"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"path": "../../etc/passwd", "asin": ASIN}, 404),
        ({"path": "", "asin": ASIN}, 400),
        ({"path": "a\0b", "asin": ASIN}, 400),
        ({"path": "x" * 5000, "asin": ASIN}, 400),
        ({"path": 5, "asin": ASIN}, 400),
        ({"path": "a.m4b", "asin": "../../x"}, 400),
        ({"path": "a.m4b", "asin": 7}, 400),
        ([], 400),
    ],
)
async def test_assignment_of_nonsense_is_refused(
    server: Server, body: Any, status: int
) -> None:
    """A path only finds a row of the table; the file system is never asked."""
    async with server.client.put("/api/files/title", json=body) as answer:
        assert status == answer.status


async def test_file_that_grows_waits(server: Server, plain_book: Path) -> None:
    """A copy under way is no book; once it has stayed the same, it is."""
    # The scan of the start sees nothing of it.
    while server.services.watch.scanner.last is None:
        await asyncio.sleep(0.01)
    whole = plain_book.read_bytes()
    path = server.settings.library_dir / f"Growing [{ASIN}].m4b"
    path.write_bytes(whole[:100_000])
    assert 1 == (await scan(server)).settling
    path.write_bytes(whole)
    assert 1 == (await scan(server)).settling
    assert Reason.SETTLING == (await files(server))[path.name]["reason"]

    assert 0 == (await scan(server)).settling
    assert (await server.book(ASIN))["is_downloaded"]


async def test_links_are_not_followed_unless_allowed(
    start_server: StartServer, plain_book: Path, tmp_path: Path
) -> None:
    """What lies outside of the library stays outside."""
    outside = tmp_path / "outside"
    outside.mkdir()
    target = outside / "Far [B0OUTSIDE1].m4b"
    shutil.copy(plain_book, target)
    age(target)
    server = await start_server()
    library = server.settings.library_dir
    (library / "folder").symlink_to(outside)
    (library / "Near [B0OUTSIDE2].m4b").symlink_to(target)
    (library / "round").symlink_to(library)
    assert 0 == (await scan(server)).files
    await server.client.server.close()

    server = await start_server(follow_links=True)
    await scan(server)
    found = await files(server, "?all=1")
    assert {"B0OUTSIDE1", "B0OUTSIDE2"} == {file["asin"] for file in found.values()}


async def test_damaged_and_foreign_files_are_told(
    server: Server, plain_book: Path
) -> None:
    """What cannot be read says so, and nothing breaks."""
    whole = plain_book.read_bytes()
    for number, content in enumerate(
        (b"no audio at all" * 10, whole[:5_000], b"\0" * 4096, whole[: len(whole) // 2])
    ):
        path = server.settings.library_dir / f"damaged {number}.m4b"
        path.write_bytes(content)
        age(path)
    path = server.settings.library_dir / "damaged.mp3"
    path.write_bytes(os.urandom(3000))
    age(path)
    await scan(server)

    reasons = [file["reason"] for file in (await files(server)).values()]
    assert 5 == len(reasons)
    assert {"unreadable"} <= set(reasons) <= {"unreadable", "no_match"}


async def test_second_scan_reads_nothing(
    server: Server, plain_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has not changed costs a stat."""
    for number in range(3):
        put(server, plain_book, f"Book [B0AGAIN00{number}].m4b")
    put(server, plain_book, "unknown.m4b")
    await scan(server)

    def never(*_: object) -> None:
        raise AssertionError("a header was read again")

    monkeypatch.setattr("audible_server.scan.scanner.read_header", never)
    monkeypatch.setattr("audible_server.scan.scanner.recognized", never)
    result = await scan(server)
    assert (4, 0, 0, 1) == (
        result.files, result.changed, result.gone, result.unrecognized
    )  # fmt: skip


async def test_gone_files_are_forgotten(server: Server, plain_book: Path) -> None:
    """A file that was taken away plays no more, and its title says so."""
    path = put(server, plain_book, f"Gone [{ASIN}].m4b")
    await scan(server)
    path.unlink()
    assert 409 == (await server.body(f"/stream/{ASIN}"))[0]
    assert 1 == (await scan(server)).gone
    assert "new" == (await server.book(ASIN))["state"]


async def test_gone_file_that_was_said_by_hand_is_nowhere(
    server: Server, plain_book: Path
) -> None:
    """What a person said of it is kept for when it comes back; it is no path now."""
    path = put(server, plain_book, "odd/name.m4b")
    await scan(server)
    await server.services.watch.scanner.assign("odd/name.m4b", ASIN)
    assert {ASIN: ("odd/name.m4b",)} == await server.services.files.all_paths()
    path.unlink()
    await scan(server)

    assert {} == await server.services.files.all_paths()
    books = await server.services.shelf.load_all()
    assert [None] == [book.local_path_converted for book in books]


async def test_wish_for_a_scan_is_answered_at_once(
    server: Server, plain_book: Path
) -> None:
    """The scan runs behind; the same address tells what it found."""
    put(server, plain_book, f"Wished [{ASIN}].m4b")
    async with server.client.post("/api/scan") as answer:
        assert 202 == answer.status
    async with asyncio.timeout(SOON_S):
        while not ((await server.json("/api/scan"))["last"] or {}).get("files"):
            await asyncio.sleep(0.02)
    assert (await server.book(ASIN))["is_downloaded"]


async def test_watch_outlives_whatever_fails(
    start_server: StartServer, plain_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without rights costs one look; the next one finds it well."""
    looks, scan_well = 0, Scanner.scan

    async def scan_badly(scanner: Scanner) -> ScanResult:
        nonlocal looks
        looks += 1
        scanner.settle_s = 0.01
        if looks < 3:
            raise PermissionError
        return await scan_well(scanner)

    monkeypatch.setattr(Scanner, "scan", scan_badly)
    server = await start_server()
    put(server, plain_book, f"Late [{ASIN}].m4b")
    async with asyncio.timeout(SOON_S):
        while server.services.watch.scanner.last is None:
            await asyncio.sleep(0.02)
    assert (await server.book(ASIN))["is_downloaded"]


async def test_lengths_that_disagree_are_flagged(
    server: Server, plain_book: Path
) -> None:
    """The header answers at once; ffprobe has the last word, and a doubt is shown."""
    path = f"Doubt [{ASIN}].m4b"
    put(server, plain_book, path)
    await scan(server)
    store = server.services.files
    header_ms = (await files(server, "?all=1"))[path]["duration_ms"]
    assert 60_000 == pytest.approx(header_ms, abs=100)

    await store.note_probed(path, header_ms + 400)
    assert not (await files(server, "?all=1"))[path]["has_doubtful_length"]
    await store.note_probed(path, header_ms + 600)
    assert (await files(server, "?all=1"))[path]["has_doubtful_length"]


async def test_files_are_listed_in_pages(server: Server, plain_book: Path) -> None:
    """A share may hold very many; each stands on one page, and all are counted."""
    names = [f"odd/{number}.m4b" for number in range(5)]
    for name in names:
        put(server, plain_book, name)
    put(server, plain_book, f"{ASIN}.m4b")
    await scan(server)

    pages = [
        await server.json(f"/api/files?limit=2&offset={offset}") for offset in (0, 2, 4)
    ]
    assert names == [file["path"] for page in pages for file in page["files"]]
    assert {(5, 2)} == {(page["total"], page["limit"]) for page in pages}
    assert 6 == (await server.json("/api/files?all=1&limit=1"))["total"]
    for query in ("limit=0", "limit=1001", "offset=-1", "all=yes"):
        async with server.client.get(f"/api/files?{query}") as answer:
            assert 400 == answer.status
            assert query.split("=")[0] == (await error_of(answer))["field"]
