"""The library: pages of items, single items, paging and delta tokens."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from ..answers import SHOP, Json, answer, error_answer, market_of, validation_error
from ..item_groups import KNOWN_GROUPS
from ..items import library_item
from ..shop import OwnedTitle, Shop
from ..signing import authenticated_device

MAX_RESULTS: Final = 1000
# Seen near page 400 of 50; the service does not tell the exact limit.
MAX_IMPLIED_SIZE: Final = 20_000
NEWEST_EPISODES: Final = 10

_NAMES: Final = ("title", "subtitle", "publication_name", "authors", "narrators")
_SORTS: Final[dict[str, Callable[[OwnedTitle], str | int | datetime]]] = {
    "Author": lambda owned: (owned.title.authors or ("",))[0],
    "Length": lambda owned: owned.title.runtime_ms or 0,
    "Narrator": lambda owned: (owned.title.narrators or ("",))[0],
    "PurchaseDate": lambda owned: owned.purchased_at,
    "Title": lambda owned: owned.title.title or "",
}


def library_routes() -> list[web.RouteDef]:
    """Return the routes of the library."""
    return [
        web.get("/1.0/library", _library),
        web.get("/1.0/library/{asin}", _library_title),
    ]


def asked_groups(request: web.Request) -> tuple[str, ...]:
    """Return the groups a request asks for, and the one that is always there."""
    given = request.query.get("response_groups", "").replace(" ", "").split(",")
    return tuple(sorted({group for group in given if group} | {"always-returned"}))


def groups_error(
    request: web.Request, groups: Sequence[str], known: frozenset[str]
) -> web.Response | None:
    """Return the 400 for groups that do not exist, if there are any."""
    unknown = ", ".join(group for group in groups if group not in known)
    if not unknown:
        return None
    message = f"Invalid response group(s) requested: {unknown}"
    return error_answer(request, 400, {"message": message})


def image_sizes(request: web.Request) -> tuple[int, ...]:
    """Return the sizes of images a request asks for, as far as they are numbers."""
    given = request.query.get("image_sizes", "500").split(",")
    return tuple(int(size) for size in given if size.isdecimal())


def is_in_market(request: web.Request, owned: OwnedTitle) -> bool:
    """Tell whether the library of the market that was asked holds the title."""
    return owned.is_in(market_of(request).country_code)


async def _library(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    groups = asked_groups(request)
    problem = groups_error(request, groups, KNOWN_GROUPS) or _query_error(request)
    if problem:
        return problem
    shop = request.config_dict[SHOP]
    entries = _selected(request, list(device.account.library.values()))
    size = int(request.query.get("num_results", 50))
    start = _page_start(request, size)
    page = entries[start : start + size]
    headers = {"Total-Count": str(len(entries))}
    if start + size < len(entries):
        headers["Continuation-Token"] = _continuation(start + size)
    if start == 0:
        headers["State-Token"] = _state_token(shop)
    items: list[Json] = [_rendered(request, owned, groups) for owned in page]
    body: Json = {"items": items, "response_groups": list(groups)}
    return answer(request, body, headers=headers)


async def _library_title(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    groups = asked_groups(request)
    problem = groups_error(request, groups, KNOWN_GROUPS)
    if problem:
        return problem
    asin = request.match_info["asin"]
    owned = device.account.library.get(asin)
    if owned is None or owned.status == "Revoked" or not is_in_market(request, owned):
        message = f"ASIN {asin} not present in customer library."
        return error_answer(request, 404, {"message": message})
    item: Json = _rendered(request, owned, groups)
    return answer(request, {"item": item, "response_groups": list(groups)})


def _rendered(
    request: web.Request, owned: OwnedTitle, groups: Sequence[str]
) -> dict[str, Json]:
    item = library_item(
        owned,
        groups,
        market=market_of(request),
        now=request.config_dict[SHOP].now(),
        image_sizes=image_sizes(request),
    )
    if owned.hollow_answers > 0:
        owned.hollow_answers -= 1
        item |= dict.fromkeys(_NAMES)
    return item


def _query_error(request: web.Request) -> web.Response | None:
    query = request.query
    for name in ("num_results", "page"):
        value = query.get(name, "1")
        if not value.isdecimal() or int(value) < 1:
            constraint = "Member must have value greater than or equal to 1"
            return validation_error(request, value, name, constraint)
    size, page = int(query.get("num_results", 50)), int(query.get("page", 1))
    if size > MAX_RESULTS:
        constraint = f"Member must have value less than or equal to {MAX_RESULTS}"
        return validation_error(request, str(size), "num_results", constraint)
    if size * page > MAX_IMPLIED_SIZE:
        message = "Implied library size is unsupported."
        return error_answer(request, 400, {"message": message})
    return _words_error(request)


def _words_error(request: web.Request) -> web.Response | None:
    query = request.query
    allowed = {
        "sort_by": [sign + name for name in _SORTS for sign in ("", "-")],
        "status": ["Active", "Revoked"],
    }
    for name, values in allowed.items():
        for value in query.get(name, values[0]).split(","):
            if value not in values:
                constraint = (
                    f"Member must satisfy enum value set: [{', '.join(values)}]"
                )
                return validation_error(request, value, name, constraint)
    for name in ("purchased_after", "image_sizes", "state_token"):
        if name in query and not _is_readable(name, query[name]):
            constraint = "Member must be readable"
            return validation_error(request, query[name], name, constraint)
    return None


def _is_readable(name: str, value: str) -> bool:
    if name == "image_sizes":
        return all(part.isdecimal() for part in value.split(","))
    if name == "state_token":
        return value.isdecimal()
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _selected(request: web.Request, owned: list[OwnedTitle]) -> list[OwnedTitle]:
    """Return what the request is after, sorted, of all pages."""
    query = request.query
    statuses = query.get("status", "Active").split(",")
    found = [
        entry
        for entry in owned
        if entry.status in statuses and is_in_market(request, entry)
    ]
    if "purchased_after" in query:
        after = datetime.fromisoformat(query["purchased_after"])
        found = [entry for entry in found if entry.purchased_at > after]
    if query.get("state_token", "0") != "0":
        known_at = datetime.fromtimestamp(int(query["state_token"]) / 1000, UTC)
        found = [entry for entry in found if entry.changed_at > known_at]
    if "title" in query:
        found = [entry for entry in found if _has(entry.title.title, query["title"])]
    if "author" in query:
        named = query["author"]
        found = [
            entry
            for entry in found
            if any(_has(name, named) for name in entry.title.authors or ())
        ]
    if "parent_asin" in query:
        found = _family(found, query["parent_asin"])
    sort = query.get("sort_by", "-PurchaseDate")
    key = _SORTS[sort.removeprefix("-")]
    return sorted(found, key=key, reverse=sort.startswith("-"))


def _family(found: list[OwnedTitle], parent_asin: str) -> list[OwnedTitle]:
    """Return the newest episodes, and the parent, which the service lists too."""
    parents = [entry for entry in found if entry.title.asin == parent_asin]
    episodes = [entry for entry in found if entry.title.parent_asin == parent_asin]
    episodes.sort(key=lambda entry: entry.title.released_on, reverse=True)
    return parents + episodes[:NEWEST_EPISODES]


def _has(text: str | None, part: str) -> bool:
    return part.casefold() in (text or "").casefold()


def _page_start(request: web.Request, size: int) -> int:
    token = request.query.get("continuation_token")
    if token and token.startswith("AT") and token[2:].isdecimal():
        return int(token[2:])
    return (int(request.query.get("page", 1)) - 1) * size


def _continuation(start: int) -> str:
    return f"AT{start}"


def _state_token(shop: Shop) -> str:
    # "0" stands for none.
    if not shop.settings.has_state_tokens:
        return "0"
    return str(int(shop.now().timestamp() * 1000))
