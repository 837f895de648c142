"""Steps: bad days, leaving, and what the logs say."""

import re
from typing import Final

from tests.simulator.catalog import DEMO_EMAIL, SHORT_ASIN

from .processes import wait_until
from .walk import Walk, demo_shop_now, expect, fetch_audio, our_states

_LOG_ENTRY: Final = re.compile(r"^\d{4}-\d\d-\d\d ", re.MULTILINE)
_OUR_FILES: Final = ("custom_components/audible_tracker/", "audible_server/")
_BLOCKING: Final = ("Detected blocking call", "Detected that custom integration")


async def a_restart_without_the_shop(walk: Walk) -> str:
    """Home Assistant starts while the shop is unreachable, and nothing is lost."""
    before = await our_states(walk)
    await walk.house.shop_control("POST", "/faults", {"kind": "unreachable"})
    try:
        await walk.house.home_process.stop()
        await walk.house.home_process.start()

        async def restored() -> dict[str, str] | None:
            after = await our_states(walk)
            return after if len(after) >= len(before) else None

        after = await wait_until("the entities", restored, timeout_s=30)
        lost = [name for name, state in before.items() if after.get(name) != state]
        expect(not lost, f"after the restart these differ: {lost}")
        part = await fetch_audio(walk, SHORT_ASIN, "bytes=0-999")
        expect(len(part) == 1000, "a downloaded title does not stream")
    finally:
        await walk.house.shop_control("DELETE", "/faults")
    return f"{len(after)} entities as before, downloaded titles still stream"


async def removal_signs_out(walk: Walk) -> str:
    """Deleting the entry removes the virtual device from the account."""
    devices = await walk.house.shop_control("GET", "/devices")
    expect(not devices[-1]["is_revoked"], "the device was revoked too early")
    path = f"/api/config/config_entries/entry/{walk.entry_id}"
    await walk.house.home_assistant.rest("DELETE", path)

    async def revoked() -> bool | None:
        devices = await walk.house.shop_control("GET", "/devices")
        return True if all(device["is_revoked"] for device in devices) else None

    await wait_until("the deregistration", revoked, timeout_s=15)
    expect(await our_states(walk) == {}, "entities are left")
    return f"{len(devices)} device(s) deregistered, no entity left"


async def logs_hold_no_secret(walk: Walk) -> str:
    """No log line of the house holds a secret, and none complains about our code."""
    shop = demo_shop_now()
    secrets = {
        walk.house.server.secret: "the server's secret",
        shop.titles[SHORT_ASIN].content_key.hex(): "a key",
        shop.accounts[DEMO_EMAIL].activation_bytes.hex(): "the activation bytes",
        "Atnr|": "a refresh token",
        "Atna|": "an access token",
        "PRIVATE KEY": "a private key",
    }
    lines = 0
    logs = walk.house.folder / "logs"
    for path in (*logs.glob("home-assistant*.log"), *logs.glob("server*.log")):
        name = path.stem
        log = path.read_text(errors="replace")
        lines += log.count("\n")
        for secret, what in secrets.items():
            expect(secret not in log, f"{what} stands in the log of {name}")
        for entry in _LOG_ENTRY.split(log):
            expect(not _is_our_fault(entry), f"the log of {name} complains: {entry}")
    return f"{lines} lines"


def _is_our_fault(entry: str) -> bool:
    """Tell whether a log entry is an error with our files in its traceback.

    At DEBUG, Home Assistant adds the traceback of any failed poll.
    """
    is_traceback = any(path in entry for path in _OUR_FILES) and " DEBUG " not in entry
    return is_traceback or any(sign in entry for sign in _BLOCKING)
