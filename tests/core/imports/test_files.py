"""Any bytes: encodings, delimiters, broken quotes, and errors that say why."""

import csv
import io
import json
import tracemalloc

import pytest
from audible_core.errors import (
    ImportFileDamagedError,
    ImportFileEmptyError,
    ImportFileError,
    ImportFileTooNewError,
    ImportFileUnknownError,
)
from audible_core.imports import (
    NOTE_SENTENCES,
    ImportedBook,
    ImportRow,
    NoteKey,
    RejectedRow,
    open_file,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.imports.made import (
    TRACKER_FILES,
    books_of,
    note_keys,
    rejected_of,
    rows_of,
    sample,
)

HEADER = "Title,Author,Exclusive Shelf"
ROWS = f"{HEADER}\nÉmilie „Zoë“,Jürgen Groß,read\nEmma,Jane Austen,to-read\n"


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("utf-32-le", b"\xff\xfe\0\0", "utf-32-le"),
        ("cp1252", b"", "windows-1252"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_line_ends_and_delimiters(
    encoding: str, mark: bytes, found: str, line_end: str, delimiter: str
) -> None:
    """Every mixture gives the same two books."""
    text = ROWS.replace("\n", line_end).replace(",", delimiter)
    content = mark + text.encode(encoding)

    file = open_file(content)
    assert (found, delimiter) == (file.encoding, file.delimiter)
    assert [
        ("Émilie „Zoë“", ("Jürgen Groß",), []),
        ("Emma", ("Jane Austen",), []),
    ] == [(book.title, book.authors, note_keys(book)) for book in books_of(content)]


def test_one_byte_that_is_no_utf_8_damages_one_cell_only() -> None:
    """The rest of the file keeps its letters, and the cell is named."""
    content = ROWS.encode() + b"Caf\xe9,Z\xc3\xb6e,read\n"
    book = books_of(content)[2]

    assert ("Café", ("Zöe",)) == (book.title, book.authors)
    assert ["character_unreadable"] == note_keys(book)


@pytest.mark.parametrize("first_line", ["sep=,\n", "\n\n", " \nsep=,\n"])
def test_lines_before_the_header_are_passed_over(first_line: str) -> None:
    """Blank lines and a spreadsheet's hint are no header."""
    assert 2 == len(books_of(first_line + ROWS))


def test_a_stray_quote_breaks_its_own_row_only() -> None:
    """The rows around it are read; the broken line is listed by its number."""
    content = f'{HEADER}\nA,B,read\n"C,D,read\nE,F,read\nG,"H ""x""",read\nI,J,read\n'
    rows = rows_of(content)

    assert ["A", "E", "G", "I"] == [book.title for book in books_of(content)]
    assert ['H "x"'] == [*books_of(content)[2].authors]
    (broken,) = rejected_of(content)
    assert (2, "quote_never_closed", {"lines": "3"}) == (
        broken.row_number,
        broken.reason.key,
        broken.reason.data,
    )
    assert 5 == len(rows)


def test_a_quote_that_is_open_at_the_end_is_listed() -> None:
    """The last row is not silently cut."""
    rows = rows_of(f'{HEADER}\nA,B,read\nC,"D,read')

    assert ["quote_never_closed"] == [
        row.reason.key for row in rows if isinstance(row, RejectedRow)
    ]


def test_a_quote_inside_a_cell_is_read_as_it_stands() -> None:
    """Sloppy writers do not double their quotes."""
    (book,) = books_of(f'{HEADER}\n"Ender"s Game",Card,read\n')

    assert "Card" == book.authors[0]
    assert book.title.startswith("Ender")


def test_many_stray_quotes_leave_no_line_out() -> None:
    """However many there are, each takes its own line alone."""
    stray = "".join(f'"A{number},B,read\nC{number},"D",read\n' for number in range(30))
    rejected = rejected_of(f"{HEADER}\n{stray}")

    assert [str(number) for number in range(2, 62, 2)] == [
        row.reason.data["lines"] for row in rejected
    ]
    assert {"quote_never_closed"} == {row.reason.key for row in rejected}
    assert [f"C{number}" for number in range(30)] == [
        book.title for book in books_of(f"{HEADER}\n{stray}")
    ]


def test_a_text_of_several_lines_is_whole_also_after_many_stray_quotes() -> None:
    """Only a row that would have more lines than any text of a reader's is torn."""
    stray = "".join(f'"A{number},B,read\n' for number in range(30))
    lines = [f"line {number}" for number in range(40)]
    text = "\n".join(lines)

    assert [" ".join(["T,", *lines])] == [
        book.title for book in books_of(f'{HEADER}\n{stray}"T, {text}",B,read\n')
    ]


LIBRARYTHING = "Book Id\tTitle\tPrimary Author\tCollections"


def test_quotation_marks_of_a_tab_file_are_letters_where_they_mark_no_cell() -> None:
    """LibraryThing writes titles as they are: no row disappears into a neighbour's."""
    titles = ['"Odd', "Even", 'Q"', '"Repent, Harlequin!" Said', '"Quoted"', "Plain"]
    rows = (
        f"{number}\t{title}\tRoe, Jane\tTo read" for number, title in enumerate(titles)
    )

    content = "\n".join((LIBRARYTHING, *rows))
    assert titles == [book.title for book in books_of(content)]
    assert () == rejected_of(content)


def test_quotation_marks_of_a_tab_file_hold_texts_where_they_do() -> None:
    """A program that marks cells with them keeps tabs and line breaks in them."""
    out = io.StringIO()
    csv.writer(out, dialect="excel-tab").writerows(
        [
            ["asin", "title", "authors", "runtime_length_min", "subtitle"],
            ["B000000001", 'A "quoted" title', "J R", "60", "one\ttwo\nthree"],
            ["B000000002", "B", "J R", "60", ""],
        ]
    )

    first, second = books_of(out.getvalue())
    assert ('A "quoted" title', "one two three") == (first.title, first.subtitle)
    assert "B" == second.title


def test_a_cell_longer_than_any_book_is_listed() -> None:
    """What the reader of tables cannot hold is named; the rows after it are read."""
    content = f'{HEADER}\n{"x" * 200_000},B,read\nC,"a"b",x,read\nE,F,read\n'

    assert ["E"] == [book.title for book in books_of(content)]
    assert ["row_unreadable"] * 2 == [row.reason.key for row in rejected_of(content)]


def test_members_whose_names_differ_in_case_both_survive() -> None:
    """The first is read, the other is kept."""
    (book,) = books_of('[{"title": "A", "Title": "B", "asin": "", "cover_url": ""}]')

    assert ("A", {"Title": "B"}) == (book.title, book.extra)


def test_pieces_of_text_after_a_broken_row_are_no_books() -> None:
    """A torn review of several lines does not become books."""
    content = f'{HEADER}\n"A said "x"\nand then, B\nE,F,read\n'

    assert ["E"] == [book.title for book in books_of(content)]
    assert 2 == len(rejected_of(content))


def test_a_cell_of_several_lines_is_one_cell() -> None:
    """Line breaks, delimiters and doubled quotes inside quotes are text."""
    review = 'one,\n"two";\r\nthree'
    out = io.StringIO()
    csv.writer(out).writerows(
        [["Title", "Author", "Exclusive Shelf", "My Review"]]
        + [["A", "B", "read", review]] * 2
    )

    assert [review] * 2 == [book.review for book in books_of(out.getvalue())]


def test_rows_of_other_lengths_are_read_and_reported() -> None:
    """Surplus cells survive; missing ones are unknown; a row of commas is listed."""
    content = f"{HEADER}\nA,B,read,more,\nC,D\n,,\n"
    longer, shorter = books_of(content)

    assert (["cells_too_many"], {"column 4": "more"}) == (
        note_keys(longer),
        longer.extra,
    )
    assert (["cells_too_few"], None) == (note_keys(shorter), shorter.status)
    assert ["empty_row"] == [row.reason.key for row in rejected_of(content)]


def test_columns_of_one_name_both_survive() -> None:
    """The second of two equal columns, and one without a name, get a number."""
    (book,) = books_of("Title,Author,Exclusive Shelf,Note,Note,\nA,B,read,1,2,3\n")

    assert {"Note": "1", "Note (column 5)": "2", "column 6": "3"} == book.extra


def test_text_that_no_database_takes_is_cleaned() -> None:
    """NUL and lone surrogates do not reach the store."""
    body = r'[{"asin": "B017V4IM1G", "title": "A\u0000\ud800", "cover_url": "\udc00"}]'
    (book,) = books_of(body)

    assert "A\ufffd" == book.title
    assert {"cover_url": "\ufffd"} == book.extra


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", ImportFileEmptyError),
        (b" \r\n \n", ImportFileEmptyError),
        (HEADER.encode(), ImportFileEmptyError),
        (b"[]", ImportFileEmptyError),
        (b"{}", ImportFileEmptyError),
        (b"a,b\n1,2\n", ImportFileUnknownError),
        (b"just some words", ImportFileUnknownError),
        (b"[1, 2]", ImportFileUnknownError),
        (b'{"a": 1}', ImportFileUnknownError),
        (b"\n" * 30 + b"Title", ImportFileUnknownError),
        (b"x" * 200_000, ImportFileUnknownError),
        (b'[{"name": "x"}]', ImportFileUnknownError),
        (b"PK\x03\x04anything", ImportFileUnknownError),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ImportFileUnknownError),
        (b'[{"title": "A"', ImportFileDamagedError),
        (b"[" * 100_000, ImportFileDamagedError),
        (b"[" + b"9" * 5000 + b"]", ImportFileDamagedError),
        (b'[{"title": NaN}]', ImportFileDamagedError),
        (b'{"format": "audible_tracker"}', ImportFileDamagedError),
        (
            b'{"format": "audible_tracker", "schema_version": true, "books": []}',
            ImportFileDamagedError,
        ),
        (
            b'{"format": "audible_tracker", "schema_version": 1, "books": 5}',
            ImportFileDamagedError,
        ),
        (
            b'{"format": "audible_tracker", "schema_version": 4, "books": []}',
            ImportFileTooNewError,
        ),
    ],
)
def test_files_that_are_no_use_say_why(
    content: bytes, error: type[ImportFileError]
) -> None:
    """Empty, unknown, damaged or too new: each has its own error."""
    with pytest.raises(error):
        open_file(content)


