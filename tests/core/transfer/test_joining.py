"""What a row brings to a book that is there: joined, not doubled, not overwritten."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from audible_core.kinds import BookStatus, BookType, DateSource, Source
from audible_core.transfer.import_plan import plan_import
from audible_core.transfer.records import Difference, RowOutcome, RowReason, StoredBook

from tests.core.store.household import NOW, asin
from tests.core.transfer.library import goodreads, rows_of, storygraph
from tests.core.transfer.made import (
    FINISHED,
    STOPPED,
    UNDER_WAY,
    applied,
    join,
    passed,
    passes,
    recording,
    shelf,
)

READ_2015 = (
    "7,The Hobbit,J.R.R. Tolkien,,,4,Paperback,310,2015/06/01,2014/01/02,,read,,,1"
)
READ_SOMETIME = "7,The Hobbit,J.R.R. Tolkien,,,4,Paperback,310,,,,read,,,1"
READING = "7,The Hobbit,J.R.R. Tolkien,,,0,Paperback,310,,,,currently-reading,,,1"
DROPPED = "7,The Hobbit,J.R.R. Tolkien,,,0,Paperback,310,,,,did-not-finish,,,0"
TO_READ = "7,The Hobbit,J.R.R. Tolkien,,,0,Paperback,310,,,,to-read,,,0"


def hobbit(status: str, dates: str = "", count: int = 1, **cells: str) -> bytes:
    """Return a file of the StoryGraph with one row."""
    book_format = cells.get("format", "paperback")
    isbn = cells.get("isbn", "abc123")
    row = (
        f'The Hobbit,J.R.R. Tolkien,{isbn},{book_format},{status},,,"{dates}",'
        f'{count},,,"{cells.get("tags", "")}",No'
    )
    return storygraph(row)


def rows(line: str) -> tuple[object, ...]:
    """Return the row of a Goodreads file."""
    return rows_of(goodreads(line))


def test_print_row_joins_the_audiobook_of_the_same_work() -> None:
    """One book of the tracker: the recording's type, the print's pages, the history."""
    book = join(
        rows_of(
            goodreads(
                "7,The Hobbit,J.R.R. Tolkien,,,4,Paperback,310,2015/06/01,2014/01/02,"
                '"fantasy, owned",read,"Good.","from Ben",1'
            )
        ),
        recording(passed()),
    )
    fields = book.book.fields

    assert (BookType.AUDIOBOOK, 310, 310) == (
        fields.book_type,
        fields.page_count,
        fields.current_page,
    )
    assert (4.0, "Good.", "from Ben", ("fantasy", "owned")) == (
        fields.rating,
        fields.review,
        fields.private_notes,
        fields.tags,
    )
    assert [("finished", None, date(2015, 6, 1))] == passes(book)
    assert (date(2015, 6, 1), DateSource.IMPORT, date(2014, 1, 2)) == (
        fields.finished_on,
        fields.finished_source,
        fields.added_on,
    )
    assert ("The Hobbit", Source.AUDIBLE, asin(1)) == (
        fields.title,
        fields.source,
        fields.source_key,
    )


def test_what_is_known_stays_and_is_listed() -> None:
    """A file never overwrites a person's words; the preview says what it kept."""
    known = recording(
        passed(), rating=2.5, review="Mine.", page_count=300, publisher="Recorded"
    )
    stored = shelf(known)
    plan = plan_import(rows(READ_2015), stored)
    (row,) = plan.rows
    fields = applied(plan, stored).books[known.book.book_id].book.fields

    assert (2.5, "Mine.", 300) == (fields.rating, fields.review, fields.page_count)
    assert (Difference("rating", "2.5", "4.0"),) == row.kept
    (kept,) = fields.extra["imported"].values()
    assert {"rating": 4.0, "page_count": 310} == kept["differs"]


