"""Steps: sensors that follow the shop."""

import time
from typing import Any

from tests.simulator.catalog import DEMO_EMAIL, UNDER_WAY_ASIN

from .logs import WAITS_FOR_ITS_TURN
from .processes import wait_until
from .tracker_database import let_two_minutes_pass
from .walk import Walk, demo_shop_now, demo_titles, expect, progress_state


async def sensors_show_the_shop(walk: Walk) -> str:
    """The sensors carry the simulator's numbers."""
    titles = demo_titles()
    title = titles[UNDER_WAY_ASIN]

    async def progress() -> dict[str, Any] | None:
        return await progress_state(walk.house, UNDER_WAY_ASIN)

    state = await wait_until("the progress sensor", progress, timeout_s=30)
    owned = demo_shop_now().accounts[DEMO_EMAIL].library[UNDER_WAY_ASIN]
    expected = 100 * owned.positions[-1].position_ms / title.runtime_ms
    expect(
        abs(float(state["state"]) - expected) < 0.1,
        f"progress is {state['state']}, the simulator has {expected:.1f}",
    )
    states = await walk.house.home_assistant.states()
    reading = _of_translation_key(states, "currently_reading")
    expect(reading["state"] == title.title, f"currently reading is {reading['state']}")
    return f"{title.title}: {float(state['state']):.1f} %, as at the shop"


async def a_move_reaches_the_sensor(walk: Walk) -> str:
    """A position changed at the shop arrives when the entity is asked to update."""
    title = demo_titles()[UNDER_WAY_ASIN]
    before = await progress_state(walk.house, UNDER_WAY_ASIN)
    expect(before is not None, "there is no progress sensor")
    target_ms = int(title.runtime_ms * 0.64)
    await walk.house.shop_control(
        "POST", "/positions", {"asin": UNDER_WAY_ASIN, "position_ms": target_ms}
    )
    requests = len(await _library_requests(walk))
    let_two_minutes_pass(walk.house.home_process.folder)
    started = time.monotonic()
    walk.house.may_log(WAITS_FOR_ITS_TURN)
    await walk.house.home_assistant.call_action(
        "homeassistant",
        "update_entity",
        {"entity_id": before["entity_id"]},  # type: ignore[index]
    )

    async def moved() -> bool | None:
        state = await progress_state(walk.house, UNDER_WAY_ASIN)
        return True if state and abs(float(state["state"]) - 64) < 0.1 else None

    # Others have asked meanwhile: it may have to wait for its turn.
    await wait_until("the new position", moved, timeout_s=45)
    expect(
        len(await _library_requests(walk)) == requests,
        "the poll of a position also asked for the library",
    )
    return f"64 % after {time.monotonic() - started:.1f} s, no library request"


def _of_translation_key(states: dict[str, Any], key: str) -> dict[str, Any]:
    found = [state for name, state in states.items() if name.endswith(f"_{key}")]
    expect(len(found) == 1, f"there are {len(found)} entities for {key}")
    return dict(found[0])


async def _library_requests(walk: Walk) -> list[Any]:
    path = "/requests?path_prefix=/1.0/library"
    return list(await walk.house.shop_control("GET", path))
