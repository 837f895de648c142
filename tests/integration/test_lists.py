"""Calendars and to-do lists: reads, releases, what comes next, the wishlist."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker.core.series import ASKED_PER_DAY
from custom_components.audible_tracker.core.store.reads import load_reads_of_link
from custom_components.audible_tracker.todo import asin_in
from tests.integration.steps import Household
from tests.simulator.catalog import (
    NOT_OWNED_ASIN,
    TEN_HOUR_ASIN,
    UNDER_WAY_ASIN,
    WISHED_ASIN,
)
from tests.simulator.faults import FaultKind

WISHES = "/1.0/wishlist"
CATALOG = "/1.0/catalog/products"


async def do(household: Household, action: str, key: str, **data: Any) -> Any:
    """Call an action of an entity; return what it answers for it."""
    domain, name = action.split(".")
    entity_id = household.state(key).entity_id
    answers = household.hass.services.supports_response(domain, name) != "none"
    answer = await household.hass.services.async_call(
        domain,
        name,
        data | {"entity_id": entity_id},
        blocking=True,
        return_response=answers,
    )
    await household.settle()
    return answer[entity_id] if answers else None


async def items(household: Household, key: str) -> list[dict[str, Any]]:
    """Return all entries of a list."""
    status = ["needs_action", "completed"]
    answer = await do(household, "todo.get_items", key, status=status)
    found: list[dict[str, Any]] = answer["items"]
    return found


async def summaries(household: Household, key: str) -> list[str]:
    """Return the entries' texts."""
    return [item["summary"] for item in await items(household, key)]


async def events(
    household: Household, key: str, first: date, last: date
) -> dict[str, tuple[str, str]]:
    """Return first day and day after the last of what is on a calendar.

    As the calendar's page asks for it: up to the midnight after the last day.
    """
    answer = await do(
        household,
        "calendar.get_events",
        key,
        start_date_time=f"{first}T00:00:00",
        end_date_time=f"{last + timedelta(days=1)}T00:00:00",
    )
    return {
        event["summary"]: (event["start"], event["end"]) for event in answer["events"]
    }


# --- calendars ------------------------------------------------------------------------


