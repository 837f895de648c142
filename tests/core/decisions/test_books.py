"""Books by hand: what a reader says of a book stands, whatever a sync thinks."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from audible_core.decisions.books import (
    add_book,
    delete_book,
    edit_book,
    merge_books,
    rate_book,
    search_books,
    set_book_status,
)
from audible_core.decisions.checking import BookEdit, checked_book
from audible_core.errors import (
    InvalidValueError,
    MissingValueError,
    NotInStoreError,
    OtherReaderError,
)
from audible_core.kinds import (
    BookStatus,
    BookType,
    ConflictType,
    DateSource,
    ReadOutcome,
    Source,
)
from audible_core.store.books import stream_books
from audible_core.store.conflicts import load_open_conflicts
from audible_core.store.events import load_events_of_book
from audible_core.store.records import Book, BookId, Candidate, ReadFields
from audible_core.store.statistics import load_current_reads
from audible_core.sync.rules import Rules
from audible_core.sync.snapshot import MatchDecision

from tests.core.decisions.home import (
    ACTOR,
    BERLIN,
    DAY,
    HOUR,
    HOUR_MS,
    Home,
    day,
    place,
    title,
)
from tests.core.store.household import NOW, asin

TODAY = NOW.date()
THREE = place(3 * HOUR_MS, NOW - DAY)


async def say(
    home: Home, book_id: BookId, status: BookStatus, on: date | None = None
) -> Book:
    """Say where Anna stands with a book."""
    async with home.household.store.transaction() as connection:
        return await set_book_status(
            connection, book_id, status, on, actor=ACTOR, now=NOW
        )


async def heard_book(home: Home) -> BookId:
    """Sync a title that becomes a book and is heard for three hours."""
    await home.sync(title(1), at=NOW - 3 * DAY)
    await home.sync(title(1), places=(THREE,), at=NOW - 2 * DAY)
    book_id = (await home.link()).fields.book_id
    assert book_id is not None
    return book_id


async def reads(home: Home, book_id: BookId) -> list[ReadFields]:
    """Return the passes of a book."""
    return [read.fields for read in await home.reads_of_book(book_id)]


async def forced_look(home: Home, **members: object) -> None:
    """Let syncs look at the title, which stands where it stood; twice."""
    for number in range(2):
        facts = title(1, cover_url=f"cover {number}", **members)
        await home.sync(facts, places=(THREE,))


@pytest.mark.parametrize("status", list(BookStatus))
@pytest.mark.parametrize("has_day", [False, True])
async def test_what_a_reader_says_survives_every_unchanged_sync(
    home: Home, status: BookStatus, has_day: bool
) -> None:
    """Neither doubled nor brought back, also when the title's facts change."""
    on = TODAY if has_day and status is not BookStatus.PAUSED else None
    book_id = await heard_book(home)
    book = await say(home, book_id, status, on)
    said = await home.state()
    plan = await home.sync(title(1), places=(THREE,))
    assert plan.is_empty, str(plan)
    await forced_look(home)
    now = await home.state()
    assert (said["reads"], said["books"]) == (now["reads"], now["books"])
    assert status == book.fields.status


async def test_finish_by_hand_is_the_only_one(home: Home) -> None:
    """The flag that rises a day later counts nothing twice, and tells nobody."""
    book_id = await heard_book(home)
    book = await say(home, book_id, BookStatus.FINISHED, day("2026-11-20"))
    plan = await home.sync(
        title(1, is_finished=True, percent_complete=100.0),
        places=(place(10 * HOUR_MS, NOW + DAY),),
        at=NOW + DAY,
    )
    (read,) = await reads(home, book_id)
    assert (
        ReadOutcome.FINISHED,
        day("2026-11-20"),
        DateSource.USER,
        Source.AUDIBLE,
        day("2026-11-19"),
    ) == (
        read.outcome,
        read.finished_on,
        read.finished_source,
        read.source,
        read.started_on,
    )
    assert () == plan.changes.events
    after = await home.book(book_id)
    assert (BookStatus.FINISHED, day("2026-11-20"), day("2026-11-20")) == (
        after.status,
        after.finished_on,
        book.fields.finished_on,
    )


