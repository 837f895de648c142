"""Byte ranges and validators of HTTP (RFC 9110, sections 13 and 14), as pure functions.

aiohttp's own answers are not used: 3.14 splices versions on a foreign If-Range, and
refuses unknown units and several ranges.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# More than this, or more bytes than the file has, is no player but an attack (14.2).
_MOST_RANGES = 16
_SPEC = re.compile(r"(?P<first>[0-9]*)-(?P<last>[0-9]*)", re.ASCII)
_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
# No file has more than 18 digits of bytes; int() itself refuses thousands of digits.
_MOST_DIGITS = 18
_OWS = " \t"


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` to before `end`."""

    start: int
    end: int

    def __len__(self) -> int:
        """Return the number of bytes."""
        return self.end - self.start

    def content_range(self, size_bytes: int) -> str:
        """Return the value of Content-Range for these bytes of so many."""
        return f"bytes {self.start}-{self.end - 1}/{size_bytes}"


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """How to answer: status 200, 206, 304, 412 or 416, and the bytes of the body.

    200 has one range, the whole; 206 one or more, in the order that was asked for; the
    others have none.
    """

    status: int
    ranges: tuple[ByteRange, ...] = ()


@dataclass(frozen=True, slots=True)
class MultipartPlan:
    """A multipart/byteranges body: each part's head goes in front of its bytes."""

    content_type: str
    parts: tuple[tuple[bytes, ByteRange], ...]
    closing: bytes

    @property
    def content_length(self) -> int:
        """Return the size of the whole body in bytes."""
        return len(self.closing) + sum(len(head) + len(r) for head, r in self.parts)


def plan_response(
    method: str, headers: Mapping[str, str], *, etag: str, size_bytes: int
) -> ResponsePlan:
    """Decide on a GET or HEAD from its headers, in the order of RFC 9110, 13.2.2.

    `headers` must ignore case. `etag` is strong, in its quotes. Dates never match: no
    Last-Modified is sent, since a file's time says nothing about its content.
    """
    if_match = headers.get("If-Match")
    if if_match is not None and not matches_strongly(if_match, etag):
        return ResponsePlan(412)
    if_none_match = headers.get("If-None-Match")
    if if_none_match is not None and matches_weakly(if_none_match, etag):
        return ResponsePlan(304)
    whole = ResponsePlan(200, (ByteRange(0, size_bytes),))
    wanted = headers.get("Range")
    # Ranges are defined for GET alone (14.2).
    if wanted is None or method != "GET":
        return whole
    if_range = headers.get("If-Range")
    if if_range is not None and if_range.strip(_OWS) != etag:
        return whole
    ranges = parse_range(wanted, size_bytes)
    if ranges is None:
        return whole
    return ResponsePlan(206, ranges) if ranges else ResponsePlan(416)


def parse_range(header: str, size_bytes: int) -> tuple[ByteRange, ...] | None:
    """Return the ranges that can be served; none at all calls for a 416.

    Returns None if the header must or should be ignored: an unknown unit, bad syntax,
    or more than any player asks for.
    """
    unit, separator, specs = header.partition("=")
    if not separator or unit.strip(_OWS).lower() != "bytes":
        return None
    found: list[ByteRange] = []
    # A list may have empty members (5.6.1.2), but not only those.
    members = [spec.strip(_OWS) for spec in specs.split(",") if spec.strip(_OWS)]
    if not members or len(members) > _MOST_RANGES:
        return None
    for member in members:
        parsed = _parse_spec(member, size_bytes)
        if parsed is None:
            return None
        if len(parsed):
            found.append(parsed)
    if len(found) > 1 and sum(map(len, found)) > size_bytes:
        return None
    return tuple(found)


def matches_strongly(header: str, etag: str) -> bool:
    """Return whether If-Match holds: `*`, or the same strong entity tag."""
    if header.strip(_OWS) == "*":
        return True
    return not etag.startswith("W/") and etag in _entity_tags(header)


def matches_weakly(header: str, etag: str) -> bool:
    """Return whether If-None-Match names this version: `*`, or the tag, weak or not."""
    if header.strip(_OWS) == "*":
        return True
    tags = {tag.removeprefix("W/") for tag in _entity_tags(header)}
    return etag.removeprefix("W/") in tags


def plan_multipart(
    ranges: tuple[ByteRange, ...], *, content_type: str, size_bytes: int, boundary: str
) -> MultipartPlan:
    """Return the body for several ranges; `boundary` must not occur in the file."""
    heads = (
        f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n"
        f"Content-Range: {part.content_range(size_bytes)}\r\n\r\n"
        for part in ranges
    )
    return MultipartPlan(
        content_type=f"multipart/byteranges; boundary={boundary}",
        parts=tuple(zip((head.encode() for head in heads), ranges, strict=True)),
        closing=f"\r\n--{boundary}--\r\n".encode(),
    )


def _parse_spec(spec: str, size_bytes: int) -> ByteRange | None:
    """Return the bytes of one range, empty if out of reach, or None if malformed."""
    match = _SPEC.fullmatch(spec)
    if match is None or spec == "-":
        return None
    first, last = match["first"], match["last"]
    if not first:
        return ByteRange(max(0, size_bytes - _number(last)), size_bytes)
    if last and _number(last) < _number(first):
        return None
    start = min(_number(first), size_bytes)
    end = min(_number(last) + 1, size_bytes) if last else size_bytes
    return ByteRange(start, end)


def _number(digits: str) -> int:
    significant = digits.lstrip("0")
    if len(significant) > _MOST_DIGITS:
        significant = "9" * _MOST_DIGITS
    return int(significant or "0")


def _entity_tags(header: str) -> frozenset[str]:
    return frozenset(_ENTITY_TAG.findall(header))
