"""How an account's syncs went lately, and how sure its links are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import SyncStatus
from .records import AccountId
from .schema import LINKS, SYNC_LOGS

_DAY: Final = timedelta(days=1)
_DURATIONS_DAYS: Final = 7
_ENDED: Final = (SyncStatus.SUCCESS, SyncStatus.FAILED)


@dataclass(frozen=True, slots=True)
class SyncFigures:
    """Shares are 0.0 to 1.0; None where nothing ended, or nothing was matched."""

    success_share_24h: float | None
    mean_duration_ms_7d: float | None
    mean_confidence: float | None


def _since(name: str) -> Any:
    return bindparam(name, type_=SYNC_LOGS.c.started_at.type)


_LATELY: Final = select(
    func.count().filter(
        SYNC_LOGS.c.started_at >= _since("day_ago"),
        SYNC_LOGS.c.status == SyncStatus.SUCCESS,
    ),
    func.count().filter(
        SYNC_LOGS.c.started_at >= _since("day_ago"), SYNC_LOGS.c.status.in_(_ENDED)
    ),
    func.avg(SYNC_LOGS.c.duration_ms).filter(
        SYNC_LOGS.c.status == SyncStatus.SUCCESS,
    ),
).where(
    SYNC_LOGS.c.account_id == bindparam("wanted_account"),
    SYNC_LOGS.c.started_at >= _since("days_ago"),
)
_CONFIDENCE: Final = select(func.avg(LINKS.c.match_confidence)).where(
    LINKS.c.account_id == bindparam("wanted_account"), LINKS.c.book_id.is_not(None)
)


async def load_sync_figures(
    connection: AsyncConnection, account_id: AccountId, *, now: datetime
) -> SyncFigures:
    """Return an account's figures up to an instant. Two statements."""
    wanted = {
        "wanted_account": account_id,
        "day_ago": now - _DAY,
        "days_ago": now - _DURATIONS_DAYS * _DAY,
    }
    succeeded, ended, mean_ms = (await connection.execute(_LATELY, wanted)).one()
    confidence = await connection.scalar(_CONFIDENCE, {"wanted_account": account_id})
    return SyncFigures(
        success_share_24h=succeeded / ended if ended else None,
        mean_duration_ms_7d=_number(mean_ms),
        mean_confidence=_number(confidence),
    )


def _number(value: Any) -> float | None:
    # PostgreSQL's mean of whole numbers is a decimal.
    return None if value is None else float(value)
