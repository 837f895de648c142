"""The action that tells how syncs go, and what is under way."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.core import ServiceResponse, SupportsResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from ..coordinator import AudibleConfigEntry
from ..core.decisions.status import AccountStatus, get_status
from ..core.kinds import SyncStatus
from ..core.store.limits import DAILY_MAX, pause_end
from ..core.store.records import Reader, SyncLog
from ..core.store.statistics import CurrentRead, SyncStats
from ..core.store.sync_logs import load_import_logs
from ..persons import persons_of_readers
from .answers import Members, plain, reader_members
from .calls import ACCOUNT, Action, ActionCall
from .import_jobs import jobs_of

_IMPORTS: Final = 5


async def _async_get_status(action: ActionCall) -> ServiceResponse:
    """Return how each account's syncs go. Nobody is asked for it."""
    async with action.store.reading() as connection:
        readers = await action.async_readers(connection)
        imports = await load_import_logs(connection, limit=_IMPORTS)
        accounts: list[Any] = [
            await _async_account(action, connection, entry) for entry in action.entries
        ]
    return {
        "accounts": accounts,
        "readers": _readers(action, readers),
        "imports": [job.members() for job in jobs_of(action.hass)],
        "last_imports": [_import(log) for log in imports],
        "database": "sqlite" if action.store.is_file else "postgresql",
    }


def _import(log: SyncLog) -> Members:
    details = log.fields.details
    return {
        "import_id": log.sync_log_id,
        "file_name": details.get("file_name"),
        "format": details.get("format"),
        "actor": details.get("actor"),
        "counts": details.get("counts", {}),
        "started_at": plain(log.fields.started_at),
        "is_undone": log.fields.status is SyncStatus.UNDONE,
    }


async def _async_account(
    action: ActionCall, connection: AsyncConnection, entry: AudibleConfigEntry
) -> Members:
    status = await get_status(
        connection,
        entry.runtime_data.account_id,
        now=action.now,
        time_zone=action.store.time_zone,
        jitter=entry.runtime_data.coordinator.jitter,
    )
    default = status.account.default_reader_id
    hidden = await action.caller.async_hidden()
    shown = [one for one in status.readers if one.reader_id not in hidden]
    readers = [
        members | {"is_default": reader.reader_id == default}
        for reader, members in zip(shown, _readers(action, shown), strict=True)
    ]
    return {
        "config_entry_id": entry.entry_id,
        "account": entry.title,
        "marketplace": status.account.marketplace,
        **_schedule(action, status),
        **_figures(status.stats),
        "active_readers": len({one.reader_id for one in status.reading}),
        "readers": readers,
        "reading": [
            _reading(one) for one in status.reading if one.reader_id not in hidden
        ],
        "pending_writes": status.positions_waiting,
        "position_questions": len(status.questions),
    }


def _readers(action: ActionCall, readers: Iterable[Reader]) -> list[Any]:
    persons = persons_of_readers(action.hass)
    return [reader_members(reader, persons) for reader in readers]


def _schedule(action: ActionCall, status: AccountStatus) -> Members:
    account, log = status.account, status.last_log
    is_waiting = pause_end(account, now=action.now) is not None
    return {
        "enabled": account.enabled,
        "auto_sync": account.auto_sync_progress,
        "sync_interval_minutes": account.sync_interval_minutes,
        "last_sync_at": plain(account.last_sync_at),
        "last_log": {
            "type": log.fields.sync_type.value,
            "status": log.fields.status.value,
            "error": log.fields.error_key,
            "started_at": plain(log.fields.started_at),
            "duration_ms": log.fields.duration_ms,
        }
        if log is not None
        else None,
        "next_sync_at": plain(status.next_sync.at),
        # None: it is due, and only waits for its turn.
        "next_sync_reason": plain(status.next_sync.reason),
        "waiting_for": account.wait_reason if is_waiting else None,
        "requests_today": status.syncs_today,
        "requests_daily_max": DAILY_MAX,
    }


def _figures(stats: SyncStats) -> Members:
    matched = stats.confidence_certain + stats.confidence_high + stats.confidence_low
    return {
        "last_success_at": plain(stats.succeeded_at),
        "last_failure_at": plain(stats.failed_at),
        "success_share_24h": stats.success_share_24h,
        "mean_duration_ms_7d": stats.mean_duration_ms_7d,
        "titles_active": stats.titles_active,
        "titles_removed": stats.titles_removed,
        "titles_unlinked": stats.unlinked,
        "conflicts_open": stats.conflicts_open,
        "links": stats.links_made,
        "confidence": {
            "certain": stats.confidence_certain,
            "high": stats.confidence_high,
            "low": stats.confidence_low,
            "created": stats.links_made - matched,
            "confirmed": stats.links_confirmed,
        },
    }


def _reading(read: CurrentRead) -> Members:
    return {
        "reader": read.reader_name,
        "asin": read.asin,
        "title": read.title,
        "book_id": read.book_id,
        "position_ms": read.position_ms,
        "runtime_ms": read.runtime_ms,
        "percent_complete": read.percentage,
        "current_page": read.current_page,
        "page_count": read.page_count,
        "last_heard_at": plain(read.position_at),
        "started_on": plain(read.started_on),
    }


GET_STATUS: Final = Action(_async_get_status, ACCOUNT, SupportsResponse.ONLY)
