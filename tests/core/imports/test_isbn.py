"""ISBNs: every form a tracker writes, and nothing believed without its check digit."""

import pytest
from audible_core.isbn import IsbnFlaw, read_isbn
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "isbn13"),
    [
        ('="0440238145"', "9780440238140"),
        ('="9780440238140"', "9780440238140"),
        ("978-0-440-23814-0", "9780440238140"),
        ("ISBN-13: 978 0440238140", "9780440238140"),
        ("[2070291340]", "9782070291342"),
        ("000748626X", "9780007486267"),
        ("000748626x", "9780007486267"),
        ("9791034761081", "9791034761081"),
    ],
)
def test_right_numbers_are_read_in_every_form(text: str, isbn13: str) -> None:
    """Wrapping, hyphens, labels and lower case do not matter."""
    isbn = read_isbn(text)

    assert isbn is not None
    assert (isbn13, None, False) == (isbn.isbn13, isbn.flaw, isbn.zeros_lost)
    assert text == isbn.sent


@pytest.mark.parametrize(
    ("text", "isbn10"),
    [
        ("440238145", "0440238145"),
        ("748626X", "000748626X"),
        ("7448031", "0007448031"),
        ("140143505", None),
    ],
)
def test_lost_zeros_are_put_back_where_the_check_digit_agrees(
    text: str, isbn10: str | None
) -> None:
    """Spreadsheets cut zeros at the front; the number is marked."""
    isbn = read_isbn(text)

    assert isbn is not None
    assert ((isbn10 or "0140143505"), True) == (isbn.isbn10, isbn.zeros_lost)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("9780440238141", IsbnFlaw.CHECKSUM),
        ("0440238146", IsbnFlaw.CHECKSUM),
        ("440238146", IsbnFlaw.LENGTH),
        ("12345", IsbnFlaw.LENGTH),
        ("97804402381400", IsbnFlaw.LENGTH),
        ("9.78053E+12", IsbnFlaw.SPREADSHEET),
        ("9,78053E+12", IsbnFlaw.SPREADSHEET),
        ("9.78E+12", IsbnFlaw.SPREADSHEET),
        ("0000000000", IsbnFlaw.NO_NUMBER),
        ("B07MNWKF2M", IsbnFlaw.NO_NUMBER),
        # The ISSN of a magazine has the same check digit.
        ("0378-5955", IsbnFlaw.LENGTH),
        ("2049-3630", IsbnFlaw.LENGTH),
        ("unknown", IsbnFlaw.NO_NUMBER),
    ],
)
def test_damaged_numbers_are_kept_as_sent_and_not_repaired(
    text: str, flaw: IsbnFlaw
) -> None:
    """A damaged number has no checked form at all."""
    isbn = read_isbn(text)

    assert isbn is not None
    assert (text, None, flaw, True) == (
        isbn.sent,
        isbn.isbn13,
        isbn.flaw,
        isbn.is_damaged,
    )
    assert (None, None) == (isbn.isbn10, isbn.inner)


@pytest.mark.parametrize("text", ["", "  ", '=""', "[]", "-"])
def test_an_empty_field_is_no_isbn(text: str) -> None:
    """Goodreads writes an empty formula where there is none."""
    assert read_isbn(text) is None


def test_both_forms_of_one_edition_share_the_inner_digits() -> None:
    """ISBN-10 and ISBN-13 are compared by nine digits; 979 keeps its prefix."""
    ten, thirteen = read_isbn("0440238145"), read_isbn("9780440238140")
    other = read_isbn("9791034761081")

    assert ten is not None
    assert thirteen is not None
    assert other is not None
    assert "044023814" == ten.inner == thirteen.inner
    assert ("979103476108", None) == (other.inner, other.isbn10)


@given(st.integers(min_value=1, max_value=999_999_999))
def test_ten_and_thirteen_digits_lead_to_each_other(body: int) -> None:
    """Any nine digits make an ISBN-10 whose ISBN-13 leads back to it."""
    digits = f"{body:09}"
    rest = sum((10 - at) * int(digit) for at, digit in enumerate(digits)) % 11
    ten = digits + "0123456789X"[-rest % 11]
    isbn = read_isbn(ten)

    assert isbn is not None
    assert isbn.isbn13 is not None
    again = read_isbn(isbn.isbn13)
    assert again is not None
    assert ten == isbn.isbn10 == again.isbn10


@given(
    st.integers(min_value=0, max_value=8),
    st.integers(min_value=1, max_value=9),
    st.integers(min_value=100_000_000, max_value=999_999_999),
)
def test_one_wrong_digit_is_always_found(place: int, step: int, body: int) -> None:
    """No single wrong digit of an ISBN-10 passes."""
    digits = f"{body:09}"
    rest = sum((10 - at) * int(digit) for at, digit in enumerate(digits)) % 11
    ten = digits + "0123456789X"[-rest % 11]
    wrong = str((int(ten[place]) + step) % 10)
    isbn = read_isbn(ten[:place] + wrong + ten[place + 1 :])

    assert isbn is not None
    assert isbn.is_damaged


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    """Checked form and flaw exclude each other."""
    isbn = read_isbn(text)

    assert isbn is None or (isbn.isbn13 is None) == (isbn.flaw is not None)
