"""What a person decides in the repair of titles, and takes back again."""

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.util import dt as dt_util

from ..coordinator import AudibleConfigEntry, AudibleRuntimeData
from ..core.decisions.conflicts import (
    BULK_MAX,
    resolve_all,
    resolve_conflict,
    undo_resolution,
)
from ..core.decisions.settling import Choice
from ..core.errors import (
    AccountUnloadedError,
    NothingToUndoError,
    NotInStoreError,
    TrackerError,
)
from ..core.store.records import ConflictId, ReaderId

ACTOR: Final = "repairs"

REST_ACCEPTED_FROM: Final = 0.75
"""Who leaves the rest to us wants the one book that is likelier than not by far.

It is also what is chosen already; where there is none, or more than one, nothing is.
"""


class ConflictDecisions:
    """The decisions of one dialog; the last one can be undone, then the one before."""

    def __init__(self, entry: AudibleConfigEntry) -> None:
        """Begin with none."""
        self._entry = entry
        self._done: list[list[ConflictId]] = []

    def __len__(self) -> int:
        """Return how many titles are decided."""
        return sum(len(numbers) for numbers in self._done)

    @property
    def is_loaded(self) -> bool:
        """Tell whether the account is at work."""
        return self._entry.state is ConfigEntryState.LOADED

    @property
    def runtime(self) -> AudibleRuntimeData:
        """Return what the account is at work with; raise AccountUnloadedError."""
        if not self.is_loaded:
            raise AccountUnloadedError
        return self._entry.runtime_data

    async def async_decide(self, conflict_id: ConflictId, choice: Choice) -> None:
        """Decide about one title. Raises TrackerError."""
        async with self.runtime.store.transaction() as connection:
            await resolve_conflict(
                connection, conflict_id, choice, actor=ACTOR, now=dt_util.utcnow()
            )
        self._done.append([conflict_id])

    async def async_decide_rest(self) -> None:
        """Decide all of the account that is clear enough. Raises TrackerError.

        What was decided before an error stays, and can be undone.
        """
        decided: list[ConflictId] = []
        try:
            for reader in self.runtime.coordinator.data.readers:
                await self._async_decide_all_of(reader.reader.reader_id, decided)
        finally:
            if decided:
                self._done.append(decided)

    async def _async_decide_all_of(
        self, reader_id: ReaderId, decided: list[ConflictId]
    ) -> None:
        """Decide piece by piece, so that others can write between them."""
        after: ConflictId | None = None
        while True:
            async with self.runtime.store.transaction() as connection:
                outcomes = await resolve_all(
                    connection,
                    reader_id,
                    account_id=self.runtime.account_id,
                    create=True,
                    accept_from=REST_ACCEPTED_FROM,
                    actor=ACTOR,
                    now=dt_util.utcnow(),
                    after=after,
                    limit=BULK_MAX,
                )
            decided += [one.conflict_id for one in outcomes if one.settled is not None]
            if len(outcomes) < BULK_MAX:
                return
            after = outcomes[-1].conflict_id

    async def async_undo(self) -> None:
        """Take the last decision back. Raises TrackerError.

        What an error leaves standing can be undone at another try. What nobody can
        undo any more is told once all else is done.
        """
        left = self._done.pop()
        gone: TrackerError | None = None
        try:
            while left:
                try:
                    await self._async_undo_one(left[-1])
                except (NothingToUndoError, NotInStoreError) as err:
                    gone = err
                left.pop()
        finally:
            if left:
                self._done.append(left)
        if gone is not None:
            raise gone

    async def _async_undo_one(self, conflict_id: ConflictId) -> None:
        async with self.runtime.store.transaction() as connection:
            await undo_resolution(
                connection, conflict_id=conflict_id, actor=ACTOR, now=dt_util.utcnow()
            )
