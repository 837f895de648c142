"""What one answer of Audible means for one title: rule by rule."""

from dataclasses import replace
from typing import Any

import pytest
from audible_core.sync.rules import (
    NOT_HEARD_AGAIN,
    NOTHING_KNOWN,
    Heard,
    HeardAgain,
    Rules,
    has_moved,
    has_reached_end,
    heard_again,
    heard_of,
    is_at_end,
    is_book,
    is_heard_out,
    is_listened,
    is_restart,
    may_be_over,
    page_of,
)

from tests.core.sync.paper import (
    DAY,
    END_MS,
    HOUR,
    HOUR_MS,
    MINUTE_MS,
    NOW,
    position,
    title,
)

RULES = Rules()
RUNTIME_MS = 10 * HOUR_MS


def _at(position_ms: int, hours: float = 0.0) -> Heard:
    percent = 100.0 * position_ms / RUNTIME_MS
    return Heard(position_ms, percent, is_finished=False, at=NOW + hours * HOUR)


def test_progress_is_position_by_runtime() -> None:
    """One hour of ten is ten percent, whatever Audible's percentage says."""
    heard = heard_of(title(percent_complete=0.0), position(HOUR_MS, NOW), NOTHING_KNOWN)
    assert (HOUR_MS, 10.0) == (heard.position_ms, heard.percentage)


def test_without_a_position_the_percentage_counts() -> None:
    """It is all there is, and its time is that of the listening status."""
    heard = heard_of(
        title(percent_complete=10.0, status_changed_at=NOW), None, NOTHING_KNOWN
    )
    assert Heard(None, 10.0, is_finished=False, at=NOW) == heard


def test_without_a_runtime_the_percentage_counts_beside_the_position() -> None:
    """A position cannot be a share of an unknown length."""
    place = position(HOUR_MS, NOW)
    heard = heard_of(
        title(runtime_ms=None, percent_complete=40.0), place, NOTHING_KNOWN
    )
    assert (HOUR_MS, 40.0) == (heard.position_ms, heard.percentage)


def test_unknown_stays_unknown() -> None:
    """Null is neither zero nor "not finished"."""
    hollow = title(percent_complete=None, is_finished=None)
    assert NOTHING_KNOWN == heard_of(hollow, None, NOTHING_KNOWN)


def test_what_audible_leaves_out_stays_as_it_was() -> None:
    """An answer without progress takes none away."""
    before = Heard(None, 53.0, is_finished=True, at=NOW)
    heard = heard_of(title(percent_complete=None, is_finished=None), None, before)
    assert (53.0, True) == (heard.percentage, heard.is_finished)


def test_an_older_position_never_replaces_a_newer_one() -> None:
    """Answers may cross on their way."""
    before = _at(2 * HOUR_MS)
    heard = heard_of(title(), position(HOUR_MS, NOW - HOUR), before)
    assert 2 * HOUR_MS == heard.position_ms


def test_a_listening_status_that_changed_later_speaks_until_a_position_comes() -> None:
    """Nobody asked for the position, but the percentage shows that it moved."""
    later = title(percent_complete=60.0, status_changed_at=NOW + HOUR)
    heard = heard_of(later, None, _at(HOUR_MS))
    assert (None, 60.0) == (heard.position_ms, heard.percentage)


def test_listening_status_that_was_known_before_is_no_news_beside_a_place() -> None:
    """Only the name of the publisher changed; the place is where it was."""
    known = title(percent_complete=60.0, status_changed_at=NOW + HOUR)
    sent = replace(known, publisher="Another House")
    before = _at(HOUR_MS)
    assert before == heard_of(sent, None, before, previous=known)


def test_nothing_heard_is_no_move() -> None:
    """From unknown to zero percent nothing happened."""
    assert not has_moved(NOTHING_KNOWN, Heard(None, 0.0, is_finished=False))


@pytest.mark.parametrize(
    ("rest_ms", "at_end"),
    [(MINUTE_MS, True), (2 * MINUTE_MS, False), (5 * MINUTE_MS, False)],
)
def test_less_than_the_rest_is_the_end(rest_ms: int, at_end: bool) -> None:
    """Two minutes of credits by default."""
    assert at_end == is_at_end(_at(RUNTIME_MS - rest_ms), RUNTIME_MS, RULES)


def test_the_rest_is_settable() -> None:
    """Who skips long credits sets ten minutes."""
    rules = Rules(finish_rest_ms=10 * MINUTE_MS)
    assert is_at_end(_at(RUNTIME_MS - 9 * MINUTE_MS), RUNTIME_MS, rules)


def test_the_rest_is_a_small_part_of_a_short_title() -> None:
    """Of a story of three minutes, two are not the credits."""
    heard = Heard(2 * MINUTE_MS, 66.7)
    assert not is_at_end(heard, 3 * MINUTE_MS, RULES)