def test_unknown_columns_are_named_beside_what_is_supported() -> None:
    """The sentence says what was found and what would do."""
    columns = ",".join(f"column{number}" for number in range(20))

    with pytest.raises(ImportFileUnknownError) as caught:
        open_file(f"{columns}\n1\n".encode())

    text = str(caught.value)
    assert "the columns column0, column1" in text
    assert "and 8 more" in text
    assert all(name in text for name in ("Goodreads", "StoryGraph", "Libation"))


def test_an_excel_workbook_is_told_how_to_help_itself() -> None:
    """The commonest wrong file gets its own words."""
    with pytest.raises(ImportFileUnknownError, match="save it as CSV first"):
        open_file(b"PK\x03\x04")


def test_every_note_has_a_sentence() -> None:
    """No key is without its words."""
    assert set(NoteKey) == set(NOTE_SENTENCES)


def read_through(content: bytes) -> str:
    """Read a file to its end; only our own errors may come. Return its sentences."""
    try:
        file = open_file(content)
    except ImportFileError as err:
        return str(err)
    rows = tuple(file.rows())
    assert file.row_count == len(rows)
    for row in rows:
        if isinstance(row, ImportedBook):
            assert row.title
            assert row.identity
            row.title.encode()
    return " ".join(sentence for row in rows for sentence in sentences(row))


