"""The control address: plain HTTP on the loopback address, for tests and the demo."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Final

from aiohttp import web

from .control_library import Body, LibraryControl, MistakeError
from .faults import Fault, FaultKind, is_unreachable
from .shop import Settings, Shop

_HELP: Final = """Simulated shop: control address

GET    /requests[?path_prefix=/1.0]    what the shop was asked
GET    /requests/count[?path_prefix=]  how often, by method and path
GET    /devices                        registered devices
GET    /secrets                        what nobody but a device may know: tokens, keys
POST   /devices/revoke                 {"serial": optional} ends registrations
POST   /devices/throttle               {"serial": optional} licenses are refused
GET    /positions[?email=]             where each title stands at the shop
POST   /positions                      {"asin", "position_ms", "at"} as a phone would
POST   /listening-status               {"asin", "percent_complete", "is_finished",
                                        "at"}
POST   /listening-days                 {"day", "listened_ms"} the day's statistics
POST   /titles/add                     {"asin", "at"} as if bought
POST   /titles/remove                  {"asin"} as if returned: "Revoked"
POST   /titles/lapse                   {"asin"} as if it had left Plus
POST   /titles/rerecord                {"asin", "runtime_ms"} a new recording
POST   /titles/hollow                  {"asin", "answers"} names lack in the next
                                        answers; of all titles without "asin"
POST   /titles/make                    {"count", "listened"} more titles
GET    /settings
POST   /settings                       {"propagation_delay_s", ...}
POST   /clock                          {"seconds"} lets time pass in the shop
GET    /faults
POST   /faults                         {"kind", "path_prefix", "count",
                                        "retry_after_s", "after_bytes"}
DELETE /faults

Kinds of fault: {kinds}
Every POST that concerns a library takes "email"; the first customer is meant without.
"at" is an instant; now is meant without.
"""


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
        app.router.add_get("/requests/count", self._count_requests)
        app.router.add_get("/settings", self._settings)
        app.router.add_get("/positions", self._positions)
        app.router.add_get("/devices", self._devices)
        app.router.add_get("/secrets", self._secrets)
        app.router.add_get("/faults", self._faults)
        app.router.add_delete("/faults", self._remove_faults)
        posts: dict[str, Callable[[Body], None]] = {
            "/devices/revoke": self._revoke,
            "/devices/throttle": self._throttle,
            "/settings": self._change_settings,
            "/clock": self._advance,
            "/faults": self._add_fault,
            **LibraryControl(self._shop).posts(),
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

    async def _positions(self, request: web.Request) -> web.Response:
        accounts = self._shop.accounts
        email = request.query.get("email", next(iter(accounts)))
        account = accounts[email]
        return web.json_response(
            {
                asin: owned.positions[-1].position_ms
                for asin, owned in account.library.items()
                if owned.positions
            }
        )

    async def _count_requests(self, request: web.Request) -> web.Response:
        prefix = request.query.get("path_prefix", "")
        counted = Counter(
            f"{known.method} {known.path}"
            for known in self._shop.requests
            if known.path.startswith(prefix)
        )
        return web.json_response(dict(counted.most_common()))

    async def _settings(self, request: web.Request) -> web.Response:
        return web.json_response(asdict(self._shop.settings))

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

    async def _secrets(self, request: web.Request) -> web.Response:
        shop = self._shop
        devices = [
            secret
            for device in shop.devices
            for secret in (
                device.adp_token,
                device.refresh_token,
                *device.access_tokens,
            )
        ]
        keys = [title.content_key.hex() for title in shop.titles.values()]
        activation = [known.activation_bytes.hex() for known in shop.accounts.values()]
        return web.json_response([*devices, *keys, *activation])

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

    def _revoke(self, body: Body) -> None:
        for device in self._shop.devices:
            if body.get("serial") in {None, device.serial}:
                device.is_revoked = True

    def _throttle(self, body: Body) -> None:
        for device in self._shop.devices:
            if body.get("serial") in {None, device.serial}:
                device.is_throttled = True

    def _change_settings(self, body: Body) -> None:
        known = {field.name for field in fields(Settings)}
        for name, value in body.items():
            if name not in known:
                raise MistakeError(f"There is no setting {name}")
            kind = type(getattr(self._shop.settings, name))
            allowed = (int, float, type(None)) if kind is not str else (str,)
            if not isinstance(value, allowed):
                raise MistakeError(f"{name} should not be {value!r}")
        for name, value in body.items():
            setattr(self._shop.settings, name, value)

    def _advance(self, body: Body) -> None:
        seconds = body.get("seconds")
        if not isinstance(seconds, int | float) or seconds < 0:
            raise MistakeError(f"seconds should be 0 or more, but is {seconds!r}")
        self._shop.advance(seconds)

    def _add_fault(self, body: Body) -> None:
        try:
            kind = FaultKind(str(body.get("kind")))
        except ValueError as err:
            raise MistakeError(f"kind should be one of {', '.join(FaultKind)}") from err
        fault = Fault(kind, path_prefix=str(body.get("path_prefix", "/")))
        for name in ("count", "retry_after_s", "after_bytes"):
            value = body.get(name)
            if value is not None and not isinstance(value, int):
                raise MistakeError(f"{name} should be a whole number, but is {value!r}")
            if value is not None:
                setattr(fault, name, value)
        self._shop.faults.append(fault)
        if is_unreachable(self._shop.faults):
            self._cut_lines()


def _handler(
    change: Callable[[Body], None],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.can_read_body else {}
            if not isinstance(body, dict):
                raise MistakeError("The body should be a JSON object")
            change(body)
        except ValueError:
            return web.json_response({"error": "The body is not JSON"}, status=400)
        except MistakeError as err:
            return web.json_response({"error": str(err)}, status=400)
        return web.json_response({})

    return handle
