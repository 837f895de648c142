"""What happens to titles, and what becomes of them in the tracker."""

import pytest
from audible_core.kinds import BookStatus, DateSource, ReadOutcome
from audible_core.store.history import load_history
from audible_core.store.titles import load_recording
from audible_core.sync.kept_library import SHORT_TIMES_BELIEVED
from audible_core.sync.rules import Rules

from tests.core.sync.home import NAMES, Home, novel
from tests.core.sync.paper import DAY, END_MS, HOUR_MS, MINUTE_MS, NOW, asin
from tests.core.sync.paper_shop import CHAPTERS


async def _listen(home: Home, *places_ms: int, hours: float = 3) -> None:
    """Hear a title from place to place, with a sync at each."""
    for place_ms in places_ms:
        home.clock.wait(hours=hours)
        home.shop.hear(place_ms)
        await home.sync(minutes=1)


async def _places(home: Home, number: int = 1) -> list[int | None]:
    state = await home.state(number)
    async with home.store.reading() as connection:
        history = await load_history(connection, state.link.link_id)
    return [entry.position_ms for entry in reversed(history)]


# --- leaving and coming back --------------------------------------------------


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"is_plus": False}, "removed"),
        ({"is_plus": True}, "plus_ended"),
    ],
)
async def test_title_that_left_the_library_keeps_its_history(
    home: Home, members: dict[str, bool], reason: str
) -> None:
    """It says since when and why; book, reads and ledger stay."""
    home.shop.add(novel(1, **members), novel(2))
    await home.sync()
    await _listen(home, HOUR_MS, 2 * HOUR_MS)
    book, reads, ledger = await home.book(), await home.reads(), await home.ledger()
    home.shop.remove(1)
    await home.sync()
    assert home.clock() == (await home.link()).removed_at
    assert ("title_unavailable", reason) == (
        home.told[-1].event_type,
        home.told[-1].data["reason"],
    )
    assert (book, reads, ledger) == (
        await home.book(),
        await home.reads(),
        await home.ledger(),
    )
    assert None is await home.poll()
    home.shop.add(novel(1, **members))
    await home.sync()
    assert "title_available" == home.told_types[-1]
    assert (None, 2 * HOUR_MS) == (
        (await home.link()).removed_at,
        (await home.link()).last_position_ms,
    )


@pytest.mark.parametrize(
    ("is_plus", "reason"), [(False, "returned"), (True, "plus_ended")]
)
async def test_title_that_cannot_be_heard_any_more_says_why(
    home: Home, *, is_plus: bool, reason: str
) -> None:
    """It is still in the library: returned, or Plus has dropped it."""
    home.shop.add(novel(1, is_plus=is_plus, is_consumable=True))
    await home.sync()
    home.shop.change(1, is_consumable=False)
    await home.sync()
    home.shop.change(1, is_consumable=True)
    await home.sync()
    assert ["title_unavailable", "title_available"] == home.told_types
    assert reason == home.told[0].data["reason"]
    assert None is not (await home.link()).book_id


async def test_empty_answer_removes_nothing(followed: Home) -> None:
    """It is far likelier a fault than an emptied library."""
    titles = followed.shop.titles
    followed.shop.titles = {}
    report = await followed.sync()
    assert (0, True) == (
        report.log.titles_removed,
        report.log.details["is_answer_suspicious"],
    )
    followed.shop.titles = titles
    await followed.sync()
    assert [] == followed.told


async def test_title_that_was_gone_is_matched_when_it_is_back(home: Home) -> None:
    """Its question had become pointless; now it is asked anew."""
    home.rules = Rules(creates_books=False)
    home.engine = home.new_engine()
    home.shop.add(novel(1), novel(2))
    await home.sync()
    assert 2 == len(await home.conflicts())
    home.shop.remove(1)
    await home.sync()
    assert 1 == len(await home.conflicts())
    home.shop.add(novel(1))
    await home.sync()
    assert 2 == len(await home.conflicts())


# --- recordings ---------------------------------------------------------------


