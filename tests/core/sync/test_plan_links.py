"""Which book a title is, and whose listening its position is."""

from dataclasses import replace

from audible_core.kinds import (
    BookStatus,
    ConflictType,
)
from audible_core.models import AudibleTitle
from audible_core.store.records import AccountId, Candidate, ReaderId
from audible_core.sync.rules import Rules
from audible_core.sync.snapshot import MatchDecision

from tests.core.sync.paper import (
    ANNA,
    BEN,
    DAY,
    END_MS,
    HOUR,
    HOUR_MS,
    NOW,
    PaperTracker,
    asin,
    position,
    title,
)


def _unsure(_: AudibleTitle) -> MatchDecision:
    return MatchDecision(
        confidence=0.6, conflict_type=ConflictType.AMBIGUOUS, candidates=()
    )


def _no_question(sent: AudibleTitle) -> MatchDecision:
    message = f"matching was asked for {sent.name}"
    raise AssertionError(message)


def test_a_conflict_waits_and_its_listening_does_not() -> None:
    """Ledger, passes and events go on without a book."""
    tracker = PaperTracker()
    tracker.matching = _unsure
    tracker.sync(title(), at=NOW - DAY)
    tracker.hear_to_the_end()
    assert {} == tracker.books
    assert [ConflictType.AMBIGUOUS] == [
        conflict.conflict_type for conflict in tracker.conflicts.values()
    ]
    assert ["book_started", "book_finished"] == tracker.told
    assert 1 == len(tracker.finished)


def test_a_conflict_is_asked_about_again_only_when_something_else_is_known() -> None:
    """Progress is nothing that matching goes by; an ISBN is."""
    tracker = PaperTracker()
    tracker.matching = _unsure
    tracker.sync(title(), at=NOW - DAY)
    book_id = tracker.add_book(page_count=300)
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=1.0)
    tracker.sync(title(percent_complete=10.0), at=NOW)
    assert None is tracker.link.book_id
    tracker.sync(title(percent_complete=10.0, isbn="9783161484100"), at=NOW + HOUR)
    assert book_id == tracker.link.book_id
    assert {} == tracker.conflicts
    assert BookStatus.READING == tracker.book.status
    assert [book_id] == [read.fields.book_id for read in tracker.reads.values()]


def test_the_conflict_of_a_title_that_is_gone_is_closed() -> None:
    """Nobody has to decide what is no more."""
    tracker = PaperTracker()
    tracker.matching = _unsure
    tracker.sync(title(1), title(2), at=NOW - DAY)
    tracker.sync(title(2))
    (link_id,) = tracker.conflicts
    assert asin(2) == tracker.links[link_id].fields.asin


def test_a_conflict_is_asked_about_again_when_somebody_wants_it() -> None:
    """An import brought the book; nothing of the title has changed."""
    tracker = PaperTracker()
    tracker.matching = _unsure
    tracker.sync(title(), at=NOW - DAY)
    book_id = tracker.add_book()
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=1.0)
    tracker.sync(title(), match_again=[asin(1)])
    assert book_id == tracker.link.book_id
    assert {} == tracker.conflicts


def test_no_book_is_made_where_the_reader_does_not_want_it() -> None:
    """Then it is a question too."""
    tracker = PaperTracker()
    tracker.rules = Rules(creates_books=False)
    tracker.sync(title())
    assert {} == tracker.books
    (conflict,) = tracker.conflicts.values()
    assert ConflictType.NO_MATCH == conflict.conflict_type


def test_two_books_of_one_isbn_are_a_conflict() -> None:
    """Never a coin toss, however sure matching is of both."""
    tracker = PaperTracker()
    one, two = tracker.add_book(), tracker.add_book()
    tracker.matching = lambda _: MatchDecision(
        confidence=1.0,
        conflict_type=ConflictType.DUPLICATE_ISBN,
        candidates=(Candidate(one, 1.0), Candidate(two, 1.0)),
    )
    tracker.sync(title())
    assert None is tracker.link.book_id
    (conflict,) = tracker.conflicts.values()
    assert [one, two] == [candidate.book_id for candidate in conflict.candidates]


def test_a_link_made_by_hand_wins(tracker: PaperTracker) -> None:
    """Whatever matching says later, and whatever the title is called then."""
    (link_id,) = tracker.links
    other = tracker.add_book()
    tracker.set_link(link_id, book_id=other, manually_confirmed=True)
    tracker.matching = _unsure
    tracker.sync(title(title="Another name", isbn="9783161484100"))
    assert other == tracker.link.book_id
    assert {} == tracker.conflicts


def test_an_ignored_title_stays_ignored(tracker: PaperTracker) -> None:
    """Its places are kept; it is no book and tells nothing."""
    (link_id,) = tracker.links
    tracker.set_link(link_id, book_id=None, is_ignored=True, manually_confirmed=True)
    tracker.hear_to_the_end()
    assert [] == tracker.told
    assert {} == tracker.reads
    assert [HOUR_MS, END_MS] == tracker.places


def test_one_recording_from_two_marketplaces_is_one_book() -> None:
    """Equal sku_lite, other ASINs: one book, also within one answer."""
    tracker = PaperTracker()
    tracker.sync(title(1, sku_lite="BK_ROE_1"), title(2, sku_lite="BK_ROE_1"))
    tracker.sync(
        title(1, sku_lite="BK_ROE_1"),
        title(2, sku_lite="BK_ROE_1"),
        title(3, sku_lite="BK_ROE_1"),
        at=NOW + HOUR,
    )
    (book_id,) = tracker.books
    assert [book_id] * 3 == [link.fields.book_id for link in tracker.links.values()]


