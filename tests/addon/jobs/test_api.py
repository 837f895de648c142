"""Jobs over HTTP, on a whole server with the simulated shop."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from audible_core.models import Asin

from audible_server.store.job import JobKind
from tests.addon.patience import SOON_S
from tests.addon.server import Server, error_of
from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN
from tests.simulator.faults import Fault, FaultKind

ASIN = SHORT_ASIN


async def _post(server: Server, path: str, status: int = 200) -> Any:
    async with server.client.post(path) as answer:
        assert status == answer.status, await answer.text()
        return (await answer.json())["data"] if status < 300 else await error_of(answer)


async def _job(server: Server) -> dict[str, Any]:
    jobs = (await server.json("/api/jobs"))["jobs"]
    found: dict[str, Any] = next(job for job in jobs if job["kind"] == "download")
    return found


async def _licensed(server: Server) -> None:
    """Wait until the license is there, so that nothing but bytes is missing."""
    async with asyncio.timeout(SOON_S):
        while not (await server.services.books.load(Asin(ASIN))).has_voucher:
            await asyncio.sleep(0.01)


async def test_download_is_a_job_with_progress(linked: Server, shop: Simulator) -> None:
    """What is done, how far it is, and how it ended, can be looked at."""
    await linked.download(ASIN)
    job = await _job(linked)

    assert (ASIN, "done", 1.0, 1) == (
        job["subject"],
        job["state"],
        job["fraction"],
        job["attempts"],
    )
    assert job == await linked.json(f"/api/jobs/{job['id']}")
    created, started, ended = (
        datetime.fromisoformat(job[name])
        for name in ("created_at", "started_at", "ended_at")
    )
    assert created <= started <= ended <= datetime.now(UTC)
    assert datetime.now(UTC) - created < timedelta(minutes=5)
    assert None is job["next_try_at"]


async def test_download_is_paused_resumed_and_cancelled(
    linked: Server, shop: Simulator
) -> None:
    """A title follows its job: what is paused waits, what is cancelled is new again."""
    stall = Fault(FaultKind.STALL, f"/{ASIN}/")
    shop.shop.faults.append(stall)
    await _post(linked, f"/api/books/{ASIN}/download", 202)
    await _licensed(linked)
    number = (await _job(linked))["id"]
    paused = await _post(linked, f"/api/jobs/{number}/pause")
    assert ("paused", "queued") == (
        paused["state"],
        (await linked.book(ASIN))["state"],
    )
    error = await _post(linked, f"/api/jobs/{number}/pause", 409)
    assert "job_state" == error["code"]

    await _post(linked, f"/api/jobs/{number}/resume")
    await linked.begun(JobKind.DOWNLOAD, ASIN)
    assert "cancelled" == (await _post(linked, f"/api/jobs/{number}/cancel"))["state"]
    await asyncio.sleep(0.2)
    assert "new" == (await linked.book(ASIN))["state"]

    shop.shop.faults.clear()
    await _post(linked, f"/api/jobs/{number}/retry")
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    assert "downloaded" == (await linked.book(ASIN))["state"]
    assert 1 == len(shop.requests(f"/1.0/content/{ASIN}/licenserequest"))


async def test_page_is_told_of_jobs(linked: Server) -> None:
    """Each step of a job is an event."""
    async with linked.client.get("/api/events") as answer:
        await linked.download(ASIN)
        text = b""
        async with asyncio.timeout(SOON_S):
            while b'"done"' not in text:
                text += await answer.content.readany()
    assert b"event: job" in text
    assert b'"running"' in text


async def test_job_that_does_not_exist_is_said(server: Server) -> None:
    """A wrong number is no fault of the server."""
    for path, status, code in (
        ("/api/jobs/77", 404, "unknown_job"),
        ("/api/jobs/x", 400, "invalid_value"),
        ("/api/jobs/" + "9" * 30, 400, "invalid_value"),
    ):
        async with server.client.get(path) as answer:
            assert status == answer.status
            assert code == (await error_of(answer))["code"]
