"""Many values that are made at once hold nobody up, then or afterwards."""

import gc
from collections.abc import Iterator

import pytest
from audible_core.sync.garbage import without_collections


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Let the collector run as in production, whatever a test before has done."""
    was_enabled = gc.isenabled()
    gc.enable()
    yield
    if not was_enabled:
        gc.disable()


def _young() -> set[int]:
    """Return what the collector looks at before it has to look at everything."""
    return {
        id(value)
        for generation in (0, 1)
        for value in gc.get_objects(generation=generation)
    }


def test_what_a_burst_has_made_is_not_looked_at_right_after_it() -> None:
    """It is as old as all else; the search would hold every thread."""
    with without_collections():
        assert not gc.isenabled()
        made = [[number] for number in range(5_000)]

    assert gc.isenabled()
    assert not _young() & {id(value) for value in made}


def test_what_somebody_else_has_frozen_stays_so() -> None:
    """The process is not ours alone."""
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with without_collections():
            pass
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()


def test_bursts_overlap() -> None:
    """The last one that ends lets the collector run again."""
    first, second = without_collections(), without_collections()
    with first:
        with second:
            assert not gc.isenabled()
        assert not gc.isenabled()

    assert gc.isenabled()
