"""Boxes of an MP4 file, from bytes written by hand."""

import pytest
from audible_core.errors import Mp4FormatError
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.mp4.boxes import (
    Box,
    ReadAt,
    descend,
    iter_boxes,
    loaded,
)
from tests.addon.media.mp4_maker import reader

FREE = b"\x00\x00\x00\x0cfree\x01\x02\x03\x04"
LONG = b"\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x12\xaa\xbb"


def boxes(data: bytes) -> list[Box]:
    return list(iter_boxes(reader(data), 0, len(data)))


def test_boxes_follow_each_other() -> None:
    """A short and a long box are found with their bodies."""
    expected = [Box(b"free", 0, 8, 12), Box(b"mdat", 12, 28, 30)]

    assert expected == boxes(FREE + LONG)


def test_size_zero_reaches_to_the_end() -> None:
    """The last box may leave its size open."""
    assert [Box(b"mdat", 0, 8, 11)] == boxes(b"\x00\x00\x00\x00mdat\x01\x02\x03")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00\x00\x00", "a box header is cut off at byte 0"),
        (FREE + b"\x00\x00\x00\x08moo", "a box header is cut off at byte 12"),
        (LONG[:15], "a box header is cut off at byte 0"),
        (b"\x00\x00\x00\x07free\x00", "the free box claims 7 bytes"),
        (b"\x00\x00\x00\x01free" + b"\x00" * 7 + b"\x0f", "the free box claims 15 b"),
        (FREE[:-1], "1 bytes of the free box are missing"),
        (b"\xff\xff\xff\xff\x00\x01\x02\x03", r"bytes of the \x00\x01\x02\x03 box"),
    ],
)
def test_sizes_that_cannot_be_true_are_damage(data: bytes, reason: str) -> None:
    """A box never reaches outside of what holds it."""
    with pytest.raises(Mp4FormatError) as caught:
        boxes(data)
    assert reason in str(caught.value)


def test_a_path_of_boxes_is_followed() -> None:
    """A missing box is named, and so is the one that should hold it."""
    inner = b"\x00\x00\x00\x14trak" + FREE
    (outer,) = boxes(b"\x00\x00\x00\x1cmoov" + inner)
    data = b"\x00\x00\x00\x1cmoov" + inner

    assert Box(b"free", 16, 24, 28) == descend(reader(data), outer, b"trak", b"free")
    with pytest.raises(Mp4FormatError, match="the trak box has no mdia box"):
        descend(reader(data), outer, b"trak", b"mdia", b"minf")


def test_a_file_of_nothing_but_boxes_is_refused() -> None:
    """A damaged file cannot keep the server busy."""
    with pytest.raises(Mp4FormatError, match="too many boxes"):
        boxes(b"\x00\x00\x00\x08free" * 5_000)


def test_many_small_reads_inside_a_box_are_one() -> None:
    """What lies in front is read once; what lies behind is still found."""
    data = FREE + b"\x00\x01\x86\xa8moov" + FREE + bytes(99_988)
    asked: list[tuple[int, int]] = []

    def read_at(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return data[offset : offset + length]

    read: ReadAt = loaded(read_at, Box(b"moov", 12, 20, len(data)))

    assert FREE == read(20, 12)
    assert data[12:40] == read(12, 28)
    assert [(12, 65_536)] == asked
    assert data[99_000:99_999] == read(99_000, 999)
    assert FREE == read(0, 12)


@given(st.binary(max_size=200))
def test_any_bytes_give_boxes_or_the_one_error(data: bytes) -> None:
    """Nothing but Mp4FormatError comes of noise, and boxes tile what they fill."""
    try:
        found = boxes(data)
    except Mp4FormatError:
        return
    edges = [0, *(box.end for box in found)]
    assert [box.start for box in found] == edges[:-1]
    assert len(data) == edges[-1]