def test_what_no_field_takes_stays_with_the_book() -> None:
    """Unknown columns, the shelf's own name and other persons are kept by row."""
    book = join(
        rows_of(
            b"Book Id,Title,Author,Exclusive Shelf,Average Rating,Spoiler\n"
            b"7,The Hobbit,J.R.R. Tolkien,waiting,4.3,true\n"
        ),
        recording(),
    )

    assert {
        "goodreads:key:7": {
            "shelf": "waiting",
            "columns": {"Average Rating": "4.3", "Spoiler": "true"},
        }
    } == book.book.fields.extra["imported"]


@pytest.mark.parametrize("days", [-2, 0, 1])
def test_finish_that_was_seen_is_not_doubled(days: int) -> None:
    """Who notes the finish a day later has not read the book twice."""
    seen = date(2026, 3, 10)
    known = passed(finished_on=seen, finished_source=DateSource.HEARD)
    noted = (seen + timedelta(days=days)).strftime("%Y/%m/%d")
    book = join(rows_of(hobbit("read", noted)), recording(known))

    assert [("finished", None, seen)] == passes(book)


def test_other_passes_are_added() -> None:
    """A finish of years ago stands beside the one that was heard."""
    known = passed(finished_on=date(2026, 3, 10), finished_source=DateSource.HEARD)
    book = join(
        rows_of(hobbit("read", "2019/01/02-2019/02/03, 2026/03/10", 2)),
        recording(known, finished_on=date(2026, 3, 10)),
    )

    assert [
        ("finished", None, date(2026, 3, 10)),
        ("finished", date(2019, 1, 2), date(2019, 2, 3)),
    ] == passes(book)
    assert date(2026, 3, 10) == book.book.fields.finished_on


def test_day_that_is_found_fills_the_last_pass_without_one() -> None:
    """The pass that Audible knows of is the last one; no day is made up."""
    book = join(
        rows_of(hobbit("read", "2015/01/02, 2019/02/03", 2)), recording(passed())
    )

    assert [
        ("finished", None, date(2019, 2, 3)),
        ("finished", None, date(2015, 1, 2)),
    ] == passes(book)


def test_finish_without_a_day_is_the_one_that_is_known() -> None:
    """A shelf called "read" says no more than the finish that is there."""
    known = passed(finished_on=date(2026, 3, 10), finished_source=DateSource.HEARD)

    book = join(rows(READ_SOMETIME), recording(known))

    assert [("finished", None, date(2026, 3, 10))] == passes(book)


def test_place_found_at_the_first_sync_was_the_pass_that_is_over() -> None:
    """Audible's old 40 % and a finish in the file after it are one pass."""
    heard_at = NOW - timedelta(days=4000)
    book = join(
        rows(READ_SOMETIME),
        recording(passed(UNDER_WAY), status=BookStatus.READING, heard_at=heard_at),
    )

    assert [("finished", None, None)] == passes(book)
    assert BookStatus.FINISHED is book.book.fields.status


@pytest.mark.parametrize("heard", ["after the finish", "since the first sync"])
def test_book_that_is_heard_again_stays_under_way(heard: str) -> None:
    """The finish of long ago becomes a pass of its own."""
    heard_at = NOW - timedelta(days=2)
    if heard == "since the first sync":
        heard_at = NOW + timedelta(minutes=5)
    book = join(
        rows(READ_2015),
        recording(passed(UNDER_WAY), status=BookStatus.READING, heard_at=heard_at),
    )

    assert [
        ("under_way", None, None),
        ("finished", None, date(2015, 6, 1)),
    ] == passes(book)
    assert (BookStatus.READING, date(2015, 6, 1)) == (
        book.book.fields.status,
        book.book.fields.finished_on,
    )


@pytest.mark.parametrize("status", [BookStatus.PAUSED, BookStatus.DID_NOT_FINISH])
@pytest.mark.parametrize("line", [READ_2015, READING, TO_READ])
def test_a_readers_own_pause_stays(status: BookStatus, line: str) -> None:
    """A pause or an end by hand is the reader's word; what the file says is listed."""
    known = recording(status=status)
    plan = plan_import(rows(line), shelf(known))
    after = applied(plan, shelf(known)).books[known.book.book_id]

    assert status is after.book.fields.status
    assert ["status"] == [kept.field for kept in plan.rows[0].kept]


