"""Pure: dates as people's files hold them, read only where they mean one day."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

YEAR_MIN: Final = 1800
YEAR_MAX: Final = 2200
"""Other years are another calendar, a placeholder (0001, 0101) or a slip."""

_TIME: Final = r"(?:[T\s,]\D{0,12}[0-9]{1,2}[:.][0-9]{2}.{0,40})?"
_YEAR_FIRST: Final = re.compile(
    rf"([0-9]{{4}})\s?[-/.]\s?([0-9]{{1,2}})\s?[-/.]\s?([0-9]{{1,2}})\.?{_TIME}"
)
_YEAR_LAST: Final = re.compile(
    rf"([0-9]{{1,2}})\s?([-/.])\s?([0-9]{{1,2}})\s?\2\s?([0-9]{{4}})\.?{_TIME}"
)
# Dots are left out: 14.08.2026 is day first everywhere and proves nothing.
_TWO_NUMBERS: Final = re.compile(
    r"(?<![0-9])([0-9]{1,2})([-/])([0-9]{1,2})\2[0-9]{4}(?![0-9])"
)
_NAMED_DAY_FIRST: Final = re.compile(
    rf"([0-9]{{1,2}})[-\s.]+([A-Za-z]{{3,9}})[-\s.,]+([0-9]{{4}}){_TIME}"
)
_NAMED_MONTH_FIRST: Final = re.compile(
    rf"([A-Za-z]{{3,9}})\.?\s+([0-9]{{1,2}}),?\s+([0-9]{{4}}){_TIME}"
)
_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_WRAPPING: Final = "[]\"' \t\u200e\u200f"
_MARKS: Final = str.maketrans("", "", "\u200e\u200f")


class DayOrder(Enum):
    """What the first number of 03/04/2020 is in one column."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    UNKNOWN = "unknown"


class DateFlaw(Enum):
    """Why a text is no date."""

    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"


@dataclass(slots=True)
class OrderSurvey:
    """Collects, over a whole column, which number can only be the day."""

    day_first: bool = False
    month_first: bool = False

    def look_at(self, text: str) -> None:
        """Take one cell of the column into account; it may hold several dates."""
        for match in _TWO_NUMBERS.finditer(text):
            first, second = int(match[1]), int(match[3])
            self.day_first = self.day_first or first > 12 >= second
            self.month_first = self.month_first or second > 12 >= first

    @property
    def order(self) -> DayOrder:
        """Return the order; a column that speaks for both speaks for neither."""
        if self.day_first == self.month_first:
            return DayOrder.UNKNOWN
        return DayOrder.DAY_FIRST if self.day_first else DayOrder.MONTH_FIRST


def pooled(surveys: Iterable[OrderSurvey]) -> OrderSurvey:
    """Return one survey of several columns that one program wrote."""
    known = tuple(surveys)
    return OrderSurvey(
        day_first=any(survey.day_first for survey in known),
        month_first=any(survey.month_first for survey in known),
    )


def read_date(text: str, order: DayOrder) -> date | DateFlaw:
    """Return the day a cell names, as written where it was written.

    03/04/2020 is read by the column's order, else left open; 14.08.2026 (dots) is day
    first everywhere. Years of two digits are not read.
    """
    bare = text.strip(_WRAPPING).translate(_MARKS)
    if match := _YEAR_FIRST.fullmatch(bare):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.fullmatch(bare):
        return _by_order(match, order)
    if match := _NAMED_DAY_FIRST.fullmatch(bare):
        return _day(int(match[3]), _month(match[2]), int(match[1]))
    if match := _NAMED_MONTH_FIRST.fullmatch(bare):
        return _day(int(match[3]), _month(match[1]), int(match[2]))
    return DateFlaw.UNREADABLE


def _by_order(match: re.Match[str], order: DayOrder) -> date | DateFlaw:
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or order is DayOrder.DAY_FIRST or first == second:
        return _day(year, second, first)
    if order is DayOrder.MONTH_FIRST:
        return _day(year, first, second)
    readings = [
        day
        for day in (_day(year, second, first), _day(year, first, second))
        if isinstance(day, date)
    ]
    if len(readings) == 1:
        return readings[0]
    return DateFlaw.AMBIGUOUS if readings else DateFlaw.UNREADABLE


def _month(word: str) -> int:
    folded = word.casefold()
    for number, name in enumerate(_MONTHS, start=1):
        if folded in (name, name[:3], "sept" if number == 9 else name):
            return number
    return 0


def _day(year: int, month: int, day: int) -> date | DateFlaw:
    if not YEAR_MIN <= year <= YEAR_MAX:
        return DateFlaw.UNREADABLE
    try:
        return date(year, month, day)
    except ValueError:
        return DateFlaw.UNREADABLE
