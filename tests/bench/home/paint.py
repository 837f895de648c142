"""When the shelf is painted, beside a card of Home Assistant's own.

Both dashboards are opened in turn from another panel, in one window of a real browser;
the modules are in its cache. The yardstick is a tile, which shows one entity.
"""

import asyncio
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from playwright.async_api import Page

from tests.bench.figures import Figure
from tests.bench.home.large_house import LargeHouse, running_large_house
from tests.e2e.browser import home_context, open_home, running_browser
from tests.e2e.dashboard import STRATEGY
from tests.e2e.painting import paint_ms

_ROUNDS: Final = 7
_MAX_MS: Final = 300.0
_OURS: Final = "bench-ours"
_THEIRS: Final = "bench-theirs"
_TILE: Final = {"type": "tile", "entity": "sun.sun"}
_TILES: Final = {
    "views": [
        {
            "path": "tiles",
            "type": "sections",
            "sections": [{"type": "grid", "cards": [_TILE]}],
        }
    ]
}


def measure() -> Iterator[Figure]:
    """Give the times of the first paint after the panel."""
    pairs = asyncio.run(_paints())
    n = len(pairs)
    ours = median(own for own, _ in pairs)
    tile = median(theirs for _, theirs in pairs)
    ratio = median(own / theirs for own, theirs in pairs)
    yield Figure("tile_first_paint_ms", tile, "ms, Home Assistant's own", None, n)
    yield Figure("card_first_paint_ms", ours, "ms", _MAX_MS, n)
    yield Figure("card_first_paint_vs_tile", ratio, "x", None, n)


async def _paints() -> list[tuple[float, float]]:
    async with running_large_house("paint") as house, running_browser() as browser:
        await _add_dashboard(house, _OURS, STRATEGY)
        await _add_dashboard(house, _THEIRS, _TILES)
        page = await (await home_context(browser, house.home)).new_page()
        # Once for the browser's cache.
        await _pair(page, house)
        return [await _pair(page, house) for _ in range(_ROUNDS)]


async def _pair(page: Page, house: LargeHouse) -> tuple[float, float]:
    await open_home(page, house.home, "/history")
    theirs = await paint_ms(page, f"/{_THEIRS}/tiles", "hui-tile-card", "ha-tile-info")
    await open_home(page, house.home, "/history")
    return await paint_ms(page, f"/{_OURS}/listening"), theirs


async def _add_dashboard(house: LargeHouse, path: str, config: dict[str, Any]) -> None:
    """Make a dashboard that is stored."""
    create = {"type": "lovelace/dashboards/create", "url_path": path}
    await house.home.websocket({**create, "title": "Bench", "mode": "storage"})
    save = {"type": "lovelace/config/save", "url_path": path, "config": config}
    await house.home.websocket(save)
