"""What is downloaded by itself, how much, and what is deleted again."""

import asyncio
import errno
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from audible_core.errors import NoSpaceError, StoreUnavailableError
from audible_core.models import Asin
from audible_core.store.engine import writing
from audible_core.wire import BookState
from sqlalchemy import update

from audible_server.downloads import downloader
from audible_server.downloads.part import PartFile
from audible_server.jobs import downloads, rules
from audible_server.jobs.worker import LaterError, room_wait_s
from audible_server.library.room import Room
from audible_server.store.books import Book, BookStore
from audible_server.store.clock import now_ms
from audible_server.store.database import open_database
from audible_server.store.grants import Grant
from audible_server.store.job import Job, JobKind, JobState, Lease, Progress
from audible_server.store.jobs import JobStore
from audible_server.store.listening import Place
from audible_server.store.schema import JOBS
from tests.addon.conftest import SignedIn, StartServer
from tests.addon.patience import SOON_S
from tests.addon.server import Server
from tests.simulator import Simulator
from tests.simulator.catalog import AAX_ASIN, SHORT_ASIN, UNDER_WAY_ASIN
from tests.simulator.shop import Position

ASIN, OTHER = Asin(SHORT_ASIN), Asin(UNDER_WAY_ASIN)
DOWNLOADING = BookState.DOWNLOADING
MIB = 2**20
FLOOR = 2048 * MIB
UNKNOWN_MS = 60_000
"""The shop tells whole minutes; how long the file is, is known a moment later."""


async def _delete(server: Server, asin: str) -> dict[str, object]:
    async with server.client.delete(f"/api/books/{asin}/download") as answer:
        assert 200 == answer.status, await answer.text()
        book: dict[str, object] = (await answer.json())["data"]
        return book


def _names(server: Server) -> set[str]:
    return {path.name for path in server.settings.library_dir.iterdir()}


async def _downloads(server: Server) -> list[str]:
    jobs = await server.jobs()
    return sorted(job["subject"] for job in jobs if job["kind"] == "download")


async def test_download_is_deleted_and_costs_no_second_license(
    linked: Server, shop: Simulator
) -> None:
    """What was deleted can be had again; its license was kept."""
    await linked.download(ASIN)
    book = await _delete(linked, ASIN)

    assert ("new", False) == (book["state"], book["is_downloaded"])
    assert set() == _names(linked)
    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert 1 == len(shop.requests(f"/1.0/content/{ASIN}/licenserequest"))


async def test_somebodys_own_file_is_never_deleted(
    linked: Server, plain_book: Path
) -> None:
    """Only what the server made goes."""
    own = linked.settings.library_dir / f"{ASIN}.m4b"
    own.write_bytes(plain_book.read_bytes())
    await linked.services.shelf.load_all()
    assert "completed" == (await _delete(linked, ASIN))["state"]
    assert {own.name} == _names(linked)


async def test_unfinished_download_is_deleted_with_its_part(
    linked: Server, shop: Simulator
) -> None:
    """Nothing of it stays, and nothing goes on."""
    from tests.simulator.faults import Fault, FaultKind

    linked.retry_without_waiting(0)
    shop.shop.faults.append(Fault(FaultKind.CUT_DOWNLOAD, after_bytes=100_000))
    await linked.download(ASIN)
    assert {f"{ASIN}.aaxc.part"} == _names(linked)
    assert "new" == (await _delete(linked, ASIN))["state"]
    assert set() == _names(linked)


