"""One house: the simulated shop, the server and Home Assistant as own processes."""

import json
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from .home_assistant import (
    REPOSITORY,
    HomeAssistant,
    HomeProcess,
    onboard,
    write_configuration,
)
from .logs import judged_logs
from .processes import SHOWS_DEPRECATIONS, free_port, running, wait_until

_CACHE = REPOSITORY / ".cache"
SERVER_PYTHON = _CACHE / "venvs" / "server" / "bin" / "python"
SHOP_STATE = _CACHE / "simulator"
"""Kept between runs: the synthesized books are expensive, everything else is not."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The simulated shop, as its ready file describes it."""

    proxy_url: str
    control_url: str
    ca_path: Path
    email: str
    password: str

    @property
    def environment(self) -> dict[str, str]:
        """Return what leads an unmodified program to the simulated shop."""
        return {
            "HTTPS_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "SSL_CERT_FILE": str(self.ca_path),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }


@dataclass(frozen=True, slots=True)
class MediaServer:
    """The running server; ``library`` holds its audio files."""

    url: str
    secret: str
    library: Path

    async def call(
        self,
        session: aiohttp.ClientSession,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
    ) -> Any:
        """Call the server's API with its secret; return the data that came."""
        async with session.request(
            method,
            f"{self.url}{path}",
            json=body,
            headers={"X-API-Secret": self.secret},
        ) as answer:
            answer.raise_for_status()
            is_empty = answer.status == HTTPStatus.NO_CONTENT
            return None if is_empty else (await answer.json())["data"]


@dataclass(frozen=True, slots=True)
class Household:
    """Everything that runs, and how to reach it."""

    folder: Path
    session: aiohttp.ClientSession
    shop: Shop
    server: MediaServer
    home_process: HomeProcess
    home_assistant: HomeAssistant
    expected_in_logs: list[str]

    def may_log(self, *patterns: str) -> None:
        """Excuse what a test is about to cause, by regular expressions."""
        self.expected_in_logs.extend(patterns)

    async def shop_control(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        """Call the simulator's control address; return its JSON."""
        async with self.session.request(
            method, f"{self.shop.control_url}{path}", json=body
        ) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def server_api(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        """Call the server's API with its secret; return the data that came."""
        return await self.server.call(self.session, method, path, body)


type LayOut = Callable[[Path, Shop, MediaServer], Awaitable[None]]


@asynccontextmanager
async def running_household(
    folder: Path,
    *,
    home_port: int = 0,
    server_port: int = 0,
    log_level: str = "info",
    lay_out: LayOut | None = None,
) -> AsyncIterator[Household]:
    """Start everything in a new ``folder``; end every process on leaving.

    ``lay_out`` may change Home Assistant's folder before its first start.
    """
    async with AsyncExitStack() as stack:
        session, shop, server, expected_in_logs = await stack.enter_async_context(
            running_shop_and_server(
                folder, server_port=server_port, log_level=log_level
            )
        )
        process = HomeProcess(
            folder / "home",
            home_port or free_port(),
            shop.environment,
            folder / "logs" / "home-assistant.log",
        )
        write_configuration(process.folder, process.port, log_level)
        if lay_out is not None:
            await lay_out(process.folder, shop, server)
        stack.push_async_callback(process.stop)
        await process.start()
        home_assistant = await onboard(session, process.url)
        yield Household(
            *(folder, session, shop, server),
            *(process, home_assistant, expected_in_logs),
        )


@asynccontextmanager
async def running_shop_and_server(
    folder: Path, *, server_port: int = 0, log_level: str = "info"
) -> AsyncIterator[tuple[aiohttp.ClientSession, Shop, MediaServer, list[str]]]:
    """Start the shop and the server in a new ``folder``, without Home Assistant.

    When all has ended the logs are judged; the list is of what may stand in them.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    timeout = aiohttp.ClientTimeout(total=120)
    with judged_logs(folder) as expected_in_logs:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            _running_shop(folder) as shop,
            _running_server(
                folder, session, shop, server_port or free_port(), log_level
            ) as server,
        ):
            yield session, shop, server, expected_in_logs


@asynccontextmanager
async def _running_shop(folder: Path) -> AsyncIterator[Shop]:
    ready = folder / "shop.json"
    argv = (
        *(str(SERVER_PYTHON), "-m", "tests.simulator"),
        *("--state-dir", str(SHOP_STATE), "--ready-file", str(ready)),
    )
    async with running(
        *argv,
        cwd=REPOSITORY,
        environment={},
        log_path=folder / "logs" / "shop.log",
    ) as process:

        async def read_ready() -> Shop | None:
            if not ready.exists():
                return None
            members = json.loads(ready.read_text())
            return Shop(
                proxy_url=members["proxy_url"],
                control_url=members["control_url"],
                ca_path=Path(members["ca_path"]),
                email=members["email"],
                password=members["password"],
            )

        yield await wait_until("the simulated shop starts", read_ready, process=process)


@asynccontextmanager
async def _running_server(
    folder: Path,
    session: aiohttp.ClientSession,
    shop: Shop,
    port: int,
    log_level: str,
) -> AsyncIterator[MediaServer]:
    server = MediaServer(
        url=f"http://127.0.0.1:{port}",
        secret=secrets.token_urlsafe(24),
        library=folder / "library",
    )
    environment = {
        **shop.environment,
        **SHOWS_DEPRECATIONS,
        "AUDIBLE_SERVER_DATA_DIR": str(folder / "server"),
        "AUDIBLE_SERVER_LIBRARY_DIR": str(server.library),
        "AUDIBLE_SERVER_HOST": "127.0.0.1",
        "AUDIBLE_SERVER_PORT": str(port),
        "AUDIBLE_SERVER_SECRET": server.secret,
        "AUDIBLE_SERVER_LOG_LEVEL": log_level,
    }
    async with running(
        *(str(SERVER_PYTHON), "-m", "audible_server"),
        cwd=folder,
        environment=environment,
        log_path=folder / "logs" / "server.log",
    ) as process:

        async def is_healthy() -> bool | None:
            try:
                async with session.get(f"{server.url}/health") as answer:
                    return True if answer.ok else None
            except aiohttp.ClientError:
                return None

        await wait_until("the server starts", is_healthy, process=process)
        yield server
