"""Two books and their passes as one: which are the same, and who knows better."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from audible_core.decisions.merging import merged_book, merged_reads
from audible_core.kinds import BookStatus, BookType, DateSource, ReadOutcome
from audible_core.store.records import (
    BookFields,
    LinkId,
    Read,
    ReaderId,
    ReadFields,
    ReadId,
)

ANNA = ReaderId(1)
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ONE, TWO = LinkId(1), LinkId(2)
EARLY, LATE, LAST = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def read(number: int, outcome: ReadOutcome, **members: Any) -> Read:
    """Return a pass, by default one of no title."""
    values = {"link_id": None} | members
    return Read(
        ReadId(number), NOW, NOW, ReadFields(ANNA, None, outcome=outcome, **values)
    )


def left(*reads: Read) -> list[ReadFields]:
    """Return the passes that are there afterwards."""
    merged = merged_reads(reads)
    changed = {one.read_id: fields for one, fields in merged.changed}
    dropped = {one.read_id for one in merged.dropped}
    kept = (one for one in reads if one.read_id not in dropped)
    return [changed.get(one.read_id, one.fields) for one in kept]


def test_passes_of_two_titles_stay_two_while_they_are_open() -> None:
    """Each title goes on with its own, or a sync would begin another one."""
    for outcome in (ReadOutcome.UNDER_WAY, ReadOutcome.STOPPED):
        reads = [read(n, outcome, link_id=n) for n in (ONE, TWO)]
        assert left(*reads) == [one.fields for one in reads]


@pytest.mark.parametrize(
    ("ends", "count"), [((LATE, LATE), 1), ((EARLY, LATE), 2), ((None, LATE), 2)]
)
def test_passes_of_two_titles_are_one_if_they_ended_on_one_day(
    ends: tuple[date | None, date | None], count: int
) -> None:
    """A day that is not known is not the other one's."""
    reads = [
        read(link, ReadOutcome.FINISHED, link_id=link, finished_on=end)
        for link, end in zip((ONE, TWO), ends, strict=True)
    ]
    assert len(left(*reads)) == count


@pytest.mark.parametrize("outcome", [ReadOutcome.STOPPED, ReadOutcome.UNKNOWN])
def test_passes_that_led_nowhere_are_one_if_all_their_days_are(
    outcome: ReadOutcome,
) -> None:
    """Whoever gave a book up twice has begun it twice."""
    first = read(1, outcome, started_on=EARLY, stopped_on=LATE)
    for member, day, count in (
        ("stopped_on", LATE, 1),
        ("stopped_on", LAST, 2),
        ("started_on", LATE, 2),
    ):
        other = replace(first.fields, **{member: day})
        assert (
            len(left(first, replace(first, read_id=ReadId(2), fields=other))) == count
        )


def test_passes_of_other_outcome_are_two() -> None:
    """Also on one day."""
    reads = [
        read(1, ReadOutcome.FINISHED, started_on=EARLY),
        read(2, ReadOutcome.UNDER_WAY, started_on=EARLY),
    ]
    assert len(left(*reads)) == 2


def test_finish_of_unknown_day_gets_the_day_that_the_other_knows() -> None:
    """That of the title stays; it began when the first of them did."""
    own = read(
        1,
        ReadOutcome.FINISHED,
        started_on=EARLY,
        started_source=DateSource.USER,
        finished_on=LATE,
        finished_source=DateSource.USER,
        finished_at=NOW,
    )
    for started_on in (None, LATE):
        heard = read(2, ReadOutcome.FINISHED, link_id=ONE, started_on=started_on)
        (one,) = left(own, heard)
        assert one == replace(own.fields, link_id=ONE)


@pytest.mark.parametrize("link_id", [None, ONE])
def test_finish_of_unknown_day_that_began_after_the_other_is_another(
    link_id: LinkId | None,
) -> None:
    """Who began it again has read it twice, and nothing ends before it begins."""
    reads = [
        read(1, ReadOutcome.FINISHED, finished_on=EARLY),
        read(2, ReadOutcome.FINISHED, link_id=link_id, started_on=LATE),
    ]
    assert left(*reads) == [one.fields for one in reads]


def test_what_a_title_knows_is_not_replaced() -> None:
    """A later start, or another source of the same day, adds nothing."""
    heard = read(
        1,
        ReadOutcome.FINISHED,
        link_id=ONE,
        started_on=EARLY,
        started_source=DateSource.HEARD,
        finished_on=LATE,
        finished_source=DateSource.HEARD,
    )
    own = read(2, ReadOutcome.FINISHED, started_on=LATE, finished_on=LATE)
    merged = merged_reads((own, heard))
    assert merged.changed == ()
    assert merged.dropped == (own,)


def test_kept_book_is_of_the_kind_that_the_other_knows() -> None:
    """And stands where that one stands, unless it has been begun itself."""
    kept = BookFields(ANNA, "Night")
    heard = BookFields(
        ANNA,
        "Night One",
        book_type=BookType.AUDIOBOOK,
        status=BookStatus.PAUSED,
        publisher="Lantern",
        isbns=("9783161484100",),
        extra={"shelf": "y", "place": "z"},
    )
    one = merged_book(replace(kept, extra={"shelf": "x"}), heard)
    assert one == replace(
        heard, title="Night", extra={"shelf": "x", "place": "z"}, source=kept.source
    )
    printed = replace(kept, book_type=BookType.PRINT, status=BookStatus.READING)
    other = merged_book(printed, heard)
    assert (other.book_type, other.status) == (BookType.PRINT, BookStatus.READING)


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("Good.", "Long.", "Good.\n\nLong."),
        ("Good.", "Good.", "Good."),
        (None, "Long.", "Long."),
        ("Good.", None, "Good."),
    ],
)
def test_of_two_reviews_nothing_is_lost_and_nothing_said_twice(
    mine: str | None, theirs: str | None, both: str
) -> None:
    """So it is with notes."""
    for name in ("review", "private_notes"):
        books = [BookFields(ANNA, "Night", **{name: text}) for text in (mine, theirs)]  # type: ignore[arg-type]
        assert getattr(merged_book(*books), name) == both
