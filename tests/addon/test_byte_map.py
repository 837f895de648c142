"""The map of what has come of a file: always the same as a set of its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audible_server.downloads.byte_map import ByteMap

SIZE = 60

SPANS = st.lists(
    st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(
        lambda pair: (min(pair), max(pair))
    )
)


def _map(spans: list[tuple[int, int]]) -> tuple[ByteMap, set[int]]:
    have, there = ByteMap(), set[int]()
    for start, end in spans:
        have = have.with_span(start, end)
        there |= set(range(start, end))
    return have, there


@given(SPANS)
def test_map_holds_what_was_put_in(spans: list[tuple[int, int]]) -> None:
    """Spans in any order, over and beside each other, are kept in order and apart."""
    have, there = _map(spans)

    assert there == {n for start, end in have.spans for n in range(start, end)}
    assert len(there) == have.total_bytes
    edges = [edge for span in have.spans for edge in span]
    assert sorted(set(edges)) == edges
    assert have == ByteMap.from_text(have.to_text())


@given(SPANS, st.integers(0, SIZE), st.integers(0, SIZE))
def test_range_is_there_if_each_byte_is(
    spans: list[tuple[int, int]], start: int, end: int
) -> None:
    """A range is there, or its first gap is named."""
    have, there = _map(spans)

    assert have.has(start, end) == all(n in there for n in range(start, end))
    gap = have.gap(start, SIZE)
    missing = [n for n in range(start, SIZE) if n not in there]
    if not missing:
        assert gap is None
        return
    assert gap is not None
    first, stop = gap
    assert (missing[0], True) == (first, stop is not None)
    assert not there & set(range(first, stop or 0))
    assert stop == SIZE or stop in there


def test_last_gap_of_a_file_of_unknown_size_has_no_end() -> None:
    """It may go on for ever."""
    assert (10, None) == ByteMap(((0, 10),)).gap(0, None)


@pytest.mark.parametrize("text", ["[[5, 5]]", "[[-1, 3]]", "[[4, 2]]", "no"])
def test_text_that_is_no_map_is_refused(text: str) -> None:
    """What is stored is believed only if it can be true."""
    with pytest.raises(ValueError, match=r"."):
        ByteMap.from_text(text)
