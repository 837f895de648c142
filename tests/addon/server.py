"""A server under test: the real application on a real port, and how to drive it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.test_utils import TestClient
from audible_core.models import Account, Credentials
from audible_core.sealing import seal
from audible_core.wire import SECRET_HEADER, AccountHandOver, data_of, to_json

from audible_server.http.services import SERVICES, Services
from audible_server.jobs.worker import Worker
from audible_server.settings import Settings
from audible_server.store.job import JobKind, JobState
from tests.addon.patience import SOON_S

SECRET: Final = "correct-horse-battery-staple"


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Return settings with fresh folders below one folder."""
    for name in ("data", "library"):
        (folder / name).mkdir(exist_ok=True)
    values: dict[str, Any] = {
        "data_dir": folder / "data",
        "library_dir": folder / "library",
        "host": "127.0.0.1",
        "port": 8099,
        "secret": SECRET,
        "transcode_slots": 2,
        "log_level": "debug",
        # Fast enough not to matter; the pace has tests of its own.
        "requests_per_minute": 6_000,
    }
    return Settings(**{**values, **changes})


@dataclass(frozen=True, slots=True)
class Server:
    """The running application; ``client`` knows the secret, ``stranger`` does not."""

    client: TestClient[Any, Any]
    stranger: TestClient[Any, Any]
    settings: Settings

    @property
    def services(self) -> Services:
        """Return what the handlers work with."""
        services: Services = self.client.app[SERVICES]
        return services

    @property
    def worker(self) -> Worker:
        """Return what does the jobs."""
        queue = self.services.desk._queue
        assert queue is not None
        return queue._worker

    async def hand_over(self, account: Account, credentials: Credentials) -> None:
        """Hand an account over, as the integration does, and await its library."""
        body = AccountHandOver(
            country_code=account.country_code,
            name=account.name,
            sealed=seal(SECRET, credentials.text),
        )
        path = f"/api/accounts/{account.account_id}"
        async with self.client.put(path, json=to_json(body)) as answer:
            assert 200 == answer.status, await answer.text()
        await self.finished(JobKind.LIBRARY, account.account_id)

    async def download(self, asin: str) -> dict[str, Any]:
        """Ask for a title and return it when that has ended."""
        async with self.client.post(f"/api/books/{asin}/download") as answer:
            assert 202 == answer.status, await answer.text()
        await self.finished(JobKind.DOWNLOAD, asin)
        return await self.book(asin)

    async def waits(self, asin: str) -> dict[str, Any]:
        """Ask for a title and return it once it says what it waits for."""
        async with self.client.post(f"/api/books/{asin}/download") as answer:
            assert 202 == answer.status, await answer.text()
        async with asyncio.timeout(SOON_S):
            while not (book := await self.book(asin))["error"]:
                await asyncio.sleep(0.02)
        return book

    async def finished(self, kind: JobKind, subject: str) -> None:
        """Wait for the end of some work in the background, however it comes."""
        async with asyncio.timeout(60):
            while await self.services.desk.find_open(kind, subject) is not None:
                await asyncio.sleep(0.01)

    async def begun(self, kind: JobKind, subject: str) -> None:
        """Wait until some work in the background is under way."""
        async with asyncio.timeout(60):
            while (
                job := await self.services.desk.find_open(kind, subject)
            ) is None or job.state is not JobState.RUNNING:
                await asyncio.sleep(0.01)

    def retry_without_waiting(self, tries: int) -> None:
        """Let what a network keeps from being done be tried again at once."""
        self.services.downloader._retry_waits_s = (0.0,) * tries
        self.services.catalog._retry_waits_s = (0.0,) * tries

    async def book(self, asin: str) -> dict[str, Any]:
        """Return one title."""
        book: dict[str, Any] = await self.json(f"/api/books/{asin}")
        return book

    async def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs, open ones first."""
        jobs: list[dict[str, Any]] = (await self.json("/api/jobs"))["jobs"]
        return jobs

    async def json(self, path: str, status: int = 200) -> Any:
        """Return the JSON of an answer with the expected status."""
        async with self.client.get(path) as answer:
            assert status == answer.status, await answer.text()
            return data_of(await answer.json())

    async def body(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and bytes of an answer."""
        async with self.client.get(path, headers=headers) as answer:
            return answer.status, await answer.read()


def secret_headers() -> dict[str, str]:
    """Return the headers of somebody who knows the secret."""
    return {SECRET_HEADER: SECRET}


async def error_of(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Return the error in an answer."""
    body = await answer.json()
    assert body["success"] is False
    error = body["error"]
    assert isinstance(error, dict)
    return error
