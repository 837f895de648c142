"""Pure: ISBNs as trackers write them, and what of them can be trusted.

A number is only ever believed with its check digit; nothing is repaired. Zeros lost at
the front (a spreadsheet's work) are put back only where the check digit then agrees.

Of any numbers one in eleven would agree. Of the 19,052 books of real trackers that
matching is developed with, 2,890 have a number of seven to nine digits for an ISBN,
and 2,880 agree: 2,385 of 2,394 with nine digits, 445 of 446 with eight, 50 of 50 with
seven. So such numbers are ISBNs, and the three lost zeros are believed like the one. A
number with hyphens has lost none: 1234-5679 is the ISSN of a magazine, whose check
digit is the same.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_WRAPPING: Final = str.maketrans("", "", "=\"'[]() \t\u00a0-\u2010\u2011\u2012\u2013")
_TEN: Final = re.compile(r"[0-9]{9}[0-9Xx]")
_THIRTEEN: Final = re.compile(r"97[89][0-9]{10}")
_ZEROS_LOST: Final = re.compile(r"[0-9]{6,8}[0-9Xx]")
_HYPHENATED: Final = re.compile(r"[0-9][-\u2010-\u2013][0-9Xx]")
_SPREADSHEET: Final = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+")
_LABEL: Final = re.compile(r"(?:urn:)?isbn(?:-?1[03])?:?\s*", re.IGNORECASE)


class IsbnFlaw(StrEnum):
    """Why a number is not trusted."""

    CHECKSUM = "checksum"
    LENGTH = "length"
    SPREADSHEET = "spreadsheet"
    NO_NUMBER = "no_number"


@dataclass(frozen=True, slots=True)
class Isbn:
    """One ISBN: as sent, and its checked form (13 digits) or the flaw found.

    ``isbn13`` is None exactly when ``flaw`` is not.
    """

    sent: str
    isbn13: str | None = None
    flaw: IsbnFlaw | None = None
    zeros_lost: bool = False

    @property
    def is_damaged(self) -> bool:
        """Tell whether the number cannot be trusted."""
        return self.isbn13 is None

    @property
    def isbn10(self) -> str | None:
        """Return the ten-digit form; there is none for numbers that begin with 979."""
        if self.isbn13 is None or not self.isbn13.startswith("978"):
            return None
        body = self.isbn13[3:12]
        return body + _check_digit_10(body)

    @property
    def inner(self) -> str | None:
        """Return what identifies the edition: nine digits, for 979 all twelve."""
        if self.isbn13 is None:
            return None
        return self.isbn13[3:12] if self.isbn13.startswith("978") else self.isbn13[:12]


def read_isbn(text: str) -> Isbn | None:
    """Return the ISBN in one field, checked; None for an empty field.

    Takes ``="0123456789"``, ``[2070291340]``, hyphens, blanks and ``ISBN`` labels.
    """
    sent = text.strip()
    bare = _LABEL.sub("", sent, count=1).translate(_WRAPPING)
    if not bare:
        return None
    if _SPREADSHEET.fullmatch(bare) and not bare.isdigit():
        return Isbn(sent, flaw=IsbnFlaw.SPREADSHEET)
    return _read_digits(sent, bare)


def _read_digits(sent: str, bare: str) -> Isbn:
    if not bare.strip("0"):
        return Isbn(sent, flaw=IsbnFlaw.NO_NUMBER)
    if _THIRTEEN.fullmatch(bare):
        return _checked(sent, bare, is_right=bare[12] == _check_digit_13(bare[:12]))
    if _TEN.fullmatch(bare):
        return _checked(sent, _to_13(bare), is_right=_is_right_10(bare))
    if _has_lost_zeros(sent, bare):
        return Isbn(sent, isbn13=_to_13(bare.zfill(10)), zeros_lost=True)
    is_number = re.fullmatch(r"[0-9]+[Xx]?", bare) is not None
    return Isbn(sent, flaw=IsbnFlaw.LENGTH if is_number else IsbnFlaw.NO_NUMBER)


def _has_lost_zeros(sent: str, bare: str) -> bool:
    if _ZEROS_LOST.fullmatch(bare) is None or _HYPHENATED.search(sent):
        return False
    return _is_right_10(bare.zfill(10))


def _checked(sent: str, isbn13: str, *, is_right: bool) -> Isbn:
    return Isbn(sent, isbn13) if is_right else Isbn(sent, flaw=IsbnFlaw.CHECKSUM)


def _to_13(isbn10: str) -> str:
    body = f"978{isbn10[:9]}"
    return body + _check_digit_13(body)


def _is_right_10(isbn10: str) -> bool:
    return isbn10[9].upper() == _check_digit_10(isbn10[:9])


def _check_digit_10(body: str) -> str:
    rest = sum((10 - place) * int(digit) for place, digit in enumerate(body)) % 11
    return "0123456789X"[-rest % 11]


def _check_digit_13(body: str) -> str:
    total = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)
    )
    return str(-total % 10)
