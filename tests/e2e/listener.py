"""Somebody who listens in the background, an hour a minute, as a phone tells it."""

import asyncio
import time
from typing import Final

import aiohttp

from .household import Household
from .walk import DOMAIN, demo_titles

SPEED: Final = 60
"""Times as fast as it is spoken, so that a book is finished every few minutes."""

FIRST_BOOK: Final = "B0TIMEMACH"
BOOKS: Final = (
    FIRST_BOOK,
    *("B0STUDYSCA", "B0DRACULA1", "B0HOUNDBAS", "B0SECRGRDN", "B0VALLEYFR"),
    *("B0AROUND80", "B0MOBYDICK", "B0MULTIMIS", "B0ADVENSHE", "B0ODYSSEY1"),
)
"""What is heard, one after the other: what is under way first, then what is new."""

_STEP_S: Final = 5
_A_SENSOR: Final = "_last_library_sync"


async def listen(house: Household) -> None:
    """Hear one book after the other, each to its end."""
    for asin in BOOKS:
        await _hear(house, asin)


async def _hear(house: Household, asin: str) -> None:
    runtime_ms = demo_titles()[asin].runtime_ms
    known = await house.shop_control("GET", "/positions")
    place_ms = known.get(asin, 0)
    is_shown = False
    then = time.monotonic()
    while place_ms < runtime_ms:
        await asyncio.sleep(_STEP_S)
        now = time.monotonic()
        place_ms = min(runtime_ms, place_ms + int((now - then) * SPEED * 1000))
        then = now
        place = {"asin": asin, "position_ms": place_ms}
        await house.shop_control("POST", "/positions", place)
        is_shown = is_shown or await _show_now(house, asin)
    finished = {"asin": asin, "percent_complete": 100, "is_finished": True}
    await house.shop_control("POST", "/listening-status", finished)


async def _show_now(house: Household, asin: str) -> bool:
    """Ask for a title that was just begun, as who does not want to wait for a sync.

    What has moved lately is asked for each minute by itself. Tells whether it was seen.
    """
    home = house.home_assistant
    try:
        await home.call_action(DOMAIN, "sync_book", {"asin": asin})
        sensor = next(name for name in await home.states() if name.endswith(_A_SENSOR))
        await home.call_action("homeassistant", "update_entity", {"entity_id": sensor})
    except RuntimeError, StopIteration, aiohttp.ClientError:
        # It may not be asked for now, or Home Assistant restarts.
        return False
    return True
