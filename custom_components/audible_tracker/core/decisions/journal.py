"""The journal of decisions: who decided what, when, and what was there before.

Its rows are log rows of type USER. They belong to no account, so that they count in no
account's figures, and are kept as long as all log rows are.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import SyncStatus, SyncType
from ..models import Asin
from ..store.records import (
    BookId,
    ConflictId,
    LinkId,
    ReaderId,
    ReadId,
    SyncLog,
    SyncLogFields,
    SyncLogId,
)
from ..store.sync_logs import (
    DecisionsWanted,
    add_sync_log,
    load_decision_logs,
    set_log_status,
)


class Action(StrEnum):
    """What a person can decide; the values are stored and never change."""

    RESOLVE_CONFLICT = "resolve_conflict"
    LINK_BOOK = "link_book"
    UNLINK_BOOK = "unlink_book"
    CREATE_BOOK = "create_book"
    IGNORE_TITLE = "ignore_title"
    UNDO = "undo"
    TAKE_TITLE = "take_title"
    GIVE_BACK = "give_back"
    SET_SYNC_ENABLED = "set_sync_enabled"
    SET_SYNC_INTERVAL = "set_sync_interval"
    SET_POSITION = "set_position"
    ANSWER_POSITION_QUESTION = "answer_position_question"
    ADD_BOOK = "add_book"
    EDIT_BOOK = "edit_book"
    RATE_BOOK = "rate_book"
    SET_BOOK_STATUS = "set_book_status"
    MERGE_BOOKS = "merge_books"
    DELETE_BOOK = "delete_book"
    ADD_READ = "add_read"
    EDIT_READ = "edit_read"
    DELETE_READ = "delete_read"
    SET_DEFAULT_READER = "set_default_reader"
    SET_GOAL = "set_goal"
    CLEAR_GOAL = "clear_goal"


@dataclass(frozen=True, slots=True)
class About:
    """What a decision is about; None where it is about no such thing."""

    reader_id: ReaderId | None = None
    asin: Asin | None = None
    link_id: LinkId | None = None
    book_id: BookId | None = None
    read_id: ReadId | None = None
    conflict_id: ConflictId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the journal; ``actor`` is None where nobody knows who it was.

    ``before`` is what the rows were, where that can be brought back.
    """

    sync_log_id: SyncLogId
    decided_at: datetime
    action: Action
    actor: str | None
    about: About
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
    before: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_undone: bool = False


async def note(
    connection: AsyncConnection,
    action: Action,
    about: About,
    *,
    actor: str | None,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> SyncLogId:
    """Write a decision down and return its number."""
    known = {name: value for name, value in asdict(about).items() if value is not None}
    told, steps = dict(data or {}), dict(before or {})
    details: dict[str, Any] = {"action": action.value, "actor": actor, "about": known}
    if told:
        details["data"] = told
    if steps:
        details["before"] = steps
    log = SyncLogFields(
        account_id=None,
        sync_type=SyncType.USER,
        status=SyncStatus.SUCCESS,
        started_at=now,
        duration_ms=0,
        links_made=int("links" in steps and told.get("book_id") is not None),
        books_made=sum(step["before"] is None for step in steps.get("books", ())),
        details=details,
    )
    return await add_sync_log(connection, log)


async def load_decisions(
    connection: AsyncConnection, wanted: DecisionsWanted, *, limit: int
) -> tuple[Decision, ...]:
    """Return the newest of the decisions that are wanted, newest first."""
    logs = await load_decision_logs(connection, wanted, limit=limit)
    return tuple(map(_decision, logs))


async def heir_of(connection: AsyncConnection, book_id: BookId) -> BookId | None:
    """Return the book that one has become by merging, step by step; None if none."""
    heir: BookId | None = None
    # Numbers are never used again, so that no chain comes back to its beginning.
    while True:
        wanted = DecisionsWanted(
            actions=(Action.MERGE_BOOKS.value,),
            dropped_book=heir or book_id,
            is_standing=True,
        )
        found = await load_decisions(connection, wanted, limit=1)
        if not found:
            return heir
        heir = found[0].about.book_id


async def mark_undone(connection: AsyncConnection, decision: Decision) -> None:
    """Note that a decision was taken back; its row stays."""
    await set_log_status(connection, decision.sync_log_id, SyncStatus.UNDONE)


def _decision(log: SyncLog) -> Decision:
    details = log.fields.details
    return Decision(
        sync_log_id=log.sync_log_id,
        decided_at=log.fields.started_at,
        action=Action(details["action"]),
        actor=details.get("actor"),
        about=About(**details.get("about", {})),
        data=details.get("data", {}),
        before=details.get("before", {}),
        is_undone=log.fields.status is SyncStatus.UNDONE,
    )
