"""Pure: stored and remote values in, everything that one sync changes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from ..kinds import SyncStatus, SyncType
from ..models import Asin, Position
from ..store.changes import Changes, NotedSync
from ..store.records import AccountId, SyncLogFields
from .describe import describe
from .draft import Draft
from .library import LibraryDifference, moved_positions
from .rules import Rules
from .snapshot import MatchDecision, Remote, Stored
from .title_plans import Household, TitlePlanner
from .tracker_events import EventMaker, NewEventId

_USUAL_RULES: Final = Rules()


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What one sync changes. As text it is what a dry run shows.

    ``changes.log.duration_ms`` is 0 until the sync is over. ``ask_again`` are titles
    that Audible sent without a name.
    """

    changes: Changes
    ask_again: tuple[Asin, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changes but the log."""
        changes = self.changes
        parts: tuple[tuple[object, ...], ...] = (
            changes.titles,
            changes.removed,
            changes.positions,
            changes.new_books,
            changes.changed_books,
            changes.links,
            changes.reads,
            changes.ledger,
            changes.conflicts,
            changes.closed_conflicts,
            changes.events,
        )
        return not any(parts)

    def __str__(self) -> str:
        """Return the dry run's text; it names titles and belongs in no log."""
        return describe(self.changes, self.ask_again)


def plan_sync(
    stored: Stored,
    remote: Remote,
    difference: LibraryDifference,
    *,
    decisions: Mapping[Asin, MatchDecision],
    now: datetime,
    time_zone: tzinfo,
    new_event_id: NewEventId,
    rules: Rules = _USUAL_RULES,
) -> SyncPlan:
    """Plan one sync of an account, or one poll of positions.

    ``difference`` is that of the two (``compare_library``). ``decisions`` has what
    matching says of the titles that ``titles_to_match`` names. ``time_zone`` is Home
    Assistant's: days are its days. Processor work: with many changed titles it belongs
    off the event loop.
    """
    events = EventMaker(stored.account.account_id, now, new_event_id)
    household = Household(rules, time_zone, decisions)
    planner = TitlePlanner(stored, remote, household, events)
    positions = _plan_titles(planner, stored, remote, difference)
    changes = _changes_of(
        planner.draft,
        account_id=stored.account.account_id,
        removed=difference.removed,
        positions=positions,
        log=_log(stored, remote, planner.draft, difference),
        noted=_noted(remote, now, time_zone),
    )
    return SyncPlan(changes, difference.ask_again)


def _plan_titles(
    planner: TitlePlanner,
    stored: Stored,
    remote: Remote,
    difference: LibraryDifference,
) -> tuple[Position, ...]:
    """Plan all titles that anything is new of; return the positions that are."""
    titles = (*difference.new, *difference.changed)
    for title in titles:
        planner.see(title, is_reappeared=title.asin in difference.reappeared)
    seen = {title.asin for title in titles}
    positions = _positions(stored, remote, seen)
    again = sorted(remote.match_again & stored.previous.keys())
    for asin in dict.fromkeys((*(place.asin for place in positions), *again)):
        if asin not in seen and asin not in difference.removed:
            planner.move(asin)
    for asin in difference.removed:
        planner.lose(asin)
    return positions


def _changes_of(
    draft: Draft,
    *,
    account_id: AccountId,
    removed: tuple[Asin, ...],
    positions: tuple[Position, ...],
    log: SyncLogFields,
    noted: NotedSync | None,
) -> Changes:
    return Changes(
        account_id=account_id,
        log=log,
        noted=noted,
        titles=tuple(draft.titles),
        removed=removed,
        positions=positions,
        new_books=draft.books.new(),
        changed_books=draft.books.changed(),
        links=tuple(draft.links.values()),
        reads=tuple(draft.reads),
        ledger=tuple(draft.ledger),
        conflicts=tuple(draft.conflicts),
        closed_conflicts=tuple(draft.closed),
        events=tuple(draft.events),
    )


def _positions(stored: Stored, remote: Remote, seen: set[Asin]) -> tuple[Position, ...]:
    """Return the positions that are news, of titles that are in the library."""
    moved = moved_positions(stored.known, remote.positions.values())
    return tuple(
        position
        for position in moved
        if position.asin in stored.known or position.asin in seen
    )


def _log(
    stored: Stored, remote: Remote, draft: Draft, difference: LibraryDifference
) -> SyncLogFields:
    return SyncLogFields(
        account_id=stored.account.account_id,
        sync_type=remote.sync_type,
        status=SyncStatus.SUCCESS,
        started_at=remote.started_at,
        duration_ms=0,
        titles_seen=len(remote.titles),
        titles_new=len(difference.new),
        titles_changed=len(draft.titles) - len(difference.new),
        titles_removed=len(difference.removed),
        positions_moved=len(draft.ledger),
        links_made=draft.links_made,
        conflicts_made=len(draft.conflicts),
        books_made=len(draft.books.new()),
        details={
            "ask_again": len(difference.ask_again),
            "is_answer_suspicious": difference.is_suspicious,
            "events": len(draft.events),
        },
    )


def _noted(remote: Remote, now: datetime, time_zone: tzinfo) -> NotedSync | None:
    if remote.sync_type is not SyncType.LIBRARY:
        return None
    today = now.astimezone(time_zone).date()
    return NotedSync(now, today, remote.requests, remote.state_token)
