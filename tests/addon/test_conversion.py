"""Conversions end to end: tags, chapters and sound are read back by other programs."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from audible_core.errors import ConversionError
from audible_core.models import Asin
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus

from audible_server.conversion import making
from audible_server.conversion.choices import Target
from audible_server.conversion.scratch import scratch_folder, sweep
from audible_server.library.listeners import Listeners
from audible_server.media.virtual import VirtualM4b
from audible_server.store.job import JobKind, JobState
from tests.simulator import Simulator
from tests.simulator.catalog import AAX_ASIN, EPISODE_ASIN, SHORT_ASIN
from tests.simulator.faults import Fault, FaultKind
from tests.simulator.titles import SeriesPlace, Title, flat_chapters, nest_chapters

from .conftest import SignedIn, StartServer
from .patience import SOON_S
from .program import running_program
from .server import Server, error_of

ASIN = Asin(SHORT_ASIN)
FREE = "----:com.apple.iTunes:"


@pytest.fixture
def rich(shop: Simulator) -> Title:
    """Give the short title of the customer all that a title may have."""
    owned = next(iter(shop.shop.accounts.values())).library[SHORT_ASIN]
    title = replace(
        owned.title,
        subtitle="A Parable",
        series=(SeriesPlace("B0SERIES01", "Parables", "3"),),
        chapters=nest_chapters(owned.title.chapters, ("Part One",)),
    )
    shop.shop.change_title(owned, title)
    return title


async def stocked(
    start_server: StartServer, account: SignedIn, asin: str = ASIN, **changes: Any
) -> Server:
    """Return a server that has downloaded a title."""
    server = await start_server(**changes)
    await server.hand_over(*account)
    await server.download(asin)
    return server


async def convert(server: Server, asin: str = ASIN, target: str | None = None) -> Path:
    """Convert a title over HTTP and return the new audio file."""
    before = _audio(server)
    body = {"format": target} if target else None
    async with server.client.post(f"/api/books/{asin}/convert", json=body) as answer:
        assert 202 == answer.status, await answer.text()
    await server.finished(JobKind.CONVERT, asin)
    (made,) = _audio(server) - before
    return made


def _audio(server: Server) -> set[Path]:
    library = server.settings.library_dir
    files = (path for path in library.rglob("*") if path.is_file())
    return {path for path in files if path.suffix != ".cue"}


def probed(path: Path) -> dict[str, Any]:
    """Return what ffprobe says of a file."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_chapters",
         "-show_streams", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def pcm(path: Path) -> str:
    """Return the digest of a file's decoded sound."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-f", "md5", "-"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def chapters_of(path: Path) -> list[tuple[str, int, int]]:
    """Return title, start and end of each chapter in milliseconds."""
    return [
        (entry["tags"]["title"], round(float(entry["start_time"]) * 1000),
         round(float(entry["end_time"]) * 1000))
        for entry in probed(path)["chapters"]
    ]  # fmt: skip


async def test_m4b_holds_the_same_sound_and_every_fact(
    rich: Title,
    shop: Simulator,
    account: SignedIn,
    start_server: StartServer,
) -> None:
    """Lossless, with Audible's chapters to the millisecond, all tags and the cover."""
    server = await stocked(start_server, account)
    path = await convert(server)
    plain = await shop.books.plain(rich)

    library = server.settings.library_dir
    expected = library / f"Franz Kafka/Parables/Before the Law [{ASIN}].m4b"
    assert expected == path
    assert pcm(plain) == pcm(path)
    made, source = VirtualM4b.open(path, None), VirtualM4b.open(plain, None)
    assert len(source.samples) == len(made.samples)
    # The list of edits counts in milliseconds of its own.
    assert source.duration_ms == pytest.approx(made.duration_ms, abs=2)
    assert source.read_samples(0, 10_000) == made.read_samples(0, 10_000)

    names = [title for title, _, _ in chapters_of(path)]
    assert [
        "Opening Credits",
        "Part One",
        "Part One: The Man from the Country",
        "Part One: The Doorkeeper",
        "End Credits",
    ] == names
    starts = [start for _, start, _ in chapters_of(path)]
    assert [chapter.start_ms for chapter in flat_chapters(rich.chapters)] == starts

    tags = MP4(path)
    # Audible names the translator among them.
    assert ("Franz Kafka", "Ada Brook - translator") == rich.authors
    assert [[rich.title]] * 2 == [tags["\xa9nam"], tags["\xa9alb"]]
    assert [["Franz Kafka"]] * 2 == [tags["\xa9ART"], tags["aART"]]
    assert [["Tom Birch"]] * 2 == [tags["\xa9wrt"], tags["\xa9nrt"]]
    assert [rich.released_on.isoformat()] == tags["\xa9day"]
    assert ["Audiobook"] == tags["\xa9gen"]
    assert [rich.publisher] == tags["\xa9pub"]
    assert ["Parables", 3] == [*tags["\xa9mvn"], *tags["\xa9mvi"]]
    assert "read in full" in tags["ldes"][0]
    assert "<" not in tags["ldes"][0]
    free = {
        "ASIN": ASIN, "ISBN": rich.isbn, "LANGUAGE": rich.language,
        "SERIES": "Parables", "SERIES-PART": "3", "SUBTITLE": "A Parable",
    }  # fmt: skip
    assert free == {name: tags[FREE + name][0].decode() for name in free}
    assert len(tags["covr"][0]) > 1000
    streams = [stream["codec_name"] for stream in probed(path)["streams"]]
    assert "aac" == streams[0]