async def test_book_given_up_is_not_finished_by_a_flag(home: Home) -> None:
    """But listening again is a new pass."""
    book_id = await heard_book(home)
    await say(home, book_id, BookStatus.DID_NOT_FINISH, TODAY)
    await home.sync(title(1, is_finished=True), places=(THREE,), at=NOW + HOUR)
    given_up = await home.book(book_id)
    later = place(4 * HOUR_MS, NOW + 2 * DAY)
    await home.sync(title(1, is_finished=True), places=(later,), at=NOW + 3 * DAY)
    stopped, again = await reads(home, book_id)
    assert BookStatus.DID_NOT_FINISH == given_up.status
    assert [(ReadOutcome.STOPPED, TODAY), (ReadOutcome.UNDER_WAY, None)] == [
        (read.outcome, read.stopped_on) for read in (stopped, again)
    ]
    assert BookStatus.READING == (await home.book(book_id)).status


async def test_paused_book_goes_on_with_the_same_pass(home: Home) -> None:
    """It is nowhere among what is being read until somebody listens."""
    book_id = await heard_book(home)
    await say(home, book_id, BookStatus.PAUSED)
    async with home.household.store.reading() as connection:
        assert () == await load_current_reads(connection)
    await home.sync(
        title(1), places=(place(4 * HOUR_MS, NOW + 2 * DAY),), at=NOW + 3 * DAY
    )
    (read,) = await reads(home, book_id)
    assert (ReadOutcome.UNDER_WAY, BookStatus.READING) == (
        read.outcome,
        (await home.book(book_id)).status,
    )


async def test_book_to_be_read_later_forgets_its_days(home: Home) -> None:
    """The next pass begins on a day of its own."""
    book_id = await heard_book(home)
    book = await say(home, book_id, BookStatus.TO_READ, TODAY)
    assert (None, None) == (book.fields.started_on, book.fields.finished_on)
    at = NOW + 5 * DAY
    await home.sync(title(1), places=(place(4 * HOUR_MS, at),), at=at + HOUR)
    assert (BookStatus.READING, at.date()) == (
        (await home.book(book_id)).status,
        (await home.book(book_id)).started_on,
    )


async def test_not_yet_takes_a_finish_back(home: Home) -> None:
    """Within a day it was a slip; the pass goes on and is finished once more, once."""
    book_id = await heard_book(home)
    await say(home, book_id, BookStatus.FINISHED, TODAY)
    book = await say(home, book_id, BookStatus.READING)
    (read,) = await reads(home, book_id)
    assert (ReadOutcome.UNDER_WAY, None, BookStatus.READING) == (
        read.outcome,
        read.finished_on,
        book.fields.status,
    )
    at = NOW + 8 * HOUR
    await home.sync(
        title(1, is_finished=True), places=(place(10 * HOUR_MS - 1, at),), at=at + HOUR
    )
    assert [ReadOutcome.FINISHED] == [one.outcome for one in await reads(home, book_id)]


async def test_reading_a_finished_book_begins_another_pass(home: Home) -> None:
    """What was finished long ago stays finished; its title's flag means nothing new."""
    await home.sync(title(1, is_finished=True), at=NOW - 30 * DAY)
    book_id = (await home.link()).fields.book_id
    assert book_id is not None
    await say(home, book_id, BookStatus.READING, TODAY)
    said = await home.state()
    await home.sync(title(1, is_finished=True, cover_url="new"))
    assert said["reads"] == (await home.state())["reads"]
    first, second = await home.reads_of_book(book_id)
    assert (ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY, TODAY) == (
        first.fields.outcome,
        second.fields.outcome,
        second.fields.started_on,
    )
    assert (await home.link()).link_id == second.fields.link_id


async def test_book_without_a_title_has_passes_too(home: Home) -> None:
    """A printed book is begun and finished by hand alone."""
    book_id = await home.add_book("Print", status=BookStatus.TO_READ, page_count=100)
    await say(home, book_id, BookStatus.READING, day("2026-11-01"))
    book = await say(home, book_id, BookStatus.FINISHED, day("2026-11-10"))
    (read,) = await reads(home, book_id)
    assert (day("2026-11-01"), day("2026-11-10"), Source.USER, None) == (
        read.started_on,
        read.finished_on,
        read.source,
        read.link_id,
    )
    assert (day("2026-11-01"), day("2026-11-10"), 100) == (
        book.fields.started_on,
        book.fields.finished_on,
        book.fields.current_page,
    )
    again = await say(home, book_id, BookStatus.FINISHED, day("2026-11-12"))
    assert [day("2026-11-12")] == [
        one.finished_on for one in await reads(home, book_id)
    ]
    assert day("2026-11-12") == again.fields.finished_on