def sentences(row: ImportRow) -> list[str]:
    """Return what is remarked on a row."""
    notes = row.notes if isinstance(row, ImportedBook) else (row.reason,)
    return [note.sentence for note in notes]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_our_error(content: bytes) -> None:
    """Whatever is uploaded is read or refused with a sentence."""
    read_through(content)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(TRACKER_FILES),
    st.integers(min_value=0, max_value=3000),
    st.binary(max_size=12),
    st.integers(min_value=0, max_value=40),
)
def test_damaged_samples_raise_nothing_but_our_error(
    name: str, place: int, wedge: bytes, cut: int
) -> None:
    """Real files with bytes cut out and others put in."""
    content = sample(name)[:6000]

    read_through(content[:place] + wedge + content[place + cut :])


HEADERS = (
    "Title,Author,Exclusive Shelf,Date Read,ISBN,ISBN13,Number of Pages,Binding",
    "Title,Authors,Contributors,ISBN/UID,Read Status,Dates Read,Last Date Read,Tags",
    "Title,Author,Hardcover Book ID,Status,Date Started,Date Finished,Pages,Rating",
    "Title,Primary Author,Secondary Author,Collections,Date Read,ISBNs,Date,Media",
    "title,authors,series,series_index,identifiers,pubdate,formats,rating",
    "title,author_text,shelf,start_date,finish_date,stopped_date,aasin,rating",
    "title,author,readings,deleted,tags,pages,book_format,rating",
    "Title,Audible Product Id,Series Order,Is Finished?,Date Published,Authors,a,b",
    "Title,ASIN,Narrated By,Duration,Read Status,Release Date,Series Name,Author",
    "title,asin,runtime_length_min,percent_complete,is_finished,series,authors,a",
)
CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "read", "2020/01/01", "1/2/2020-", "-3", "4.5", "#1)", "((#", "[", "[{}]"]
    ),
    st.from_regex(r"[0-9/.\-,;:|# ()]{0,20}", fullmatch=True),
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(HEADERS),
    st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=4),
)
def test_no_cells_raise_anything(header: str, rows: list[list[str]]) -> None:
    """Every reader takes every text in every column."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header.split(","))
    writer.writerows(rows)

    read_through(out.getvalue().encode("utf-8", "surrogatepass"))


MEMBERS = (
    "title",
    "asin",
    "authors",
    "series",
    "percent_complete",
    "is_finished",
    "runtime_length_min",
    "narrated_by",
    "seconds",
    "AudibleProductId",
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(MEMBERS),
        JSON_VALUES,
        min_size=2,
    )
)
def test_no_json_members_raise_anything(member: dict[str, object]) -> None:
    """Members of the wrong type are cells like others."""
    read_through(json.dumps([member, {"title": "x", **member}]).encode())


def test_fifty_thousand_rows_are_handed_out_one_by_one() -> None:
    """Reading holds one row at a time, not the whole list of books."""
    lines = "".join(f"Book {number},Somebody,read\n" for number in range(50_000))
    file = open_file(f"{HEADER}\n{lines}".encode())
    rows = file.rows()
    next(rows)

    tracemalloc.start()
    count = sum(1 for _ in rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (50_000, 49_999) == (file.row_count, count)
    assert peak < 1_000_000