async def test_converted_book_is_what_plays(
    account: SignedIn, start_server: StartServer
) -> None:
    """The plain file takes over; a scan and a restart know it again."""
    server = await stocked(start_server, account)
    path = await convert(server)

    assert "completed" == (await server.book(ASIN))["state"]
    status, body = await server.body(f"/stream/{ASIN}")
    assert (200, path.read_bytes()) == (status, body)
    await server.services.watch.scanner.scan()
    assert "completed" == (await server.book(ASIN))["state"]
    assert (server.settings.library_dir / f"{ASIN}.aaxc").exists()
    assert [] == list(server.settings.library_dir.glob(".*"))


async def test_source_is_removed_only_after_the_proof(
    account: SignedIn, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that is not equal is thrown away, and the source stays and plays."""
    server = await stocked(start_server, account, convert_remove_source=True)
    source = server.settings.library_dir / f"{ASIN}.aaxc"

    async def unequal(*_: object) -> None:
        raise ConversionError(reason="the copy is not equal to its source")

    with monkeypatch.context() as patch:
        patch.setattr(making, "prove_copy", unequal)
        async with server.client.post(f"/api/books/{ASIN}/convert") as answer:
            assert 202 == answer.status
        await server.finished(JobKind.CONVERT, ASIN)
    assert {source} == _audio(server)
    assert [] == list(server.settings.library_dir.glob(".*"))
    assert "downloaded" == (await server.book(ASIN))["state"]

    async with server.client.post(f"/api/books/{ASIN}/convert") as answer:
        assert 202 == answer.status
    await server.finished(JobKind.CONVERT, ASIN)
    assert not source.exists()
    assert "completed" == (await server.book(ASIN))["state"]
    assert 200 == (await server.body(f"/stream/{ASIN}"))[0]


@pytest.mark.parametrize("is_split", [False, True])
async def test_removed_title_takes_what_was_made_of_it_along(
    account: SignedIn, start_server: StartServer, *, is_split: bool
) -> None:
    """Also where the download itself has gone before; what is not ours stays."""
    server = await stocked(
        start_server,
        account,
        convert_remove_source=True,
        convert_cue=True,
        convert_split=is_split,
    )
    async with server.client.post(f"/api/books/{ASIN}/convert") as answer:
        assert 202 == answer.status
    await server.finished(JobKind.CONVERT, ASIN)
    library = server.settings.library_dir
    assert list(library.rglob("*.m4b"))
    (own := library / "own").mkdir()
    async with server.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status

    assert [own] == list(library.iterdir())
    assert "new" == (await server.book(ASIN))["state"]


async def test_file_of_somebody_else_is_never_removed(
    rich: Title, shop: Simulator, account: SignedIn, start_server: StartServer
) -> None:
    """A download that finds somebody's own file whole does not make it the server's."""
    server = await start_server(convert_remove_source=True)
    await server.hand_over(*account)
    own = server.settings.library_dir / f"{ASIN}.aaxc"
    content = (await shop.books.content(rich)).read_bytes()
    own.write_bytes(content)
    assert "downloaded" == (await server.download(ASIN))["state"]
    await convert(server)

    assert content == own.read_bytes()


async def test_file_that_somebody_put_in_the_place_of_one_is_never_removed(
    account: SignedIn, start_server: StartServer
) -> None:
    """What was written after the server's own file bears its name, and stays."""
    server = await stocked(start_server, account)
    replaced = await convert(server)
    replaced.write_bytes(b"mine")
    later_s = time.time() + 3600
    os.utime(replaced, (later_s, later_s))
    other = await convert(server, target="mp3")
    assert b"mine" == replaced.read_bytes()
    other.write_bytes(b"mine, too")
    os.utime(other, (later_s, later_s))
    async with server.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status

    library = server.settings.library_dir
    kept = {path for path in library.rglob("*") if path.is_file()}
    assert {replaced, other} == kept


async def test_conversion_waits_for_room(
    account: SignedIn, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a download does, with the same sentence; the title is not said to be at it."""
    server = await stocked(start_server, account)
    usage = SimpleNamespace(total=2**40, used=2**40, free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    async with server.client.post(f"/api/books/{ASIN}/convert") as answer:
        assert 202 == answer.status
    desk = server.services.desk
    async with asyncio.timeout(SOON_S):
        while not (job := await desk.find_open(JobKind.CONVERT, ASIN)) or not job.error:
            await asyncio.sleep(0.02)

    assert (JobState.QUEUED, "no_space") == (job.state, job.error)
    assert "downloaded" == (await server.book(ASIN))["state"]


async def test_list_that_is_not_accurate_gives_way_to_the_files_own(
    rich: Title, shop: Simulator, account: SignedIn, start_server: StartServer
) -> None:
    """The page and a conversion choose alike."""
    owned = next(iter(shop.shop.accounts.values())).library[ASIN]
    shop.shop.change_title(owned, replace(rich, is_accurate=False))
    server = await stocked(start_server, account)
    shown = await server.json(f"/api/books/{ASIN}/chapters")
    path = await convert(server)

    assert "file" == shown["source"]
    names = [chapter["title"] for chapter in shown["chapters"]]
    assert names == [title for title, _, _ in chapters_of(path)]


@pytest.mark.parametrize(
    "kind", [FaultKind.UNREACHABLE, FaultKind.UNAVAILABLE, FaultKind.EMPTY]
)
async def test_conversion_needs_no_word_of_audible(
    rich: Title,
    shop: Simulator,
    account: SignedIn,
    start_server: StartServer,
    kind: FaultKind,
) -> None:
    """Kept chapters are enough; what Audible does not tell now is left out."""
    server = await stocked(start_server, account)
    await server.json(f"/api/books/{ASIN}/chapters")
    asked = len(shop.requests(f"/1.0/content/{ASIN}/metadata"))
    shop.shop.faults.append(Fault(kind))
    path = await convert(server)

    assert asked == len(shop.requests(f"/1.0/content/{ASIN}/metadata"))
    names = [title for title, _, _ in chapters_of(path)]
    assert "Part One: The Doorkeeper" in names
    assert [rich.title] == MP4(path)["\xa9nam"]


async def test_nobody_else_waits_for_the_disk(
    account: SignedIn, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that is slow stops one thread, never the server."""
    server = await stocked(start_server, account)
    calls = ((Path, "mkdir"), (Path, "write_text"), (Path, "resolve"))
    asked = {
        name: _threads_of(monkeypatch, owner, name)
        for owner, name in (
            *calls, (fcntl, "flock"), (shutil, "rmtree"), (making, "is_index_first")
        )
    }  # fmt: skip
    await convert(server)
    async with server.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status

    assert all(asked.values())
    assert [] == [name for name in asked if threading.main_thread() in asked[name]]


def _threads_of(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> list[threading.Thread]:
    """Return a list that grows by the thread of each call."""
    threads: list[threading.Thread] = []
    real = getattr(owner, name)

    def noted(*args: Any, **kwargs: Any) -> Any:
        threads.append(threading.current_thread())
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, noted)
    return threads


async def test_brand_is_cut_and_chapters_move_with_the_sound(
    rich: Title, account: SignedIn, start_server: StartServer
) -> None:
    """What the shop says before and after the book is left out."""
    server = await stocked(start_server, account, convert_strip_brand=True)
    path = await convert(server)
    intro, outro = rich.brand_intro_ms, rich.brand_outro_ms
    assert rich.runtime_ms is not None

    length_ms = VirtualM4b.open(path, None).duration_ms
    assert rich.runtime_ms - intro - outro == pytest.approx(length_ms, abs=100)
    starts = [start for _, start, _ in chapters_of(path)]
    flat = flat_chapters(rich.chapters)
    assert [0, *(c.start_ms - intro for c in flat[1:])] == starts


@pytest.mark.parametrize("target", ["mp3", "opus"])
async def test_other_formats_hold_chapters_and_tags_too(
    rich: Title, account: SignedIn, start_server: StartServer, target: str
) -> None:
    """Where a player takes no M4B."""
    server = await stocked(start_server, account, convert_cue=True)
    async with server.client.post(
        f"/api/books/{ASIN}/convert", json={"format": target}
    ) as answer:
        assert 202 == answer.status
    await server.finished(JobKind.CONVERT, ASIN)
    (path,) = server.settings.library_dir.rglob(f"*.{target}")

    assert rich.runtime_ms is not None
    length_ms = round(float(probed(path)["format"]["duration"]) * 1000)
    assert rich.runtime_ms == pytest.approx(length_ms, abs=250)
    flat = flat_chapters(rich.chapters)
    if target == "mp3":
        tags = MP3(path).tags
        assert tags is not None
        assert [c.start_ms for c in flat] == sorted(
            frame.start_time for frame in tags.getall("CHAP")
        )
        assert "Tom Birch" == str(tags["TCOM"])
        assert tags.getall("APIC")
    else:
        comments = OggOpus(path)
        assert ["Tom Birch"] == comments["composer"]
        assert "Part One" == comments["chapter001name"][0]
        assert comments["metadata_block_picture"]
    sheet = path.with_suffix(".cue").read_text()
    assert len(flat) == sheet.count("TRACK")
    status, _ = await server.body(f"/stream/{ASIN}")
    assert 200 == status


async def test_split_makes_a_file_of_each_chapter(
    rich: Title, account: SignedIn, start_server: StartServer
) -> None:
    """The parts together hold every sample once; the book itself still plays."""
    server = await stocked(
        start_server, account, convert_split=True, convert_remove_source=True
    )
    async with server.client.post(f"/api/books/{ASIN}/convert") as answer:
        assert 202 == answer.status
    await server.finished(JobKind.CONVERT, ASIN)
    parts = sorted(server.settings.library_dir.rglob("*.m4b"))

    flat = flat_chapters(rich.chapters)
    assert len(flat) == len(parts)
    assert "01 - Opening Credits.m4b" == parts[0].name
    source = await server.services.conversions.converter._sources.open(
        await server.services.books.load(ASIN)
    )
    assert source.book is not None
    counted = sum(len(VirtualM4b.open(part, None).samples) for part in parts)
    heard = source.book.times.sample_at_ms(source.book.duration_ms)
    first = source.book.times.sample_at_ms(0)
    assert heard - first == counted
    await server.services.watch.scanner.scan()
    assert "downloaded" == (await server.book(ASIN))["state"]


async def test_aax_and_mp3_are_converted_too(
    account: SignedIn, start_server: StartServer
) -> None:
    """The older form becomes an M4B; an episode stays MP3 and gets its tags."""
    server = await stocked(start_server, account, AAX_ASIN)
    assert ".m4b" == (await convert(server, AAX_ASIN)).suffix
    await server.download(EPISODE_ASIN)
    path = await convert(server, EPISODE_ASIN)
    tags = MP3(path).tags
    assert ".mp3" == path.suffix
    assert tags is not None
    assert EPISODE_ASIN == str(tags["TXXX:ASIN"])


async def test_second_conversion_takes_the_place_of_the_first(
    account: SignedIn, start_server: StartServer
) -> None:
    """There is one converted file of a title, whatever it was before."""
    server = await stocked(start_server, account)
    first = await convert(server)
    second = await convert(server, target="mp3")
    assert not first.exists()
    assert ".mp3" == second.suffix


async def test_cue_sheet_goes_with_the_file_that_it_names(
    account: SignedIn, start_server: StartServer
) -> None:
    """After converting again there is one, and it names the new file."""
    server = await stocked(start_server, account, convert_cue=True)
    library = server.settings.library_dir
    sheets = []
    for _ in range(3):
        made = await convert(server)
        (sheet,) = library.rglob("*.cue")
        assert made.with_suffix(".cue") == sheet
        assert f'FILE "{made.name}"' in sheet.read_text()
        sheets.append(sheet)
    assert sheets[0] != sheets[1]
    assert sheets[0] == sheets[2]


async def test_cue_sheet_of_somebody_else_is_left_alone(
    account: SignedIn, start_server: StartServer
) -> None:
    """It is neither written over nor taken for the server's when the title goes."""
    server = await stocked(start_server, account, convert_cue=True)
    library = server.settings.library_dir
    first = await convert(server, target="mp3")
    own = first.with_suffix(".cue")
    async with server.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("mine")
    await server.download(ASIN)
    again = await convert(server, target="mp3")
    assert (first, "mine") == (again, own.read_text())

    async with server.client.delete(f"/api/books/{ASIN}/download") as answer:
        assert 200 == answer.status
    assert [own] == [path for path in library.rglob("*") if path.is_file()]
    assert "mine" == own.read_text()


async def test_taken_name_is_left_alone(
    account: SignedIn, start_server: StartServer
) -> None:
    """No file of anybody is ever written over."""
    server = await stocked(start_server, account, convert_name="{title}")
    taken = server.settings.library_dir / "Before the Law.m4b"
    taken.write_bytes(b"somebody's own")
    path = await convert(server)

    assert b"somebody's own" == taken.read_bytes()
    assert f"Before the Law [{ASIN}].m4b" == path.name


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/api/books/{ASIN}/convert", {"format": "wav"}, 400),
        (f"/api/books/{ASIN}/convert", {"format": 7}, 400),
        (f"/api/books/{ASIN}/convert", [], 400),
        (f"/api/books/{ASIN}/convert", None, 409),
        ("/api/books/B0UNKNOWN1/convert", None, 404),
    ],
)
async def test_wish_of_nonsense_is_refused(
    linked: Server, path: str, body: Any, status: int
) -> None:
    """Each with a sentence."""
    async with linked.client.post(path, json=body) as answer:
        assert status == answer.status, await answer.text()
        assert (await error_of(answer))["message"].endswith(".")


