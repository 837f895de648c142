"""The same requests to our server and to nginx, for the same file: the same answers.

Where ours differs, the table says how and why; the sections are those of RFC 9110.
"""

import http.client
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Final

import pytest
from audible_core.models import Asin

from tests.addon.nginx import running_nginx
from tests.addon.running import running_server
from tests.addon.server import secret_headers

ASIN: Final = Asin("B0NGINX001")
SIZE: Final = 30_000
MODIFIED_AT: Final = 1_700_000_000
EARLIER, LATER = (formatdate(MODIFIED_AT + by, usegmt=True) for by in (-3600, 3600))


@dataclass(frozen=True, slots=True)
class Answer:
    """What of an answer has to be equal."""

    status: int
    content_range: str | None = None
    length: str | None = None
    body: bytes = b""
    parts: tuple[tuple[str, str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """A server, and the validators that it gives to the file."""

    port: int
    path: str
    headers: dict[str, str]
    etag: str = ""
    modified: str = ""

    def ask(
        self, method: str, headers: dict[str, str]
    ) -> tuple[Answer, dict[str, str]]:
        """Return what an answer says, and all its headers."""
        mine = {
            name: value.format(etag=self.etag, modified=self.modified)
            for name, value in headers.items()
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, self.path, headers=self.headers | mine)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return _answer(response.status, found, body), found

    def knowing(self) -> Peer:
        """Return the peer with the validators that it sends."""
        _, found = self.ask("GET", {})
        return Peer(
            self.port, self.path, self.headers, found["etag"], found["last-modified"]
        )


def _answer(status: int, found: dict[str, str], body: bytes) -> Answer:
    kind, _, boundary = found.get("content-type", "").partition("; boundary=")
    if kind == "multipart/byteranges":
        return Answer(status, parts=_parts(body, boundary))
    length = found.get("content-length")
    if status in {304, 412, 416}:
        # The sentence in the body of a refusal is each server's own.
        return Answer(status, found.get("content-range"))
    return Answer(status, found.get("content-range"), length, body)


def _parts(body: bytes, boundary: str) -> tuple[tuple[str, str, bytes], ...]:
    """Return type, range and bytes of each part."""
    mark = b"--" + boundary.encode()
    assert body.endswith(mark + b"--\r\n")
    return tuple(_part(part) for part in body.split(mark)[1:-1])


def _part(part: bytes) -> tuple[str, str, bytes]:
    head, _, content = part.partition(b"\r\n\r\n")
    fields = dict(
        line.lower().split(": ", 1) for line in head.decode().strip().split("\r\n")
    )
    return (
        fields["content-type"],
        fields["content-range"],
        content.removesuffix(b"\r\n"),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One request; ``{etag}`` and ``{modified}`` stand for what each server said."""

    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"


def ranged(value: str, **more: str) -> Case:
    """Return a GET of a range, with more headers; ``_`` in a name stands for a dash."""
    named = {name.replace("_", "-"): text for name, text in more.items()}
    return Case({"Range": value, **named})


def when(**headers: str) -> Case:
    """Return a GET of the whole under a condition."""
    return Case({name.replace("_", "-"): text for name, text in headers.items()})


SAME: Final = (
    Case(),
    Case(method="HEAD"),
    ranged("bytes=0-0"),
    ranged("bytes=0-99"),
    ranged("bytes=100-199"),
    ranged("bytes=29999-29999"),
    ranged("bytes=0-"),
    ranged("bytes=29000-"),
    ranged("bytes=29000-99999"),
    ranged("bytes=0-29999"),
    ranged("bytes=-1"),
    ranged("bytes=-500"),
    ranged("bytes=-30000"),
    ranged("bytes=-99999"),
    ranged("bytes= 5-9"),
    ranged("BYTES=5-9"),
    ranged("bytes=0005-0009"),
    # Out of reach.
    ranged("bytes=30000-"),
    ranged("bytes=30000-30001"),
    ranged("bytes=99999-"),
    ranged("bytes=-0"),
    # Another unit.
    ranged("seconds=0-9"),
    ranged("0-9"),
    ranged("bytes"),
    ranged("bytes="),
    # Several.
    ranged("bytes=0-9,100-149"),
    ranged("bytes=0-9,100-149,-5"),
    ranged("bytes=100-149,0-9"),
    ranged("bytes=0-9, 20-29"),
    ranged("bytes=0-99,50-149"),
    ranged("bytes=0-9,30000-"),
    ranged("bytes=30000-,40000-"),
    ranged("bytes=0-,0-"),
    ranged("bytes=0-29999,0-0"),
    ranged("bytes=" + ",".join(f"{at}-{at}" for at in range(0, 32, 2))),
    ranged("bytes=" + ",".join(f"{at}-{at}" for at in range(0, 34, 2))),
    # Only if it is still the same.
    ranged("bytes=0-9", If_Range="{etag}"),
    ranged("bytes=0-9", If_Range='"other"'),
    ranged("bytes=0-9", If_Range="W/{etag}"),
    ranged("bytes=0-9", If_Range="{modified}"),
    ranged("bytes=0-9", If_Range=EARLIER),
    ranged("bytes=0-9", If_Range=LATER),
    ranged("bytes=0-9", If_Range="yesterday"),
    ranged("bytes=30000-", If_Range='"other"'),
    ranged("bytes=0-9,20-29", If_Range="{etag}"),
    # Conditions on the whole.
    when(If_None_Match="{etag}"),
    when(If_None_Match="W/{etag}"),
    when(If_None_Match='"x", {etag}'),
    when(If_None_Match='"x"'),
    when(If_None_Match="*"),
    when(If_Modified_Since="{modified}"),
    when(If_Modified_Since=EARLIER),
    when(If_Modified_Since=LATER),
    when(If_Modified_Since="yesterday"),
    when(If_None_Match='"x"', If_Modified_Since="{modified}"),
    when(If_Match="{etag}"),
    when(If_Match='"x", {etag}'),
    when(If_Match="*"),
    when(If_Match='"x"'),
    when(If_Match="W/{etag}"),
    when(If_Unmodified_Since="{modified}"),
    when(If_Unmodified_Since=LATER),
    when(If_Unmodified_Since=EARLIER),
    when(If_Match="{etag}", If_None_Match="{etag}"),
    when(If_Match='"x"', If_None_Match="{etag}"),
    # Conditions come before ranges.
    ranged("bytes=0-9", If_None_Match="{etag}"),
    ranged("bytes=0-9", If_Match="{etag}"),
    ranged("bytes=0-9", If_Match='"x"'),
    ranged("bytes=0-9", If_Unmodified_Since=EARLIER),
    ranged("bytes=0-9", If_Modified_Since="{modified}"),
    ranged("bytes=30000-", If_None_Match="{etag}"),
    Case({"If-None-Match": "{etag}"}, "HEAD"),
    Case({"If-Match": '"x"'}, "HEAD"),
    Case({"If-Modified-Since": "{modified}"}, "HEAD"),
)


@dataclass(frozen=True, slots=True)
class Other:
    """A request that the two answer differently: our status, nginx's, and why."""

    case: Case
    ours: int
    nginx: int
    why: str


OTHER: Final = (
    Other(
        Case({"Range": "bytes=0-9"}, "HEAD"),
        200,
        206,
        "14.2: a range is defined for GET alone and must be ignored elsewhere",
    ),
    *(
        Other(ranged(value), 200, 416, "14.2: what is no range may be ignored")
        for value in (
            "bytes=a-b",
            "bytes=-",
            "bytes=9-0",
            "bytes=5",
            "bytes=--5",
        )
    ),
    Other(
        ranged("bytes=0-9,9-0"),
        200,
        206,
        "14.1.1: one bad range makes the whole set invalid",
    ),
    Other(
        ranged(f"bytes=5-{'9' * 30}"),
        206,
        416,
        "14.1.2: a last byte past the end means the end, whatever its size",
    ),
    Other(
        ranged("bytes=0-9,,20-29"),
        206,
        416,
        "5.6.1.2: a recipient must ignore empty members of a list",
    ),
    Other(
        when(If_None_Match="{etag}", If_Modified_Since=EARLIER),
        304,
        200,
        "13.1.3: the date must be ignored where a tag is given",
    ),
    Other(
        when(If_Match="{etag}", If_Unmodified_Since=EARLIER),
        200,
        412,
        "13.1.4: the date must be ignored where a tag is given",
    ),
    Other(
        when(If_Unmodified_Since="yesterday"),
        200,
        412,
        "13.1.4: what is no date must be ignored",
    ),
)


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of bytes of which no two pieces are equal."""
    path = tmp_path_factory.mktemp("files") / f"{ASIN}.m4b"
    path.write_bytes(b"".join(number.to_bytes(4) for number in range(SIZE // 4)))
    os.utime(path, (MODIFIED_AT, MODIFIED_AT))
    return path


@pytest.fixture(scope="module")
def nginx(audio: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Return an nginx that serves the file."""
    with running_nginx(audio.parent, tmp_path_factory.mktemp("nginx")) as port:
        yield Peer(port, f"/{audio.name}", {}).knowing()


@pytest.fixture(scope="module")
def ours(audio: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Return a server of ours that serves the same file."""
    folder = tmp_path_factory.mktemp("server")
    for name in ("data", "library"):
        (folder / name).mkdir()
    shutil.copy2(audio, folder / "library")
    with running_server(folder) as server:
        yield Peer(server.port, f"/stream/{ASIN}", secret_headers()).knowing()


@pytest.mark.parametrize("case", SAME, ids=str)
def test_answer_is_that_of_nginx(case: Case, ours: Peer, nginx: Peer) -> None:
    """Status, Content-Range, Content-Length and every byte are equal."""
    expected, theirs = nginx.ask(case.method, case.headers)
    actual, own = ours.ask(case.method, case.headers)

    assert expected == actual
    assert theirs.get("last-modified", own.get("last-modified")) == own.get(
        "last-modified"
    )


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_answer_differs_from_that_of_nginx_on_purpose(
    other: Other, ours: Peer, nginx: Peer
) -> None:
    """Where nginx does otherwise, a section of the standard says why ours does not."""
    expected, _ = nginx.ask(other.case.method, other.case.headers)
    actual, _ = ours.ask(other.case.method, other.case.headers)

    assert (other.nginx, other.ours) == (expected.status, actual.status)
    assert re.match(r"\d+(\.\d+)*: ", other.why)


def test_range_that_nginx_refuses_brings_the_right_bytes(
    audio: Path, ours: Peer
) -> None:
    """Ours is no lesser answer: the bytes are those that were asked for."""
    content = audio.read_bytes()
    to_the_end, _ = ours.ask("GET", {"Range": f"bytes=5-{'9' * 30}"})
    listed, _ = ours.ask("GET", {"Range": "bytes=0-9,,20-29"})

    assert content[5:] == to_the_end.body
    assert [content[:10], content[20:30]] == [part for *_, part in listed.parts]


def test_there_are_enough_requests() -> None:
    """The table is no sample."""
    assert len(SAME) + len(OTHER) >= 40