def test_what_a_reader_gave_up_is_not_under_way() -> None:
    """Audible's place from before the first sync says less than the reader does."""
    book = join(
        rows(DROPPED),
        recording(
            passed(UNDER_WAY),
            status=BookStatus.READING,
            heard_at=NOW - timedelta(days=90),
        ),
    )

    assert [("stopped", None, None)] == passes(book)
    assert BookStatus.DID_NOT_FINISH is book.book.fields.status


def test_what_was_heard_to_its_end_was_not_given_up() -> None:
    """The finish that Audible knows of stays, and the difference is listed."""
    stored = shelf(recording(passed()))
    plan = plan_import(rows(DROPPED), stored)
    (book,) = applied(plan, stored).books.values()

    assert [("finished", None, None)] == passes(book)
    assert BookStatus.FINISHED is book.book.fields.status
    assert {"reads", "status"} == {kept.field for kept in plan.rows[0].kept}


def test_currently_reading_of_an_old_file_opens_no_second_pass() -> None:
    """A file is older than what was heard; an open pass may be the one that ended."""
    book = join(rows(READING), recording(passed()))

    assert [("finished", None, None)] == passes(book)
    assert BookStatus.FINISHED is book.book.fields.status


def test_pass_begun_after_the_last_finish_is_a_new_one() -> None:
    """Reading again on paper what was heard years ago."""
    known = passed(finished_on=date(2019, 3, 1), finished_source=DateSource.HEARD)
    book = join(
        rows_of(hobbit("currently-reading", "2026/10/01-")),
        recording(
            known,
            finished_on=date(2019, 3, 1),
            finished_source=DateSource.HEARD,
            started_on=date(2019, 1, 1),
        ),
    )

    assert [
        ("finished", None, date(2019, 3, 1)),
        ("under_way", date(2026, 10, 1), None),
    ] == passes(book)
    assert (BookStatus.READING, date(2026, 10, 1), date(2019, 3, 1)) == (
        book.book.fields.status,
        book.book.fields.started_on,
        book.book.fields.finished_on,
    )


def test_a_later_file_ends_the_pass_that_an_earlier_one_began() -> None:
    """To read, then reading, then read: three exports of one year, one pass."""
    stored = shelf()
    files = (
        ("to-read", "", 0),
        ("currently-reading", "2026/11/01-", 0),
        ("read", "2026/11/01-2026/11/09", 1),
    )
    for place, (status, dates, count) in enumerate(files):
        plan = plan_import(rows_of(hobbit(status, dates, count)), stored)
        stored = applied(plan, stored, days=place)
    (book,) = stored.books.values()

    assert [("finished", date(2026, 11, 1), date(2026, 11, 9))] == passes(book)
    assert BookStatus.FINISHED is book.book.fields.status


def test_two_rows_of_one_file_join_with_all_their_passes() -> None:
    """An audiobook and a paperback of one work: one book, no pass lost."""
    data = goodreads(
        "7,The Hobbit,J.R.R. Tolkien,,,4,Audible Audio,,,,,read,,,1",
        "8,The Hobbit,J.R.R. Tolkien,,,0,Paperback,310,,,owned,read,,,2",
        "9,Dune,Frank Herbert,,,0,Paperback,412,,,,to-read,,,0",
    )
    stored = shelf()
    plan = plan_import(rows_of(data), stored)
    after = applied(plan, stored)
    hobbit_book = next(iter(after.books.values()))
    again = plan_import(rows_of(data), after)

    assert [
        (RowOutcome.MADE, None),
        (RowOutcome.JOINED, 1),
        (RowOutcome.MADE, None),
    ] == [(row.outcome, row.joins_row) for row in plan.rows]
    assert 3 * [("finished", None, None)] == passes(hobbit_book)
    assert (BookType.AUDIOBOOK, 310, ("owned",)) == (
        hobbit_book.book.fields.book_type,
        hobbit_book.book.fields.page_count,
        hobbit_book.book.fields.tags,
    )
    assert 3 * [RowOutcome.UNCHANGED] == [row.outcome for row in again.rows]
    assert ((), (), (), ()) == (
        again.new_books,
        again.changed_books,
        again.new_reads,
        again.changed_reads,
    )


READ_TWICE_LISTED = {
    "goodreads": goodreads(READ_SOMETIME, READ_SOMETIME),
    "without a key": storygraph(
        *2 * ("The Hobbit,J.R.R. Tolkien,,audio,read,,,,1,,,,No",)
    ),
    "two accounts of Libation": json.dumps(
        2
        * [
            {
                "AudibleProductId": asin(1),
                "Title": "The Hobbit",
                "AuthorNames": "J.R.R. Tolkien",
                "IsFinished": True,
            }
        ]
    ).encode(),
}


@pytest.mark.parametrize("data", READ_TWICE_LISTED.values(), ids=READ_TWICE_LISTED)
@pytest.mark.parametrize("known", [(), (recording(passed()),)], ids=["new", "known"])
def test_a_row_that_stands_twice_in_a_file_is_one_reading(
    data: bytes, known: tuple[StoredBook, ...]
) -> None:
    """Two accounts that own one title have not heard it twice."""
    book = join(rows_of(data), *known)

    assert [("finished", None, None)] == passes(book)


def test_a_corrected_day_moves_the_pass_that_the_file_had_brought() -> None:
    """Read Count 1 is one pass, whatever its day was in the older file."""
    stored = shelf()
    for place, day in enumerate(("2015/06/05", "2015/06/06", "2015/06/02")):
        row = READ_2015.replace("2015/06/01", day)
        plan = plan_import(rows(row), stored)
        stored = applied(plan, stored, days=place)
    (book,) = stored.books.values()

    assert [("finished", None, date(2015, 6, 2))] == passes(book)
    assert date(2015, 6, 2) == book.book.fields.finished_on
    assert (RowOutcome.JOINED, 0) == (plan.rows[0].outcome, plan.rows[0].reads_added)
    again = plan_import(rows(row), stored)
    assert [RowOutcome.UNCHANGED] == [one.outcome for one in again.rows]
    assert ((), ()) == (again.changed_books, again.changed_reads)


def test_a_corrected_day_is_listed_where_it_is_not_plain_which_pass_it_is() -> None:
    """Two editions have said one day: it stays the other's, and none is added."""
    other = READ_2015.replace("7,", "8,", 1)
    stored = shelf()
    stored = applied(plan_import(rows_of(goodreads(READ_2015, other)), stored), stored)
    row = READ_2015.replace("2015/06/01", "2015/06/09")
    plan = plan_import(rows(row), stored)

    assert ((), ()) == (plan.new_reads, plan.changed_reads)
    assert (Difference("finished_on", "2015-06-01", "2015-06-09"),) == plan.rows[0].kept


def test_a_corrected_day_does_not_move_what_a_person_has_dated() -> None:
    """What somebody set by hand stays, and the preview says what the file has."""
    stored = shelf()
    stored = applied(plan_import(rows(READ_2015), stored), stored)
    (book,) = stored.books.values()
    (read,) = book.reads
    own = replace(
        read.fields, finished_on=date(2015, 7, 1), finished_source=DateSource.USER
    )
    stored = shelf(replace(book, reads=(replace(read, fields=own),)))
    plan = plan_import(rows(READ_2015), stored)

    assert ((), ()) == (plan.new_reads, plan.changed_reads)
    assert Difference("finished_on", "2015-07-01", "2015-06-01") in plan.rows[0].kept


def test_a_higher_count_of_a_known_row_is_another_pass() -> None:
    """A newer export of a book that was read again adds that pass alone."""
    stored = shelf()
    later = READ_2015.replace("2015/06/01", "2022/05/06").replace(
        "read,,,1", "read,,,2"
    )
    for place, row in enumerate((READ_2015, later, later)):
        stored = applied(plan_import(rows(row), stored), stored, days=place)
    (book,) = stored.books.values()

    assert [
        ("finished", None, date(2015, 6, 1)),
        ("finished", None, date(2022, 5, 6)),
    ] == passes(book)


def test_rows_that_say_the_same_days_are_one_pass() -> None:
    """Two editions on one shelf with one date are one reading."""
    book = join(
        rows_of(
            goodreads(READ_2015, READ_2015.replace("7,", "8,", 1).replace("310", "311"))
        )
    )

    assert [("finished", None, date(2015, 6, 1))] == passes(book)


@pytest.mark.parametrize(
    ("cell", "fields", "reason"),
    [
        ("9780440238140", {"isbn13": "9780440238140"}, RowReason.SAME_ISBN),
        ("0440238145", {"isbns": ("9780440238140",)}, RowReason.SAME_ISBN),
        (asin(1), {}, RowReason.SAME_ASIN),
    ],
)
def test_numbers_find_the_book_whatever_its_title(
    cell: str, fields: dict[str, object], reason: RowReason
) -> None:
    """An ISBN in any form, or the ASIN of a title that is the book."""
    known = recording(title="Der kleine Hobbit", authors=(), **fields)
    plan = plan_import(rows_of(hobbit("read", isbn=cell)), shelf(known))
    (row,) = plan.rows

    assert (RowOutcome.JOINED, reason, known.book.book_id) == (
        row.outcome,
        row.reason,
        row.book_id,
    )


def test_two_books_of_one_isbn_are_a_question() -> None:
    """No coin is tossed."""
    books = [recording(number=n, isbn13="9780440238140") for n in (1, 2)]
    plan = plan_import(rows_of(hobbit("read", isbn="9780440238140")), shelf(*books))
    (row,) = plan.rows

    assert (RowOutcome.UNSURE, RowReason.DUPLICATE_ISBN) == (row.outcome, row.reason)
    assert {1, 2} == {one.book_id for one in row.candidates}
    assert ("Several books have its ISBN.",) == row.sentences


def test_an_isbn_of_quite_another_book_is_a_question() -> None:
    """Trackers hold wrong ISBNs: neither title nor author agrees, a person decides."""
    dune = recording(title="Dune", authors=("Frank Herbert",), isbn13="9780553573404")
    thrones = recording(
        number=2, title="A Game of Thrones", authors=("George R. R. Martin",)
    )
    row = "1,A Game of Thrones,George R.R. Martin,,9780553573404,5,,,,,,read,,,1"

    (alone,) = plan_import(rows(row), shelf(dune)).rows
    assert (RowOutcome.UNSURE, RowReason.OTHER_BOOK_OF_ISBN) == (
        alone.outcome,
        alone.reason,
    )
    assert [1] == [one.book_id for one in alone.candidates]
    assert {"title_other", "author_none", "isbn_same"} == {
        one.name for one in alone.candidates[0].evidence
    }
    (both,) = plan_import(rows(row), shelf(dune, thrones)).rows
    assert RowOutcome.UNSURE is both.outcome
    assert {1, 2} == {one.book_id for one in both.candidates}


@pytest.mark.parametrize(
    ("title", "authors"),
    [
        ("Der Herr der Ringe", ("J.R.R. Tolkien",)),
        ("Der Herr der Ringe", ("Tolkien, John Ronald Reuel",)),
        ("The Hobbit", ("Somebody Else",)),
        ("Der kleine Hobbit", ()),
    ],
)
def test_an_isbn_finds_the_book_where_title_or_author_agrees(
    title: str, authors: tuple[str, ...]
) -> None:
    """A translated title, another spelling, or a book without an author."""
    known = recording(title=title, authors=authors, isbn13="9780440238140")
    (row,) = plan_import(
        rows_of(hobbit("read", isbn="9780440238140")), shelf(known)
    ).rows

    assert (RowOutcome.JOINED, RowReason.SAME_ISBN) == (row.outcome, row.reason)


@pytest.mark.parametrize(
    ("title", "author", "is_joined"),
    [
        ("ノルウェイの森", "村上春樹", True),
        ("Норвежский лес", "Харуки Мураками", True),
        ("ノルウェイの森", "Frank Herbert", False),
    ],
)
def test_an_isbn_is_believed_where_the_scripts_cannot_be_compared(
    title: str, author: str, *, is_joined: bool
) -> None:
    """Another script is no other book; a name that can be compared still counts."""
    isbn = "9780679720201"
    known = recording(title="Norwegian Wood", authors=("Haruki Murakami",), isbn13=isbn)
    (row,) = plan_import(
        rows(f"1,{title},{author},,{isbn},5,,,,,,read,,,1"), shelf(known)
    ).rows

    assert is_joined is (row.outcome is RowOutcome.JOINED)


def test_two_books_of_one_file_with_one_isbn_stay_two() -> None:
    """The file itself holds them for two; nothing else says that they are one."""
    plan = plan_import(
        rows_of(
            goodreads(
                "1,Dune,Frank Herbert,,9780553573404,5,,,,,,read,,,1",
                "2,A Game of Thrones,George R.R. Martin,,9780553573404,,,,,,,read,,,1",
            )
        ),
        shelf(),
    )

    assert [RowOutcome.MADE, RowOutcome.MADE] == [row.outcome for row in plan.rows]


def test_a_doubtful_row_is_a_question_with_candidates() -> None:
    """The first of a trilogy and the trilogy are not surely the same."""
    known = recording(title="The Lord of the Rings")
    row_of_file = "7,The Lord of the Rings (Omnibus),J.R.R. Tolkien,,,0,,,,,,read,,,1"
    plan = plan_import(rows(row_of_file), shelf(known))
    (row,) = plan.rows

    assert RowOutcome.UNSURE is row.outcome
    assert [("The Lord of the Rings", 1)] == [
        (one.title, one.book_id) for one in row.candidates
    ]
    assert ((), (), ()) == (plan.new_books, plan.changed_books, plan.new_reads)


def test_what_a_person_took_away_does_not_come_back() -> None:
    """A tag that was taken out after an import stays out at the next one."""
    stored = shelf(recording())
    data = rows_of(hobbit("read", "2019/01/02", tags="slow, dragons"))
    after = applied(plan_import(data, stored), stored)
    (book,) = after.books.values()
    fields = replace(book.book.fields, tags=("dragons",))
    kept = replace(book, book=replace(book.book, fields=fields))
    again = plan_import(data, shelf(kept))

    assert ("slow", "dragons") == book.book.fields.tags
    assert ((), [RowOutcome.UNCHANGED]) == (
        again.changed_books,
        [row.outcome for row in again.rows],
    )


def test_stopped_pass_with_a_day_is_kept_beside_the_finish() -> None:
    """Given up in 2015, heard to the end later: both happened."""
    known = passed(finished_on=date(2024, 1, 1), finished_source=DateSource.HEARD)
    book = join(
        rows_of(hobbit("did-not-finish", "2015/01/02-2015/02/03")), recording(known)
    )

    assert [
        ("finished", None, date(2024, 1, 1)),
        ("stopped", date(2015, 1, 2), date(2015, 2, 3)),
    ] == passes(book)
    assert (FINISHED, STOPPED) == tuple(read.fields.outcome for read in book.reads)


