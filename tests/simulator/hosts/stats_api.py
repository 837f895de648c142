"""Listening statistics, and the events of players that move them and the library."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from ..answers import SHOP, Json, answer, error_answer, market_of, validation_error
from ..items import instant
from ..shop import Heard, OwnedTitle, Shop, StatusChange
from ..signing import authenticated_device

_STORES: Final = frozenset(
    {"AmazonEnglish", "Audible", "AudibleForInstitutions", "Rodizio"}
)
# The longest window of each kind, and how its intervals are named.
_WINDOWS: Final = {
    "daily": (30, "%Y-%m-%d"),
    "monthly": (12, "%Y-%m"),
    "yearly": (5, "%Y"),
}
_EVENT_TYPES: Final = frozenset(
    {
        "Bookmark",
        "DownloadComplete",
        "DownloadStart",
        "Listening",
        "ManualMarkAsFinished",
        "ManualMarkAsUnfinished",
        "MarkAsFinished",
        "MarkAsUnfinished",
        "OpenBook",
        "PurchaseBook",
        "Sharing",
        "StartListening",
        "ViewStatsPage",
    }
)
_ENUMS: Final = {
    "event_type": _EVENT_TYPES,
    "delivery_type": frozenset({"Download", "Streaming"}),
    "listening_mode": frozenset({"Offline", "Online"}),
    "store": _STORES,
}
_FLIPS: Final = {
    "ManualMarkAsFinished": True,
    "ManualMarkAsUnfinished": False,
    "MarkAsFinished": True,
    "MarkAsUnfinished": False,
}


def stats_routes() -> list[web.RouteDef]:
    """Return the routes of statistics."""
    return [
        web.get("/1.0/stats/aggregates", _aggregates),
        web.put("/1.0/stats/events", _events),
    ]


async def _aggregates(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    query = request.query
    problem = _query_error(request)
    if problem:
        return problem
    code = market_of(request).country_code
    heard = [
        entry
        for entry in device.account.heard
        if entry.markets is None or code in entry.markets
    ]
    body: dict[str, Json] = {}
    today = request.config_dict[SHOP].now().date()
    for kind, (_, form) in _WINDOWS.items():
        start = query.get(f"{kind}_listening_interval_start_date")
        if start is not None:
            first = datetime.strptime(start, form).replace(tzinfo=UTC).date()
            count = int(query[f"{kind}_listening_interval_duration"])
            names = _names(kind, first, count, today)
            body[f"aggregated_{kind}_listening_stats"] = _sums(names, heard, form)
    groups = [group for group in query.get("response_groups", "").split(",") if group]
    if "total_listening_stats" in groups:
        total = sum(entry.listened_ms for entry in heard)
        body["aggregated_total_listening_stats"] = _sum(total)
    body["response_groups"] = [*groups]
    return answer(request, body)


def _query_error(request: web.Request) -> web.Response | None:
    query = request.query
    store = query.get("store", "Audible")
    if store not in _STORES:
        return _enum_error(request, store, "store", _STORES)
    for kind, (longest, form) in _WINDOWS.items():
        start = query.get(f"{kind}_listening_interval_start_date")
        name = f"{kind}_listening_interval_duration"
        count = query.get(name)
        if (start is None) != (count is None):
            message = f"{kind} listening interval needs a start date and a duration"
            return error_answer(request, 400, {"message": message})
        if count is not None and not (count.isdecimal() and int(count) <= longest):
            constraint = f"Member must have value less than or equal to {longest}"
            return validation_error(request, count, name, constraint)
        if start is not None and not _is_date(start, form):
            name = f"{kind}_listening_interval_start_date"
            return validation_error(request, start, name, "Member must be readable")
    return None


def _is_date(text: str, form: str) -> bool:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).strftime(form) == text
    except ValueError:
        return False


def _names(kind: str, first: date, count: int, today: date) -> list[date]:
    """Return the first day of each interval: one more than was asked for.

    So windows put next to each other repeat the interval at their border. What has not
    begun is left out.
    """
    match kind:
        case "daily":
            days = [first + timedelta(days=number) for number in range(count + 1)]
        case "monthly":
            months = [first.year * 12 + first.month - 1 + n for n in range(count + 1)]
            days = [date(month // 12, month % 12 + 1, 1) for month in months]
        case _:
            days = [date(first.year + number, 1, 1) for number in range(count + 1)]
    return [day for day in days if day <= today]


def _sums(days: list[date], heard: list[Heard], form: str) -> list[Json]:
    sums: defaultdict[str, float] = defaultdict(float)
    for entry in heard:
        sums[entry.day.strftime(form)] += entry.listened_ms
    named = [
        {"interval_identifier": day.strftime(form), **_sum(sums[day.strftime(form)])}
        for day in days
    ]
    # Seen now and then, with what in it is not known.
    if len(named) > 1:
        named.append({"interval_identifier": "", **_sum(0.0)})
    return [*named]


def _sum(listened_ms: float) -> dict[str, Json]:
    return {"aggregated_sum": float(listened_ms), "unit": "Milliseconds"}


async def _events(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    shop = request.config_dict[SHOP]
    try:
        events = json.loads(await request.read())["stats"]
    except ValueError, KeyError, TypeError:
        return validation_error(request, "", "stats", "Member must not be null")
    told = [event for event in events if isinstance(event, dict)]
    for event in told:
        for name, allowed in _ENUMS.items():
            if name in event and event[name] not in allowed:
                return _enum_error(request, str(event[name]), name, allowed)
    code = market_of(request).country_code
    for event in told:
        owned = device.account.library.get(str(event.get("asin")))
        if owned is not None and owned.is_in(code):
            _flip(shop, owned, event)
            heard = _listen(shop, owned, event)
            if heard is not None:
                device.account.heard.append(
                    Heard(heard.day, heard.listened_ms, frozenset({code}))
                )
    posted: Json = {"stats_posted_timestamp": instant(shop.now())}
    return answer(request, {"stats_response": posted})


def _flip(shop: Shop, owned: OwnedTitle, event: dict[str, Any]) -> None:
    is_finished = _FLIPS.get(str(event.get("event_type")))
    if is_finished is not None:
        at = shop.now() + timedelta(seconds=shop.settings.finished_delay_s)
        change = StatusChange(owned, at, is_finished=is_finished)
        shop.status_changes.append(change)


def _listen(shop: Shop, owned: OwnedTitle, event: dict[str, Any]) -> Heard | None:
    """Take stretches that were really heard; nonsense is taken without effect."""
    if event.get("event_type") != "Listening":
        return None
    try:
        begun_at = datetime.fromisoformat(event["event_timestamp"])
        heard = datetime.fromisoformat(event["event_end_timestamp"]) - begun_at
        end_ms, length_ms = event["event_end_position"], event["length_of_book"]
        zone = ZoneInfo(event["local_timezone"])
        percent = float(100 * end_ms // length_ms)
    except KeyError, ValueError, TypeError, ArithmeticError:
        return None
    if heard <= timedelta(0) or end_ms == event.get("event_start_position"):
        return None
    at = shop.now() + timedelta(seconds=shop.settings.percent_delay_s)
    percent = min(100.0, max(0.0, percent))
    shop.status_changes.append(StatusChange(owned, at, percent_complete=percent))
    # In which zone the service counts days is not known.
    day = begun_at.astimezone(zone).date()
    return Heard(day, heard.total_seconds() * 1000)


def _enum_error(
    request: web.Request, value: str, name: str, allowed: frozenset[str]
) -> web.Response:
    constraint = f"Member must satisfy enum value set: [{', '.join(sorted(allowed))}]"
    return validation_error(request, value, name, constraint)
