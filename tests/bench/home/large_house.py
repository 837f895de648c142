"""A home with an account of a thousand titles, its shop and its server."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.flows import sign_in_by_rest
from tests.e2e.home_assistant import REPOSITORY, HomeAssistant
from tests.e2e.household import Household, MediaServer, Shop, running_household
from tests.e2e.processes import wait_until
from tests.e2e.walk import DOMAIN

CACHE: Final = REPOSITORY / ".cache" / "bench" / "home"
TITLES: Final = 1000
_PROBE: Final = "bench_probe"
_START: Final = "bench_start.json"
_LOGS: Final = f"custom_components.{DOMAIN}"
_PATIENCE_S: Final = 120.0


@dataclass(slots=True)
class LargeHouse:
    """The running home; ``entry_id`` is its account's."""

    house: Household
    entry_id: str

    @property
    def home(self) -> HomeAssistant:
        """Return Home Assistant's client."""
        return self.house.home_assistant

    @property
    def folder(self) -> Path:
        """Return Home Assistant's folder."""
        return self.house.home_process.folder

    async def start_note(self) -> dict[str, Any]:
        """Return what the probe noted of the start, once it has."""

        async def read() -> dict[str, Any] | None:
            path = self.folder / _START
            try:
                note: dict[str, Any] = json.loads(path.read_text())
            except OSError, ValueError:
                # It is not there yet, or not whole.
                return None
            return note

        return await wait_until("the probe's note", read, timeout_s=_PATIENCE_S)

    async def restart(self) -> dict[str, Any]:
        """Restart Home Assistant; return what the probe noted of the start."""
        await self.house.home_process.stop()
        (self.folder / _START).unlink(missing_ok=True)
        await self.house.home_process.start()
        return await self.start_note()

    async def enable_account(self, *, is_enabled: bool) -> None:
        """Let the account be set up at a start, or not."""
        command = {"type": "config_entries/disable", "entry_id": self.entry_id}
        disabled_by = None if is_enabled else "user"
        await self.home.websocket({**command, "disabled_by": disabled_by})

    def import_first(self, modules: list[str]) -> None:
        """Have these modules imported before each start, whatever is set up."""
        early = self.folder.with_name("early")
        early.mkdir()
        shutil.copy(Path(__file__).with_name("early.py"), early / "sitecustomize.py")
        (early / "imports.json").write_text(json.dumps(modules))
        process = self.house.home_process
        process.environment = {**process.environment, "PYTHONPATH": str(early)}

    async def entities(self) -> dict[str, str]:
        """Return the integration's entities: unique id by entity id."""
        listed = await self.home.websocket({"type": "config/entity_registry/list"})
        return {
            row["entity_id"]: row["unique_id"]
            for row in listed
            if row["platform"] == DOMAIN
        }

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return the integration's states by entity id."""
        ours = await self.entities()
        states = await self.home.states()
        return {name: state for name, state in states.items() if name in ours}

    async def written(self) -> dict[str, list[str]]:
        """Return what the probe noted of states since it was asked last.

        Those that ``changed``, and those that were ``reported`` as they were.
        """
        answer = await self.home.call_action(_PROBE, "written", {}, response=True)
        noted: dict[str, list[str]] = answer["service_response"]
        return noted

    async def library_requests(self) -> int:
        """Return how often the shop was asked for the library."""
        path = "/requests/count?path_prefix=/1.0/library"
        return sum((await self.house.shop_control("GET", path)).values())


@asynccontextmanager
async def running_large_house(name: str) -> AsyncIterator[LargeHouse]:
    """Start everything anew; the customer owns a thousand titles more than the demo."""
    async with running_household(
        CACHE / name, log_level="warning", lay_out=_furnish
    ) as house:
        more = {"count": TITLES, "listened": True}
        await house.shop_control("POST", "/titles/make", more)
        large = LargeHouse(house, await sign_in_by_rest(house))
        await large.start_note()
        yield large


async def _furnish(home_folder: Path, _shop: Shop, _server: MediaServer) -> None:
    """Put the probe in; log little, as Home Assistant does for users."""
    probe = home_folder / "custom_components" / _PROBE
    probe.mkdir()
    shutil.copy(Path(__file__).with_name("probe.py"), probe / "__init__.py")
    manifest = {"domain": _PROBE, "name": "Probe", "version": "1.0.0"}
    more = {"codeowners": [], "documentation": "", "requirements": []}
    (probe / "manifest.json").write_text(json.dumps(manifest | more))
    path = home_folder / "configuration.yaml"
    # That it starts is what one waits for.
    quiet = path.read_text().replace(f"{_LOGS}: debug", "homeassistant.core: info")
    path.write_text(f"{quiet}{_PROBE}:\n")