async def test_book_that_is_finished_is_on_its_days(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """From the day it was started to the day it was finished."""
    await household.sign_up()
    title = household.owned(UNDER_WAY_ASIN).title.title
    household.owned(UNDER_WAY_ASIN).is_finished = True
    await household.pass_time(freezer, timedelta(minutes=67))
    # A day may have ended meanwhile.
    today = dt_util.now().date()

    found = await events(
        household, "_reader_1_reading", today - timedelta(days=400), today
    )

    _, end = found[title]
    assert end == str(dt_util.now().date() + timedelta(days=1))
    none = await events(
        household, "_reader_1_reading", date(1999, 1, 1), date(1999, 2, 1)
    )
    assert none == {}


async def test_book_that_is_read_is_on_today(household: Household) -> None:
    """The calendar is on while something is read, from the day it was begun."""
    entry = await household.sign_up()
    today = dt_util.now().date()
    begun = today - timedelta(days=3)
    title = household.owned(UNDER_WAY_ASIN).title.title
    assert household.state("_reader_1_reading").state == "off"

    data = entry.runtime_data
    heard = data.coordinator.data.readers[0].reading_now
    async with data.store.reading() as connection:
        [read] = await load_reads_of_link(connection, heard.link_id)

    await household.act("edit_read", read_id=read.read_id, started_on=begun)
    await household.settle()

    state = household.state("_reader_1_reading")
    assert state.state == "on"
    assert state.attributes["message"] == title
    assert state.attributes["start_time"] == f"{begun} 00:00:00"
    found = await events(household, "_reader_1_reading", today, today)
    assert found[title] == (str(begun), str(today + timedelta(days=1)))


async def test_release_of_the_wishlist_is_on_its_day(household: Household) -> None:
    """What is wished for and has a day is on the calendar of the account."""
    await household.sign_up()
    wished = {wish["summary"]: wish for wish in await items(household, "_wishlist")}
    name, day = next(
        (name, date.fromisoformat(wish["due"]))
        for name, wish in wished.items()
        if "due" in wish
    )

    found = await events(household, "_releases", day, day)

    assert found[name] == (str(day), str(day + timedelta(days=1)))
    before = day - timedelta(days=1)
    assert name not in await events(household, "_releases", before, before)


async def test_title_to_come_in_a_series_is_on_its_day(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Of series that somebody has heard something of; it costs a few requests a day."""
    titles = household.simulator.shop.titles
    day = dt_util.now().date() + timedelta(days=40)
    name = "The Case-Book of Sherlock Holmes"
    coming = replace(
        titles["B0HOUNDBAS"], asin="B0CASEBOOK", title=name, released_on=day
    )
    titles["B0CASEBOOK"] = coming
    await household.sign_up()
    asked = household.count(CATALOG)

    found = await events(household, "_releases", day, day)
    await household.pass_time(freezer, timedelta(minutes=6))

    assert found[name] == (str(day), str(day + timedelta(days=1)))
    assert 0 < asked <= ASKED_PER_DAY
    assert household.count(CATALOG) == asked
    past = dt_util.now().date() - timedelta(days=3650)
    gone = await events(household, "_releases", past, day - timedelta(days=1))
    assert "The Hound of the Baskervilles" not in gone
    titles["B0CASEBOOK"] = replace(coming, released_on=day + timedelta(days=7))
    await household.pass_time(freezer, timedelta(days=1))
    assert name not in await events(household, "_releases", day, day)


# --- up next --------------------------------------------------------------------------


async def test_list_of_what_comes_next_is_the_readers(household: Household) -> None:
    """Added at the end, changed, noted as heard, taken off; the state counts them."""
    entry = await household.sign_up()
    assert household.state("_up_next").state == "0"
    for name in ("Emma", "Dracula", "Ulysses"):
        await do(household, "todo.add_item", "_up_next", item=name)

    assert await summaries(household, "_up_next") == ["Emma", "Dracula", "Ulysses"]
    await do(
        household,
        "todo.update_item",
        "_up_next",
        item="Dracula",
        rename="Dracula again",
        description="unabridged",
        status="completed",
    )
    await do(household, "todo.remove_item", "_up_next", item="Ulysses")

    assert household.state("_up_next").state == "1"
    await household.restart(entry)
    kept = await items(household, "_up_next")
    assert [(one["summary"], one["status"]) for one in kept] == [
        ("Emma", "needs_action"),
        ("Dracula again", "completed"),
    ]
    assert kept[1]["description"] == "unabridged"


async def test_order_is_the_readers(household: Household, hass_ws_client: Any) -> None:
    """An entry goes behind another one, or to the top."""
    await household.sign_up()
    for name in ("Emma", "Dracula", "Ulysses"):
        await do(household, "todo.add_item", "_up_next", item=name)
    client = await hass_ws_client()
    entity_id = household.state("_up_next").entity_id
    first, second, third = (one["uid"] for one in await items(household, "_up_next"))

    async def move(uid: str, **after: str) -> dict[str, Any]:
        await client.send_json_auto_id(
            {"type": "todo/item/move", "entity_id": entity_id, "uid": uid, **after}
        )
        answer: dict[str, Any] = await client.receive_json()
        return answer

    assert (await move(third))["success"]
    assert (await move(first, previous_uid=second))["success"]

    assert await summaries(household, "_up_next") == ["Ulysses", "Dracula", "Emma"]
    assert not (await move(first, previous_uid="99"))["success"]
    assert not (await move("99"))["success"]


# --- the wishlist ---------------------------------------------------------------------


async def test_wishlist_is_audibles(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """It comes with the first sync, then once a day, and only reads."""
    await household.sign_up()
    account = household.simulator.shop.accounts["anna@example.com"]
    titles = [wish.title.title for wish in account.wishes]
    assert await summaries(household, "_wishlist") == titles
    before = household.count(WISHES)

    account.wishes.pop()
    await household.pass_time(freezer, timedelta(minutes=6))
    assert household.count(WISHES) == before
    await household.pass_time(freezer, timedelta(days=1))

    assert await summaries(household, "_wishlist") == titles[:1]
    assert household.count(WISHES) == before + 1
    with pytest.raises(HomeAssistantError):
        await do(household, "todo.add_item", "_wishlist", item=TEN_HOUR_ASIN)


async def test_wishlist_is_changed_where_writing_back_is_on(
    household: Household,
) -> None:
    """Added by ASIN or address, taken off; it is so at Audible."""
    await household.sign_up()
    account = household.simulator.shop.accounts["anna@example.com"]
    switch = household.state("_write_back").entity_id
    await household.hass.services.async_call(
        "switch", "turn_on", {"entity_id": switch}, blocking=True
    )

    await do(
        household,
        "todo.add_item",
        "_wishlist",
        item=f"https://www.audible.com/pd/A-Title-Audiobook/{TEN_HOUR_ASIN}?ref=x",
    )
    await do(household, "todo.remove_item", "_wishlist", item=NOT_OWNED_ASIN)

    assert {wish.title.asin for wish in account.wishes} == {WISHED_ASIN, TEN_HOUR_ASIN}
    shown = {one["uid"] for one in await items(household, "_wishlist")}
    assert shown == {WISHED_ASIN, TEN_HOUR_ASIN}


async def test_wish_is_found_by_words(household: Household) -> None:
    """Title and author as they are said, where only one title of the shop has them."""
    await household.sign_up()
    account = household.simulator.shop.accounts["anna@example.com"]
    switch = household.state("_write_back").entity_id
    await household.hass.services.async_call(
        "switch", "turn_on", {"entity_id": switch}, blocking=True
    )

    await do(
        household, "todo.add_item", "_wishlist", item="leagues under the sea, verne"
    )

    assert TEN_HOUR_ASIN in {wish.title.asin for wish in account.wishes}
    shown = {one["uid"] for one in await items(household, "_wishlist")}
    assert TEN_HOUR_ASIN in shown


async def test_wish_that_cannot_be_is_told(household: Household) -> None:
    """No title, several titles, a shop that is away: each has a sentence."""
    await household.sign_up()
    switch = household.state("_write_back").entity_id
    await household.hass.services.async_call(
        "switch", "turn_on", {"entity_id": switch}, blocking=True
    )

    with pytest.raises(ServiceValidationError) as wrong:
        await do(household, "todo.add_item", "_wishlist", item="Ulysses by Joyce")
    assert wrong.value.translation_key == "wish_unknown"
    assert "Ulysses by Joyce" in str(wrong.value)
    with pytest.raises(ServiceValidationError) as unclear:
        await do(household, "todo.add_item", "_wishlist", item="the")
    assert unclear.value.translation_key == "wish_unclear"
    with pytest.raises(ServiceValidationError) as unknown:
        await do(household, "todo.add_item", "_wishlist", item="B0NOTHINGX")
    assert unknown.value.translation_key == "not_in_store"
    household.break_shop(FaultKind.UNREACHABLE)
    with pytest.raises(HomeAssistantError) as away:
        await do(household, "todo.add_item", "_wishlist", item=TEN_HOUR_ASIN)
    assert away.value.translation_key == "audible_unreachable"


@pytest.mark.parametrize(
    ("text", "asin"),
    [
        ("B0PRIDEPRJ", "B0PRIDEPRJ"),
        (" b0prideprj ", "B0PRIDEPRJ"),
        ("https://www.audible.de/pd/Stolz-und-X-Hoerbuch/B0PRIDEPRJ", "B0PRIDEPRJ"),
        ("https://www.amazon.com/dp/B0PRIDEPRJ/ref=sr_1_1", "B0PRIDEPRJ"),
        ("look: https://www.audible.com/pd/B0PRIDEPRJ?a=b", "B0PRIDEPRJ"),
    ],
)
def test_wish_is_named_as_people_have_it(text: str, asin: str) -> None:
    """The address from the browser will do."""
    assert asin_in(text) == asin


@pytest.mark.parametrize(
    "text", ["", "Emma", "Metropolis", "https://www.audible.com/pd/Emma"]
)
def test_words_are_no_asin(text: str) -> None:
    """Also where there are ten letters."""
    assert asin_in(text) is None
