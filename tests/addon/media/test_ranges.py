"""Ranges and validators, case by case from RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from audible_server.media.ranges import (
    ByteRange,
    ResponsePlan,
    date_of,
    matches_strongly,
    matches_weakly,
    parse_range,
    plan_multipart,
    plan_response,
)

ETAG = '"abc"'
WHOLE = ResponsePlan(200, (ByteRange(0, 1000),))
FIRST_TEN = ResponsePlan(206, (ByteRange(0, 10),))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", [(0, 10)]),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=990-", [(990, 1000)]),
        ("bytes=990-5000", [(990, 1000)]),
        ("bytes=-10", [(990, 1000)]),
        ("bytes=-5000", [(0, 1000)]),
        ("BYTES = 0-9", [(0, 10)]),
        ("bytes=0-9, ,20-29,", [(0, 10), (20, 30)]),
        ("bytes=20-29,0-9", [(20, 30), (0, 10)]),
        ("bytes=0-9,2000-", [(0, 10)]),
        ("bytes=00000-0000000000000000000000009", [(0, 10)]),
        (f"bytes=5-{'9' * 5000}", [(5, 1000)]),
        # Out of reach: nothing is left to serve.
        ("bytes=1000-", []),
        ("bytes=2000-3000", []),
        ("bytes=-0", []),
        (f"bytes={'9' * 5000}-", []),
        # To be ignored: another unit, bad syntax, too much.
        ("seconds=0-9", None),
        ("0-9", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes= , ", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=9-0", None),
        ("bytes=0-9,9-0", None),
        ("bytes=+0-9", None),
        ("bytes=0 - 9", None),
        ("bytes=\u0660-\u0669", None),
        ("bytes=--5", None),
        ("bytes=0-9-", None),
        ("bytes=0-,0-", None),
        ("bytes=" + ",".join(["0-0"] * 17), None),
    ],
)
def test_range_headers(header: str, expected: list[tuple[int, int]] | None) -> None:
    """Each form of the header gives the bytes it means."""
    wanted = None if expected is None else tuple(ByteRange(*pair) for pair in expected)

    assert wanted == parse_range(header, 1000)


def test_an_empty_file_has_no_ranges() -> None:
    """No range of nothing can be served."""
    assert () == parse_range("bytes=0-", 0) == parse_range("bytes=-5", 0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, WHOLE),
        ({"range": "bytes=0-9"}, FIRST_TEN),
        ({"Range": "bytes=2000-"}, ResponsePlan(416)),
        ({"Range": "lines=0-9"}, WHOLE),
        ({"Range": "bytes=0-9", "If-Range": ETAG}, FIRST_TEN),
        ({"Range": "bytes=0-9", "If-Range": '"other"'}, WHOLE),
        ({"Range": "bytes=0-9", "If-Range": f"W/{ETAG}"}, WHOLE),
        ({"Range": "bytes=0-9", "If-Range": "Sat, 29 Oct 1994 19:43:31 GMT"}, WHOLE),
        ({"Range": "bytes=2000-", "If-Range": '"other"'}, WHOLE),
        ({"If-None-Match": ETAG}, ResponsePlan(304)),
        ({"If-None-Match": f'"x", W/{ETAG}'}, ResponsePlan(304)),
        ({"If-None-Match": "*"}, ResponsePlan(304)),
        ({"If-None-Match": '"x"'}, WHOLE),
        ({"If-None-Match": ETAG, "Range": "bytes=0-9"}, ResponsePlan(304)),
        ({"If-Match": ETAG}, WHOLE),
        ({"If-Match": "*"}, WHOLE),
        ({"If-Match": '"x"'}, ResponsePlan(412)),
        ({"If-Match": f"W/{ETAG}"}, ResponsePlan(412)),
        ({"If-Match": '"x"', "If-None-Match": ETAG}, ResponsePlan(412)),
        ({"If-Match": ETAG, "Range": "bytes=0-9"}, FIRST_TEN),
    ],
)
def test_answers_to_get(headers: dict[str, str], expected: ResponsePlan) -> None:
    """Preconditions come first, then If-Range, then the range."""
    plan = plan_response("GET", CIMultiDict(headers), etag=ETAG, size_bytes=1000)

    assert expected == plan


MODIFIED_AT = 784_111_777
SAME = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
)
EARLIER, LATER = "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"
NO_DATES = ("yesterday", "", "0", "Sun, 06 Nov 1994 08:49:37 +0100", "9" * 5000)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        *(({"If-Modified-Since": date}, ResponsePlan(304)) for date in SAME),
        *(({"If-Modified-Since": date}, WHOLE) for date in (EARLIER, LATER, *NO_DATES)),
        *(({"If-Unmodified-Since": date}, WHOLE) for date in (*SAME, LATER, *NO_DATES)),
        ({"If-Unmodified-Since": EARLIER}, ResponsePlan(412)),
        *(({"Range": "bytes=0-9", "If-Range": date}, FIRST_TEN) for date in SAME),
        *(
            ({"Range": "bytes=0-9", "If-Range": date}, WHOLE)
            for date in (EARLIER, LATER, *NO_DATES)
        ),
        # A tag is asked before a date.
        ({"If-None-Match": '"x"', "If-Modified-Since": SAME[0]}, WHOLE),
        ({"If-None-Match": ETAG, "If-Modified-Since": EARLIER}, ResponsePlan(304)),
        ({"If-Match": ETAG, "If-Unmodified-Since": EARLIER}, WHOLE),
    ],
)
def test_dates_are_obeyed(headers: dict[str, str], expected: ResponsePlan) -> None:
    """The very date means the same version; what is no date means nothing."""
    plan = plan_response(
        "GET",
        CIMultiDict(headers),
        etag=ETAG,
        size_bytes=1000,
        modified_at=MODIFIED_AT,
    )

    assert expected == plan


@pytest.mark.parametrize("name", ["If-Modified-Since", "If-Unmodified-Since"])
def test_no_date_matches_what_has_none(name: str) -> None:
    """A condition on a date is ignored where none was sent."""
    headers = CIMultiDict({name: EARLIER})

    assert WHOLE == plan_response("GET", headers, etag=ETAG, size_bytes=1000)


def test_a_time_is_sent_when_it_has_settled() -> None:
    """A file of just now may change again within its second; none is of tomorrow."""
    assert date_of(1_000.9, now_s=2_000) == 1_000
    assert date_of(1_990, now_s=2_000) is None
    assert date_of(3_000, now_s=2_000) is None


def test_head_knows_no_ranges() -> None:
    """Ranges are defined for GET alone; preconditions hold for both."""
    ranged = CIMultiDict({"Range": "bytes=0-9"})
    known = CIMultiDict({"If-None-Match": ETAG})

    assert WHOLE == plan_response("HEAD", ranged, etag=ETAG, size_bytes=1000)
    assert 304 == plan_response("HEAD", known, etag=ETAG, size_bytes=1000).status


def test_weak_validators_match_weakly_alone() -> None:
    """A weak tag of ours is never a base for byte ranges."""
    assert not matches_strongly('W/"a"', 'W/"a"')
    assert matches_weakly('"a"', 'W/"a"')
    assert matches_weakly('"x,y" , "a"', '"a"')
    assert not matches_weakly('"x,a"', '"a"')


def test_several_ranges_make_one_body() -> None:
    """The length promised is the length of heads, bytes and end together."""
    ranges = (ByteRange(0, 2), ByteRange(10, 11))
    plan = plan_multipart(
        ranges, content_type="audio/mp4", size_bytes=1000, boundary="b0"
    )
    body = b"".join(head + b"x" * len(part) for head, part in plan.parts)

    expected = (
        b"\r\n--b0\r\nContent-Type: audio/mp4\r\nContent-Range: bytes 0-1/1000"
        b"\r\n\r\nxx\r\n--b0\r\nContent-Type: audio/mp4\r\nContent-Range: "
        b"bytes 10-10/1000\r\n\r\nx\r\n--b0--\r\n"
    )
    assert expected == body + plan.closing
    assert len(expected) == plan.content_length
    assert "multipart/byteranges; boundary=b0" == plan.content_type


@given(st.text(max_size=40), st.integers(0, 10**12))
def test_any_text_is_answered(text: str, size_bytes: int) -> None:
    """Ranges found in noise lie inside the file."""
    for header in (text, f"bytes={text}"):
        for part in parse_range(header, size_bytes) or ():
            assert 0 <= part.start < part.end <= size_bytes


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 5000))
def test_a_range_is_what_slicing_gives(first: int, last: int, size: int) -> None:
    """First and last byte are inclusive, and cut to the file."""
    content = range(size)
    found = parse_range(f"bytes={first}-{last}", size)
    if last < first:
        assert found is None
    elif first >= size:
        assert found == ()
    else:
        (part,) = found or ()
        assert content[first : last + 1] == content[part.start : part.end]