async def test_book_given_up_without_a_pass_gets_one(home: Home) -> None:
    """So that its history says when."""
    book_id = await home.add_book("Print", status=BookStatus.READING)
    await say(home, book_id, BookStatus.DID_NOT_FINISH, TODAY)
    (read,) = await reads(home, book_id)
    assert (ReadOutcome.STOPPED, TODAY) == (read.outcome, read.stopped_on)


@pytest.mark.parametrize("on", [TODAY + 2 * DAY, day("2020-01-01")])
async def test_days_that_cannot_be_are_refused(home: Home, on: date) -> None:
    """Neither a day to come, nor one before the pass began."""
    book_id = await heard_book(home)
    before = await home.everything()
    with pytest.raises(InvalidValueError, match="on: "):
        await say(home, book_id, BookStatus.FINISHED, on)
    assert before == await home.everything()


async def test_rating_has_quarter_steps(home: Home) -> None:
    """From nothing to five stars, and back to none."""
    book_id = await home.add_book("One")
    ratings = []
    async with home.household.store.transaction() as connection:
        for rating in (0.0, 4.75, 5, None):
            rated = await rate_book(connection, book_id, rating, actor=ACTOR, now=NOW)
            ratings.append(rated.fields.rating)
        for wrong in (-0.25, 5.25, 3.1, float("nan"), float("inf")):
            with pytest.raises(InvalidValueError, match=r"steps of 0\.25"):
                await rate_book(connection, book_id, wrong, actor=ACTOR, now=NOW)
    assert [0.0, 4.75, 5.0, None] == ratings


async def test_corrected_facts_survive_syncs(home: Home) -> None:
    """Also the page count, which makes a page of the place."""
    book_id = await heard_book(home)
    edit: BookEdit = {
        "title": " The Night ",
        "authors": ["Jane Öberg", "Jane Öberg", " "],
        "page_count": 200,
        "book_type": BookType.EBOOK,
        "isbn": "3-16-148410-X",
        "subtitle": None,
    }
    async with home.household.store.transaction() as connection:
        book = await edit_book(connection, book_id, edit, actor=ACTOR, now=NOW)
    await forced_look(home)
    assert book.fields == await home.book(book_id)
    assert ("The Night", ("Jane Öberg",), 200, 60, "9783161484100") == (
        book.fields.title,
        book.fields.authors,
        book.fields.page_count,
        book.fields.current_page,
        book.fields.isbn13,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", None),
        ("title", 7),
        ("title", "x" * 10_001),
        ("authors", "Jane"),
        ("authors", 7),
        ("isbn", "9783161484101"),
        ("page_count", 0),
        ("page_count", True),
        ("year", 3001),
        ("book_type", "scroll"),
        ("added_on", NOW),
        ("series", ("Lanterns",)),
        ("status", "finished"),
    ],
)
def test_facts_that_cannot_be_are_refused(name: str, value: object) -> None:
    """Each is named, with what is allowed."""
    with pytest.raises(InvalidValueError):
        checked_book({name: value})  # type: ignore[misc]


async def test_refused_fact_changes_nothing(home: Home) -> None:
    """Also where another one in the same breath was right."""
    book_id = await home.add_book("One")
    before = await home.everything()
    edit: BookEdit = {"subtitle": "A Novel", "page_count": 0}
    async with home.household.store.transaction() as connection:
        with pytest.raises(InvalidValueError, match="page_count: 0"):
            await edit_book(connection, book_id, edit, actor=ACTOR, now=NOW)
    assert before == await home.everything()


async def test_added_book_has_what_was_said_of_it(home: Home) -> None:
    """With its status, its pass and its rating."""
    async with home.household.store.transaction() as connection:
        book = await add_book(
            connection,
            home.anna,
            {"title": "Mine", "authors": ("Jane Roe",), "book_type": BookType.PRINT},
            status=BookStatus.FINISHED,
            on=day("2026-10-01"),
            rating=3.25,
            actor=ACTOR,
            now=NOW,
        )
        with pytest.raises(MissingValueError, match="title"):
            await add_book(connection, home.anna, {}, actor=ACTOR, now=NOW)
    assert (BookStatus.FINISHED, day("2026-10-01"), 3.25, Source.USER, TODAY) == (
        book.fields.status,
        book.fields.finished_on,
        book.fields.rating,
        book.fields.source,
        book.fields.added_on,
    )
    (read,) = await reads(home, book.book_id)
    assert day("2026-10-01") == read.finished_on


async def test_book_is_added_on_the_day_of_the_home(home: Home) -> None:
    """After midnight in Berlin it is still yesterday in UTC."""
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    async with home.household.store.transaction() as connection:
        book = await add_book(
            connection,
            home.anna,
            {"title": "Mine"},
            actor=ACTOR,
            now=late,
            time_zone=BERLIN,
        )
    assert day("2026-11-21") == book.fields.added_on


async def found(home: Home, text: str, **options: int) -> list[str]:
    """Search Anna's books."""
    async with home.household.store.reading() as connection:
        books = await search_books(connection, home.anna, text, **options)
    return [book.fields.title for book in books]


async def test_search_finds_titles_first_and_persons_too(home: Home) -> None:
    """In any case, with letters of any language, all words of it."""
    await home.add_book("Night", authors=("Émile Öberg",))
    await home.add_book("Day", authors=("Jane Night",), subtitle="Ågren's choice")
    await home.add_book("100 %", authors=("Percy",))
    await home.add_book("Night of Ben", home.ben)
    assert ["Night", "Day"] == await found(home, "night")
    assert ["Night"] == await found(home, "öberg night")
    assert ["Night"] == await found(home, "ÉMILE")
    assert ["Day"] == await found(home, "Ågren jane")
    assert ["100 %"] == await found(home, "%")
    assert [] == await found(home, "  ")
    assert ["Night"] == await found(home, "night", limit=1)
    for limit in (0, 201):
        with pytest.raises(InvalidValueError, match="limit"):
            await found(home, "night", limit=limit)


async def merge(home: Home, kept: BookId, dropped: BookId) -> Book:
    """Make one book of two."""
    async with home.household.store.transaction() as connection:
        return await merge_books(connection, kept, dropped, actor=ACTOR, now=NOW)


async def test_two_books_become_one_and_nothing_is_lost(home: Home) -> None:
    """Titles, passes, texts, tags and numbers; equal passes are one."""
    heard = await heard_book(home)
    await home.sync(title(1), places=(place(10 * HOUR_MS - 1, NOW - HOUR),), at=NOW)
    own = await home.add_book(
        "Night One",
        status=BookStatus.TO_READ,
        review="Good.",
        tags=("a",),
        rating=4.0,
        page_count=100,
        extra={"shelf": "x"},
    )
    async with home.household.store.transaction() as connection:
        edit: BookEdit = {"review": "Long.", "tags": ["b", "a"]}
        await edit_book(connection, heard, edit, actor=ACTOR, now=NOW)
    await home.add_read(
        own,
        ReadOutcome.FINISHED,
        started_on=day("2026-11-01"),
        finished_on=day("2026-11-20"),
    )
    other = await home.add_read(
        own, ReadOutcome.FINISHED, finished_on=day("2019-02-02")
    )
    ledger = await home.ledger()
    book = await merge(home, own, heard)

    fields = book.fields
    assert (
        "Night One",
        "Good.\n\nLong.",
        ("a", "b"),
        4.0,
        asin(1),
        {"shelf": "x"},
        BookStatus.FINISHED,
        day("2026-11-20"),
    ) == (
        fields.title,
        fields.review,
        fields.tags,
        fields.rating,
        fields.asin,
        dict(fields.extra),
        fields.status,
        fields.finished_on,
    )
    link = await home.link()
    assert {other: None, 1: link.link_id} == {
        read.read_id: read.fields.link_id for read in await home.reads_of_book(own)
    }
    assert (own, ledger) == (link.fields.book_id, await home.ledger())
    with pytest.raises(NotInStoreError):
        await home.book(heard)
    async with home.household.store.reading() as connection:
        events = await load_events_of_book(connection, own)
    assert ["book_finished", "book_started", "progressed"] == [
        event.event_type for event in events
    ]
    plan = await home.sync(
        title(1), places=(place(10 * HOUR_MS - 1, NOW - HOUR),), at=NOW + DAY
    )
    assert plan.is_empty, str(plan)


async def test_two_passes_under_way_become_one(home: Home) -> None:
    """That of the title, which syncs go on with, with the start that is known."""
    heard = await heard_book(home)
    own = await home.add_book("Night One", status=BookStatus.READING)
    await home.add_read(own, ReadOutcome.UNDER_WAY, started_on=day("2026-11-01"))
    await merge(home, own, heard)
    (read,) = await reads(home, own)
    assert (ReadOutcome.UNDER_WAY, (await home.link()).link_id, day("2026-11-01")) == (
        read.outcome,
        read.link_id,
        read.started_on,
    )


async def test_open_conflicts_offer_the_merged_book(home: Home) -> None:
    """Once, at its better place."""
    one, two, three = [await home.add_book(name) for name in ("A", "B", "C")]
    await home.unsure(title(1))
    await home.conflict(
        1,
        Candidate(one, 0.8),
        Candidate(two, 0.7),
        Candidate(three, 0.6),
        conflict_type=ConflictType.AMBIGUOUS,
    )
    await merge(home, two, one)
    async with home.household.store.reading() as connection:
        (conflict,) = await load_open_conflicts(connection)
    assert (Candidate(two, 0.8), Candidate(three, 0.6)) == conflict.candidates
    assert ConflictType.AMBIGUOUS == conflict.conflict_type


async def test_books_of_two_readers_are_never_one(home: Home) -> None:
    """Nor is a book merged with itself."""
    anna, ben = await home.add_book("A"), await home.add_book("A", home.ben)
    with pytest.raises(OtherReaderError):
        await merge(home, anna, ben)
    with pytest.raises(InvalidValueError):
        await merge(home, anna, anna)


async def books(home: Home) -> list[str]:
    """Return Anna's books."""
    async with home.household.store.reading() as connection:
        return [book.fields.title async for book in stream_books(connection, home.anna)]


async def test_deleted_book_does_not_come_back(home: Home) -> None:
    """Its title is decided; its ledger and its passes stay with it."""
    book_id = await heard_book(home)
    ledger = await home.ledger()
    async with home.household.store.transaction() as connection:
        deleted = await delete_book(connection, book_id, actor=ACTOR, now=NOW)
    await home.sync(
        title(1, title="Night 1, anew", is_finished=True),
        at=NOW + DAY,
        again=(asin(1),),
    )
    link = await home.link()
    (read,) = await home.reads_of_link(link.link_id)
    assert ([], (link.link_id,)) == (await books(home), deleted.link_ids)
    assert (True, True, None) == (
        link.fields.is_ignored,
        link.fields.manually_confirmed,
        read.fields.book_id,
    )
    assert ledger == (await home.ledger())[: len(ledger)]
    # Who wants it back links it, with all that was heard.
    own = await home.add_book("Night One", status=BookStatus.TO_READ)
    async with home.household.store.transaction() as connection:
        from audible_core.decisions.links import link_title

        await link_title(connection, home.anna, asin(1), own, actor=ACTOR, now=NOW)
    assert 1 == len(await home.reads_of_book(own))


async def test_titles_of_a_deleted_book_may_wait_instead(home: Home) -> None:
    """They are no book, and ignored by nobody."""
    book_id = await heard_book(home)
    own = await home.add_read(
        book_id, ReadOutcome.FINISHED, finished_on=day("2020-01-01")
    )
    async with home.household.store.transaction() as connection:
        await delete_book(
            connection, book_id, actor=ACTOR, now=NOW, ignore_titles=False
        )
    await forced_look(home)
    link = await home.link()
    left = [read.read_id for read in await home.reads_of_link(link.link_id)]
    assert (False, None, []) == (
        link.fields.is_ignored,
        link.fields.book_id,
        await books(home),
    )
    assert own not in left


async def test_unknown_books_are_named(home: Home) -> None:
    """Whatever is to be done with them."""
    nobody = BookId(9)
    async with home.household.store.transaction() as connection:
        with pytest.raises(NotInStoreError, match="book 9"):
            await rate_book(connection, nobody, 1.0, actor=None, now=NOW)
        with pytest.raises(NotInStoreError, match="book 9"):
            await delete_book(connection, nobody, actor=None, now=NOW)
        with pytest.raises(NotInStoreError, match="book 9"):
            await set_book_status(
                connection, nobody, BookStatus.READING, actor=None, now=NOW
            )
        with pytest.raises(NotInStoreError, match="book 9"):
            await edit_book(connection, nobody, {}, actor=None, now=NOW)


async def test_status_of_a_book_heard_in_two_countries(home: Home) -> None:
    """One of the two titles carries the pass; the other one's flag counts nothing."""
    home.rules = Rules()
    twins = [title(number, sku_lite="BK_1") for number in (1, 2)]
    await home.sync(*twins, at=NOW - 3 * DAY)
    await home.sync(*twins, places=(THREE,), at=NOW - 2 * DAY)
    first, second = await home.link(1), await home.link(2)
    assert first.fields.book_id == second.fields.book_id
    book_id = first.fields.book_id
    assert book_id is not None
    await say(home, book_id, BookStatus.FINISHED, TODAY)
    ended = [replace(one, is_finished=True) for one in twins]
    await home.sync(*ended, places=(THREE,), at=NOW + DAY)
    finished = await reads(home, book_id)
    assert [TODAY] == [read.finished_on for read in finished]


async def test_import_left_a_pass_under_way_that_is_finished_by_hand(
    home: Home,
) -> None:
    """A title that is matched later joins the finished book and begins nothing."""
    book_id = await home.add_book("Night One", status=BookStatus.READING)
    await home.add_read(book_id, ReadOutcome.UNDER_WAY, started_on=day("2026-11-01"))
    await say(home, book_id, BookStatus.FINISHED, TODAY)
    home.matches[asin(1)] = MatchDecision(book_id, 0.95, "matching")
    await home.sync(title(1, is_finished=True), at=NOW + DAY)
    (read,) = await reads(home, book_id)
    assert (day("2026-11-01"), TODAY) == (read.started_on, read.finished_on)


async def test_status_without_a_day_refuses_one(home: Home) -> None:
    """What would be ignored is told; "to read" has a day where it stops a pass."""
    book_id = await heard_book(home)
    with pytest.raises(InvalidValueError, match=r"on: .* paused has none"):
        await say(home, book_id, BookStatus.PAUSED, TODAY)
    await say(home, book_id, BookStatus.TO_READ, TODAY)
    with pytest.raises(InvalidValueError, match=r"on: .* to_read has none"):
        await say(home, book_id, BookStatus.TO_READ, TODAY)
    async with home.household.store.transaction() as connection:
        with pytest.raises(InvalidValueError, match=r"on: "):
            await add_book(
                connection,
                home.anna,
                {"title": "One"},
                on=TODAY,
                actor=ACTOR,
                now=NOW,
            )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://a.example/b",
        "a.jpg",
        "https://",
        "http://[",
        "//a",
    ],
)
async def test_cover_is_an_address_of_the_web(home: Home, address: str) -> None:
    """It is shown to others, and nothing else may stand there."""
    book_id = await home.add_book("One")
    async with home.household.store.transaction() as connection:
        with pytest.raises(InvalidValueError, match="cover_url"):
            await edit_book(
                connection, book_id, {"cover_url": address}, actor=ACTOR, now=NOW
            )
        book = await edit_book(
            connection,
            book_id,
            {"cover_url": "https://a.example/b.jpg"},
            actor=ACTOR,
            now=NOW,
        )
    assert "https://a.example/b.jpg" == book.fields.cover_url


async def test_long_query_is_refused(home: Home) -> None:
    """Each of its words would be looked for on its own."""
    async with home.household.store.reading() as connection:
        assert () == await search_books(connection, home.anna, "a" * 200)
        with pytest.raises(InvalidValueError, match=r"query: .* at most 200"):
            await search_books(connection, home.anna, "a" * 201)
