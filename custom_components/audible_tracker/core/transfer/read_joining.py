"""Pure: the passes of a row beside those that a book has; none is counted twice.

A row's pass is one of the book's where nothing speaks against it: equal days, or days
of which one is unknown. Only what is left over is added. A day that is known stays.
Two rows of one file that say "read" without a day speak of two passes, but a row that
stands there twice does not.

A row that was here before brings what it has got since. A day that differs a little
from one that it had is that one corrected; any other is another reading's, whether the
row counts it or not. What it had and the book has no more was deleted by a person.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from ..imports import ImportedRead
from ..kinds import BookStatus, DateSource, ReadOutcome, Source
from ..store.records import ReadFields
from .drafts import DraftBook, DraftRead, may_close
from .new_passes import is_ended, split_passes
from .records import Difference
from .row_book import read_of_row, source_of
from .row_past import RowPast, end_of

_SEEN_DAYS: Final = timedelta(days=2)
"""Readers note a finish on another day than it was heard, but not much later."""


@dataclass(slots=True)
class ReadNews:
    """What a row's passes brought."""

    added: list[DraftRead] = field(default_factory=list)
    is_changed: bool = False
    redated_from: date | None = None
    corrected: list[date] = field(default_factory=list)
    kept: list[Difference] = field(default_factory=list)

    @property
    def is_news(self) -> bool:
        """Tell whether they brought anything."""
        return self.is_changed or bool(self.added)


type _Rule = Callable[[DraftRead, ReadFields], bool]
type _Shared = Callable[[ReadFields], bool]


def join_reads(
    book: DraftBook,
    row: str,
    reads: Sequence[ImportedRead],
    *,
    is_same_row: bool,
    past: RowPast,
) -> ReadNews:
    """Pair a row's passes with the book's, fill what is unknown, and add the rest.

    ``row`` is the row's identity. ``is_same_row`` tells that the book had this row
    from an earlier file, ``past`` which passes had ended there.
    """

    def is_its_end(ours: DraftRead, read: ReadFields) -> bool:
        return may_close(ours, read, book, is_same_row=is_same_row)

    joining = _Joining(book, row, reads)
    for rule in (_is_equal, _ends_alike, _is_seen_finish, _starts_alike):
        joining.pair(rule, is_shared=_is_dated)
    joining.pair(_is_open_too, is_shared=_always)
    joining.pair(_lacks_an_end)
    joining.pair(_is_of_unknown_kind)
    joining.pair(is_its_end)
    if book.fields.status is not BookStatus.TO_READ:
        joining.pair(_is_over_already, is_shared=_always)
    joining.add_rest(past)
    return joining.news


