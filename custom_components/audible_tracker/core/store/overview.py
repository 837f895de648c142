"""An account's counts, and the titles under way with where they stand."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Row,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import ReadOutcome
from ..models import AudibleTitle, Chapter
from ..progress import chapter_at
from .links import IS_TAKEN
from .records import (
    AccountId,
    BookId,
    LinkId,
    ReaderId,
    SyncSetting,
)
from .schema import BOOKS, CONFLICTS, LINKS, READS, TITLES
from .statements import columns_of

UNDER_WAY_MAX: Final = 25
"""No more titles are shown and followed at once: their positions fit in one request."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A title that is being heard. None means unknown, never zero.

    ``percentage`` is 0.0 to 100.0; ``chapters`` is None until they were asked for and
    empty where Audible has none.
    """

    link_id: LinkId
    reader_id: ReaderId
    book_id: BookId | None
    title: AudibleTitle
    position_ms: int | None
    percentage: float | None
    moved_at: datetime
    chapters: tuple[Chapter, ...] | None
    page_count: int | None
    current_page: int | None
    setting: SyncSetting
    asked_at: datetime | None
    started_on: date | None = None

    @property
    def chapter(self) -> Chapter | None:
        """Return the chapter of the position."""
        if self.position_ms is None:
            return None
        return chapter_at(self.chapters or (), self.position_ms)

    @property
    def rest_ms(self) -> int | None:
        """Return what is left to hear at normal speed."""
        runtime_ms = self.title.runtime_ms
        if runtime_ms is None:
            return None
        if self.position_ms is not None:
            return max(0, runtime_ms - self.position_ms)
        if self.percentage is None:
            return None
        return round(runtime_ms * (100.0 - self.percentage) / 100.0)


@dataclass(frozen=True, slots=True)
class AccountCounts:
    """How many titles an account has, and how many of them are what."""

    titles: int
    finished: int
    without_runtime: int
    unmatched: int
    conflicts_open: int


_WANTED: Final[BindParameter[int]] = bindparam("wanted_account")
_IN_LIBRARY: Final = and_(TITLES.c.account_id == _WANTED, TITLES.c.removed_at.is_(None))
_OF_ACCOUNT: Final = LINKS.c.account_id == _WANTED
_COUNTS: Final = select(
    select(func.count()).select_from(TITLES).where(_IN_LIBRARY).scalar_subquery(),
    select(func.count())
    .select_from(TITLES)
    .where(_IN_LIBRARY, TITLES.c.is_finished.is_(true()))
    .scalar_subquery(),
    select(func.count())
    .select_from(TITLES)
    .where(_IN_LIBRARY, TITLES.c.runtime_ms.is_(None))
    .scalar_subquery(),
    select(func.count())
    .select_from(LINKS)
    .where(_OF_ACCOUNT, LINKS.c.book_id.is_(None), LINKS.c.is_ignored.is_(false()))
    .scalar_subquery(),
    select(func.count())
    .select_from(CONFLICTS.join(LINKS, LINKS.c.id == CONFLICTS.c.link_id))
    .where(_OF_ACCOUNT, CONFLICTS.c.resolved.is_(false()))
    .scalar_subquery(),
)

_NEWEST: Final = READS.alias("newest")
_NEWEST_READ: Final = (
    select(func.max(_NEWEST.c.id))
    .where(_NEWEST.c.link_id == LINKS.c.id)
    .scalar_subquery()
)
# Titles that are no books have no reads: their own flag says when they are over.
_IS_HEARD: Final = or_(
    READS.c.outcome == ReadOutcome.UNDER_WAY,
    and_(
        READS.c.id.is_(None),
        LINKS.c.is_finished.is_not(true()),
        or_(LINKS.c.last_position_ms > 0, LINKS.c.last_percentage > 0),
    ),
)
# What was finished and then went back to its beginning: it may be heard again.
_IS_RESTARTED: Final = LINKS.c.restarted_at >= bindparam(
    "restarted_since", type_=LINKS.c.restarted_at.type
)
_MOVED_LATELY: Final = (
    select(
        LINKS.c.id,
        LINKS.c.reader_id,
        LINKS.c.book_id,
        LINKS.c.last_position_ms,
        LINKS.c.last_percentage,
        LINKS.c.last_position_at,
        TITLES.c.chapters,
        BOOKS.c.page_count,
        BOOKS.c.current_page,
        TITLES.c.asked_at,
        READS.c.started_on,
        *columns_of(LINKS, SyncSetting),
        *columns_of(TITLES, AudibleTitle),
    )
    .join(
        TITLES,
        and_(TITLES.c.account_id == LINKS.c.account_id, TITLES.c.asin == LINKS.c.asin),
    )
    .outerjoin(BOOKS, BOOKS.c.id == LINKS.c.book_id)
    .outerjoin(READS, READS.c.id == _NEWEST_READ)
    .where(
        _OF_ACCOUNT,
        LINKS.c.removed_at.is_(None),
        LINKS.c.is_ignored.is_(false()),
        LINKS.c.last_position_at
        >= bindparam("since", type_=LINKS.c.last_position_at.type),
        ~IS_TAKEN,
    )
    .order_by(LINKS.c.last_position_at.desc(), LINKS.c.id)
    .limit(bindparam("at_most"))
)
_UNDER_WAY: Final = _MOVED_LATELY.where(_IS_HEARD)
_POLLED: Final = _MOVED_LATELY.where(or_(_IS_HEARD, _IS_RESTARTED))
_SETTING_FROM: Final = 11
_FACTS_FROM: Final = 13


async def load_under_way(
    connection: AsyncConnection,
    account_id: AccountId,
    *,
    since: datetime,
    at_most: int = UNDER_WAY_MAX,
) -> tuple[UnderWay, ...]:
    """Return what was heard since an instant and is not over, newest first."""
    wanted = {"wanted_account": account_id, "since": since, "at_most": at_most}
    rows = await connection.execute(_UNDER_WAY, wanted)
    return tuple(_under_way(row) for row in rows)


async def load_polled(
    connection: AsyncConnection,
    account_id: AccountId,
    *,
    since: datetime,
    restarted_since: datetime,
) -> tuple[UnderWay, ...]:
    """Return what is under way, and what is finished and seems to be heard again."""
    wanted = {
        "wanted_account": account_id,
        "since": since,
        "restarted_since": restarted_since,
        "at_most": UNDER_WAY_MAX,
    }
    rows = await connection.execute(_POLLED, wanted)
    return tuple(_under_way(row) for row in rows)


async def load_counts(
    connection: AsyncConnection, account_id: AccountId
) -> AccountCounts:
    """Return an account's counts. One statement."""
    row = (await connection.execute(_COUNTS, {"wanted_account": account_id})).one()
    return AccountCounts(*row)


def _under_way(row: Row[Any]) -> UnderWay:
    link_id, reader_id, book_id, position_ms, percentage, moved_at = row[:6]
    chapters, page_count, current_page, asked_at, started_on = row[6:_SETTING_FROM]
    return UnderWay(
        link_id=link_id,
        reader_id=reader_id,
        book_id=book_id,
        title=AudibleTitle(*row[_FACTS_FROM:]),
        position_ms=position_ms,
        percentage=percentage,
        moved_at=moved_at,
        chapters=chapters,
        page_count=page_count,
        current_page=current_page,
        setting=SyncSetting(*row[_SETTING_FROM:_FACTS_FROM]),
        asked_at=asked_at,
        started_on=started_on,
    )