def test_without_a_runtime_only_all_of_it_is_the_end() -> None:
    """99 percent of an unknown length may be an hour short."""
    assert not is_at_end(Heard(None, 99.0), None, RULES)
    assert is_at_end(Heard(None, 100.0), None, RULES)


def test_a_recording_that_became_shorter_finishes_nothing() -> None:
    """Only listening does."""
    stands = _at(9 * HOUR_MS)
    assert not has_reached_end(stands, stands, 9 * HOUR_MS, RULES)


def test_a_jump_is_not_listening() -> None:
    """In one hour nobody hears five, but at double speed two."""
    assert not is_listened(_at(0), _at(5 * HOUR_MS, hours=1), RUNTIME_MS, RULES)
    assert is_listened(_at(0), _at(2 * HOUR_MS, hours=1), RUNTIME_MS, RULES)


def test_without_a_time_nobody_knows_that_it_was_no_jump() -> None:
    """So it is none that counts."""
    before, now = _at(0), _at(HOUR_MS, hours=1)
    assert not is_listened(replace(before, at=None), now, RUNTIME_MS, RULES)
    assert not is_listened(before, replace(now, at=None), RUNTIME_MS, RULES)


def test_a_reread_begins_with_listening_near_the_start() -> None:
    """From minute 5 to minute 40, in an hour."""
    again = _at(40 * MINUTE_MS, hours=1)
    heard = heard_again(_at(5 * MINUTE_MS), again, RUNTIME_MS, RULES)
    assert (NOW, True) == (heard.since, heard.is_enough)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (_at(9 * HOUR_MS), _at(8 * HOUR_MS, hours=1)),
        (_at(9 * HOUR_MS), _at(0, hours=1)),
        (_at(5 * HOUR_MS), _at(5 * HOUR_MS + 40 * MINUTE_MS, hours=1)),
        (_at(0), _at(14 * MINUTE_MS, hours=1)),
        (_at(0), _at(9 * HOUR_MS, hours=1)),
    ],
    ids=["rewind", "put back to zero", "in the middle", "a few minutes", "leap"],
)
def test_what_is_no_reread(before: Heard, now: Heard) -> None:
    """Moving about in a finished book is not reading it again."""
    assert not heard_again(before, now, RUNTIME_MS, RULES).is_enough


def _hear_on(
    places: list[tuple[int, float]], runtime_ms: int = RUNTIME_MS
) -> HeardAgain:
    """Hear on from a restart; each place is so many minutes at so many hours."""
    heard, before = HeardAgain(NOW), _at(places[0][0] * MINUTE_MS)
    for minutes, hours in places[1:]:
        now = _at(minutes * MINUTE_MS, hours=hours)
        heard = heard_again(before, now, runtime_ms, RULES, restarted_at=heard.since)
        before = now
    return heard


@pytest.mark.parametrize(
    ("places", "is_enough"),
    [
        ([(110, 0), (115, 0.1), (120, 0.2)], False),
        ([(110, 0), (115, 0.1), (120, 0.2), (125, 0.3)], True),
        ([(110, 0), (120, 5), (130, 20)], True),
        ([(110, 0), (120, 0.2), (118, 0.3), (126, 0.5)], True),
        ([(110, 0), (120, 0.2), (116, 0.3), (124, 0.5)], False),
        ([(110, 0), (120, 60), (140, 61)], False),
        ([(110, 0), (120, 0.2), (200, 0.3), (220, 1)], False),
        ([(110, 0), (120, 0.2), (100, 0.3), (120, 1)], False),
    ],
    ids=[
        "ten minutes",
        "fifteen at three looks",
        "twenty with long pauses",
        "sixteen with a step back",
        "fourteen with a step back",
        "after days without a word",
        "with a leap forward",
        "with a leap back",
    ],
)
def test_a_restart_counts_once_it_was_really_heard_on(
    places: list[tuple[int, float]], is_enough: bool
) -> None:
    """For a quarter of an hour, however many looks that takes."""
    assert is_enough == _hear_on(places).is_enough


def test_of_a_short_title_a_twentieth_is_enough() -> None:
    """Five minutes of less than two hours."""
    places = [(30, 0.0), (35, 0.1)]
    assert _hear_on(places, 100 * MINUTE_MS).is_enough
    assert not _hear_on(places, 200 * MINUTE_MS).is_enough


def test_a_leap_is_one_also_where_the_place_is_old() -> None:
    """It stood there for a day, until an hour ago: somebody chose a chapter."""
    before, now = _at(0), _at(5 * HOUR_MS, hours=24)
    for looked_at, is_again in ((None, True), (NOW + 23 * HOUR, False)):
        heard = heard_again(before, now, RUNTIME_MS, RULES, looked_at=looked_at)
        assert is_again == heard.is_enough


