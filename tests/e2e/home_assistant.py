"""A real Home Assistant process with a fresh configuration, and a client for it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from .processes import SHOWS_DEPRECATIONS, running, wait_until

REPOSITORY = Path(__file__).parents[2]
USERNAME = "demo"
PASSWORD = "demo"

_CONFIGURATION = """\
homeassistant:
  name: Reading Lamp
  country: DE
  language: en
  time_zone: Europe/Berlin
  unit_system: metric
  currency: EUR
  internal_url: {url}
frontend:
history:
logbook:
media_source:
sun:
recorder:
  commit_interval: 1
automation: !include automations.yaml
script: !include scripts.yaml
logger:
  default: {log_level}
  logs:
    custom_components.audible_tracker: debug
"""


def write_configuration(folder: Path, port: int, log_level: str = "info") -> None:
    """Write a configuration that starts without questions.

    The HTTP port stands in ``.storage/http``: in YAML it would be a trial that restarts
    Home Assistant after five minutes.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    url = f"http://127.0.0.1:{port}"
    (folder / "configuration.yaml").write_text(
        _CONFIGURATION.format(url=url, log_level=log_level)
    )
    (folder / "automations.yaml").write_text("[]\n")
    (folder / "scripts.yaml").write_text("{}\n")
    stable = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    _write_store(storage, "http", 3, data)
    # Done by name, so that no step tries to set up cloud services.
    _write_store(storage, "onboarding", 4, {"done": ["core_config"]})
    components = folder / "custom_components"
    components.mkdir()
    (components / "audible_tracker").symlink_to(
        REPOSITORY / "custom_components" / "audible_tracker"
    )


def _write_store(storage: Path, key: str, version: int, data: Any) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))


class HomeAssistant:
    """A client of one running Home Assistant, logged in as its owner."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._token = token
        self.url = url

    @property
    def token(self) -> str:
        """Return the long-lived access token of the owner."""
        return self._token

    async def rest(self, method: str, path: str, body: Any = None) -> Any:
        """Call the REST API; return the parsed answer, raise for a bad status."""
        async with self._session.request(
            method,
            f"{self.url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._token}"},
        ) as answer:
            text = await answer.text()
            if answer.status >= 400:
                message = f"{method} {path}: {answer.status} {text}"
                raise RuntimeError(message)
            return json.loads(text) if text else None

    async def websocket(self, command: Mapping[str, Any]) -> Any:
        """Send one WebSocket command; return its result, raise for an error."""
        async with self._connected() as socket:
            await socket.send_json({"id": 1, **command})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise RuntimeError(json.dumps(answer["error"]))
        return answer["result"]

    @asynccontextmanager
    async def listening(self, event_type: str) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield a list that grows by what is told on the bus."""
        told: list[dict[str, Any]] = []
        command = {"type": "subscribe_events", "event_type": event_type}
        async with self.messages(command) as messages:

            async def listen() -> None:
                async for message in messages:
                    told.append(json.loads(message)["event"]["data"])

            listener = asyncio.ensure_future(listen())
            try:
                yield told
            finally:
                listener.cancel()

    @asynccontextmanager
    async def messages(
        self, command: Mapping[str, Any]
    ) -> AsyncIterator[AsyncIterator[str]]:
        """Yield what a subscription sends, as text, once it has begun."""
        async with self._connected() as socket:
            await socket.send_json({"id": 1, **command})
            await socket.receive_json()
            yield (str(message.data) async for message in socket)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self._session.ws_connect(f"{self.url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self._token})
            await socket.receive_json()
            yield socket

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return all states by entity id."""
        return {
            state["entity_id"]: state for state in await self.rest("GET", "/api/states")
        }

    async def call_action(
        self,
        domain: str,
        action: str,
        data: Mapping[str, Any],
        *,
        response: bool = False,
    ) -> Any:
        """Call an action; with ``response``, return what it answers."""
        path = f"/api/services/{domain}/{action}"
        return await self.rest("POST", path + "?return_response" * response, dict(data))

    async def start_flow(self, handler: str) -> Any:
        """Begin a config flow; return its first step."""
        body = {"handler": handler}
        return await self.rest("POST", "/api/config/config_entries/flow", body)

    async def continue_flow(self, flow_id: str, user_input: Mapping[str, Any]) -> Any:
        """Submit a step of a config flow; return the next."""
        path = f"/api/config/config_entries/flow/{flow_id}"
        return await self.rest("POST", path, dict(user_input))

    async def start_options(self, entry_id: str) -> Any:
        """Begin the options flow of an entry; return its first step."""
        path = "/api/config/config_entries/options/flow"
        return await self.rest("POST", path, {"handler": entry_id})

    async def continue_options(
        self, flow_id: str, user_input: Mapping[str, Any]
    ) -> Any:
        """Submit a step of an options flow; return the next."""
        path = f"/api/config/config_entries/options/flow/{flow_id}"
        return await self.rest("POST", path, dict(user_input))


@dataclass(slots=True)
class HomeProcess:
    """Home Assistant as a process that can be stopped and started again."""

    folder: Path
    port: int
    environment: Mapping[str, str]
    log_path: Path
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers; its log begins anew."""
        hass = Path(sys.executable).with_name("hass")
        process = await self._stack.enter_async_context(
            running(
                *(str(hass), "-c", str(self.folder), "--skip-pip", "--log-no-color"),
                cwd=self.folder,
                environment={**self.environment, **SHOWS_DEPRECATIONS},
                log_path=self.log_path,
            )
        )
        await wait_until(
            "Home Assistant starts", self._is_up, timeout_s=120, process=process
        )

    async def stop(self) -> None:
        """Stop it and keep its log under another name."""
        await self._stack.aclose()
        if self.log_path.exists():
            number = len(list(self.log_path.parent.glob(f"{self.log_path.stem}*")))
            self.log_path.rename(
                self.log_path.with_stem(f"{self.log_path.stem}-{number}")
            )

    async def _is_up(self) -> bool | None:
        if "Starting Home Assistant" not in self.log_path.read_text(errors="replace"):
            return None
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self.url}/manifest.json") as answer,
            ):
                return True if answer.ok else None
        except aiohttp.ClientError:
            return None


async def onboard(session: aiohttp.ClientSession, url: str) -> HomeAssistant:
    """Create the owner and finish the onboarding; return a logged-in client."""
    client_id = f"{url}/"
    user = {
        "client_id": client_id,
        "name": "Anna",
        "username": USERNAME,
        "password": PASSWORD,
        "language": "en",
    }
    async with session.post(f"{url}/api/onboarding/users", json=user) as answer:
        answer.raise_for_status()
        code = (await answer.json())["auth_code"]
    form = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
    async with session.post(f"{url}/auth/token", data=form) as answer:
        answer.raise_for_status()
        token = (await answer.json())["access_token"]
    first = HomeAssistant(session, url, token)
    await first.rest("POST", "/api/onboarding/analytics", {})
    redirect = {"client_id": client_id, "redirect_uri": f"{url}/?auth_callback=1"}
    await first.rest("POST", "/api/onboarding/integration", redirect)
    long_lived = await first.websocket(
        {
            "type": "auth/long_lived_access_token",
            "client_name": "demo",
            "lifespan": 30,
        }
    )
    return HomeAssistant(session, url, long_lived)
