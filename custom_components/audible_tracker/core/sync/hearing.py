"""A place that a player of the house tells, followed as one of Audible's is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import SyncType
from ..models import AudibleTitle, Chapter, Position
from ..store.books import change_books, load_some_books
from ..store.events import add_events
from ..store.history import add_to_ledger, load_furthest
from ..store.links import save_links
from ..store.listening_days import add_heard_at_home
from ..store.reads import add_reads, change_reads, load_reads_of_link
from ..store.records import (
    LedgerEntry,
    Link,
    LinkFields,
    LinkState,
    ReadFields,
    TrackedAccount,
    TrackerEvent,
)
from ..store.titles import load_title_of
from .draft import Draft
from .linking import Linking
from .look import Look, Playing, heard_before, not_to_come
from .rules import Heard, Rules, heard_of
from .snapshot import Remote, Stored
from .title_plans import Household, TitlePlanner
from .tracker_events import EventMaker

_TOLD_EVERY: Final = timedelta(minutes=2)
"""A player that plays tells its place so often at least; in between it rested."""

_LEAST_HEARD_MS: Final = 20_000
"""A player tells its place every minute; at the lowest speed half of it was heard."""


@dataclass(frozen=True, slots=True)
class HeardHere:
    """What a player tells. ``runtime_ms`` is the length of what it plays, if known."""

    position: Position
    playing: Playing
    chapters: Sequence[Chapter] = ()
    runtime_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """By what it is judged what a place begins and ends, and who makes the events."""

    rules: Rules
    time_zone: tzinfo
    events: EventMaker

    @property
    def now(self) -> datetime:
        """Return when it is judged."""
        return self.events.now


def is_news(link: LinkFields, position: Position) -> bool:
    """Tell whether a place is newer than what is known: it may be told twice."""
    known_at = link.last_position_at
    return known_at is None or position.updated_at > known_at


def heard_ms(before: Heard, now: Heard, *, since: datetime | None) -> int:
    """Return how long somebody listened between two places that a player told.

    It is the time that passed while it played (``since``), and no more than the place
    moved: neither a leap nor a pause was heard.
    """
    began = [at for at in (before.at, since) if at is not None]
    if not began or now.at is None:
        return 0
    passed = min(now.at - max(began), _TOLD_EVERY) // timedelta(milliseconds=1)
    moved_ms = (now.position_ms or 0) - (before.position_ms or 0)
    return max(0, min(passed, moved_ms))


async def follow_heard(
    connection: AsyncConnection,
    account: TrackedAccount,
    link: Link,
    heard: HeardHere,
    judge: Judge,
) -> tuple[TrackerEvent, ...]:
    """Write a place down with what it begins, reaches and ends; return the new events.

    The plan is the one of a sync, for one title and without a log. ``link`` is that of
    whoever hears it, as it was before.
    """
    reads = await load_reads_of_link(connection, link.link_id)
    stored = await _stored(connection, account, link, heard)
    state = LinkState(link, None, None, reads[-1] if reads else None)
    look = _look(stored, state, heard, judge.now)
    planner = TitlePlanner(
        stored,
        Remote(SyncType.POSITIONS, judge.now),
        Household(
            replace(judge.rules, least_heard_ms=_LEAST_HEARD_MS), judge.time_zone, {}
        ),
        judge.events,
    )
    planner.hear(look)
    if listened_ms := heard_ms(look.before, look.now, since=heard.playing.since):
        await add_heard_at_home(
            connection,
            account.account_id,
            link.fields.reader_id,
            heard.position.updated_at.astimezone(judge.time_zone).date(),
            listened_ms,
            now=judge.now,
        )
    return await _keep(connection, planner.draft, link, judge.now)


async def _stored(
    connection: AsyncConnection,
    account: TrackedAccount,
    link: Link,
    heard: HeardHere,
) -> Stored:
    asin, book_id = link.fields.asin, link.fields.book_id
    title = await load_title_of(connection, account.account_id, link.fields)
    if heard.runtime_ms is not None:
        # Audible's is rounded to minutes, where it is known at all.
        title = replace(title, runtime_ms=heard.runtime_ms)
    return Stored(
        account=account,
        previous={asin: title},
        books=await load_some_books(connection, () if book_id is None else (book_id,)),
        chapters={asin: tuple(heard.chapters)},
        furthest=await load_furthest(connection, (link.link_id,)),
    )


def _look(stored: Stored, state: LinkState, heard: HeardHere, now: datetime) -> Look:
    fields = state.link.fields
    title = stored.previous[fields.asin]
    known = not_to_come(heard_before(fields), has_news=True, now=now)
    is_baseline = stored.account.last_sync_at is None
    return Look(
        title=title,
        state=state,
        linking=Linking(fields),
        before=known,
        now=_heard(title, heard.position, known),
        since=None if is_baseline else state.link.first_seen_at,
        playing=heard.playing,
    )


def _heard(title: AudibleTitle, position: Position, known: Heard) -> Heard:
    """Return where listening stands; the finished flag is Audible's to raise."""
    now = heard_of(title, position, known, previous=title)
    return replace(now, is_finished=known.is_finished)


async def _keep(
    connection: AsyncConnection, draft: Draft, link: Link, now: datetime
) -> tuple[TrackerEvent, ...]:
    await change_books(connection, draft.books.changed(), now=now)
    links = [change.fields for change in draft.links.values()]
    await save_links(connection, links, now=now)
    for change in draft.reads:
        read = _read(change.fields, link)
        if change.read_id is None:
            await add_reads(connection, (read,), now=now)
        else:
            await change_reads(connection, ((change.read_id, read),), now=now)
    entries = (
        LedgerEntry(
            link_id=link.link_id,
            position_ms=change.position_ms,
            percentage=change.percentage,
            is_finished=change.is_finished,
            source=change.source,
            sync_log_id=None,
            actor=change.actor,
            heard_at=change.heard_at,
            recorded_at=now,
        )
        for change in draft.ledger
    )
    await add_to_ledger(connection, entries)
    events = [change.event for change in draft.events]
    added = await add_events(connection, events)
    return tuple(event for event in events if event.event_id in added)


def _read(fields: ReadFields, link: Link) -> ReadFields:
    return replace(fields, link_id=link.link_id, book_id=link.fields.book_id)
