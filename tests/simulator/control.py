"""The control address: plain HTTP on the loopback address, for tests and the demo."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from .faults import Fault, FaultKind, is_unreachable
from .shop import Account, OwnedTitle, Shop

_HELP: Final = """Simulated shop: control address

GET    /requests[?path_prefix=/1.0]    what the shop was asked
GET    /devices                        registered devices
POST   /devices/revoke                 {"serial": optional} ends registrations
POST   /devices/throttle               {"serial": optional} licenses are refused
POST   /positions                      {"asin", "position_ms"} as a phone would
POST   /listening-status               {"asin", "percent_complete", "is_finished"}
POST   /titles/add                     {"asin"}
POST   /titles/remove                  {"asin"}
GET    /faults
POST   /faults                         {"kind", "path_prefix", "count",
                                        "retry_after_s", "after_bytes"}
DELETE /faults

Kinds of fault: {kinds}
Every POST that concerns a library takes "email"; the first customer is meant without.
"""

type _Body = dict[str, object]


class _MistakeError(Exception):
    """A request that cannot be carried out, with the reason."""


class Control:
    """Handlers that change the shop from outside."""

    def __init__(self, shop: Shop, cut_lines: Callable[[], None]) -> None:
        """Take the shop and what ends all open connections."""
        self._shop = shop
        self._cut_lines = cut_lines

    def application(self) -> web.Application:
        """Return the application of the control address."""
        app = web.Application()
        app.router.add_get("/", self._help)
        app.router.add_get("/requests", self._requests)
        app.router.add_get("/devices", self._devices)
        app.router.add_get("/faults", self._faults)
        app.router.add_delete("/faults", self._remove_faults)
        posts: dict[str, Callable[[_Body], None]] = {
            "/devices/revoke": self._revoke,
            "/devices/throttle": self._throttle,
            "/positions": self._move_position,
            "/listening-status": self._set_listening_status,
            "/titles/add": self._add_title,
            "/titles/remove": self._remove_title,
            "/faults": self._add_fault,
        }
        for path, change in posts.items():
            app.router.add_post(path, _handler(change))
        return app

    async def _help(self, request: web.Request) -> web.Response:
        return web.Response(text=_HELP.replace("{kinds}", ", ".join(FaultKind)))

    async def _requests(self, request: web.Request) -> web.Response:
        prefix = request.query.get("path_prefix", "")
        return web.json_response(
            [
                {
                    "host": known.host,
                    "method": known.method,
                    "path": known.path,
                    "query": known.query,
                    "status": known.status,
                }
                for known in self._shop.requests
                if known.path.startswith(prefix)
            ]
        )

    async def _devices(self, request: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "serial": device.serial,
                    "name": device.name,
                    "email": device.account.email,
                    "country_code": device.country_code,
                    "is_revoked": device.is_revoked,
                    "is_throttled": device.is_throttled,
                }
                for device in self._shop.devices
            ]
        )

    async def _faults(self, request: web.Request) -> web.Response:
        return web.json_response(
            [
                {"kind": fault.kind, "path_prefix": fault.path_prefix}
                | {"count": fault.count}
                for fault in self._shop.faults
            ]
        )

    async def _remove_faults(self, request: web.Request) -> web.Response:
        self._shop.faults.clear()
        return web.json_response({})

    def _revoke(self, body: _Body) -> None:
        for device in self._shop.devices:
            if body.get("serial") in {None, device.serial}:
                device.is_revoked = True

    def _throttle(self, body: _Body) -> None:
        for device in self._shop.devices:
            if body.get("serial") in {None, device.serial}:
                device.is_throttled = True

    def _move_position(self, body: _Body) -> None:
        position_ms = body.get("position_ms")
        if not isinstance(position_ms, int) or position_ms < 0:
            raise _MistakeError(
                f"position_ms should be 0 or more, but is {position_ms!r}"
            )
        self._shop.move_position(self._owned(body), position_ms)

    def _set_listening_status(self, body: _Body) -> None:
        owned = self._owned(body)
        percent, is_finished = body.get("percent_complete"), body.get("is_finished")
        if isinstance(percent, int | float):
            owned.percent_complete = float(percent)
            owned.top_percent_complete = None
        if isinstance(is_finished, bool):
            owned.is_finished = is_finished
        owned.status_changed_at = self._shop.now()

    def _add_title(self, body: _Body) -> None:
        asin = str(body.get("asin"))
        title = self._shop.titles.get(asin)
        if title is None:
            raise _MistakeError(f"The shop has no title {asin}")
        now = self._shop.now()
        library = self._account(body).library
        library.setdefault(asin, OwnedTitle(title, purchased_at=now, changed_at=now))
        library[asin].status = "Active"
        library[asin].changed_at = now

    def _remove_title(self, body: _Body) -> None:
        owned = self._owned(body)
        owned.status = "Revoked"
        owned.changed_at = self._shop.now()

    def _add_fault(self, body: _Body) -> None:
        try:
            kind = FaultKind(str(body.get("kind")))
        except ValueError as err:
            raise _MistakeError(
                f"kind should be one of {', '.join(FaultKind)}"
            ) from err
        fault = Fault(kind, path_prefix=str(body.get("path_prefix", "/")))
        for name in ("count", "retry_after_s", "after_bytes"):
            value = body.get(name)
            if value is not None and not isinstance(value, int):
                raise _MistakeError(
                    f"{name} should be a whole number, but is {value!r}"
                )
            if value is not None:
                setattr(fault, name, value)
        self._shop.faults.append(fault)
        if is_unreachable(self._shop.faults):
            self._cut_lines()

    def _account(self, body: _Body) -> Account:
        email = body.get("email")
        if email is None:
            return next(iter(self._shop.accounts.values()))
        if email not in self._shop.accounts:
            raise _MistakeError(f"The shop has no customer {email}")
        return self._shop.accounts[str(email)]

    def _owned(self, body: _Body) -> OwnedTitle:
        asin = str(body.get("asin"))
        owned = self._account(body).library.get(asin)
        if owned is None:
            raise _MistakeError(f"The library has no title {asin}")
        return owned


def _handler(
    change: Callable[[_Body], None],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.can_read_body else {}
            if not isinstance(body, dict):
                raise _MistakeError("The body should be a JSON object")
            change(body)
        except ValueError:
            return web.json_response({"error": "The body is not JSON"}, status=400)
        except _MistakeError as err:
            return web.json_response({"error": str(err)}, status=400)
        return web.json_response({})

    return handle