async def test_file_is_the_servers_before_anybody_hears_of_it(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who deletes a title the moment it is downloaded leaves nothing behind."""
    is_told, update = asyncio.Event(), BookStore.update

    async def update_and_wait(store: BookStore, asin: Asin, **values: Any) -> None:
        await update(store, asin, **values)
        if values.get("state") is BookState.DOWNLOADED and not is_told.is_set():
            is_told.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(BookStore, "update", update_and_wait)
    async with linked.client.post(f"/api/books/{ASIN}/download") as answer:
        assert 202 == answer.status
    await asyncio.wait_for(is_told.wait(), SOON_S)
    assert {f"{ASIN}.aaxc"} == _names(linked)

    assert "new" == (await _delete(linked, ASIN))["state"]
    assert set() == _names(linked)


@pytest.mark.parametrize("is_ours", [True, False])
async def test_file_that_a_killed_server_had_named_is_known_as_its_own(
    linked: Server, *, is_ours: bool
) -> None:
    """What is found whole is the server's if it had said so, else somebody's own."""
    await linked.download(ASIN)
    services = linked.services
    if not is_ours:
        await services.removal._made.forget(ASIN)
    await services.books.update(ASIN, state=BookState.DOWNLOADING, downloaded_at=None)
    await services.downloads.resume()
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    older = await services.removal._made.load_older(0, heard_since=0)
    await _delete(linked, ASIN)

    assert (ASIN,) * is_ours == older
    assert (set() if is_ours else {f"{ASIN}.aaxc"}) == _names(linked)


async def test_file_that_somebody_moved_onto_a_noted_path_stays(
    linked: Server, tmp_path: Path
) -> None:
    """However old it is: it has not the size and the time of the one made here."""
    await linked.download(ASIN)
    own = tmp_path / "own"
    own.write_bytes(b"somebody's own")
    os.utime(own, (0, 0))
    own.replace(linked.settings.library_dir / f"{ASIN}.aaxc")
    await _delete(linked, ASIN)

    whole = linked.settings.library_dir / f"{ASIN}.aaxc"
    assert b"somebody's own" == whole.read_bytes()


async def test_file_that_comes_at_the_last_moment_is_not_written_over(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is given only where nobody has it; who had it is looked at, then kept."""
    whole, ready = linked.settings.library_dir / f"{ASIN}.aaxc", downloader._ready

    def ready_and_copied(part: Path, modified_ns: int) -> os.stat_result:
        shutil.copy(part, whole)
        os.utime(whole, (0, 0))
        return ready(part, modified_ns)

    monkeypatch.setattr(downloader, "_ready", ready_and_copied)
    assert "downloaded" == (await linked.download(ASIN))["state"]
    assert {whole.name} == _names(linked)
    await _delete(linked, ASIN)
    assert {whole.name} == _names(linked)


async def test_what_is_written_after_the_cancel_goes_too(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who deletes a title sees the end of its download before the files go."""
    is_begun = asyncio.Event()

    async def prove_long(path: Path, _: Grant) -> None:
        is_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.3)
            path.write_bytes(b"late")

    monkeypatch.setattr(downloader, "_prove", prove_long)
    async with linked.client.post(f"/api/books/{ASIN}/download") as answer:
        assert 202 == answer.status
    await asyncio.wait_for(is_begun.wait(), SOON_S)
    assert "new" == (await _delete(linked, ASIN))["state"]
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    await asyncio.sleep(0.5)

    assert set() == _names(linked)


async def test_whole_file_needs_no_room(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is seen before the disk is asked for any."""
    await linked.download(ASIN)
    services = linked.services
    await services.books.update(ASIN, state=DOWNLOADING, downloaded_at=None)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _usage(0))
    await services.downloads.resume()
    await linked.finished(JobKind.DOWNLOAD, ASIN)

    assert "downloaded" == (await linked.book(ASIN))["state"]


async def test_downloads_leave_room_for_what_is_made_of_them(
    account: SignedIn, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each as much again, and a little more: where each download is converted."""
    server = await start_server(convert="m4b")
    await server.hand_over(*account)
    room, books = server.services.downloader._room, server.services.books
    for asin in (ASIN, OTHER):
        await books.update(asin, size_bytes=100 * MIB)
    least = 64 * MIB

    async def fits(free_mib: int) -> bool:
        usage = _usage(room._floor_bytes + free_mib * MIB)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        try:
            await room.check_download(ASIN, 100 * MIB, 100 * MIB)
        except NoSpaceError:
            return False
        return True

    assert least <= room._floor_bytes
    assert [False, True] == [await fits(219), await fits(220)]
    # Half of another one is here; all of it is to be converted.
    await books.update(OTHER, state=DOWNLOADING, downloaded_bytes=50 * MIB)
    assert [False, True] == [await fits(389), await fits(390)]
    # Whole, it waits for that.
    await books.update(OTHER, state=BookState.DOWNLOADED, downloaded_bytes=100 * MIB)
    assert [False, True] == [await fits(219), await fits(220)]
    jobs = server.services.downloads._jobs
    wish = {"format": "m4b"}
    await jobs.add(JobKind.CONVERT, OTHER, priority=0, wish=wish)
    assert [False, True] == [await fits(339), await fits(340)]
    # A conversion waits for no other one: they come in turn.
    await room.check_conversion(ASIN, 100 * MIB)


@pytest.mark.parametrize("is_good", [True, False])
async def test_file_that_somebody_put_there_meanwhile_is_never_written_over(
    linked: Server, monkeypatch: pytest.MonkeyPatch, *, is_good: bool
) -> None:
    """A good one is the title's from then on; another one is put aside."""
    whole = linked.settings.library_dir / f"{ASIN}.aaxc"
    prove, own = downloader._prove, b""

    async def prove_and_copy(path: Path, grant: Grant) -> None:
        nonlocal own
        await prove(path, grant)
        if path != whole:
            own = path.read_bytes() if is_good else b"somebody's own"
            whole.write_bytes(own)

    monkeypatch.setattr(downloader, "_prove", prove_and_copy)
    assert "downloaded" == (await linked.download(ASIN))["state"]
    await _delete(linked, ASIN)

    kept = whole if is_good else whole.with_name(f"{whole.name}.bad")
    assert {kept.name} == _names(linked)
    assert own == kept.read_bytes()


@pytest.mark.parametrize("policy", ["demand", "new"])
async def test_first_look_is_a_baseline(
    shop: Simulator, account: SignedIn, start_server: StartServer, policy: str
) -> None:
    """Nothing old comes by itself; what is bought later does under "new"."""
    library = next(iter(shop.shop.accounts.values())).library
    bought = library.pop(ASIN)
    server = await start_server(downloads=policy)
    await server.hand_over(*account)
    assert [] == await _downloads(server)
    library[ASIN] = bought
    await server.services.libraries.refresh(account[0].account_id)
    await server.finished(JobKind.LIBRARY, account[0].account_id)
    await server.finished(JobKind.DOWNLOAD, ASIN)

    assert ([ASIN] if policy == "new" else []) == await _downloads(server)
    if policy == "new":
        assert "downloaded" == (await server.book(ASIN))["state"]
        # Deleted by hand, it does not come again by itself.
        await _delete(server, ASIN)
        await server.services.libraries.refresh(account[0].account_id)
        await server.finished(JobKind.LIBRARY, account[0].account_id)
        assert "new" == (await server.book(ASIN))["state"]


async def test_day_has_its_limit(
    shop: Simulator, account: SignedIn, start_server: StartServer
) -> None:
    """What is too much for one day waits for the next, and says so."""
    server = await start_server(downloads_per_day=1)
    await server.hand_over(*account)
    await server.download(ASIN)
    book = await server.waits(OTHER)

    assert ("queued", "download_daily_limit") == (book["state"], book["error"])
    assert [] == shop.requests(f"/1.0/content/{OTHER}/licenserequest")
    # The same title again is not another one.
    await _delete(server, ASIN)
    assert "downloaded" == (await server.download(ASIN))["state"]


async def test_what_waited_counts_on_the_day_on_which_it_begins(
    account: SignedIn, start_server: StartServer
) -> None:
    """Else all that waited would come at once on the next day."""
    server = await start_server(downloads_per_day=1)
    await server.hand_over(*account)
    await server.download(ASIN)
    await server.waits(OTHER)
    services = server.services
    async with writing(services.desk._store._engine) as connection:
        yesterday = {"started_at": JOBS.c.started_at - 86_400_000}
        await connection.execute(update(JOBS).values(yesterday))
    job = await services.desk.find_open(JobKind.DOWNLOAD, OTHER)
    assert job is not None
    await services.desk.resume(job.number)
    await server.finished(JobKind.DOWNLOAD, OTHER)

    assert "downloaded" == (await server.book(OTHER))["state"]
    assert "download_daily_limit" == (await server.waits(Asin(AAX_ASIN)))["error"]


async def test_of_two_that_begin_at_once_one_is_for_today(target: str | Path) -> None:
    """Neither keeps the other one from it for ever."""
    engine = await open_database(target)
    store, limit = JobStore(engine), rules.Rules(per_day=1)
    begun = []
    for asin in (ASIN, OTHER):
        job, _ = await store.add(JobKind.DOWNLOAD, asin, priority=0, wish={})
        begun.append(await store.begin(Lease.of(job.number), job.number))
    checks = (rules.check_day(limit, store, job) for job in begun if job)
    refused = await asyncio.gather(*checks, return_exceptions=True)
    await engine.dispose()

    assert [None, LaterError] == [refused[0], type(refused[1])]


async def test_full_disk_is_told_before_a_license_is_asked_for(
    shop: Simulator, account: SignedIn, start_server: StartServer
) -> None:
    """The title waits, and its sentence has the numbers; nothing was spent."""
    server = await start_server(free_space_gib=1000)
    await server.hand_over(*account)
    book = await server.waits(ASIN)

    assert ("queued", "no_space") == (book["state"], book["error"])
    assert "1024000 MiB are to stay free" in book["error_text"]
    assert [] == shop.requests(f"/1.0/content/{ASIN}/licenserequest")
    (job,) = [of for of in await server.jobs() if of["kind"] == "download"]
    assert ("queued", 0, book["error_text"]) == (
        job["state"],
        job["attempts"],
        job["error_text"],
    )
    assert job["next_try_at"]


async def test_downloads_together_leave_room_for_each_other(
    linked: Server, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone would fit. The second waits, and comes when there is room again."""
    services = linked.services
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _usage(FLOOR + 700 * MIB))
    await services.books.update(ASIN, size_bytes=100 * MIB, state=DOWNLOADING)
    book = await linked.waits(OTHER)
    assert ("queued", "no_space") == (book["state"], book["error"])
    assert "needs 636 MiB, 2748 MiB are free, 100 MiB of which" in book["error_text"]

    await services.books.update(ASIN, state=BookState.NEW)
    job = await services.desk.find_open(JobKind.DOWNLOAD, OTHER)
    assert job is not None
    await services.desk.resume(job.number)
    await linked.finished(JobKind.DOWNLOAD, OTHER)
    assert "downloaded" == (await linked.book(OTHER))["state"]


async def test_of_two_that_ask_at_once_one_begins(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither begins beside the other, nor do both give way."""
    room, books = linked.services.downloader._room, linked.services.books
    for asin in (ASIN, OTHER):
        await books.update(asin, size_bytes=20 * MIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _usage(FLOOR + 30 * MIB))
    asked = [room.begin(await books.load(asin)) for asin in (ASIN, OTHER)]
    refused = await asyncio.gather(*asked, return_exceptions=True)

    assert [1, 1] == [refused.count(None), len(await books.load_in(DOWNLOADING))]
    assert 1 == sum(isinstance(error, NoSpaceError) for error in refused)


async def test_title_that_is_given_up_at_its_begin_is_not_under_way(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be promised room until the next start, which would bring it."""
    services, is_said = linked.services, asyncio.Event()

    async def begin(_: Room, book: Book) -> None:
        job = await services.desk.find_open(JobKind.DOWNLOAD, book.asin)
        assert job is not None
        try:
            await services.desk.cancel(job.number)
            await asyncio.Event().wait()
        finally:
            # This was on its way already.
            await services.books.update(book.asin, state=DOWNLOADING)
            is_said.set()

    monkeypatch.setattr(Room, "begin", begin)
    async with linked.client.post(f"/api/books/{ASIN}/download") as answer:
        assert 202 == answer.status
    async with asyncio.timeout(SOON_S):
        await is_said.wait()
        while await services.books.load_in(DOWNLOADING):
            await asyncio.sleep(0.05)
    assert "new" == (await linked.book(ASIN))["state"]


async def test_disk_that_fills_up_meanwhile_is_waited_for(
    linked: Server, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came stays, and the title is not called failed."""
    full = False

    def write(part: PartFile, offset: int, data: bytes) -> None:
        nonlocal full
        full = True
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PartFile, "write", write)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _usage(0 if full else 2**40))
    book = await linked.waits(ASIN)

    assert ("queued", "no_space") == (book["state"], book["error"])


async def test_progress_is_told_again_after_a_fault_of_the_database(
    linked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock or a full disk costs one look, not all that follow."""
    monkeypatch.setattr(downloads, "_LOOK_EVERY_S", 0.01)
    looks: list[str] = []
    fractions: list[float | None] = []

    async def load(_: BookStore, asin: Asin) -> Book:
        looks.append(asin)
        if len(looks) == 1:
            raise StoreUnavailableError(reason="locked")
        return book

    async def report(progress: Progress) -> None:
        fractions.append(progress.fraction)

    book = replace(
        await linked.services.books.load(ASIN), size_bytes=10, downloaded_bytes=5
    )
    monkeypatch.setattr(BookStore, "load", load)
    has_ended = asyncio.Event()
    watch = linked.services.downloads._watch(ASIN, report, has_ended)
    watching = asyncio.create_task(watch)
    async with asyncio.timeout(SOON_S):
        while len(fractions) < 2:
            await asyncio.sleep(0.01)
    has_ended.set()
    await watching
    assert {0.5} == set(fractions)


def test_looks_for_room_become_rare() -> None:
    """After a minute, then as long as it took so far, but each hour."""
    job = Job(
        *(1, JobKind.DOWNLOAD, ASIN, JobState.RUNNING, 50, {}, 1, None, None, None),
        *(None, None, None, None, None, 1000, None, None, 0),
    )
    waits = [
        room_wait_s(replace(job, updated_at=1000 + waited_s * 1000))
        for waited_s in (0, 60, 200, 86_400)
    ]
    assert [60, 60, 200, 3600] == waits


def _usage(free_bytes: int) -> Any:
    return SimpleNamespace(total=2**40, used=0, free=free_bytes)


async def test_newest_downloads_stay(
    shop: Simulator, account: SignedIn, start_server: StartServer
) -> None:
    """One more than are to be kept takes the oldest one's place."""
    server = await start_server(keep_newest=1)
    await server.hand_over(*account)
    await server.download(ASIN)
    await server.download(OTHER)

    assert {f"{OTHER}.aaxc"} == _names(server)
    assert "new" == (await server.book(ASIN))["state"]


@pytest.mark.parametrize(
    ("days_ago", "left_ms", "stays"),
    [(1, 600_000, True), (1, 30_000, True), (1, 0, False), (40, 600_000, False)],
)
async def test_title_that_somebody_is_in_the_middle_of_stays(
    shop: Simulator,
    account: SignedIn,
    start_server: StartServer,
    days_ago: int,
    left_ms: int,
    *,
    stays: bool,
) -> None:
    """Unless it was heard to its end, or given up long ago."""
    server = await start_server(keep_newest=1)
    await server.hand_over(*account)
    await server.download(ASIN)
    heard_at = now_ms() - days_ago * 86_400_000
    length_ms = shop.shop.titles[ASIN].runtime_ms or 0
    place = Place(ASIN, max(1, length_ms - left_ms), heard_at)
    await server.services.queries.listening.save_place(place, is_playing=False)
    await server.download(OTHER)

    assert stays is (f"{ASIN}.aaxc" in _names(server))


async def test_title_that_is_open_stays(
    account: SignedIn, start_server: StartServer
) -> None:
    """Players that tell no place hear it to the end, too."""
    server = await start_server(keep_newest=1)
    await server.hand_over(*account)
    await server.download(ASIN)
    with server.services.listeners.one(ASIN, lambda: 0):
        await server.download(OTHER)
    assert f"{ASIN}.aaxc" in _names(server)


async def _heard(server: Server, position_ms: int, **members: Any) -> None:
    path = f"/api/books/{ASIN}/position"
    body = {"position_ms": position_ms, **members}
    async with server.client.put(path, json=body) as answer:
        assert 200 == answer.status, await answer.text()


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_title_that_was_heard_on_the_page_is_deleted_if_that_is_wanted(
    shop: Simulator, account: SignedIn, start_server: StartServer, is_wanted: bool
) -> None:
    """At its end, once nobody plays on; a place in the middle is none."""
    server = await start_server(remove_finished=is_wanted)
    await server.hand_over(*account)
    runtime_ms = (await server.download(ASIN))["runtime_ms"] + UNKNOWN_MS
    # Before it was downloaded: it is here to be heard again.
    await _heard(server, runtime_ms, heard_at="2026-01-01T10:00:00Z")
    await _heard(server, runtime_ms // 2)
    await _heard(server, runtime_ms, is_playing=True)
    assert {f"{ASIN}.aaxc"} == _names(server)

    await _heard(server, runtime_ms - 1)
    assert (set() if is_wanted else {f"{ASIN}.aaxc"}) == _names(server)


async def test_title_that_was_heard_elsewhere_is_deleted(
    shop: Simulator, account: SignedIn, start_server: StartServer
) -> None:
    """Audible says where a telephone stopped, whenever somebody asks the server."""
    server = await start_server(remove_finished=True)
    await server.hand_over(*account)
    await server.download(ASIN)
    runtime_ms = (await server.book(ASIN))["runtime_ms"] + UNKNOWN_MS
    owned = next(iter(shop.shop.accounts.values())).library[ASIN]
    for position_ms, names in ((1_000, {f"{ASIN}.aaxc"}), (runtime_ms, set())):
        now = datetime.now(UTC)
        owned.positions.append(Position(position_ms, now, now))
        async with server.client.post(f"/api/progress/{ASIN}") as answer:
            assert 200 == answer.status
        assert names == _names(server)


def test_end_is_the_last_hundredth_and_a_minute_at_most() -> None:
    """Of an unknown length there is no end."""
    hour_ms = 3_600_000
    assert rules.is_at_end(hour_ms - 36_000, hour_ms)
    assert not rules.is_at_end(hour_ms - 36_001, hour_ms)
    assert rules.is_at_end(10 * hour_ms - 60_000, 10 * hour_ms)
    assert not rules.is_at_end(10 * hour_ms - 60_001, 10 * hour_ms)
    assert not rules.is_at_end(hour_ms, None)


def test_policies_want_what_they_say() -> None:
    """Unknown times count as old."""
    listed = {ASIN: 10, OTHER: 30, Asin("B000000001"): None}
    assert [] == rules.asins_wanted(rules.Policy.DEMAND, listed, 20)
    assert [OTHER] == rules.asins_wanted(rules.Policy.NEW, listed, 20)
    assert [] == rules.asins_wanted(rules.Policy.NEW, listed, None)
    assert list(listed) == rules.asins_wanted(rules.Policy.ALL, listed, None)
