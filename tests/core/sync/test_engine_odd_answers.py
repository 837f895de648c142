"""One odd value in an answer costs that value, and never a sync."""

from typing import Any

import pytest
from audible_core.audible.parse import (
    parse_content_metadata,
    parse_library_page,
    parse_positions,
)
from audible_core.store.titles import load_recording

from tests.core.sync.home import NAMES, Home
from tests.core.sync.paper import HOUR_MS, asin

FAR = "9999-12-31T23:59:59Z"
LONG_AGO = "0001-01-01T00:00:00Z"
HUGE = 10**20


def _item(number: int, **members: Any) -> dict[str, Any]:
    return {
        "asin": asin(number),
        "title": NAMES[number],
        "authors": [{"name": "Jane Roe"}],
        "runtime_length_min": 600,
        "percent_complete": 10.0,
    } | members


ODD: tuple[dict[str, Any], ...] = (
    {"purchase_date": FAR},
    {"purchase_date": LONG_AGO},
    {"listening_status": {"finished_at_timestamp": FAR, "is_finished": True}},
    {"listening_status": {"finished_at_timestamp": LONG_AGO}},
    {"runtime_length_min": HUGE, "release_date": FAR},
    {"percent_complete": HUGE, "title": "A\0B", "sku_lite": "\0"},
)


async def test_odd_numbers_and_dates_stop_no_sync(home: Home) -> None:
    """Neither where a title is new, nor where it is known."""
    items = [_item(number, **odd) for number, odd in enumerate(ODD)]
    for answer in ([_item(number) for number in range(len(ODD))], items):
        home.shop.add(*parse_library_page({"items": answer}))
        await home.sync()
    assert len(ODD) == len(await home.books())
    await home.add_reader("Ben")
    fresh = await home.second_account()
    fresh.shop.add(*home.shop.titles.values())
    await fresh.sync()
    assert len(ODD) == (await fresh.logs())[0].titles_new


@pytest.mark.parametrize(
    "heard",
    [
        {"position_ms": HUGE, "last_updated": "2026-11-20 18:30:00.0"},
        {"position_ms": HOUR_MS, "last_updated": LONG_AGO},
        {"position_ms": str(HUGE), "last_updated": FAR},
    ],
)
async def test_odd_place_is_none(followed: Home, heard: dict[str, Any]) -> None:
    """It is left out, and the others are believed."""
    annotation = {"asin": asin(1), "last_position_heard": heard}
    followed.shop.places |= parse_positions(
        {"asin_last_position_heard_annots": [annotation]}
    )
    followed.shop.hear(HOUR_MS, number=2)
    await followed.sync()
    assert None is (await followed.link(1)).last_position_ms
    assert HOUR_MS == (await followed.link(2)).last_position_ms


async def test_odd_mark_of_a_recording_is_kept_as_far_as_it_can_be(
    followed: Home,
) -> None:
    """PostgreSQL takes no NUL in a text."""
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    reference = {"acr": "CR!\0A", "version": "1\0"}
    body = {"content_metadata": {"content_reference": reference}}
    odd = parse_content_metadata(body, asin(1))
    followed.shop.record(1, odd.acr, odd.version or "")
    assert 1 == await followed.engine.ask_recordings(at_most=3)
    async with followed.store.reading() as connection:
        kept = await load_recording(connection, followed.account_id, asin(1))
    assert kept is not None
    assert ("CR!A", "1") == (kept.acr, kept.version)
