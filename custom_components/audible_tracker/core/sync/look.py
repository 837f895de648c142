"""Pure: one title as one reader's link sees it in one sync."""

from dataclasses import dataclass, replace
from datetime import datetime

from ..kinds import Source
from ..models import AudibleTitle
from ..store.changes import BookRef
from ..store.links import LinkKey
from ..store.records import LinkFields, LinkState
from .linking import Linking
from .rules import Heard, has_risen


@dataclass(frozen=True, slots=True)
class Playing:
    """That a player of the house tells a place, and not Audible.

    ``since`` is since when it plays the title, ``is_over`` that it came to the end.
    ``key`` tells this listening from the next, where no pass does; without one nothing
    is told outside of a pass.
    """

    key: str | None = None
    since: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What was known and what is known now.

    ``since`` is from when on it was watched; None means that all of this is the past.
    ``playing`` is None where Audible is looked at.
    """

    title: AudibleTitle
    state: LinkState | None
    linking: Linking
    before: Heard
    now: Heard
    since: datetime | None
    playing: Playing | None = None

    @property
    def source(self) -> Source:
        """Return where the place comes from."""
        return Source.AUDIBLE if self.playing is None else Source.PLAYER

    @property
    def key(self) -> LinkKey:
        """Return what the link is called before and after it has a number."""
        return self.linking.fields.reader_id, self.linking.fields.asin

    @property
    def book(self) -> BookRef | None:
        """Return the book that the title is, from this sync on."""
        return self.linking.book or self.linking.fields.book_id

    @property
    def joins_book(self) -> bool:
        """Tell whether the title was not this book before."""
        return self.linking.book is not None

    @property
    def is_first(self) -> bool:
        """Tell whether nothing was known of the listening before."""
        before = self.before
        return (
            before.position_ms is None
            and before.percentage is None
            and before.is_finished is None
        )

    @property
    def is_watched(self) -> bool:
        """Tell whether what is new has happened while we watched."""
        if self.since is None:
            return False
        if not self.is_first and not self._is_first_place:
            return True
        return self.now.at is not None and self.now.at > self.since

    @property
    def is_beside_place(self) -> bool:
        """Tell whether only a percentage came of a title whose place is kept."""
        return self.now.position_ms is None and self.before.position_ms is not None

    @property
    def _is_first_place(self) -> bool:
        """Tell whether a place is new to us that may have been there for long.

        Not all places are asked for at once.
        """
        is_first = self.before.position_ms is None and self.now.position_ms is not None
        return is_first and not has_risen(self.before, self.now)

    @property
    def watched_since(self) -> datetime | None:
        """Return from when on, if it was watched."""
        return self.since if self.is_watched else None


def not_to_come(before: Heard, *, has_news: bool, now: datetime) -> Heard:
    """Return what was known without a time that is still to come.

    A clock that was ahead has noted it: no place is older than that, and news of now
    would be taken for old ones for as long as it lies ahead.
    """
    if before.at is None or before.at <= now:
        return before
    return replace(before, at=None if has_news else now)


def heard_before(fields: LinkFields) -> Heard:
    """Return where listening stood when the link was last written."""
    return Heard(
        fields.last_position_ms,
        fields.last_percentage,
        fields.is_finished,
        fields.last_position_at,
    )


def with_heard(fields: LinkFields, now: Heard) -> LinkFields:
    """Return the link with where listening stands; a last position is never lost.

    Where only a percentage came, the place that is kept keeps its own, and its time.
    """
    if now.position_ms is None and fields.last_position_ms is not None:
        return replace(fields, is_finished=now.is_finished)
    return replace(
        fields,
        is_finished=now.is_finished,
        last_position_ms=now.position_ms,
        last_position_at=now.at,
        last_percentage=now.percentage,
    )