class _Joining:
    def __init__(
        self, book: DraftBook, row: str, reads: Sequence[ImportedRead]
    ) -> None:
        reader_id = book.fields.reader_id
        self._book = book
        self._row = row
        self._free = list(book.reads)
        self._left = [(read, read_of_row(read, reader_id)) for read in reads]
        ends = [end_of(read) for _, read in self._left if is_ended(read)]
        self._ended, self._undated = len(ends), ends.count(None)
        # A day that is found fills the last pass that lacks one.
        self._left.sort(key=lambda entry: end_of(entry[1]) or date.min, reverse=True)
        self.news = ReadNews()

    def pair(self, rule: _Rule, *, is_shared: _Shared | None = None) -> None:
        """Take out each pass that is one of the book's by a rule.

        Only a pass that ``is_shared`` may be one of which another row spoke as well.
        """
        left = []
        for entry in self._left:
            may_share = is_shared is not None and is_shared(entry[1])
            ours = self._first(rule, entry[1], may_share=may_share)
            if ours is None:
                left.append(entry)
                continue
            self._free.remove(ours)
            ours.claimed_by = self._row
            self._fill(ours, entry[1])
        self._left = left

    def _first(
        self, rule: _Rule, read: ReadFields, *, may_share: bool
    ) -> DraftRead | None:
        fitting = [one for one in self._free if rule(one, read)]
        for claimed_by in (self._row, None):
            for one in fitting:
                if one.claimed_by == claimed_by:
                    return one
        return fitting[0] if fitting and may_share else None

    def _fill(self, ours: DraftRead, read: ReadFields) -> None:
        filled = _filled(ours, read)
        if filled != ours.fields:
            ours.fields = filled
            self.news.is_changed = True
        self.news.kept.extend(_differences(filled, read))

    def add_rest(self, past: RowPast) -> None:
        """Add what is none of the book's passes, oldest first.

        What the row said before comes no second time.
        """
        self._keep_old(past)
        for sent, fields in reversed(self._left):
            if _contradicts(fields, self._book.reads):
                self._keep_passes(fields)
                continue
            draft = DraftRead(fields, asin=sent.asin, claimed_by=self._row)
            self._book.reads.append(draft)
            self.news.added.append(draft)

    def _keep_old(self, past: RowPast) -> None:
        """Take out the ended passes that are not new; correct a day where it was."""
        if not past.is_known:
            return
        ended = [read for _, read in self._left if is_ended(read)]
        gone, grown = self._undated_before(past), max(0, self._ended - past.ended)
        past = self._with_likely_days(past)
        rest = split_passes(ended, past, gone, grown)
        for read, day in rest.corrected:
            self._correct(read, day, past)
        for read in rest.old:
            self._keep_days(read)
        known = [*rest.old, *(read for read, _ in rest.corrected)]
        self._left = [
            entry for entry in self._left if all(entry[1] is not one for one in known)
        ]

    def _with_likely_days(self, past: RowPast) -> RowPast:
        """Take a day that the book knows for that of a pass which had none."""
        if past.ended <= len(past.days):
            return past
        likely = {one.ended_on for one in self._free if one.ended_on is not None}
        return replace(past, days=past.days | likely)

    def _undated_before(self, past: RowPast) -> int:
        """Return how many passes without a day the row had that are gone since."""
        free = sum(not one.is_open for one in self._free)
        return max(0, past.ended - len(past.days) - self._undated - free)

    def _correct(self, read: ReadFields, day: date, past: RowPast) -> None:
        self.news.corrected.append(day)
        for ours in self._free:
            is_its = ours.ended_on == day and day not in past.shared
            if is_its and _may_be_redated(ours) and _may_redate(ours, read):
                self._redate(ours, read)
                return
        self._keep_days(read)

    def _redate(self, ours: DraftRead, read: ReadFields) -> None:
        self.news.redated_from = ours.fields.finished_on
        self.news.is_changed = True
        ours.claimed_by = self._row
        self._free.remove(ours)
        ours.fields = replace(ours.fields, finished_on=read.finished_on)
        # With its day it is the file's pass, which may say more of it.
        self._fill(ours, read)

    def _keep_days(self, read: ReadFields) -> None:
        """Say which day of the file is not taken; no word of what says no day."""
        name = "stopped_on" if read.stopped_on else "finished_on"
        theirs = getattr(read, name)
        known = [getattr(one.fields, name) for one in self._free]
        ours = ", ".join(day.isoformat() for day in known if day is not None)
        if theirs is not None and ours:
            self.news.kept.append(Difference(name, ours, theirs.isoformat()))
        elif self._book.reads:
            self._keep_passes(read)

    def _keep_passes(self, read: ReadFields) -> None:
        known = ", ".join(one.fields.outcome for one in self._book.reads)
        self.news.kept.append(Difference("reads", known, read.outcome.value))


def _may_be_redated(ours: DraftRead) -> bool:
    """Tell whether a file alone has said when a pass ended, and no row speaks of it."""
    fields = ours.fields
    return (
        ours.stored is not None
        and ours.claimed_by is None
        and fields.outcome is ReadOutcome.FINISHED
        and fields.finished_on is not None
        and fields.finished_source is DateSource.IMPORT
        and fields.source is not Source.USER
        and fields.started_source is not DateSource.USER
    )


def _may_redate(ours: DraftRead, read: ReadFields) -> bool:
    return (
        read.outcome is ReadOutcome.FINISHED
        and read.finished_on is not None
        and read.finished_source is DateSource.IMPORT
        and _agree(ours.fields.started_on, read.started_on)
        and _in_order(ours.fields.started_on, read.finished_on)
    )


def _always(_read: ReadFields) -> bool:
    return True


def _is_dated(read: ReadFields) -> bool:
    return read.started_on is not None or end_of(read) is not None


def _agree(ours: date | None, theirs: date | None) -> bool:
    return ours is None or theirs is None or ours == theirs


