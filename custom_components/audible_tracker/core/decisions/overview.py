"""One account at a glance: all that its entities show."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Release, Wish
from ..store.accounts import load_account
from ..store.overview import UnderWay, load_counts, load_under_way
from ..store.readers import load_listeners
from ..store.records import AccountId, Reader, ReaderId, TrackedAccount, UpNext
from ..store.releases import load_releases
from ..store.sync_figures import SyncFigures, load_sync_figures
from ..store.up_next import load_up_next
from ..store.wishlist import load_wishes
from ..sync.health import SyncHealth, health_of
from ..sync.limits import allowed_from
from .figures import KeptFigures, ReaderFigures


@dataclass(frozen=True, slots=True)
class ReaderOverview:
    """What is shown of one reader. ``under_way`` has the newest first."""

    reader: Reader
    under_way: tuple[UnderWay, ...]
    figures: ReaderFigures
    up_next: tuple[UpNext, ...]

    @property
    def reading_now(self) -> UnderWay | None:
        """Return what was heard last, of what is under way."""
        return self.under_way[0] if self.under_way else None


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """What is shown of an account.

    ``under_way`` has the newest first; ``readers`` has the default reader first, the
    others by name, and is never empty.
    """

    account: TrackedAccount
    titles: int
    finished: int
    without_runtime: int
    unmatched: int
    conflicts_open: int
    under_way: tuple[UnderWay, ...]
    health: SyncHealth
    sync_allowed_from: datetime | None
    syncs: SyncFigures
    wishes: tuple[Wish, ...]
    releases: tuple[Release, ...]
    readers: tuple[ReaderOverview, ...]

    def reader(self, reader_id: ReaderId) -> ReaderOverview | None:
        """Return what is shown of a reader; None for one who is not of the account."""
        return next(
            (one for one in self.readers if one.reader.reader_id == reader_id), None
        )


async def load_overview(
    connection: AsyncConnection,
    account_id: AccountId,
    *,
    since: datetime,
    now: datetime,
    time_zone: tzinfo,
    figures: KeptFigures,
) -> AccountOverview:
    """Return an account at a glance; under way is what was heard since an instant."""
    account = await load_account(connection, account_id)
    counts = await load_counts(connection, account_id)
    under_way = await load_under_way(connection, account_id, since=since)
    readers = [
        ReaderOverview(
            reader,
            tuple(one for one in under_way if one.reader_id == reader.reader_id),
            await figures.load(
                connection, reader.reader_id, now=now, time_zone=time_zone
            ),
            await load_up_next(connection, reader.reader_id),
        )
        for reader in await _readers(connection, account)
    ]
    return AccountOverview(
        account=account,
        titles=counts.titles,
        finished=counts.finished,
        without_runtime=counts.without_runtime,
        unmatched=counts.unmatched,
        conflicts_open=counts.conflicts_open,
        under_way=under_way,
        health=health_of(account, now=now, time_zone=time_zone),
        sync_allowed_from=allowed_from(account, now=now, time_zone=time_zone),
        syncs=await load_sync_figures(connection, account_id, now=now),
        wishes=await load_wishes(connection, account_id),
        releases=await load_releases(connection, account_id),
        readers=tuple(readers),
    )


async def _readers(
    connection: AsyncConnection, account: TrackedAccount
) -> list[Reader]:
    readers = await load_listeners(connection, account.account_id)
    return sorted(readers, key=lambda one: one.reader_id != account.default_reader_id)