def test_a_place_by_hand_was_not_heard_from_the_start() -> None:
    """It is newer than what was heard since the restart could be."""
    by_hand = _at(5 * HOUR_MS, hours=3)
    now = _at(6 * HOUR_MS, hours=4)
    heard = heard_again(by_hand, now, RUNTIME_MS, RULES, restarted_at=NOW)
    assert NOT_HEARD_AGAIN == heard


def test_what_was_heard_before_the_finish_is_no_restart() -> None:
    """Who marks it as finished and hears on for a moment has not begun anew."""
    before, now = _at(2 * HOUR_MS, hours=0.2), _at(2 * HOUR_MS + 240_000, hours=1)
    for over_at, is_again in ((NOW - HOUR, True), (NOW + HOUR / 10, False)):
        heard = heard_again(
            before, now, RUNTIME_MS, RULES, restarted_at=NOW, over_at=over_at
        )
        assert is_again == heard.is_enough


@pytest.mark.parametrize(
    ("was_ms", "hours", "is_out"),
    [(8 * HOUR_MS, 2, True), (8 * HOUR_MS, 0.1, False), (9 * HOUR_MS, 0.1, True)],
    ids=["heard", "leap", "without the last bit"],
)
def test_a_leap_to_the_end_is_not_listening(
    was_ms: int, hours: float, is_out: bool
) -> None:
    """But few hear the credits."""
    now = _at(END_MS + 1, hours=hours)
    assert is_out == is_heard_out(_at(was_ms), now, RUNTIME_MS, RULES)
    assert not is_heard_out(_at(was_ms), _at(was_ms), RUNTIME_MS, RULES)
    looked_at = NOW + hours * HOUR / 2
    seen = is_heard_out(_at(was_ms), now, RUNTIME_MS, RULES, looked_at=looked_at)
    assert is_out == seen


def test_nobody_hears_ten_hours_in_two() -> None:
    """Nor before they were begun."""
    for hours, may_be in ((2, False), (3, True), (-1, False)):
        assert may_be == may_be_over(NOW, NOW + hours * HOUR, RUNTIME_MS, RULES)


@pytest.mark.parametrize(
    ("was_ms", "place_ms", "hours", "is_back"),
    [
        (END_MS, 2 * HOUR_MS, 2, True),
        (END_MS, 4 * HOUR_MS, 4, True),
        (END_MS, 4 * HOUR_MS, 1, False),
        (END_MS, 4 * HOUR_MS, 24, True),
        (END_MS, 4 * HOUR_MS + 30 * MINUTE_MS, 24, False),
        (END_MS, 6 * HOUR_MS, 24, False),
        (4 * HOUR_MS, 3 * HOUR_MS, 24, False),
        (2 * HOUR_MS, 3 * HOUR_MS, 24, False),
        (END_MS, 0, 1, False),
    ],
    ids=[
        "two hours in two",
        "four in four",
        "a leap",
        "what two hours may be, whenever they were",
        "more than that, though there was time",
        "the last chapters",
        "a rewind in what was marked as finished",
        "forward",
        "put back to zero",
    ],
)
def test_a_restart_is_no_further_than_one_can_have_heard(
    was_ms: int, place_ms: int, hours: int, is_back: bool
) -> None:
    """Since the last look, and not half as far as it stood."""
    now = _at(place_ms, hours=hours)
    looked_at = NOW
    assert is_back == is_restart(
        _at(was_ms, hours=-100), now, RUNTIME_MS, RULES, looked_at=looked_at
    )
    assert not is_restart(_at(was_ms), now, RUNTIME_MS, RULES, looked_at=None)


def test_a_reread_shows_in_percentages_too() -> None:
    """Not every title has positions."""
    before = Heard(None, 4.0, is_finished=True, at=NOW)
    now = Heard(None, 9.0, at=NOW + DAY)
    assert heard_again(before, now, RUNTIME_MS, RULES).is_enough


@pytest.mark.parametrize(
    ("percentage", "pages", "expected"),
    [(50.0, 321, 160), (99.9, 300, 299), (None, 300, None), (50.0, None, None)],
)
def test_the_page_is_progress_by_pages(
    percentage: float | None, pages: int | None, expected: int | None
) -> None:
    """Rounded down, and unknown where either is."""
    assert expected == page_of(percentage, pages, is_finished=False)


def test_a_finished_book_is_on_its_last_page() -> None:
    """Most finished books stand at 99 percent."""
    assert 300 == page_of(99.0, 300, is_finished=True)


@pytest.mark.parametrize(
    "kind",
    [
        {"content_delivery_type": "PodcastEpisode"},
        {"content_delivery_type": "PodcastParent"},
        {"content_delivery_type": "Periodical"},
        {"content_type": "Newspaper / Magazine"},
    ],
)
def test_podcasts_and_periodicals_are_no_books(kind: dict[str, Any]) -> None:
    """Either of the two members says so."""
    assert not is_book(title(**kind))
    assert is_book(title())
    assert is_book(title(content_type=None, content_delivery_type=None))
