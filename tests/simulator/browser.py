"""Plays the user's browser: fills in the sign-in form and follows to the end."""

import ssl
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import aiohttp


class SignInFailedError(Exception):
    """The shop did not send the browser to the landing page."""


class _Form(HTMLParser):
    """Collects the fields and the address of the first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and "name" in given:
            self.fields[given["name"]] = given.get("value", "")


async def sign_in(
    url: str, *, proxy_url: str, ca_path: Path, email: str, password: str
) -> str:
    """Return the landing address a user's browser would show.

    Raises SignInFailedError when the shop refuses.
    """
    context = ssl.create_default_context(cafile=str(ca_path))
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector, proxy=proxy_url) as session:
        async with session.get(url) as response:
            form = _Form()
            form.feed(await response.text())
        if not form.action:
            raise SignInFailedError(f"No form at {url}: {response.status}")
        fields = form.fields | {"email": email, "password": password}
        target = urljoin(url, form.action)
        async with session.post(target, data=fields, allow_redirects=False) as response:
            location = response.headers.get("Location")
        if location is None:
            raise SignInFailedError(f"{email} may not sign in: {response.status}")
        async with session.get(location) as response:
            await response.read()
    return location
