"""Jobs: asked for, done once, paused, cancelled, tried again, shared among servers."""

import asyncio
from pathlib import Path

import pytest
from audible_core.errors import (
    AudibleConnectionError,
    DownloadError,
    JobStateError,
    StoreUnavailableError,
    UnknownJobError,
)

from audible_server.jobs.queue import Limit
from audible_server.jobs.worker import Handler, LaterError, Report
from audible_server.store.job import Job, JobKind, JobState, Lease, Priority
from tests.addon.patience import SOON_S

from .workshop import Bench, Workshop, open_workshop

SCAN = JobKind.SCAN


async def test_job_is_done_and_told(target: str | Path, bench: Bench) -> None:
    """What is asked for is done, and each step is an event."""
    async with open_workshop(target, bench) as shop:
        with shop.events.subscribe() as news:
            job = await shop.desk.add(SCAN, "here")
            running = await shop.until(job.number, JobState.RUNNING)
            await bench.until(1)
            bench.let_go.set()
            done = await shop.until(job.number, JobState.DONE)
            told = []
            while not told or told[-1]["state"] != "done":
                event = await news.take()
                assert event is not None
                told.append(event.data)

    assert (1, 1.0) == (running.attempts, done.fraction)
    assert ["here"] == bench.ended
    assert ["queued", "running", "done"] == sorted(
        {of["state"] for of in told}, key=["queued", "running", "done"].index
    )
    assert any(of["step"] == "working" and of["done_bytes"] == 2**33 for of in told)


async def test_same_wish_is_one_job(target: str | Path, bench: Bench) -> None:
    """However often something is asked for, it is done once; it becomes urgent."""
    async with open_workshop(target, bench) as shop:
        jobs = await asyncio.gather(*(shop.desk.add(SCAN, "x") for _ in range(5)))
        urgent = await shop.desk.add(SCAN, "x", priority=Priority.LISTENING)
        await bench.until(1)
        bench.let_go.set()
        await shop.until(urgent.number, JobState.DONE)

    assert {urgent.number} == {job.number for job in jobs}
    assert Priority.LISTENING == urgent.priority
    assert ["x"] == bench.begun


async def test_limit_and_order_are_kept(target: str | Path, bench: Bench) -> None:
    """No more at once than allowed; the most urgent first, then who came first."""
    limits = {kind: Limit(1) for kind in JobKind}
    async with open_workshop(target, bench, limits=limits) as shop:
        first = await shop.desk.add(SCAN, "first")
        await bench.until(1)
        for name in ("b", "c"):
            await shop.desk.add(SCAN, name, priority=Priority.POLICY)
        await shop.desk.add(SCAN, "urgent", priority=Priority.LISTENING)
        last = await shop.desk.add(SCAN, "later", priority=Priority.LATER)
        await asyncio.sleep(0.6)
        assert ["first"] == bench.begun
        listed = [job.subject for job in await shop.desk.load_newest()]
        bench.let_go.set()
        await shop.until(first.number, JobState.DONE)
        await shop.until(last.number, JobState.DONE)

    assert ["first", "urgent", "b", "c", "later"] == bench.begun
    assert ["urgent", "first", "b", "c", "later"] == listed


async def test_kinds_do_not_wait_for_each_other(
    target: str | Path, bench: Bench
) -> None:
    """A long conversion holds up no download."""
    limits = {kind: Limit(1) for kind in JobKind}
    async with open_workshop(target, bench, limits=limits) as shop:
        await shop.desk.add(JobKind.CONVERT, "long")
        await shop.desk.add(JobKind.DOWNLOAD, "short")
        await bench.until(2)


async def test_paused_job_rests_until_it_is_resumed(
    target: str | Path, bench: Bench
) -> None:
    """The running one is interrupted in order, and goes on when it is let."""
    async with open_workshop(target, bench) as shop:
        job = await shop.desk.add(SCAN, "x")
        await bench.until(1)
        assert JobState.PAUSED is (await shop.desk.pause(job.number)).state
        async with asyncio.timeout(SOON_S):
            while not bench.interrupted:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.5)
        assert JobState.PAUSED is (await shop.desk.load(job.number)).state
        with pytest.raises(JobStateError, match="paused"):
            await shop.desk.retry(job.number)
        await shop.desk.resume(job.number)
        await bench.until(2)
        bench.let_go.set()
        await shop.until(job.number, JobState.DONE)

    assert ["x"] == bench.ended


async def test_cancelled_job_is_given_up_and_can_be_tried_again(
    target: str | Path, bench: Bench
) -> None:
    """It ends wherever it is; another wish is another job."""
    async with open_workshop(target, bench) as shop:
        job = await shop.desk.add(SCAN, "x")
        await bench.until(1)
        await shop.desk.cancel(job.number)
        async with asyncio.timeout(SOON_S):
            while not bench.interrupted:
                await asyncio.sleep(0.02)
        with pytest.raises(JobStateError, match="cancelled"):
            await shop.desk.cancel(job.number)
        other = await shop.desk.add(SCAN, "x")
        assert job.number != other.number
        with pytest.raises(JobStateError):
            # The same is under way already.
            await shop.desk.retry(job.number)
        bench.let_go.set()
        await shop.until(other.number, JobState.DONE)
        await shop.desk.retry(job.number)
        await shop.until(job.number, JobState.DONE)
        with pytest.raises(UnknownJobError):
            await shop.desk.pause(9999)


async def test_what_passes_is_tried_again_and_the_rest_is_told(
    target: str | Path,
) -> None:
    """A broken network is waited for; a refusal is an answer."""
    tries: list[str] = []

    async def work(job: Job, report: Report) -> None:
        tries.append(job.subject)
        if job.subject == "refused":
            raise DownloadError(reason="no")
        if job.subject == "odd":
            raise ZeroDivisionError
        if job.subject == "full":
            raise OSError(28, "No space left on device")
        if len(tries) < 3:
            raise AudibleConnectionError(reason="no network")

    async with open_workshop(target, work, retry_waits_s=(0.1, 0.1)) as shop:
        job = await shop.desk.add(SCAN, "network")
        done = await shop.until(job.number, JobState.DONE)
        assert ["network"] * 3 == tries
        assert (3, None) == (done.attempts, done.error)
        for subject, code in (
            ("refused", "download_incomplete"),
            ("odd", "unexpected"),
            ("full", "storage_unwritable"),
        ):
            job = await shop.desk.add(SCAN, subject)
            failed = await shop.until(job.number, JobState.FAILED)
            assert (code, 1) == (failed.error, failed.attempts)


async def test_network_that_stays_away_ends_the_tries(target: str | Path) -> None:
    """After the last wait it is told."""

    async def work(job: Job, report: Report) -> None:
        raise AudibleConnectionError(reason="no network")

    async with open_workshop(target, work, retry_waits_s=(0.1,)) as shop:
        job = await shop.desk.add(SCAN, "x")
        failed = await shop.until(job.number, JobState.FAILED)
        assert (2, "audible_unreachable") == (failed.attempts, failed.error)
        # Who asks for it once more gets all tries once more.
        again = await shop.store.move(job.number, (failed.state,), JobState.QUEUED)
        assert (0, None) == (again.attempts, again.started_at)


async def test_job_is_told_though_nobody_can_follow_it(
    target: str | Path, bench: Bench
) -> None:
    """Its event comes, and the job goes on, whatever becomes of its title."""
    bench.let_go.set()

    async def follow(job: Job) -> None:
        raise StoreUnavailableError(reason="locked")

    async with open_workshop(target, bench, follow=follow) as shop:
        with shop.events.subscribe() as news:
            job = await shop.desk.add(SCAN, "x")
            async with asyncio.timeout(SOON_S):
                while (event := await news.take()) is not None:
                    if event.data["state"] == "done":
                        break
        assert JobState.DONE is (await shop.desk.load(job.number)).state


async def test_waiting_job_says_why_and_is_begun_at_once_on_request(
    target: str | Path,
) -> None:
    """Nobody has to wait an hour for a network that is there again."""
    is_up = False

    async def work(job: Job, report: Report) -> None:
        if not is_up:
            raise LaterError(3600, AudibleConnectionError(reason="no network"))

    async with open_workshop(target, work) as shop:
        job = await shop.desk.add(SCAN, "x")
        async with asyncio.timeout(SOON_S):
            while (waiting := await shop.desk.load(job.number)).not_before is None:
                await asyncio.sleep(0.02)
        assert (JobState.QUEUED, 0) == (waiting.state, waiting.attempts)
        assert "no network" in str(waiting.error_text)
        is_up = True
        await shop.desk.resume(job.number)
        await shop.until(job.number, JobState.DONE)


async def test_stopped_server_goes_on_at_the_next_start(
    target: str | Path, bench: Bench
) -> None:
    """What was running and what waited is done; nothing is lost, nothing twice."""
    limits = {kind: Limit(1) for kind in JobKind}
    async with open_workshop(target, bench, limits=limits) as shop:
        jobs = [await shop.desk.add(SCAN, name) for name in "abc"]
        await bench.until(1)
    assert ["a"] == bench.interrupted
    bench.let_go.set()
    async with open_workshop(target, bench, limits=limits) as shop:
        for job in jobs:
            assert 1 == (await shop.until(job.number, JobState.DONE)).attempts
    assert ["a", "b", "c"] == bench.ended