async def test_conversion_rests_while_somebody_listens(
    account: SignedIn, start_server: StartServer
) -> None:
    """If the owner wants so; it goes on by itself."""
    server = await stocked(start_server, account, convert_waits=True)
    listeners = server.services.listeners
    sent_bytes = iter(range(1_000_000))
    with listeners.one(ASIN, lambda: next(sent_bytes)):
        async with server.client.post(f"/api/books/{ASIN}/convert") as answer:
            assert 202 == answer.status
        async with asyncio.timeout(SOON_S):
            while "converting" != (await server.book(ASIN))["state"]:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)
        assert "converting" == (await server.book(ASIN))["state"]
    listeners._moved_at -= 60
    await server.finished(JobKind.CONVERT, ASIN)
    assert "completed" == (await server.book(ASIN))["state"]


def test_player_that_pauses_lets_conversions_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may hold its connection for a day; only bytes that move count."""
    now_s = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    listeners, sent_bytes = Listeners(), 0
    assert not listeners.is_any()
    with listeners.one(ASIN, lambda: sent_bytes):
        assert listeners.is_any()
        now_s += 40
        sent_bytes += 1
        assert listeners.is_any()
        now_s += 40
        assert not listeners.is_any()
        assert listeners.is_open(ASIN)
        sent_bytes += 1
        assert listeners.is_any()
    assert not listeners.is_open(ASIN)
    now_s += 40
    assert not listeners.is_any()


async def test_kill_leaves_the_source_and_no_half_file(
    account: SignedIn, shop: Simulator, start_server: StartServer, tmp_path: Path
) -> None:
    """After a kill in the middle the book plays as before, and nothing lies around."""
    server = await stocked(start_server, account)
    library = server.settings.library_dir
    await server.client.server.close()
    before = {path: path.read_bytes() for path in library.iterdir()}

    async with running_program(tmp_path, CONVERT_WAITS="true") as program:
        # Who listened a moment ago makes it wait, so that the kill comes in its middle.
        assert 200 == await program.ask("GET", f"/stream/{ASIN}")
        assert 202 == await program.ask("POST", f"/api/books/{ASIN}/convert")
        await program.until(ASIN, lambda book: "converting" == book.state)
        assert list(library.glob(".converting-*"))
        program.process.kill()
        await program.process.wait()
    assert list(library.glob(".converting-*"))

    async with running_program(tmp_path) as program:
        # The job goes on where it was: at the beginning of this one title.
        book = await program.until(ASIN, lambda book: "completed" == book.state)
        assert book.is_downloaded
    assert not list(library.glob(".converting-*"))
    kept = {path: path.read_bytes() for path in library.iterdir() if path.is_file()}
    assert before == kept


async def test_only_folders_that_nobody_works_in_are_swept(tmp_path: Path) -> None:
    """Whoever works there, on whatever machine; and nothing else goes along."""
    left = tmp_path / f".converting-{ASIN}-0a1b2c3d"
    left.mkdir()
    lock = left.with_name(f"{left.name}.lock")
    lock.touch()
    async with scratch_folder(tmp_path, ASIN) as folder:
        (folder / "half.m4b").write_bytes(b"half")
        assert {ASIN} == await asyncio.to_thread(sweep, tmp_path)
        assert b"half" == (folder / "half.m4b").read_bytes()
        assert not left.exists()
        assert not lock.exists()
        # A network share keeps locks for all machines only of files open for writing.
        held = folder.with_name(f"{folder.name}.lock")
        with held.open("r+b") as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert [] == list(tmp_path.iterdir())
    assert frozenset() == await asyncio.to_thread(sweep, tmp_path)


async def test_cancelled_conversion_leaves_nothing(
    account: SignedIn, start_server: StartServer
) -> None:
    """A job that is given up takes its half file along."""
    server = await stocked(start_server, account)
    asked = asyncio.Event()

    async def progress(_fraction: float) -> None:
        asked.set()
        await asyncio.sleep(3600)

    work = server.services.conversions.converter.convert(
        ASIN, progress, target=Target.MP3
    )
    task = asyncio.create_task(work)
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    names = [path.name for path in server.settings.library_dir.iterdir()]
    assert [f"{ASIN}.aaxc"] == names
    assert "downloaded" == (await server.book(ASIN))["state"]


async def test_new_downloads_are_converted_if_so_chosen(
    account: SignedIn, start_server: StartServer
) -> None:
    """One option, and nothing else to do."""
    server = await stocked(start_server, account, convert="m4b")
    async with asyncio.timeout(60):
        while "completed" != (await server.book(ASIN))["state"]:
            await asyncio.sleep(0.05)
    assert list(server.settings.library_dir.rglob("*.m4b"))
