"""The simulated shop as a running thing: proxy, hosts and control address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from .books import Books
from .browser import sign_in
from .catalog import DEMO_EMAIL, DEMO_PASSWORD, demo_shop
from .control import Control
from .faults import is_unreachable
from .proxy import TunnelProxy
from .shop import RecordedRequest, Shop
from .shop_front import shop_front
from .tls import CertificateAuthority

_LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class Simulator:
    """A running shop. `shop` is its state and may be changed directly."""

    shop: Shop
    books: Books
    proxy: TunnelProxy
    proxy_url: str
    control_url: str
    ca_path: Path

    def environment(self) -> dict[str, str]:
        """Return the variables that lead a program to this shop."""
        local = "127.0.0.1,localhost"
        return {
            "HTTPS_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "SSL_CERT_FILE": str(self.ca_path),
            "NO_PROXY": local,
            "no_proxy": local,
        }

    def requests(self, path_prefix: str = "") -> list[RecordedRequest]:
        """Return the requests received so far, oldest first."""
        known = self.shop.requests
        return [request for request in known if request.path.startswith(path_prefix)]

    async def sign_in(
        self, url: str, *, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD
    ) -> str:
        """Play the user's browser; return the address it lands on.

        Raises SignInFailedError when the shop refuses.
        """
        return await sign_in(
            url,
            proxy_url=self.proxy_url,
            ca_path=self.ca_path,
            email=email,
            password=password,
        )

    def cut_lines(self) -> None:
        """End every open connection at once."""
        self.proxy.abort_tunnels()


@asynccontextmanager
async def running_simulator(
    state_dir: Path, *, control_port: int = 0, proxy_port: int = 0
) -> AsyncIterator[Simulator]:
    """Run the shop on the loopback address; it ends with this block.

    A port of 0 takes any free one. Audio files and the certificate authority stay in
    the state directory, which several simulators may share.
    """
    authority = await asyncio.to_thread(CertificateAuthority, state_dir)
    shop = demo_shop(datetime.now(UTC))
    books = Books(state_dir / "books")
    async with AsyncExitStack() as stack:
        front = _runner(shop_front(shop, books))
        await front.setup()
        stack.push_async_callback(front.cleanup)
        server = front.server
        if server is None:
            raise RuntimeError("The application has no server")
        proxy = TunnelProxy(authority, server, lambda: not is_unreachable(shop.faults))
        stack.push_async_callback(proxy.close)
        port = await proxy.start(proxy_port)
        control = _runner(Control(shop, proxy.abort_tunnels).application())
        await control.setup()
        stack.push_async_callback(control.cleanup)
        await web.TCPSite(control, _LOOPBACK, control_port).start()
        yield Simulator(
            shop=shop,
            books=books,
            proxy=proxy,
            proxy_url=f"http://{_LOOPBACK}:{port}",
            control_url=f"http://{_LOOPBACK}:{control.addresses[0][1]}",
            ca_path=authority.path,
        )


def _runner(app: web.Application) -> web.AppRunner:
    # Handlers end with their connection: a stalled answer must not keep the shop open.
    return web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )
