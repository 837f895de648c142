"""Runs inside of Home Assistant: notes the start, and what is written.

Beside the configuration lies ``bench_start.json``: what was noted of the last start.
The action ``bench_probe.written`` answers which states were written since it was
called last, also those that stayed as they were.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import (
    Event,
    HomeAssistant,
    ServiceCall,
    SupportsResponse,
    callback,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType
from homeassistant.setup import async_get_domain_setup_times

_AFTER_S = 5


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Note when the start is over, and from now on what is written."""

    @callback
    def note(hass: HomeAssistant) -> None:
        found = {
            "wall_s": time.time() - _began_at(),
            "cpu_s": time.process_time(),
            "pid": os.getpid(),
            "phases": async_get_domain_setup_times(hass, "audible_tracker"),
        }
        hass.async_create_background_task(_write_later(hass, found), "bench probe")

    async_at_started(hass, note)
    _note_written(hass)
    return True


def _note_written(hass: HomeAssistant) -> None:
    changed: list[str] = []
    reported: list[str] = []

    @callback
    def note_changed(event: Event[Any]) -> None:
        changed.append(event.data["entity_id"])

    @callback
    def note_reported(event: Event[Any]) -> None:
        reported.append(event.data["entity_id"])

    @callback
    def all_of_them(_data: object) -> bool:
        return True

    @callback
    def answer(_call: ServiceCall) -> dict[str, Any]:
        answered = {"changed": changed.copy(), "reported": reported.copy()}
        changed.clear()
        reported.clear()
        return answered

    hass.bus.async_listen(EVENT_STATE_CHANGED, note_changed)
    # Nobody may hear these unfiltered.
    hass.bus.async_listen(EVENT_STATE_REPORTED, note_reported, all_of_them)
    hass.services.async_register(
        "bench_probe", "written", answer, supports_response=SupportsResponse.ONLY
    )


async def _write_later(hass: HomeAssistant, found: dict[str, Any]) -> None:
    """Write what was found, with all that is imported when the house has settled."""
    await asyncio.sleep(_AFTER_S)
    text = json.dumps({**found, "modules": sorted(sys.modules)})
    path = Path(hass.config.config_dir) / "bench_start.json"
    await hass.async_add_executor_job(path.write_text, text)


def _began_at() -> float:
    """Return when this process began, as seconds since the epoch."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    since_boot_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - (time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot_s)
