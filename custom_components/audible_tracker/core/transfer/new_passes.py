"""Pure: which of a known row's unpaired passes are new, corrected, or old."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ..kinds import ReadOutcome
from ..store.records import ReadFields
from .row_past import RowPast, end_of


@dataclass(slots=True)
class Split:
    """Passes that are not new; ``corrected`` ones with the day that they had."""

    corrected: list[tuple[ReadFields, date]] = field(default_factory=list)
    old: list[ReadFields] = field(default_factory=list)


def is_ended(read: ReadFields) -> bool:
    """Tell whether a pass is over, in whichever way."""
    return read.outcome is not ReadOutcome.UNDER_WAY


def split_passes(
    ended: Sequence[ReadFields], past: RowPast, undated_before: int, grown: int
) -> Split:
    """Return which ended passes that none of the book's is are not new.

    By so many the row's passes have ``grown``: those may lie close to what was known.
    Of ``undated_before`` passes, which the book has no more, a new day may speak.
    """
    split = Split()
    near: list[ReadFields] = []
    undated: list[ReadFields] = []
    for read in ended:
        end = end_of(read)
        if end is None:
            undated.append(read)
        elif end in past.days:
            split.old.append(read)
        elif past.corrected_from(read, ()) is not None:
            near.append(read)
        elif grown > 0:
            grown -= 1
        elif undated_before > 0:
            undated_before -= 1
            split.old.append(read)
    for read in near[grown:]:
        _take_near(read, past, split)
    split.old.extend(undated[max(0, grown - len(near)) :])
    return split


def _take_near(read: ReadFields, past: RowPast, split: Split) -> None:
    """Correct the nearest day; where another pass has corrected it, this is new."""
    day = past.corrected_from(read, (taken for _, taken in split.corrected))
    if day is not None:
        split.corrected.append((read, day))
