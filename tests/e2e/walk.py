"""What the steps of a first day share: the house, the browser, what is known so far."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser

from tests.integration.mpd import Mpd
from tests.simulator.catalog import demo_shop

from .household import Household

DOMAIN: Final = "audible_tracker"
EVENT: Final = f"{DOMAIN}_event"


@dataclass(slots=True)
class Walk:
    """The state that the steps share, in the order in which a person makes them."""

    house: Household
    speaker: Mpd
    browser: Browser
    pictures: Path
    entry_id: str = ""
    asked_at: float = 0.0
    listener: asyncio.Future[None] | None = None

    def picture(self, name: str) -> Path:
        """Return where a screenshot is kept."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        return self.pictures / f"{name}.png"

    def end_listening(self) -> None:
        """Let nobody listen in the background any more."""
        if self.listener is not None:
            self.listener.cancel()


class CheckError(AssertionError):
    """Something that the demo promises is not so; the message says what."""


def expect(condition: object, message: str) -> None:
    """Raise CheckError unless the condition holds."""
    if not condition:
        raise CheckError(message)


type Step = Callable[[Walk], Awaitable[str]]


def demo_shop_now() -> Any:
    """Return the demo's shop as it is at the start; keys and names do not change."""
    return demo_shop(datetime.now(UTC))


def demo_titles() -> dict[str, Any]:
    """Return the demo's titles by ASIN."""
    titles: dict[str, Any] = demo_shop_now().titles
    return titles


async def fetch_audio(walk: Walk, asin: str, byte_range: str | None = None) -> bytes:
    server = walk.house.server
    headers = {"X-API-Secret": server.secret}
    if byte_range:
        headers["Range"] = byte_range
    url = f"{server.url}/stream/{asin}"
    while True:
        async with walk.house.session.get(url, headers=headers) as answer:
            if answer.status == 503:
                # Its license has to wait behind others: players come again.
                wait_s = int(answer.headers["Retry-After"])
            else:
                expected = 206 if byte_range else 200
                expect(answer.status == expected, f"{asin}: status {answer.status}")
                return await answer.read()
        expect(wait_s <= 60, f"{asin}: asked to wait {wait_s} s")
        await asyncio.sleep(wait_s)


async def our_states(house: Household) -> dict[str, str]:
    """Return the states of our entities, without those that tell the time of a poll."""
    home = house.home_assistant
    entries = await home.websocket({"type": "config/entity_registry/list"})
    ours = {entry["entity_id"] for entry in entries if entry["platform"] == DOMAIN}
    states = await home.states()
    return {name: state["state"] for name, state in states.items() if name in ours}


async def progress_state(house: Household, asin: str) -> dict[str, Any] | None:
    """Return the state of a title's progress sensor, None while there is none."""
    states = await house.home_assistant.states()
    for state in states.values():
        if state["entity_id"].startswith("sensor.") and (
            state["attributes"].get("asin") == asin
            and state["attributes"].get("unit_of_measurement") == "%"
        ):
            return state if state["state"] not in ("unknown", "unavailable") else None
    return None
