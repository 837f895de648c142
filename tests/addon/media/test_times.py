"""Times of samples against the plain reading of the standard."""

import struct

import pytest
from audible_core.errors import Mp4FormatError
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.mp4.boxes import iter_boxes
from audible_server.media.mp4.sample_tables import parse_times
from audible_server.media.mp4.times import TimeTable
from tests.addon.media.mp4_maker import box, reader


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def times(*rows: tuple[int, int], samples: int, timescale: int = 1000) -> TimeTable:
    flat = [word for row in rows for word in row]
    data = box("stbl", box("stts", words(0, len(rows), *flat)))
    stbl = next(iter_boxes(reader(data), 0, len(data)))
    return parse_times(reader(data), stbl, samples=samples).build(timescale=timescale)


def test_positions_and_samples_belong_to_each_other() -> None:
    """Three samples of 20 ms, then two of 50 ms."""
    table = times((3, 20), (2, 50), samples=5)

    assert [0, 20, 40, 60, 110, 160, 160] == [table.start_ms(i) for i in range(7)]
    expected = [0, 0, 0, 1, 2, 3, 3, 4, 4, 5, 5]
    positions = (-5, 0, 19, 20, 59, 60, 109, 110, 159, 160, 99_999)
    assert expected == [table.sample_at_ms(ms) for ms in positions]


@given(st.integers(8, 100_000), st.integers(100, 5_000), st.integers(0, 999))
def test_a_sample_starts_where_it_is_found(
    timescale: int, ticks: int, sample: int
) -> None:
    """The start of a sample, put in, gives the sample, for samples of 1 ms and more."""
    table = times(
        (1000, max(ticks, timescale // 1000 + 1)), samples=1000, timescale=timescale
    )

    assert sample == table.sample_at_ms(table.start_ms(sample))


def test_times_that_miss_samples_are_damage() -> None:
    """Every sample has its time, and the clock runs."""
    with pytest.raises(Mp4FormatError, match="it times 3 samples instead of 4"):
        times((3, 20), samples=4)
    with pytest.raises(Mp4FormatError, match="its clock stands still"):
        times((3, 20), samples=3, timescale=0)


def test_samples_without_length_are_passed_over() -> None:
    """A sample of no length is never the one that plays."""
    table = times((2, 0), (1, 10), (1, 0), (1, 10), samples=5)

    assert [2, 4, 5] == [table.sample_at_ms(ms) for ms in (0, 10, 20)]
