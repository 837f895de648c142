"""Sample tables against the plain reading of the standard."""

import struct
from itertools import accumulate

import numpy as np
import pytest
from audible_core.errors import Mp4FormatError, UnsupportedMediaError
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.mp4.boxes import iter_boxes
from audible_server.media.mp4.sample_tables import parse_samples
from audible_server.media.mp4.samples import MediaData, SampleIndex
from tests.addon.media.mp4_maker import box, reader

ANYWHERE = MediaData(np.array([0]), np.array([1 << 60]))


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def stbl(*tables: bytes) -> SampleIndex:
    data = box("stbl", *tables)
    read_at = reader(data)
    return parse_samples(read_at, next(iter_boxes(read_at, 0, len(data))), ANYWHERE)


def stsz(*sizes: int) -> bytes:
    return box("stsz", words(0, 0, len(sizes), *sizes))


def stsc(*rows: tuple[int, int]) -> bytes:
    flat = [word for first, count in rows for word in (first, count, 1)]
    return box("stsc", words(0, len(rows), *flat))


def stco(*offsets: int) -> bytes:
    return box("stco", words(0, len(offsets), *offsets))


def places(index: SampleIndex) -> list[tuple[int, int]]:
    spans = index.spans(0, len(index))
    return list(zip(spans.offsets.tolist(), spans.sizes.tolist(), strict=True))


def test_samples_are_found_in_their_chunks() -> None:
    """Two chunks of two samples, a gap, and one chunk of a single sample."""
    index = stbl(stsz(5, 6, 7, 8, 9), stsc((1, 2), (3, 1)), stco(100, 111, 500))

    expected = [(100, 5), (105, 6), (111, 7), (118, 8), (500, 9)]
    assert expected == places(index)
    assert (100, 509) == index.extent


def test_all_ways_to_write_sizes_agree() -> None:
    """One size for all, compact sizes of 4, 8 and 16 bits."""
    tables = (stsc((1, 3)), stco(10))
    expected = [(10, 9), (19, 9), (28, 9)]

    assert expected == places(stbl(box("stsz", words(0, 9, 3)), *tables))
    assert expected == places(stbl(box("stz2", words(0, 4, 3), b"\x99\x90"), *tables))
    assert expected == places(stbl(box("stz2", words(0, 8, 3), b"\t\t\t"), *tables))
    assert expected == places(stbl(box("stz2", words(0, 16, 3), b"\0\t" * 3), *tables))


def test_offsets_beyond_4_gib_are_read() -> None:
    """64-bit chunk offsets are whole numbers, not two halves."""
    far = 5_000_000_000
    co64 = box("co64", words(0, 1), struct.pack(">Q", far))

    assert [(far, 4)] == places(stbl(stsz(4), stsc((1, 1)), co64))


def test_a_track_without_samples_is_empty() -> None:
    """No sample, no chunk, no error."""
    index = stbl(stsz(), stsc(), stco())

    assert [] == places(index)
    assert (0, 0) == index.extent
    assert 0 == len(index.touching(0, 1000))


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ((stsz(5), stsc((1, 2)), stco(9)), "its chunks hold 2 samples instead of 1"),
        ((stsz(5), stsc((2, 1)), stco(9)), "its chunk table is out of order"),
        ((stsz(5), stsc(), stco(9)), "its chunk table is out of order"),
        ((stsz(5), stsc((1, 1), (1, 1)), stco(9)), "its chunk table is out of order"),
        ((stsz(70_000), stsc((1, 1)), stco(9)), "a sample claims 70000 bytes"),
        ((stsz(5), stsc((1, 1))), "the stbl box has no stco box"),
        ((box("stsz", words(0, 0, 9, 1)),), "the stsz box is shorter than its table"),
        ((box("stsz", words(0, 9, 2**32 - 1)),), "it claims 4294967295 samples"),
        ((box("stz2", words(0, 5, 1), b"\0"),), "its sample sizes have 5 bits"),
        ((stsz(1), stsc((1, 1)), box("co64", words(0, 1, 2**31, 0))), "beyond all"),
    ],
)
def test_tables_that_disagree_are_damage(
    tables: tuple[bytes, ...], reason: str
) -> None:
    """What the tables contradict is said, not guessed."""
    with pytest.raises(Mp4FormatError, match=reason):
        stbl(*tables)


def test_sound_out_of_order_is_refused() -> None:
    """Chunks that lie backwards or over each other are not served."""
    with pytest.raises(UnsupportedMediaError, match="playing order"):
        stbl(stsz(5, 5), stsc((1, 1)), stco(100, 50))
    with pytest.raises(UnsupportedMediaError, match="playing order"):
        stbl(stsz(5, 5), stsc((1, 1)), stco(100, 104))


layouts = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.lists(st.sampled_from([0, 1, 15, 16, 17, 300]), min_size=1, max_size=700),
    ),
    min_size=1,
    max_size=6,
)


@given(layouts, st.integers(0, 60_000), st.integers(0, 3_000), st.data())
def test_look_ups_equal_a_walk_over_all_samples(
    layout: list[tuple[int, list[int]]], start: int, length: int, data: st.DataObject
) -> None:
    """What a range touches is what a walk from the first sample on finds."""
    expected: list[tuple[int, int]] = []
    offsets: list[int] = []
    at = 50
    for gap, sizes in layout:
        at += gap
        offsets.append(at)
        expected += [(at + before, size) for before, size in starts(sizes)]
        at += sum(sizes)
    rows = [(number, len(sizes)) for number, (_, sizes) in enumerate(layout, 1)]
    index = stbl(stsz(*(size for _, size in expected)), stsc(*rows), stco(*offsets))

    assert expected == places(index)
    end = start + length
    touched = index.touching(start, end)
    found = list(zip(touched.offsets.tolist(), touched.sizes.tolist(), strict=True))
    assert [s for s in expected if is_touched(s, start, end)] == [
        s for s in found if s[1]
    ]
    assert expected[touched.first : touched.first + len(touched)] == found
    first = data.draw(st.integers(0, len(expected)))
    part = index.spans(first, first + 300)
    assert [offset for offset, _ in expected[first : first + 300]] == list(part.offsets)


def starts(sizes: list[int]) -> list[tuple[int, int]]:
    return list(zip(accumulate(sizes, initial=0), sizes, strict=False))


def is_touched(sample: tuple[int, int], start: int, end: int) -> bool:
    offset, size = sample
    return size > 0 and start < end and offset < end and start < offset + size


def test_40_hours_at_44_khz_stay_below_25_mb() -> None:
    """The index of the longest books leaves room for many of them."""
    count, per_chunk = 40 * 3600 * 44_100 // 1_024, 22
    sizes = np.full(count // per_chunk * per_chunk, 180, ">u4")
    chunks = len(sizes) // per_chunk
    offsets = (np.arange(chunks) * (180 * per_chunk + 10)).astype(">u8")
    index = stbl(
        box("stsz", words(0, 0, len(sizes)), sizes.tobytes()),
        stsc((1, per_chunk)),
        box("co64", words(0, chunks), offsets.tobytes()),
    )

    assert 25_000_000 > index.memory_bytes
    assert (180 * 22 + 10) * (chunks - 1) + 180 * 22 == index.extent[1]
