"""Slots for streams."""

import pytest
from audible_core.errors import TooManyStreamsError

from audible_server.media.limiter import StreamSlots


def test_a_full_house_answers_at_once() -> None:
    """Who finds no slot is told when to come again; a slot given back is free."""
    slots = StreamSlots(2, retry_after_s=7)
    with slots.slot():
        with slots.slot():
            assert 2 == slots.in_use
            with pytest.raises(TooManyStreamsError) as caught, slots.slot():
                pytest.fail("a third stream was let in")
        with slots.slot():
            assert 2 == slots.in_use

    assert 7 == caught.value.retry_after_s
    assert 0 == slots.in_use


def test_a_failure_gives_its_slot_back() -> None:
    """An error inside the block leaves no slot taken."""
    slots = StreamSlots(1)
    with pytest.raises(ZeroDivisionError), slots.slot():
        _ = 1 // 0

    assert 0 == slots.in_use


def test_no_slots_at_all_is_a_choice() -> None:
    """With 0 slots nothing is transcoded."""
    with pytest.raises(TooManyStreamsError), StreamSlots(0).slot():
        pytest.fail("a stream was let in")
