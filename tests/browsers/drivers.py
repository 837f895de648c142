"""Firefox and WebKit, driven by what they themselves understand.

Firefox speaks WebDriver BiDi on a WebSocket, WebKitGTK classic WebDriver over HTTP;
both are the browsers of Debian, not builds made for tests.
"""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp

from tests.e2e.processes import free_port, running, wait_until

_WEBKIT: Final = "webkit2gtk-4.1/MiniBrowser"
# Sound may begin with a click alone, as on every real device.
_FIREFOX_PREFERENCES: Final = (
    ("browser.shell.checkDefaultBrowser", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("app.update.enabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("browser.safebrowsing.update.enabled", "false"),
    ("services.settings.server", '"data:,"'),
)


class OtherBrowser(Protocol):
    """One window of a browser."""

    async def open(self, url: str) -> None:
        """Go to an address."""

    async def run(self, script: str) -> Any:
        """Run the body of a function and return what it returns, or promises."""

    async def act(self, actions: list[dict[str, Any]]) -> None:
        """Move the pointer and press, as WebDriver describes it."""


async def click(browser: OtherBrowser, selector: str) -> None:
    """Click in the middle of an element once it rests, as a hand does."""
    seen: list[Any] = [None]

    async def place() -> list[int] | None:
        found = await browser.run(
            f"const found = document.querySelector({json.dumps(selector)});"
            "if (!found) return null;"
            'found.scrollIntoView({block: "center"});'
            "const box = found.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);"
        )
        seen.append(found)
        return found if isinstance(found, list) and found == seen[-2] else None

    x, y = await wait_until(f"{selector} on the page", place, timeout_s=20)
    await browser.act(
        [
            {
                "type": "pointer",
                "id": "mouse",
                "parameters": {"pointerType": "mouse"},
                "actions": [
                    {"type": "pointerMove", "x": x, "y": y, "duration": 0},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        ]
    )


@asynccontextmanager
async def running_firefox(
    folder: Path, session: aiohttp.ClientSession
) -> AsyncIterator[OtherBrowser]:
    """Run a headless Firefox with a new profile."""
    profile = folder / "firefox"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(n)}, {v});" for n, v in _FIREFOX_PREFERENCES]
    (profile / "user.js").write_text("\n".join(lines))
    port = free_port()
    argv = (
        *(_installed("firefox-esr", "firefox"), "--headless", "--no-remote"),
        *("--profile", str(profile), "--remote-debugging-port", str(port)),
    )
    async with running(
        *argv, cwd=folder, environment={}, log_path=folder / "firefox.log"
    ) as process:

        async def connect() -> aiohttp.ClientWebSocketResponse | None:
            try:
                return await session.ws_connect(f"ws://127.0.0.1:{port}/session")
            except aiohttp.ClientError:
                return None

        socket = await wait_until("Firefox", connect, process=process)
        async with socket:
            firefox = _Firefox(socket)
            await firefox.begin()
            yield firefox


class _Firefox:
    """A window of Firefox (W3C WebDriver BiDi)."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._context = ""

    async def begin(self) -> None:
        await self._call("session.new", {"capabilities": {}})
        tree = await self._call("browsingContext.getTree", {})
        self._context = tree["contexts"][0]["context"]

    async def open(self, url: str) -> None:
        where = {"context": self._context, "url": url, "wait": "complete"}
        await self._call("browsingContext.navigate", where)

    async def run(self, script: str) -> Any:
        # As text: the protocol has a notation of its own for values.
        value = f"JSON.stringify(await (() => {{{script}}})() ?? null)"
        answer = await self._call(
            "script.evaluate",
            {
                "expression": f"(async () => {value})()",
                "target": {"context": self._context},
                "awaitPromise": True,
            },
        )
        if answer["type"] != "success":
            raise RuntimeError(json.dumps(answer))
        return json.loads(answer["result"]["value"])

    async def act(self, actions: list[dict[str, Any]]) -> None:
        where = {"context": self._context, "actions": actions}
        await self._call("input.performActions", where)

    async def _call(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        call = {"id": self._number, "method": method, "params": params}
        await self._socket.send_json(call)
        while True:
            answer = await self._socket.receive_json(timeout=60)
            if answer.get("id") == self._number:
                break
        if answer["type"] != "success":
            raise RuntimeError(json.dumps(answer))
        return answer["result"]


@asynccontextmanager
async def running_webkit(
    folder: Path, session: aiohttp.ClientSession
) -> AsyncIterator[OtherBrowser]:
    """Run WebKitGTK's small browser on a screen that nobody sees."""
    folder.mkdir(parents=True, exist_ok=True)
    port, display = free_port(), f":{free_port() % 10000 + 100}"
    environment = {
        "DISPLAY": display,
        # Inside a container there are no namespaces to make one of.
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
    }
    async with (
        running(
            *(_installed("Xvfb"), display, "-screen", "0", "1280x900x24"),
            cwd=folder,
            environment={},
            log_path=folder / "screen.log",
        ),
        running(
            *(_installed("WebKitWebDriver"), f"--port={port}"),
            cwd=folder,
            environment=environment,
            log_path=folder / "webkit.log",
        ) as process,
    ):
        webkit = _WebKit(session, f"http://127.0.0.1:{port}")

        async def is_ready() -> bool | None:
            try:
                return (await webkit.call("GET", "/status"))["ready"] or None
            except aiohttp.ClientError:
                return None

        await wait_until("WebKit's driver", is_ready, process=process)
        await webkit.begin()
        try:
            yield webkit
        finally:
            await webkit.call("DELETE", webkit.path)


class _WebKit:
    """A window of WebKit (W3C WebDriver)."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.path = ""

    async def begin(self) -> None:
        browser = next(Path("/usr/lib").glob(f"*/{_WEBKIT}"))
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        made = await self.call("POST", "/session", {"capabilities": wanted})
        self.path = f"/session/{made['sessionId']}"

    async def open(self, url: str) -> None:
        await self.call("POST", f"{self.path}/url", {"url": url})

    async def run(self, script: str) -> Any:
        call = {"script": script, "args": []}
        return await self.call("POST", f"{self.path}/execute/sync", call)

    async def act(self, actions: list[dict[str, Any]]) -> None:
        await self.call("POST", f"{self.path}/actions", {"actions": actions})

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        async with self._session.request(method, self._url + path, json=body) as answer:
            value = (await answer.json(content_type=None))["value"]
        if answer.status >= 400:
            raise RuntimeError(json.dumps(value))
        return value


def _installed(*names: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    raise RuntimeError(f"{names[0]} is not installed")
