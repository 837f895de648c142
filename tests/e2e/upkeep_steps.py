"""Steps: bad days, leaving, and what the logs say."""

from tests.simulator.catalog import DEMO_EMAIL, SHORT_ASIN

from .logs import blocking_calls, log_files, our_faults, our_warnings
from .processes import wait_until
from .store_steps import finished_events
from .tracker_database import let_two_hours_pass, recorded_events
from .walk import EVENT, Walk, demo_shop_now, expect, fetch_audio, our_states


async def a_restart_without_the_shop(walk: Walk) -> str:
    """Home Assistant starts while the shop is unreachable, and nothing is lost."""
    before = await our_states(walk.house)
    await walk.house.shop_control("POST", "/faults", {"kind": "unreachable"})
    try:
        await walk.house.home_process.stop()
        await walk.house.home_process.start()

        async def restored() -> dict[str, str] | None:
            after = await our_states(walk.house)
            return after if len(after) >= len(before) else None

        after = await wait_until("the entities", restored, timeout_s=30)
        lost = [name for name, state in before.items() if after.get(name) != state]
        expect(not lost, f"after the restart these differ: {lost}")

        async def warned() -> list[str] | None:
            return our_warnings(walk.house) or None

        warnings = await wait_until("the warning", warned, timeout_s=30)
        expect(len(warnings) == 1, f"the log warns more than once: {warnings}")
        part = await fetch_audio(walk, SHORT_ASIN, "bytes=0-999")
        expect(len(part) == 1000, "a downloaded title does not stream")
    finally:
        await walk.house.shop_control("DELETE", "/faults")
    return f"{len(after)} entities as before, one warning, titles still stream"


async def the_shop_comes_back(walk: Walk) -> str:
    """Once Audible answers again the next poll syncs, and tells nothing twice."""
    folder = walk.house.home_process.folder
    home = walk.house.home_assistant
    [(sensor, before)] = [
        (name, state)
        for name, state in (await our_states(walk.house)).items()
        if name.endswith("_last_library_sync")
    ]
    let_two_hours_pass(folder)
    entity = {"entity_id": sensor}
    await home.call_action("homeassistant", "update_entity", entity)

    async def synced() -> str | None:
        after = (await our_states(walk.house))[sensor]
        return after if after > before else None

    await wait_until("a sync", synced, timeout_s=15)
    told = finished_events(recorded_events(folder, EVENT))
    expect(len(told) == 1, f"the finished book was told {len(told)} times in all")
    return "synced by itself, the finished book was told once in all"


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
    expect(await our_states(walk.house) == {}, "entities are left")
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
    for path in log_files(walk.house):
        log = path.read_text(errors="replace")
        lines += log.count("\n")
        for secret, what in secrets.items():
            expect(secret not in log, f"{what} stands in the log {path.name}")
    for complaint in (*our_faults(walk.house), *blocking_calls(walk.house)):
        expect(False, f"a log complains: {complaint}")
    return f"{lines} lines"
