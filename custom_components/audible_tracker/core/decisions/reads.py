"""Reads by hand: each pass through a book can be added, corrected and deleted."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, ReadUnderWayError
from ..kinds import ReadOutcome, Source
from ..store.books import load_book
from ..store.links import load_links_of_book
from ..store.reads import load_read, load_reads_of_book, load_reads_of_link
from ..store.records import Book, BookId, Read, ReadFields, ReadId
from .checking import ReadEdit, check_order, checked_day
from .journal import About, Action, note
from .recorder import Recorder
from .standing import newest_read, source_of, with_days, with_reads
from .statuses import heard_link

_OUTCOMES = (ReadOutcome.UNDER_WAY, ReadOutcome.FINISHED, ReadOutcome.STOPPED)
_NAMES = frozenset(ReadEdit.__optional_keys__)


async def list_reads(connection: AsyncConnection, book_id: BookId) -> tuple[Read, ...]:
    """Return a book's passes in the order of their days, those of none first."""
    await load_book(connection, book_id)
    reads = await load_reads_of_book(connection, book_id)
    ordered: list[Read] = []
    rest = list(reads)
    while (newest := newest_read(rest)) is not None:
        ordered.append(newest)
        rest.remove(newest)
    return tuple(reversed(ordered))


async def add_read(
    connection: AsyncConnection,
    book_id: BookId,
    edit: ReadEdit,
    *,
    actor: str | None,
    now: datetime,
) -> Read:
    """Add a pass, finished unless said otherwise; the book follows if it is the newest.

    Raises ReadUnderWayError for a second one under way.
    """
    book = await load_book(connection, book_id)
    blank = ReadFields(
        reader_id=book.fields.reader_id,
        book_id=book_id,
        link_id=None,
        outcome=ReadOutcome.FINISHED,
        started_source=source_of(None),
        source=Source.USER,
    )
    fields = _edited(blank, edit, now=now)
    if fields.outcome is ReadOutcome.UNDER_WAY:
        fields = await _as_heard(connection, book_id, fields)
    recorder = Recorder(connection, now)
    read_id = await recorder.add_read(fields)
    await _follow(connection, recorder, book, touched=read_id)
    await note(
        connection,
        Action.ADD_READ,
        _about(book, read_id),
        actor=actor,
        now=now,
        data=_told(edit),
        before=recorder.before,
    )
    return await load_read(connection, read_id)


async def edit_read(
    connection: AsyncConnection,
    read_id: ReadId,
    edit: ReadEdit,
    *,
    actor: str | None,
    now: datetime,
) -> Read:
    """Correct days and outcome of a pass; the book's own days follow the newest pass.

    Raises InvalidValueError for an end before its beginning, ReadUnderWayError for a
    second pass under way.
    """
    read = await load_read(connection, read_id)
    fields = _edited(read.fields, edit, now=now)
    if ReadOutcome.UNDER_WAY is fields.outcome is not read.fields.outcome:
        await _check_reopening(connection, read)
    recorder = Recorder(connection, now)
    was_newest = await _is_newest(connection, read)
    await recorder.change_reads(((read, fields),))
    book = await _book_of(connection, read)
    if book is not None:
        touched = None if was_newest else read_id
        keeps_status = fields.outcome is read.fields.outcome
        await _follow(
            connection, recorder, book, touched=touched, keeps_status=keeps_status
        )
    await note(
        connection,
        Action.EDIT_READ,
        _about(book, read_id),
        actor=actor,
        now=now,
        data=_told(edit),
        before=recorder.before,
    )
    return await load_read(connection, read_id)


async def delete_read(
    connection: AsyncConnection, read_id: ReadId, *, actor: str | None, now: datetime
) -> Read:
    """Delete a pass that never was; the book follows the newest that is left."""
    read = await load_read(connection, read_id)
    was_newest = await _is_newest(connection, read)
    recorder = Recorder(connection, now)
    await recorder.drop_reads((read,))
    book = await _book_of(connection, read)
    if book is not None and was_newest:
        await _follow(connection, recorder, book, touched=None)
    await note(
        connection,
        Action.DELETE_READ,
        _about(book, read_id),
        actor=actor,
        now=now,
        before=recorder.before,
    )
    return read


async def _as_heard(
    connection: AsyncConnection, book_id: BookId, fields: ReadFields
) -> ReadFields:
    """Return a pass under way as that of the title, so that syncs go on with it."""
    _refuse_second(book_id, await load_reads_of_book(connection, book_id))
    links = await load_links_of_book(connection, book_id)
    return replace(fields, link_id=heard_link(links))


