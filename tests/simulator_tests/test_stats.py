"""Listening statistics, and what players tell."""

from datetime import timedelta
from typing import Any

import pytest

from tests.simulator.catalog import DEMO_EMAIL, UNSTARTED_ASIN
from tests.simulator.shop import Account, Heard

from .phone import Phone, Reply

GROUPS = "listening_status,percent_complete,is_finished"


def customer(phone: Phone) -> Account:
    """Return the demo customer."""
    return phone.simulator.shop.accounts[DEMO_EMAIL]


async def aggregates(phone: Phone, **query: object) -> Reply:
    """Ask for sums."""
    return await phone.api("GET", "/1.0/stats/aggregates", store="Audible", **query)


async def window(phone: Phone, kind: str, start: str, count: int) -> list[Any]:
    """Return the intervals of one window."""
    name = f"{kind}_listening_interval"
    query = {f"{name}_start_date": start, f"{name}_duration": count}
    reply = await aggregates(phone, **query)
    return list(reply.json[f"aggregated_{kind}_listening_stats"])


async def test_neighboring_windows_repeat_their_edge(phone: Phone) -> None:
    """A window of 30 days holds 31: its last day is the first of the next window."""
    today = phone.simulator.shop.now().date()
    days = []
    for back in (60, 30):
        start = (today - timedelta(days=back)).isoformat()
        days.append(await window(phone, "daily", start, 30))
    former, latter = (
        [day for day in found if day["interval_identifier"]] for found in days
    )
    assert [31, 31] == [len(former), len(latter)]
    assert former[-1] == latter[0]
    assert today.isoformat() == latter[-1]["interval_identifier"]


async def test_an_identifier_is_empty_at_times(phone: Phone) -> None:
    """Who sums blindly would count something without a name."""
    start = phone.simulator.shop.now().date() - timedelta(days=3)
    found = await window(phone, "daily", start.isoformat(), 3)
    assert "" in [day["interval_identifier"] for day in found]


async def test_days_make_months_and_months_make_years(phone: Phone) -> None:
    """Each kind of interval sums up the same days."""
    customer(phone).heard = [
        Heard(
            phone.simulator.shop.now().date().replace(year=year, month=2, day=day), ms
        )
        for year, day, ms in ((2024, 3, 60_000.0), (2024, 9, 500.0), (2025, 1, 7.0))
    ]
    months = await window(phone, "monthly", "2024-01", 2)
    years = await window(phone, "yearly", "2024", 1)
    total = (await aggregates(phone, response_groups="total_listening_stats")).json
    assert {
        "interval_identifier": "2024-02",
        "aggregated_sum": 60_500.0,
        "unit": "Milliseconds",
    } in months
    assert [60_500.0, 7.0] == [year["aggregated_sum"] for year in years[:2]]
    assert 60_507.0 == total["aggregated_total_listening_stats"]["aggregated_sum"]


async def test_statistics_are_of_one_market(phone: Phone) -> None:
    """Another country has its own days."""
    query = {"response_groups": "total_listening_stats", "store": "Audible"}
    path = "/1.0/stats/aggregates?" + "&".join(f"{k}={v}" for k, v in query.items())
    totals = [
        (await phone.signed("GET", f"https://api.audible.{domain}{path}")).json
        for domain in ("de", "co.uk")
    ]
    german, british = (
        total["aggregated_total_listening_stats"]["aggregated_sum"] for total in totals
    )
    assert 1_800_000.0 == british
    assert german > 100 * british


@pytest.mark.parametrize(
    "query",
    [
        {"daily_listening_interval_duration": 30},
        {
            "daily_listening_interval_duration": 31,
            "daily_listening_interval_start_date": "2026-01-01",
        },
        {
            "monthly_listening_interval_duration": 13,
            "monthly_listening_interval_start_date": "2026-01",
        },
        {
            "daily_listening_interval_duration": 3,
            "daily_listening_interval_start_date": "2026-01",
        },
        {"store": "Elsewhere"},
    ],
)
async def test_bad_windows_are_refused(phone: Phone, query: dict[str, object]) -> None:
    """Windows are limited, and need a start and a length of the right form."""
    reply = await phone.api("GET", "/1.0/stats/aggregates", **query)
    assert 400 == reply.status


def event(kind: str, **changes: object) -> dict[str, object]:
    """Return what a player tells of the unstarted title."""
    return {
        "asin": UNSTARTED_ASIN,
        "event_type": kind,
        "event_timestamp": "2026-09-19T22:10:00.000Z",
        "event_end_timestamp": "2026-09-19T22:40:00.000Z",
        "local_timezone": "Europe/Berlin",
        "event_start_position": 0,
        "event_end_position": 1_800_000,
        "length_of_book": 3_600_000,
        "delivery_type": "Download",
        "listening_mode": "Online",
        "store": "Audible",
        **changes,
    }


async def tell(phone: Phone, *events: object) -> Reply:
    """Send events."""
    body = {"stats": list(events)}
    return await phone.api("PUT", "/1.0/stats/events", body=body)


async def item(phone: Phone) -> Any:
    """Return the unstarted title."""
    path = f"/1.0/library/{UNSTARTED_ASIN}"
    return (await phone.api("GET", path, response_groups=GROUPS)).json["item"]


async def test_listening_moves_the_percentage_after_a_while(phone: Phone) -> None:
    """What was heard shows in the library 15 s later, in the statistics at once."""
    before = sum(heard.listened_ms for heard in customer(phone).heard)
    assert 200 == (await tell(phone, event("Listening"))).status
    at_once = (await item(phone))["percent_complete"]
    phone.simulator.shop.advance(15)
    later = await item(phone)
    assert (0.0, 50.0, 50.0) == (
        at_once,
        later["percent_complete"],
        later["listening_status"]["percent_complete"],
    )
    heard = customer(phone).heard
    assert 1_800_000.0 == sum(entry.listened_ms for entry in heard) - before
    # Ten past midnight in Berlin.
    assert "2026-09-20" == heard[-1].day.isoformat()


async def test_a_stretch_without_length_does_nothing(phone: Phone) -> None:
    """Telling that nothing was heard changes nothing."""
    nothing = event("Listening", event_end_timestamp="2026-09-19T22:10:00.000Z")
    await tell(phone, nothing, event("Listening", event_end_position=0), {"x": 1})
    phone.simulator.shop.advance(60)
    assert 0.0 == (await item(phone))["percent_complete"]


async def test_finished_flips_both_ways_and_the_percentage_stays(phone: Phone) -> None:
    """Marking by hand concerns the flag alone."""
    found = []
    for kind in ("ManualMarkAsFinished", "ManualMarkAsUnfinished"):
        await tell(phone, event(kind))
        phone.simulator.shop.advance(6)
        shown = await item(phone)
        found.append((shown["is_finished"], shown["percent_complete"]))
    assert [(True, 0.0), (False, 0.0)] == found


async def test_an_unknown_kind_of_event_is_refused_by_name(phone: Phone) -> None:
    """Wrong words are refused with those that are allowed; other nonsense is not."""
    refused = await tell(phone, event("Dancing"))
    assert 400 == refused.status
    assert "Value 'Dancing' at 'event_type'" in refused.message
    assert "MarkAsFinished" in refused.message
