"""Steps: signing in, and sensors that follow the shop."""

import time
from typing import Any

from tests.simulator.catalog import DEMO_EMAIL, UNDER_WAY_ASIN

from .browser import sign_in_at_shop
from .processes import wait_until
from .walk import DOMAIN, Walk, demo_shop_now, demo_titles, expect


async def sign_in(walk: Walk) -> str:
    """Sign in through the real config flow, with a real browser at the shop."""
    home = walk.house.home_assistant
    step = await home.start_flow(DOMAIN)
    expect(step["step_id"] == "user", f"the flow begins with {step}")
    step = await home.continue_flow(step["flow_id"], {"country_code": walk.country})
    expect(step["step_id"] == "sign_in", f"after the country comes {step}")
    wrong = await home.continue_flow(
        step["flow_id"], {"landing_url": "https://www.amazon.de/gp/help"}
    )
    expect(
        wrong["errors"] == {"landing_url": "landing_wrong_page"},
        f"a wrong page is answered with {wrong.get('errors')}",
    )
    landing = await sign_in_at_shop(
        walk.browser,
        step["description_placeholders"]["url"],
        proxy_url=walk.house.shop.proxy_url,
        email=walk.house.shop.email,
        password=walk.house.shop.password,
        picture=walk.picture("shop-sign-in"),
    )
    done = await home.continue_flow(step["flow_id"], {"landing_url": landing})
    expect(done["type"] == "create_entry", f"the flow ends with {done}")
    walk.entry_id = done["result"]["entry_id"]
    return f"signed in as {done['title']}"


async def sensors_show_the_shop(walk: Walk) -> str:
    """The sensors carry the simulator's numbers."""
    titles = demo_titles()
    title = titles[UNDER_WAY_ASIN]

    async def progress() -> dict[str, Any] | None:
        return await progress_state(walk, UNDER_WAY_ASIN)

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
    before = await progress_state(walk, UNDER_WAY_ASIN)
    expect(before is not None, "there is no progress sensor")
    target_ms = int(title.runtime_ms * 0.64)
    await walk.house.shop_control(
        "POST", "/positions", {"asin": UNDER_WAY_ASIN, "position_ms": target_ms}
    )
    requests = len(await _library_requests(walk))
    started = time.monotonic()
    await walk.house.home_assistant.call_action(
        "homeassistant",
        "update_entity",
        {"entity_id": before["entity_id"]},  # type: ignore[index]
    )

    async def moved() -> bool | None:
        state = await progress_state(walk, UNDER_WAY_ASIN)
        return True if state and abs(float(state["state"]) - 64) < 0.1 else None

    await wait_until("the new position", moved, timeout_s=15)
    expect(
        len(await _library_requests(walk)) == requests,
        "the poll of a position also asked for the library",
    )
    return f"64 % after {time.monotonic() - started:.1f} s, no library request"


async def progress_state(walk: Walk, asin: str) -> dict[str, Any] | None:
    """Return the state of a title's progress sensor, None while there is none."""
    states = await walk.house.home_assistant.states()
    for state in states.values():
        if state["entity_id"].startswith("sensor.") and (
            state["attributes"].get("asin") == asin
            and state["attributes"].get("unit_of_measurement") == "%"
        ):
            return state if state["state"] not in ("unknown", "unavailable") else None
    return None


def _of_translation_key(states: dict[str, Any], key: str) -> dict[str, Any]:
    found = [state for name, state in states.items() if name.endswith(f"_{key}")]
    expect(len(found) == 1, f"there are {len(found)} entities for {key}")
    return dict(found[0])


async def _library_requests(walk: Walk) -> list[Any]:
    path = "/requests?path_prefix=/1.0/library"
    return list(await walk.house.shop_control("GET", path))