@pytest.mark.parametrize(
    ("ended", "outcomes"),
    [("2026/11/21", ["finished"]), ("2016/01/01", ["under_way", "finished"])],
)
def test_another_programs_later_finish_ends_the_pass_of_a_file(
    ended: str, outcomes: list[str]
) -> None:
    """What was finished before the other file said "reading" was another pass."""
    begun = passed(UNDER_WAY, source=Source.IMPORT, link_id=None, started_source=None)
    book = join(
        rows_of(hobbit("read", ended)),
        recording(begun, status=BookStatus.READING, source=Source.IMPORT),
    )

    assert outcomes == [outcome for outcome, _, _ in passes(book)]


@pytest.mark.parametrize(
    ("dates", "outcomes"),
    [
        ("2026/11/01-2026/11/09", ["finished"]),
        ("2026/11/09", ["under_way", "finished"]),
        ("2026/01/09", ["under_way", "finished"]),
    ],
)
def test_pass_that_a_person_began_is_ended_by_the_same_pass_alone(
    dates: str, outcomes: list[str]
) -> None:
    """The day on which it began has to be in the file."""
    begun = passed(
        UNDER_WAY, source=Source.USER, link_id=None, started_on=date(2026, 11, 1)
    )
    book = join(
        rows_of(hobbit("read", dates)), recording(begun, status=BookStatus.READING)
    )

    assert outcomes == [outcome for outcome, _, _ in passes(book)]


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (DateSource.HEARD, BookStatus.READING),
        (DateSource.UNKNOWN, BookStatus.PAUSED),
    ],
)
def test_a_pause_in_a_file_holds_until_listening_was_seen(
    source: DateSource, status: BookStatus
) -> None:
    """Who was heard since is not pausing."""
    begun = passed(UNDER_WAY, started_source=source)
    book = join(
        rows_of(hobbit("paused", count=0)), recording(begun, status=BookStatus.READING)
    )

    assert status is book.book.fields.status
    assert [("under_way", None, None)] == passes(book)


def test_day_of_giving_up_is_filled() -> None:
    """A file may know when it was."""
    known = passed(STOPPED, source=Source.USER, link_id=None)
    book = join(
        rows_of(hobbit("did-not-finish", "2015/01/02-2015/02/03")),
        recording(known, status=BookStatus.DID_NOT_FINISH),
    )

    assert [("stopped", date(2015, 1, 2), date(2015, 2, 3))] == passes(book)


def test_book_to_read_again_is_read_again() -> None:
    """A new pass begins, whatever is known of the last one."""
    known = passed(source=Source.IMPORT, link_id=None)
    book = join(
        rows_of(hobbit("currently-reading", "2026/11/01-")),
        recording(known, status=BookStatus.TO_READ),
    )

    assert [
        ("finished", None, None),
        ("under_way", date(2026, 11, 1), None),
    ] == passes(book)
    assert BookStatus.READING is book.book.fields.status


def test_start_that_a_file_knows_is_filled() -> None:
    """The finish was heard, the start was before the first sync."""
    known = passed(finished_on=date(2026, 3, 10), finished_source=DateSource.HEARD)
    book = join(rows_of(hobbit("read", "2026/02/01-2026/03/10")), recording(known))

    assert [("finished", date(2026, 2, 1), date(2026, 3, 10))] == passes(book)
    assert DateSource.HEARD is book.reads[0].fields.finished_source


def test_pass_of_which_nothing_is_told_is_a_known_one() -> None:
    """A count without a status does not say how the pass ended; the tracker does."""
    book = join(rows_of(hobbit("", "", 1)), recording(passed()))

    assert [("finished", None, None)] == passes(book)


def test_how_a_pass_ended_is_filled() -> None:
    """A later file says that the pass of the earlier one was a finish."""
    stored = shelf()
    files = ("", "2015/01/02-"), ("read", "2015/01/02-2015/02/03")
    for place, (status, dates) in enumerate(files):
        rows_now = rows_of(hobbit(status, dates))
        stored = applied(plan_import(rows_now, stored), stored, days=place)
    (book,) = stored.books.values()

    assert [("finished", date(2015, 1, 2), date(2015, 2, 3))] == passes(book)