def _in_order(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start <= end


def _same_kind(ours: DraftRead, read: ReadFields) -> bool:
    return ours.fields.outcome is read.outcome


def _is_equal(ours: DraftRead, read: ReadFields) -> bool:
    return (
        _same_kind(ours, read)
        and ours.fields.started_on == read.started_on
        and ours.ended_on == end_of(read)
    )


def _ends_alike(ours: DraftRead, read: ReadFields) -> bool:
    end = end_of(read)
    return (
        end is not None
        and ours.ended_on == end
        and ReadOutcome.UNDER_WAY not in (ours.fields.outcome, read.outcome)
        and _agree(ours.fields.started_on, read.started_on)
    )


def _is_seen_finish(ours: DraftRead, read: ReadFields) -> bool:
    seen = ours.fields.finished_source in (DateSource.HEARD, DateSource.STATUS)
    if not seen or ours.fields.finished_on is None or read.finished_on is None:
        return False
    return abs(ours.fields.finished_on - read.finished_on) <= _SEEN_DAYS


def _starts_alike(ours: DraftRead, read: ReadFields) -> bool:
    """Tell whether both began on one day and nothing says that they ended on two."""
    start = ours.fields.started_on
    return (
        start is not None
        and start == read.started_on
        and _agree(ours.ended_on, end_of(read))
        and (_same_kind(ours, read) or read.outcome is ReadOutcome.UNDER_WAY)
    )


def _is_open_too(ours: DraftRead, read: ReadFields) -> bool:
    return ours.is_open and read.outcome is ReadOutcome.UNDER_WAY


def _lacks_an_end(ours: DraftRead, read: ReadFields) -> bool:
    end = end_of(read)
    return (
        _same_kind(ours, read)
        and not ours.is_open
        and (ours.ended_on is None or end is None)
        and _agree(ours.fields.started_on, read.started_on)
        and _in_order(ours.fields.started_on or read.started_on, ours.ended_on or end)
    )


def _is_of_unknown_kind(ours: DraftRead, read: ReadFields) -> bool:
    kinds = (ours.fields.outcome, read.outcome)
    return (
        ReadOutcome.UNKNOWN in kinds
        and ReadOutcome.UNDER_WAY not in kinds
        and _agree(ours.ended_on, end_of(read))
        and _agree(ours.fields.started_on, read.started_on)
    )


def _is_over_already(ours: DraftRead, read: ReadFields) -> bool:
    """Tell whether a pass that a file calls open may be one that has ended since."""
    if ours.is_open or read.outcome is not ReadOutcome.UNDER_WAY:
        return False
    start, end = read.started_on, ours.ended_on
    return start is None or end is None or start <= end


def _filled(ours: DraftRead, read: ReadFields) -> ReadFields:
    fields = ours.fields
    # An open pass of a file says when one began here only if it is surely the same.
    is_same = ours.is_open or ours.ended_on is not None or _same_kind(ours, read)
    if is_same and fields.started_on is None:
        fields = _with_start(fields, read, before=ours.ended_on or end_of(read))
    if read.outcome in (ReadOutcome.UNDER_WAY, ReadOutcome.UNKNOWN):
        return fields
    if fields.outcome in (ReadOutcome.UNDER_WAY, ReadOutcome.UNKNOWN):
        fields = replace(
            fields, outcome=read.outcome, finished_source=read.finished_source
        )
    if fields.outcome is not read.outcome:
        return fields
    if fields.finished_on is None and read.finished_on is not None:
        fields = replace(
            fields,
            finished_on=read.finished_on,
            finished_source=read.finished_source,
            finished_at=read.finished_at,
        )
    if fields.stopped_on is None and read.stopped_on is not None:
        fields = replace(fields, stopped_on=read.stopped_on)
    return fields


def _with_start(
    fields: ReadFields, read: ReadFields, *, before: date | None
) -> ReadFields:
    if read.started_on is None or not _in_order(read.started_on, before):
        return fields
    source = read.started_source or source_of(read.started_on)
    return replace(fields, started_on=read.started_on, started_source=source)


def _differences(ours: ReadFields, read: ReadFields) -> Iterable[Difference]:
    for name in ("started_on", "finished_on", "stopped_on"):
        mine, theirs = getattr(ours, name), getattr(read, name)
        if None not in (mine, theirs) and mine != theirs:
            yield Difference(name, mine.isoformat(), theirs.isoformat())


def _contradicts(read: ReadFields, known: Sequence[DraftRead]) -> bool:
    """Tell whether a pass without days says otherwise than what is known already."""
    if _is_dated(read) or read.outcome is not ReadOutcome.STOPPED:
        return False
    return any(one.fields.outcome is ReadOutcome.FINISHED for one in known)