async def test_new_recording_is_told_and_the_old_one_forgotten(followed: Home) -> None:
    """Chapters and the key to positions belong to a recording; they are asked anew."""
    followed.shop.record(1, "old acr")
    await _listen(followed, HOUR_MS, 2 * HOUR_MS)
    await followed.engine.ask_recordings(at_most=5)
    followed.shop.record(1, "new acr", version="2")
    followed.shop.change(1, runtime_ms=12 * HOUR_MS, narrators=("A New Voice",))
    await followed.sync()
    told = followed.told[-1]
    assert ("title_rerecorded", 12 * HOUR_MS, 10 * HOUR_MS) == (
        told.event_type,
        told.data["runtime_ms"],
        told.data["previous_runtime_ms"],
    )
    async with followed.store.reading() as connection:
        forgotten = await load_recording(connection, followed.account_id, asin(1))
    assert forgotten is not None
    assert (None, None, ()) == (
        forgotten.acr,
        forgotten.version,
        forgotten.chapters,
    )
    assert [HOUR_MS, 2 * HOUR_MS] == (await _places(followed))[:2]
    assert 1 == await followed.engine.ask_recordings(at_most=5)
    async with followed.store.reading() as connection:
        known = await load_recording(connection, followed.account_id, asin(1))
    assert known is not None
    assert ("new acr", "2", CHAPTERS) == (known.acr, known.version, known.chapters)


# --- passes -------------------------------------------------------------------


async def test_book_that_is_heard_again_has_two_reads(followed: Home) -> None:
    """The first one keeps its dates; the book is being read."""
    await _listen(followed, HOUR_MS)
    await _listen(followed, END_MS, hours=9)
    await _listen(followed, 0, 5 * MINUTE_MS, HOUR_MS)
    state = await followed.state()
    reads = [
        read.fields
        for read in await followed.reads()
        if read.fields.link_id == state.link.link_id
    ]
    assert [ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY] == [
        read.outcome for read in reads
    ]
    assert (DateSource.HEARD, DateSource.HEARD) == (
        reads[0].finished_source,
        reads[1].started_source,
    )
    assert BookStatus.READING == (await followed.book()).status
    await _listen(followed, END_MS, hours=9)
    assert 2 == followed.told_types.count("book_finished")


async def test_rewind_stays_and_finishes_nothing(followed: Home) -> None:
    """Back to the beginning of a chapter, and back to the beginning of the book."""
    await _listen(followed, 5 * HOUR_MS, 4 * HOUR_MS, 0)
    assert [5 * HOUR_MS, 4 * HOUR_MS, 0] == await _places(followed)
    assert 0 == (await followed.link()).last_position_ms
    assert ["book_started"] == followed.told_types


async def test_rewind_does_not_unfinish_a_book(followed: Home) -> None:
    """Who hears the last chapter again has finished the book all the same."""
    await _listen(followed, HOUR_MS)
    await _listen(followed, END_MS, hours=9)
    finished_on = (await followed.book()).finished_on
    await _listen(followed, 8 * HOUR_MS, 9 * HOUR_MS)
    book = await followed.book()
    assert (BookStatus.FINISHED, finished_on) == (book.status, book.finished_on)
    assert 1 == followed.told_types.count("book_finished")


# --- what is no book ----------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"content_type": "Podcast", "content_delivery_type": "PodcastEpisode"},
        {
            "content_type": "Newspaper / Magazine",
            "content_delivery_type": "SinglePartIssue",
        },
    ],
    ids=["podcast", "periodical"],
)
async def test_what_is_no_book_is_followed_and_never_matched(
    home: Home, members: dict[str, str]
) -> None:
    """Though a book of the same name is there."""
    await home.add_book(NAMES[1])
    home.shop.add(novel(1, **members))
    await home.sync()
    await _listen(home, HOUR_MS, END_MS)
    link = await home.link()
    assert (None, END_MS) == (link.book_id, link.last_position_ms)
    assert [HOUR_MS, END_MS] == await _places(home)
    assert (1, [], ()) == (
        len(await home.books()),
        await home.reads(),
        await home.conflicts(),
    )
    assert [] == home.told


# --- progress -----------------------------------------------------------------