def _edited(fields: ReadFields, edit: ReadEdit, *, now: datetime) -> ReadFields:
    if unknown := edit.keys() - _NAMES:
        allowed = ", ".join(sorted(_NAMES))
        raise InvalidValueError(field="field", value=min(unknown), allowed=allowed)
    outcome = _outcome(fields, edit)
    started_on = checked_day("started_on", edit.get("started_on"), now=now)
    finished_on = checked_day("finished_on", edit.get("finished_on"), now=now)
    stopped_on = checked_day("stopped_on", edit.get("stopped_on"), now=now)
    changed = replace(fields, outcome=outcome)
    if "started_on" in edit and started_on != fields.started_on:
        source = source_of(started_on)
        changed = replace(changed, started_on=started_on, started_source=source)
    if "finished_on" in edit and finished_on != fields.finished_on:
        changed = _finished(changed, edit)
    if "stopped_on" in edit:
        changed = replace(changed, stopped_on=stopped_on)
    changed = _as_outcome(changed)
    check_order(changed.started_on, changed.finished_on, "finished_on")
    check_order(changed.started_on, changed.stopped_on, "stopped_on")
    return changed


def _outcome(fields: ReadFields, edit: ReadEdit) -> ReadOutcome:
    """Return how a pass ended; a day of its end says so too."""
    if "outcome" in edit:
        if edit["outcome"] not in _OUTCOMES:
            allowed = ", ".join(_OUTCOMES)
            raise InvalidValueError(
                field="outcome", value=edit["outcome"], allowed=allowed
            )
        outcome = ReadOutcome(edit["outcome"])
    elif edit.get("finished_on") is not None:
        outcome = ReadOutcome.FINISHED
    elif edit.get("stopped_on") is not None:
        outcome = ReadOutcome.STOPPED
    else:
        outcome = fields.outcome
    for name, needed in (
        ("finished_on", ReadOutcome.FINISHED),
        ("stopped_on", ReadOutcome.STOPPED),
    ):
        if edit.get(name) is not None and outcome is not needed:
            value, allowed = str(edit.get(name)), f"no day, for the read is {outcome}"
            raise InvalidValueError(field=name, value=value, allowed=allowed)
    return outcome


def _finished(fields: ReadFields, edit: ReadEdit) -> ReadFields:
    day = edit.get("finished_on")
    # The instant was that of another day.
    return replace(
        fields, finished_on=day, finished_source=source_of(day), finished_at=None
    )


def _as_outcome(fields: ReadFields) -> ReadFields:
    """Return the pass without days that its outcome does not have."""
    if fields.outcome is ReadOutcome.FINISHED:
        source = fields.finished_source or source_of(fields.finished_on)
        return replace(fields, stopped_on=None, finished_source=source)
    fields = replace(fields, finished_on=None, finished_source=None, finished_at=None)
    if fields.outcome is ReadOutcome.UNDER_WAY:
        return replace(fields, stopped_on=None)
    return fields


async def _check_reopening(connection: AsyncConnection, read: Read) -> None:
    fields = read.fields
    if fields.book_id is not None:
        others = await load_reads_of_book(connection, fields.book_id)
        _refuse_second(fields.book_id, others)
    if fields.link_id is not None:
        of_title = await load_reads_of_link(connection, fields.link_id)
        if read.read_id != of_title[-1].read_id:
            allowed = "finished or stopped: a later read of the title exists"
            raise InvalidValueError(
                field="outcome", value=ReadOutcome.UNDER_WAY.value, allowed=allowed
            )


def _refuse_second(book_id: BookId, reads: tuple[Read, ...]) -> None:
    if any(read.fields.outcome is ReadOutcome.UNDER_WAY for read in reads):
        raise ReadUnderWayError(number=book_id)


async def _is_newest(connection: AsyncConnection, read: Read) -> bool:
    if read.fields.book_id is None:
        return False
    reads = await load_reads_of_book(connection, read.fields.book_id)
    newest = newest_read(reads)
    return newest is not None and newest.read_id == read.read_id


async def _book_of(connection: AsyncConnection, read: Read) -> Book | None:
    if read.fields.book_id is None:
        return None
    return await load_book(connection, read.fields.book_id)


async def _follow(
    connection: AsyncConnection,
    recorder: Recorder,
    book: Book,
    *,
    touched: ReadId | None,
    keeps_status: bool = False,
) -> None:
    """Let a book follow its passes; an older one that was touched moves nothing."""
    reads = await load_reads_of_book(connection, book.book_id)
    newest = newest_read(reads)
    if touched is not None and (newest is None or newest.read_id != touched):
        return
    follow = with_days if keeps_status else with_reads
    await recorder.change_book(book, follow(book.fields, reads))


def _about(book: Book | None, read_id: ReadId) -> About:
    if book is None:
        return About(read_id=read_id)
    return About(book.fields.reader_id, book_id=book.book_id, read_id=read_id)


def _told(edit: ReadEdit) -> dict[str, Any]:
    return {name: None if day is None else str(day) for name, day in edit.items()}