def test_a_twin_that_was_not_heard_takes_nothing_away(tracker: PaperTracker) -> None:
    """The other marketplace knows nothing of the finish."""
    tracker.sync(title(sku_lite="BK_ROE_1"), at=NOW - HOUR)
    tracker.hear_to_the_end()
    tracker.sync(
        title(sku_lite="BK_ROE_1"), title(2, sku_lite="BK_ROE_1"), at=NOW + DAY
    )
    assert BookStatus.FINISHED == tracker.book.status
    assert 1 == len(tracker.reads)


def test_podcasts_are_tracked_and_never_matched() -> None:
    """Their place is in the ledger; matching is not even asked."""
    tracker = PaperTracker()
    episode = title(content_delivery_type="PodcastEpisode", content_type="Podcast")
    tracker.matching = _no_question
    tracker.sync(episode, at=NOW - DAY)
    tracker.poll(position(HOUR_MS, NOW), at=NOW)
    assert [HOUR_MS] == tracker.places
    assert ({}, {}, {}) == (tracker.books, tracker.reads, tracker.conflicts)


def test_the_position_counts_for_the_default_reader(tracker: PaperTracker) -> None:
    """As long as nobody else has taken the title."""
    tracker.poll(position(HOUR_MS, NOW))
    assert {ANNA} == {event.reader_id for event in tracker.events}


def test_the_position_counts_for_who_took_the_title(tracker: PaperTracker) -> None:
    """Ben listens now; Anna's place stays where it was."""
    tracker.poll(position(HOUR_MS, NOW), at=NOW)
    ben = tracker.take_title(asin(1), BEN, last_position_ms=HOUR_MS, is_finished=False)
    tracker.poll(position(2 * HOUR_MS, NOW + HOUR), at=NOW + HOUR)
    places = {
        link.fields.reader_id: link.fields.last_position_ms
        for link in tracker.links.values()
    }
    assert {ANNA: HOUR_MS, BEN: 2 * HOUR_MS} == places
    assert ben == tracker.ledger[-1][0]


def test_of_several_who_took_a_title_the_last_one_listens(
    tracker: PaperTracker,
) -> None:
    """Until the next one takes it."""
    tracker.take_title(asin(1), BEN, last_percentage=0.0)
    cleo = tracker.take_title(asin(1), ReaderId(3), last_percentage=0.0)
    tracker.poll(position(HOUR_MS, NOW))
    assert [cleo] == [link_id for link_id, _ in tracker.ledger]


def test_one_title_may_be_another_book_for_another_reader(
    tracker: PaperTracker,
) -> None:
    """Each reader's link has its own book, and only the listener's moves."""
    bens = tracker.add_book(reader_id=BEN, title="Ben's edition", page_count=100)
    tracker.take_title(asin(1), BEN, book_id=bens, last_percentage=0.0)
    tracker.poll(position(5 * HOUR_MS, NOW + 10 * HOUR), at=NOW + 10 * HOUR)
    annas = next(book for key, book in tracker.books.items() if key != bens)
    assert 50 == tracker.books[bens].fields.current_page
    assert None is annas.fields.current_position_ms


def test_a_title_of_two_accounts_follows_the_one_that_is_heard(
    tracker: PaperTracker,
) -> None:
    """Anna's second account has the same title, and nobody uses it."""
    tracker.poll(position(5 * HOUR_MS, NOW), at=NOW)
    first = tracker.account
    tracker.account = replace(first, account_id=AccountId(2))
    idle = title(status_changed_at=NOW - 2 * DAY, percent_complete=3.0)
    tracker.positions.clear()
    tracker.sync(idle, at=NOW + HOUR)
    assert 5 * HOUR_MS == tracker.link.last_position_ms
    tracker.poll(position(6 * HOUR_MS, NOW + 2 * HOUR), at=NOW + 2 * HOUR)
    assert [5 * HOUR_MS, 6 * HOUR_MS] == tracker.places
    assert first.account_id == tracker.link.account_id


def test_who_has_a_title_from_elsewhere_has_not_taken_it(
    tracker: PaperTracker,
) -> None:
    """Ben has it from his own account: what Anna's account says is Anna's."""
    tracker.take_title(asin(1), BEN, account_id=AccountId(2))
    tracker.poll(position(HOUR_MS, NOW))
    tracker.sync(title(2), at=NOW + HOUR)
    removed = {
        link.fields.reader_id: link.fields.removed_at
        for link in tracker.links.values()
        if link.fields.asin == asin(1)
    }
    assert {ANNA: NOW + HOUR, BEN: None} == removed
    readers = [event.reader_id for event in tracker.events if event.asin == asin(1)]
    assert [ANNA] * 3 == readers


def test_a_twin_of_one_reader_is_no_book_of_another(tracker: PaperTracker) -> None:
    """Ben's copy becomes a book of Ben's."""
    tracker.sync(title(sku_lite="BK_ROE_1"), title(2, title=None), at=NOW)
    tracker.take_title(asin(2), BEN)
    tracker.sync(title(sku_lite="BK_ROE_1"), title(2, sku_lite="BK_ROE_1"), at=NOW)
    assert [ANNA, BEN] == sorted(
        book.fields.reader_id for book in tracker.books.values()
    )


def test_sync_off_keeps_a_title_as_it_is(tracker: PaperTracker) -> None:
    """Nothing of it is followed, and it stays in the library."""
    (link_id,) = tracker.links
    tracker.set_link(link_id, book_id=None, sync_enabled=False)
    before = tracker.link
    tracker.matching = _no_question
    tracker.sync(title(title="Renamed", is_finished=True, percent_complete=99.0))
    assert before == tracker.link
    assert ([], {}, []) == (tracker.ledger, tracker.reads, tracker.told)
    assert True is tracker.titles[asin(1)].is_finished
