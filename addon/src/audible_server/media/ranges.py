"""Byte ranges and validators of HTTP (RFC 9110, sections 13 and 14), as pure functions.

aiohttp's own answers are not used: 3.14 splices versions on a foreign If-Range, and
refuses unknown units and several ranges.
"""

import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_tz

# More than this, or more bytes than the file has, is no player but an attack (14.2).
_MOST_RANGES = 16
_SPEC = re.compile(r"(?P<first>[0-9]*)-(?P<last>[0-9]*)", re.ASCII)
_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
# The clock of a network share may differ from ours by so much.
_SETTLED_S = 60
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
    method: str,
    headers: Mapping[str, str],
    *,
    etag: str,
    size_bytes: int,
    modified_at: int | None = None,
) -> ResponsePlan:
    """Decide on a GET or HEAD from its headers, in the order of RFC 9110, 13.2.2.

    `headers` must ignore case. `etag` is strong, in its quotes. `modified_at` is what
    Last-Modified says, in epoch seconds; None where it is not sent: no date matches.
    """
    status = _precondition(headers, etag, modified_at)
    if status is not None:
        return ResponsePlan(status)
    whole = ResponsePlan(200, (ByteRange(0, size_bytes),))
    wanted = headers.get("Range")
    # Ranges are defined for GET alone (14.2).
    if wanted is None or method != "GET":
        return whole
    if_range = headers.get("If-Range")
    if if_range is not None and not _is_same(if_range, etag, modified_at):
        return whole
    ranges = parse_range(wanted, size_bytes)
    if ranges is None:
        return whole
    return ResponsePlan(206, ranges) if ranges else ResponsePlan(416)


def date_of(modified_s: float, *, now_s: float) -> int | None:
    """Return the time to send as Last-Modified, in epoch seconds; None for none.

    A time in the future must not be sent (8.8.2.1). One that has just passed is no
    strong validator yet (8.8.2.2): the file may change again within the same second.
    """
    return int(modified_s) if modified_s <= now_s - _SETTLED_S else None


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


def _precondition(
    headers: Mapping[str, str], etag: str, modified_at: int | None
) -> int | None:
    """Return 412 or 304 if the body is not wanted; a tag is asked before a date."""
    if_match = headers.get("If-Match")
    if if_match is not None:
        if not matches_strongly(if_match, etag):
            return 412
    elif modified_at is not None:
        unmodified_at = _date(headers, "If-Unmodified-Since")
        if unmodified_at is not None and modified_at > unmodified_at:
            return 412
    if_none_match = headers.get("If-None-Match")
    if if_none_match is not None:
        return 304 if matches_weakly(if_none_match, etag) else None
    # A file that takes another's place may be older, so the very date must be named.
    date = _date(headers, "If-Modified-Since")
    return 304 if date is not None and date == modified_at else None


def _is_same(if_range: str, etag: str, modified_at: int | None) -> bool:
    """Return whether If-Range names this version, by its tag or its very date."""
    text = if_range.strip(_OWS)
    if text.endswith('"'):
        return text == etag
    return modified_at is not None and _seconds(text) == modified_at


def _date(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name)
    return None if text is None else _seconds(text)


def _seconds(date: str) -> int | None:
    """Return a date of any of the three forms (5.6.7) in epoch seconds, or None."""
    try:
        parsed = parsedate_tz(date)
        # All of them are in GMT, the oldest form without saying so.
        return timegm(parsed[:9]) if parsed and not parsed[9] else None
    except (
        # Days and years that no calendar has.
        ValueError,
        OverflowError,
        # Words in places where the parser looks for more.
        IndexError,
        TypeError,
    ):
        return None


def _parse_spec(spec: str, size_bytes: int) -> ByteRange | None:
    """Return the bytes of one range, empty if out of reach, or None if malformed."""
    match = _SPEC.fullmatch(spec)
    if match is None or spec == "-":
        return None
    first, last = match["first"], match["last"]
    if not first:
        return ByteRange(max(0, size_bytes - _number(last)), size_bytes)
    start = _number(first)
    end = _number(last) + 1 if last else size_bytes
    if last and end <= start:
        return None
    return ByteRange(min(start, size_bytes), min(end, size_bytes))


def _number(digits: str) -> int:
    significant = digits.lstrip("0")
    if len(significant) > _MOST_DIGITS:
        significant = "9" * _MOST_DIGITS
    return int(significant or "0")


def _entity_tags(header: str) -> frozenset[str]:
    return frozenset(_ENTITY_TAG.findall(header))