async def test_idle_server_alone_does_not_load_the_queue(tmp_path: Path) -> None:
    """PgQueuer costs memory, which nobody pays before the first job."""

    async def work(job: Job, report: Report) -> None:
        pass

    async with open_workshop(tmp_path / "server.db", work) as shop:
        await asyncio.sleep(0.1)
        assert shop.queue._task is None


async def test_queue_is_compared_with_what_comes_next(
    target: str | Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many wait: those that it never heard of, and those in front."""
    monkeypatch.setattr("audible_server.store.jobs._NEXT_DUE", 3)
    limits = {kind: Limit(1) for kind in JobKind}
    async with open_workshop(target, bench, limits=limits) as shop:
        jobs = [await shop.desk.add(SCAN, f"{number}") for number in range(6)]
        await bench.until(1)

        async def unsure() -> list[str]:
            return [job.subject for job in await shop.store.load_unsure()]

        assert ["0", "1", "2"] == sorted(await unsure())
        await shop.store.add(SCAN, "unheard of", priority=0, wish={})
        assert ["0", "1", "2", "unheard of"] == sorted(await unsure())
        await shop.desk.pause(jobs[0].number)
        await shop.desk.pause(jobs[1].number)
        assert ["2", "3", "4", "unheard of"] == sorted(await unsure())


async def test_job_that_the_queue_missed_is_done_all_the_same(
    target: str | Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault while it was asked for costs a minute, not the job."""
    monkeypatch.setattr("audible_server.jobs.queue._COMPARE_EVERY_S", 0.1)
    bench.let_go.set()
    async with open_workshop(target, bench) as shop:
        first = await shop.desk.add(SCAN, "first")
        await shop.until(first.number, JobState.DONE)
        missed, _ = await shop.store.add(SCAN, "missed", priority=0, wish={})
        await shop.until(missed.number, JobState.DONE)


async def test_job_of_another_lease_is_let_go(
    target: str | Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was taken for dead stops working when it learns of it."""
    monkeypatch.setattr("audible_server.jobs.worker.LEASE_LOOK_EVERY_S", 0.1)
    async with open_workshop(target, bench) as shop:
        job = await shop.desk.add(SCAN, "x")
        await bench.until(1)
        taken = await shop.store.begin(Lease.of(job.number), queue_number=77)
        assert taken is not None
        async with asyncio.timeout(SOON_S):
            while not bench.interrupted:
                await asyncio.sleep(0.02)
        assert JobState.RUNNING is (await shop.desk.load(job.number)).state


async def test_servers_share_the_work(postgres_url: str) -> None:
    """Each job is done by one of them, and limits for all together are kept."""
    done: list[tuple[int, str]] = []
    at_once: list[int] = []
    running = 0

    def worker_of(server: int) -> Handler:
        async def work(job: Job, report: Report) -> None:
            nonlocal running
            running += 1
            at_once.append(running)
            await asyncio.sleep(0.1)
            running -= 1
            done.append((server, job.subject))

        return work

    async with (
        open_workshop(postgres_url, worker_of(1)) as first,
        open_workshop(postgres_url, worker_of(2)) as second,
    ):
        names: list[str] = []
        # One that starts late on a busy machine finds work as well.
        while len({server for server, _ in done}) < 2 or max(at_once) < 2:
            more = [f"B{len(names) + number:09}" for number in range(12)]
            names += more
            jobs = [await first.desk.add(JobKind.DOWNLOAD, name) for name in more]
            for job in jobs:
                await second.until(job.number, JobState.DONE)

    assert sorted(names) == sorted(name for _, name in done)
    assert 2 == max(at_once)


async def test_job_is_stopped_on_the_server_that_does_it(
    postgres_url: str, bench: Bench
) -> None:
    """Whoever is asked to pause, it is paused where it runs."""

    async def never(job: Job, report: Report) -> None:
        raise AssertionError("it is paused")

    async with open_workshop(postgres_url, bench) as first:
        job = await first.desk.add(SCAN, "x")
        await bench.until(1)
        async with open_workshop(postgres_url, never) as second:
            await second.desk.pause(job.number)
            async with asyncio.timeout(SOON_S):
                while not bench.interrupted:
                    await asyncio.sleep(0.02)


async def test_queue_comes_back_with_its_database(
    postgres_url: str, bench: Bench
) -> None:
    """A lost connection interrupts the jobs; they go on when it is there again."""
    async with open_workshop(postgres_url, bench) as shop:
        job = await shop.desk.add(SCAN, "x")
        await bench.until(1)
        await _cut_all(shop)
        await bench.until(2)
        bench.let_go.set()
        await shop.until(job.number, JobState.DONE)
    assert 1 == len(bench.ended)


async def _cut_all(shop: Workshop) -> None:
    from sqlalchemy import text

    async with shop.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        )
