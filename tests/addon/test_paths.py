"""Names from the network never reach the file system, nor do links lead out of it."""

import re
import shutil
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from yarl import URL

from .conftest import StartServer
from .server import Server, error_of

ASIN = "B000000001"
NAMES = [
    "..%2Fevil",
    "..%2F..%2F..%2F..%2Fetc%2Fevil",
    "%2Fetc%2Fevil",
    "%2e%2e%2fevil",
    "..%5Cevil",
    "evil%00",
    "B000000001%00evil",
    "B000000001%2F..%2Fevil",
    "%C0%AE%C0%AE%C0%AFevil",
    "evil%0A",
    "file:%2F%2F%2Fevil",
    "concat:evil%7Cevil",
    "-evil",
    "~evil",
    "evil" * 2_000,
]
# What opens, lists or changes something by its name.
_EVENTS = frozenset(
    {"open", "os.listdir", "os.scandir", "os.remove", "os.rename", "os.mkdir"}
)
_touched: list[str] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS:
        _touched.extend(str(argument) for argument in arguments[:2])


@pytest.fixture(scope="module", autouse=True)
def watched() -> Iterator[None]:
    """Have the interpreter tell every name that reaches the file system."""
    sys.addaudithook(_note)
    yield
    _touched.clear()


def addresses(server: Server) -> list[tuple[str, str]]:
    """Return method and path of every address that holds a name."""
    return [
        (route.method, route.resource.canonical)
        for route in server.client.app.router.routes()
        if route.resource is not None and "{" in route.resource.canonical
    ]


async def test_no_name_in_an_address_is_a_path(server: Server) -> None:
    """Every address, every place in it: refused, and no file was looked for."""
    tried = 0
    for (method, path), name in product(addresses(server), NAMES):
        for place in re.findall(r"\{[^}]*\}", path):
            wrong = path.replace(place, name)
            wrong = re.sub(r"\{asin[^}]*\}", ASIN, wrong)
            wrong = re.sub(r"\{[^}]*\}", "1", wrong)
            _touched.clear()
            url = URL(f"{server.client.make_url('/')}{wrong[1:]}", encoded=True)
            async with server.client.session.request(method, url) as answer:
                assert 400 <= answer.status < 500, (method, wrong, answer.status)
            assert not [name for name in _touched if "evil" in name], wrong
            tried += 1

    assert 20 * len(NAMES) <= tried


async def test_no_path_in_a_body_is_opened(server: Server) -> None:
    """The path of a file only finds what a scan has seen."""
    for path in ("../evil", "/etc/evil", "a/../../evil", "evil\u202e", "B0EVIL.m4b"):
        _touched.clear()
        body = {"path": path, "asin": ASIN}
        async with server.client.put("/api/files/title", json=body) as answer:
            assert answer.status in {400, 404}, path
            assert "evil" not in (await error_of(answer))["message"].replace(
                path.rpartition("/")[2], ""
            )
        assert not [name for name in _touched if "evil" in name.lower()]


@pytest.mark.parametrize("is_allowed", [False, True])
async def test_a_link_leads_out_of_the_library_only_where_it_may(
    start_server: StartServer, plain_book: Path, tmp_path: Path, is_allowed: bool
) -> None:
    """Even one that has the name of a title; links within the folder are files."""
    outside = tmp_path / "outside.m4b"
    shutil.copy(plain_book, outside)
    server = await start_server(follow_links=is_allowed)
    library = server.settings.library_dir
    (library / f"{ASIN}.m4b").symlink_to(outside)
    inside = library / "Author"
    inside.mkdir()
    shutil.copy(plain_book, inside / "book.m4b")
    (library / "B000000002.m4b").symlink_to(inside / "book.m4b")

    status, body = await server.body(f"/stream/{ASIN}")
    assert (200 if is_allowed else 404) == status
    assert is_allowed == (body == outside.read_bytes())
    assert 200 == (await server.body("/stream/B000000002"))[0]
