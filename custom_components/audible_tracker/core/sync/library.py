"""Pure: what changed in a library: new, changed, gone and come back titles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ..models import Asin, AudibleTitle, Position
from ..store.records import LinkFields, StoredTitle
from ..store.titles import fingerprint_of
from .rules import MS_PER_MINUTE, is_book
from .snapshot import Remote

_RERECORDED_SHARE: Final = 0.02


class Loss(StrEnum):
    """Why a title cannot be heard any more."""

    REMOVED = "removed"
    RETURNED = "returned"
    PLUS_ENDED = "plus_ended"


@dataclass(frozen=True, slots=True)
class LibraryDifference:
    """Which titles a sync has to look at, in Audible's order.

    ``reappeared`` are also in ``changed``. An empty answer removes nothing, nor does
    one that is shorter than Audible itself says: it is far likelier a fault than an
    emptied library, and ``is_suspicious`` says so.
    """

    new: tuple[AudibleTitle, ...] = ()
    changed: tuple[AudibleTitle, ...] = ()
    reappeared: frozenset[Asin] = frozenset()
    removed: tuple[Asin, ...] = ()
    ask_again: tuple[Asin, ...] = ()
    is_suspicious: bool = False


NOTHING_DIFFERS: Final = LibraryDifference()


def compare_library(
    known: Mapping[Asin, StoredTitle], remote: Remote
) -> LibraryDifference:
    """Compare an answer with what is stored, by fingerprints."""
    titles = {title.asin: title for title in remote.titles}
    present = {asin for asin, stored in known.items() if stored.removed_at is None}
    gone = remote.revoked & present
    is_suspicious = remote.is_complete and not titles and bool(present)
    if remote.is_complete and not is_suspicious:
        gone |= present - titles.keys()
    live = [title for title in titles.values() if title.asin not in remote.revoked]
    return LibraryDifference(
        new=tuple(title for title in live if title.asin not in known),
        changed=tuple(title for title in live if _is_changed(title, known)),
        reappeared=frozenset(
            title.asin
            for title in live
            if title.asin in known and title.asin not in present
        ),
        removed=tuple(sorted(gone)),
        ask_again=tuple(title.asin for title in live if lacks_name(title)),
        is_suspicious=is_suspicious or remote.is_short,
    )


def _is_changed(title: AudibleTitle, known: Mapping[Asin, StoredTitle]) -> bool:
    stored = known.get(title.asin)
    if stored is None:
        return False
    return stored.removed_at is not None or stored.fingerprint != fingerprint_of(title)


def moved_positions(
    known: Mapping[Asin, StoredTitle], positions: Iterable[Position]
) -> tuple[Position, ...]:
    """Return the positions that are news; older ones than the stored are not."""
    return tuple(
        position
        for position in positions
        if _is_news(position, known.get(position.asin))
    )


def _is_news(position: Position, stored: StoredTitle | None) -> bool:
    if stored is None or stored.position_at is None:
        return True
    if position.updated_at < stored.position_at:
        return False
    return (position.position_ms, position.updated_at) != (
        stored.position_ms,
        stored.position_at,
    )


def touched_titles(
    known: Mapping[Asin, StoredTitle], remote: Remote, difference: LibraryDifference
) -> frozenset[Asin]:
    """Return the titles whose rows, links and books a plan needs to see."""
    moved = moved_positions(known, remote.positions.values())
    return frozenset(
        (
            *(title.asin for title in difference.new),
            *(title.asin for title in difference.changed),
            *(position.asin for position in moved),
            *difference.removed,
            *(asin for asin in remote.match_again if asin in known),
        )
    )


def lacks_name(title: AudibleTitle) -> bool:
    """Tell whether Audible sent a hollow title, as it does after a long pause."""
    return title.title is None


def with_known_facts(
    title: AudibleTitle, previous: AudibleTitle | None
) -> AudibleTitle:
    """Return a hollow title with the facts that were known, and its new progress."""
    if previous is None or previous.title is None or not lacks_name(title):
        return title
    percent = title.percent_complete
    is_finished = title.is_finished
    return replace(
        previous,
        percent_complete=previous.percent_complete if percent is None else percent,
        is_finished=previous.is_finished if is_finished is None else is_finished,
        status_changed_at=title.status_changed_at or previous.status_changed_at,
    )


def what_came(
    titles: Iterable[AudibleTitle], known: Mapping[Asin, StoredTitle]
) -> tuple[AudibleTitle, ...]:
    """Return the titles that are new, or were gone, without what was heard of them.

    Without its time, too: so the next sync of the library sees them as changed, and
    what it brings then as the past that it is.
    """
    return tuple(
        replace(title, percent_complete=None, is_finished=None, status_changed_at=None)
        for title in titles
        if title.asin not in known or known[title.asin].removed_at is not None
    )


def is_rerecorded(previous: AudibleTitle | None, title: AudibleTitle) -> bool:
    """Tell whether the same title is another recording now: voice or length."""
    if previous is None:
        return False
    voices = set(previous.narrators), set(title.narrators)
    if all(voices) and voices[0] != voices[1]:
        return True
    if not previous.runtime_ms or not title.runtime_ms:
        return False
    apart_ms = abs(previous.runtime_ms - title.runtime_ms)
    return apart_ms > max(
        2 * MS_PER_MINUTE, round(previous.runtime_ms * _RERECORDED_SHARE)
    )


def loss_of(
    previous: AudibleTitle | None, title: AudibleTitle | None, *, is_revoked: bool
) -> Loss | None:
    """Return why a title cannot be heard any more, if it cannot since this sync.

    ``title`` is None for one that is in the library no more. The mark of Plus stays on
    titles that left it, so only the right to listen tells.
    """
    if title is None:
        if previous is not None and previous.is_plus:
            return Loss.PLUS_ENDED
        return Loss.RETURNED if is_revoked else Loss.REMOVED
    was_lost = previous is not None and previous.is_consumable is False
    if title.is_consumable is not False or was_lost:
        return None
    return Loss.PLUS_ENDED if title.is_plus else Loss.RETURNED


def is_usable_again(previous: AudibleTitle | None, title: AudibleTitle) -> bool:
    """Tell whether a title that could not be heard can be again."""
    return (
        previous is not None
        and previous.is_consumable is False
        and title.is_consumable is True
    )


def is_settled(link: LinkFields) -> bool:
    """Tell whether it is decided what a title is: by hand for ever, or by a link."""
    return link.manually_confirmed or link.is_ignored or link.book_id is not None


def needs_decision(
    link: LinkFields | None, previous: AudibleTitle | None, title: AudibleTitle
) -> bool:
    """Tell whether matching has to say which book a title is.

    It has for new titles and for unlinked ones of which something else is known now.
    """
    if not is_book(title) or lacks_name(title):
        return False
    if link is None:
        return True
    if is_settled(link) or not link.sync_enabled:
        return False
    return previous is None or _matched_by(previous) != _matched_by(title)


def _matched_by(title: AudibleTitle) -> tuple[object, ...]:
    return (
        title.title,
        title.subtitle,
        title.authors,
        title.narrators,
        title.series,
        title.isbn,
        title.language,
    )
