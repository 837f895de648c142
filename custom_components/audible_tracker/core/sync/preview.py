"""What a first sync would make of a library, before anything is created."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..kinds import SyncType
from ..models import AudibleTitle
from ..store.database import Store
from ..store.records import AccountId, ReaderId, TrackedAccount
from .applying import Answer, Method, plan_answer
from .event_ids import EventIds
from .library import compare_library, lacks_name
from .plan import SyncPlan
from .rules import Rules, is_book
from .snapshot import Remote

_NOBODY_YET = AccountId(0)
_NO_READER_YET = ReaderId(0)


@dataclass(frozen=True, slots=True)
class FirstSyncPreview:
    """Counts of titles. ``joined`` are books already there, ``conflicts`` need you.

    ``twice`` are further titles of books that are created, ``nameless`` wait until
    Audible sends their names, of ``known`` nothing is new: all six are the books.
    ``finished`` and ``under_way`` are counted among the books, too.
    """

    titles: int
    books: int
    not_books: int
    finished: int
    under_way: int
    joined: int = 0
    created: int = 0
    twice: int = 0
    nameless: int = 0
    known: int = 0
    conflicts: int = 0


async def preview_first_sync(
    store: Store,
    titles: Sequence[AudibleTitle],
    *,
    reader_id: ReaderId | None,
    rules: Rules,
    now: datetime,
) -> FirstSyncPreview:
    """Plan a first sync for a reader, or for one who is new; nothing is written.

    Positions are not asked for yet, so that more may turn out to be under way.
    """
    account = _account(reader_id or _NO_READER_YET, now)
    remote = Remote(SyncType.LIBRARY, now, titles=tuple(titles), is_complete=True)
    difference = await asyncio.to_thread(compare_library, {}, remote)
    answer = Answer(account, {}, remote, difference)
    method = Method(rules, EventIds(), lambda: now)
    async with store.reading() as connection:
        plan = await plan_answer(connection, store, answer, method)
    return _counted(titles, plan)


def _counted(titles: Sequence[AudibleTitle], plan: SyncPlan) -> FirstSyncPreview:
    changes = plan.changes
    books = [title for title in titles if is_book(title)]
    asins = {title.asin for title in books}
    links = {
        link.fields.asin: link for link in changes.links if link.fields.asin in asins
    }
    created = len(changes.new_books)
    twice = sum(link.new_book is not None for link in links.values()) - created
    joined = sum(link.fields.book_id is not None for link in links.values())
    conflicts = len(changes.conflicts)
    nameless = sum(
        lacks_name(title)
        and (link := links.get(title.asin)) is not None
        and link.new_book is None
        and link.fields.book_id is None
        for title in books
    )
    finished = [title for title in books if title.is_finished is True]
    return FirstSyncPreview(
        titles=len(titles),
        books=len(books),
        not_books=len(titles) - len(books),
        finished=len(finished),
        under_way=sum(
            title.is_finished is not True and bool(title.percent_complete)
            for title in books
        ),
        joined=joined,
        created=created,
        conflicts=conflicts,
        twice=twice,
        nameless=nameless,
        known=len(books) - joined - created - conflicts - twice - nameless,
    )


def _account(reader_id: ReaderId, now: datetime) -> TrackedAccount:
    return TrackedAccount(
        account_id=_NOBODY_YET,
        customer_id="",
        marketplace="",
        name="",
        email=None,
        default_reader_id=reader_id,
        enabled=True,
        auto_sync_progress=True,
        sync_interval_minutes=60,
        last_sync_at=None,
        sync_count_today=0,
        sync_count_on=None,
        wait_until=None,
        wait_reason=None,
        state_token=None,
        created_at=now,
    )