async def test_unknown_progress_stays_unknown(home: Home) -> None:
    """It is never zero."""
    home.shop.add(novel(1, percent_complete=None, is_finished=None))
    await home.sync()
    link, book = await home.link(), await home.book()
    assert (None, None, None) == (
        link.last_percentage,
        link.is_finished,
        book.percent_complete,
    )
    assert [] == await home.ledger()


async def test_progress_that_audible_leaves_out_stays_as_it_was(
    followed: Home,
) -> None:
    """What is unknown today is no step back."""
    await _listen(followed, HOUR_MS)
    followed.shop.change(1, percent_complete=None, is_finished=None)
    del followed.shop.places[asin(1)]
    await followed.sync()
    link = await followed.link()
    assert (HOUR_MS, 10.0, False) == (
        link.last_position_ms,
        link.last_percentage,
        link.is_finished,
    )


async def test_place_wins_over_a_percentage_that_disagrees(home: Home) -> None:
    """Audible's percentage follows its own statistics."""
    home.shop.add(novel(1, percent_complete=99.0, status_changed_at=NOW - DAY))
    home.shop.hear(5 * HOUR_MS, at=NOW - DAY)
    await home.sync()
    link, book = await home.link(), await home.book()
    assert (50.0, 50.0, BookStatus.READING) == (
        link.last_percentage,
        book.percent_complete,
        book.status,
    )


async def test_title_without_a_runtime_goes_by_audibles_percentage(
    home: Home,
) -> None:
    """Its place is kept beside it; without either nothing is known."""
    home.shop.add(
        novel(1, runtime_ms=None, percent_complete=40.0, status_changed_at=NOW),
        novel(2, runtime_ms=None, percent_complete=None),
    )
    home.shop.hear(HOUR_MS, 1)
    home.shop.hear(HOUR_MS, 2)
    await home.sync()
    links = [await home.link(1), await home.link(2)]
    assert [(HOUR_MS, 40.0), (HOUR_MS, None)] == [
        (link.last_position_ms, link.last_percentage) for link in links
    ]


async def test_page_is_the_share_of_the_pages_and_never_minutes(home: Home) -> None:
    """A printed book that is heard has a page beside its place."""
    await home.add_book(NAMES[1], page_count=320)
    home.shop.add(novel(1), novel(2))
    await home.sync()
    home.clock.wait(hours=3)
    home.shop.hear(5 * HOUR_MS // 2, 1)
    home.shop.hear(5 * HOUR_MS // 2, 2)
    await home.sync()
    with_pages, without = await home.book(1), await home.book(2)
    assert (80, 5 * HOUR_MS // 2) == (
        with_pages.current_page,
        with_pages.current_position_ms,
    )
    assert (None, 5 * HOUR_MS // 2) == (
        without.current_page,
        without.current_position_ms,
    )


async def test_library_that_comes_short_removes_nothing(followed: Home) -> None:
    """What it has is believed, and the log says that it is suspicious."""
    followed.shop.add(novel(4, is_plus=True))
    await followed.sync()
    followed.told.clear()
    followed.shop.change(1, is_finished=True, status_changed_at=followed.clock())
    followed.shop.library_ends_after = 1
    report = await followed.sync()
    assert True is report.log.details["is_answer_suspicious"]
    assert ["book_started", "book_finished"] == followed.told_types
    assert None is (await followed.link(4)).removed_at


async def test_new_title_is_told_before_what_was_heard_of_it(followed: Home) -> None:
    """Bought and begun between two looks."""
    followed.clock.wait(hours=1)
    at = followed.clock()
    followed.shop.add(novel(4, percent_complete=10.0, status_changed_at=at))
    await followed.sync()
    assert ["title_added", "book_started"] == followed.told_types


async def test_library_that_stays_short_is_believed_in_the_end(followed: Home) -> None:
    """Audible's own count may be wrong for good."""
    followed.shop.add(novel(4))
    await followed.sync()
    followed.shop.library_ends_after = 1
    for _ in range(SHORT_TIMES_BELIEVED - 1):
        await followed.sync()
        assert None is (await followed.link(4)).removed_at

    await followed.sync()

    assert None is not (await followed.link(4)).removed_at
