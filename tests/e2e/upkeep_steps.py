"""Steps: bad days, leaving, and what the logs say."""

from typing import Final

from tests.simulator.catalog import DEMO_EMAIL, SHORT_ASIN, UNDER_WAY_ASIN

from .flows import change_account
from .logs import WAITS_FOR_ITS_TURN, log_files, our_warnings
from .processes import wait_until
from .store_steps import finished_events
from .tracker_database import (
    let_two_hours_pass,
    let_two_minutes_pass,
    recorded_events,
)
from .walk import DOMAIN, EVENT, Walk, demo_shop_now, expect, fetch_audio, our_states

_OF_THE_SYNC: Final = ("_sync_problem", "_sync_health", "_next_sync_allowed_from")
"""What the first poll changes, which has failed by now or not."""


async def a_restart_without_the_shop(walk: Walk) -> str:
    """Home Assistant starts while the shop is unreachable, and nothing is lost."""
    before = await our_states(walk.house)
    walk.house.may_log(r"WARNING .* Account \d+: .*\(audible_unreachable\)")
    await walk.house.shop_control("POST", "/faults", {"kind": "unreachable"})
    try:
        await walk.house.home_process.stop()
        let_two_minutes_pass(walk.house.home_process.folder)
        await walk.house.home_process.start()

        async def restored() -> dict[str, str] | None:
            after = await our_states(walk.house)
            return after if len(after) >= len(before) else None

        after = await wait_until("the entities", restored, timeout_s=30)
        lost = [
            name
            for name, state in before.items()
            if after.get(name) != state and not name.endswith(_OF_THE_SYNC)
        ]
        expect(not lost, f"after the restart these differ: {lost}")

        async def warned() -> list[str] | None:
            return our_warnings(walk.house.home_process) or None

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
    walk.house.may_log(WAITS_FOR_ITS_TURN)
    await home.call_action("homeassistant", "update_entity", entity)

    async def synced() -> str | None:
        after = (await our_states(walk.house))[sensor]
        return after if after > before else None

    await wait_until("a sync", synced, timeout_s=15)
    told = finished_events(recorded_events(folder, EVENT))
    expect(len(told) == 1, f"the finished book was told {len(told)} times in all")
    return "synced by itself, the finished book was told once in all"


async def a_place_set_here_reaches_the_shop(walk: Walk) -> str:
    """With the option on, and not before; the place is read, written and read back."""
    home, shop = walk.house.home_assistant, walk.house.shop_control
    place_ms = int(demo_shop_now().titles[UNDER_WAY_ASIN].runtime_ms * 0.7)
    place = {"asin": UNDER_WAY_ASIN, "position": str(place_ms // 1000)}
    told = await home.call_action(DOMAIN, "set_position", place, response=True)
    expect(
        not told["service_response"]["is_queued_for_audible"],
        "a place is to be told although the option is off",
    )
    await change_account(home, walk.entry_id, writes_back=True)
    expect(not await _writes(walk), "something was written with the option off")

    async def is_loaded() -> dict[str, str] | None:
        states = await our_states(walk.house)
        return states if "unavailable" not in states.values() else None

    await wait_until("the account", is_loaded, timeout_s=30)
    told = await home.call_action(DOMAIN, "set_position", place, response=True)
    expect(
        told["service_response"]["is_queued_for_audible"], "the place is not to be told"
    )
    let_two_hours_pass(walk.house.home_process.folder)
    [sensor] = [
        name
        for name in await our_states(walk.house)
        if name.endswith("_last_library_sync")
    ]
    await home.call_action("homeassistant", "update_entity", {"entity_id": sensor})

    async def arrived() -> bool | None:
        there = (await shop("GET", "/positions"))[UNDER_WAY_ASIN]
        return True if there // 1000 == place_ms // 1000 else None

    await wait_until("the place at the shop", arrived, timeout_s=60)

    async def is_done() -> bool | None:
        status = await home.call_action(DOMAIN, "get_status", {}, response=True)
        [account] = status["service_response"]["accounts"]
        return True if account["pending_writes"] == 0 else None

    await wait_until("the end of the queue", is_done, timeout_s=60)
    writes = await _writes(walk)
    expect(len(writes) == 1, f"it was written {len(writes)} times")
    return "70 % at the shop, written once, and only with the option on"


async def _writes(walk: Walk) -> list[object]:
    path = "/requests?path_prefix=/1.0/lastpositions"
    return list(await walk.house.shop_control("GET", path))


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
    """No log line of the house holds a secret."""
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
    for path in log_files(walk.house.folder):
        log = path.read_text(errors="replace")
        lines += log.count("\n")
        for secret, what in secrets.items():
            expect(secret not in log, f"{what} stands in the log {path.name}")
    return f"{lines} lines"
