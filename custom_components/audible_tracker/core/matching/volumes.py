"""Pure: numbers of volumes and series as evidence for and against a pair."""

from typing import Final

from .compare import Relation
from .tails import Tail, is_short
from .titles import TitleForm

_WHOLE: Final = (Tail.NONE, Tail.SAME)

type _Numbers = list[tuple[str, str]]


def volume_evidence(
    title: TitleForm, book: TitleForm, relation: Relation, *, is_series: bool
) -> list[str]:
    """Return what the numbers say; ``is_series`` says that they count common texts."""
    found = _numbered_segments(title, book)
    if not found and _is_one_of_whole(title, book, relation):
        found = ["volume_missing"]
    elif not found:
        found = _numbers_of_common(title, book, relation, is_series=is_series)
    if title.series and book.series and not set(title.series).isdisjoint(book.series):
        found.append("series_same")
    return found


def all_numbers(title: TitleForm) -> set[str]:
    """Return all numbers of a title and its series."""
    numbers = {number for _, number in title.numbered}
    return numbers | {title.volume} if title.volume else numbers


def _numbered_segments(title: TitleForm, book: TitleForm) -> list[str]:
    """Compare the numbers of a title's segment: "Harbor: Quarry, Vol. 2".

    They number the text itself, so that they have to agree.
    """
    names = {*title.inline, *book.inline}
    if not names:
        return []
    ours = {pair for pair in title.numbered if pair[0] in names}
    theirs = {pair for pair in book.numbered if pair[0] in names}
    if not ours or not theirs or {*dict(ours)}.isdisjoint(dict(theirs)):
        return []
    return ["volume_differs"] if ours.isdisjoint(theirs) else ["volume_same"]


def _numbers_of_common(
    title: TitleForm, book: TitleForm, relation: Relation, *, is_series: bool
) -> list[str]:
    mine, yours = _written(title), _written(book)
    if relation.is_headless and mine and yours:
        return ["volume_differs" if mine.isdisjoint(yours) else "volume_same"]
    common = relation.common
    ours = _own_volumes(title, common, relation.our_start, is_series=is_series)
    theirs = _own_volumes(book, common, relation.their_start, is_series=is_series)
    if not ours and not theirs:
        return _series_numbers(title, book, relation)
    if not (ours and theirs) and _share_number(title, book, common):
        return ["volume_same"]
    is_named = relation.tail is Tail.SAME or (
        not (ours and theirs) and _is_named(title if ours else book, relation)
    )
    if is_named and _is_volume_known(ours, theirs, is_series=is_series):
        return ["volume_differs_name_agrees"]
    found = _own_volume_evidence(ours, theirs)
    if found == "volume_first" and (
        title.is_worded != book.is_worded
        or bool(title.volume) != bool(book.volume)
        or _numbers_a_tail(title, common)
        or _numbers_a_tail(book, common)
    ):
        found = "volume_first_worded"
    return [found]


def _series_numbers(title: TitleForm, book: TitleForm, relation: Relation) -> list[str]:
    """Compare what counts the series and not the text itself."""
    common = relation.common
    mine, yours = _series_only(title, common), _series_only(book, common)
    if not (mine and yours):
        return []
    if mine & yours:
        return ["series_number_same"]
    is_whole = relation.tail in _WHOLE and not relation.is_headless
    if (
        _is_series_name(title, book, relation.common)
        or _count_themselves(title, book)
        or (not is_whole and _hold_several(mine) != _hold_several(yours))
    ):
        return ["volume_differs"]
    return ["series_number_differs"]


def _series_only(title: TitleForm, common: str) -> set[str]:
    """Return the numbers but for those of the common text: "Harbor: Quarry, Vol. 1"."""
    if not title.inline:
        return all_numbers(title)
    own = {name for name in title.inline if common.endswith(name)}
    numbers = {number for name, number in title.numbered if name not in own}
    return numbers | {title.volume} if title.volume else numbers


def _count_themselves(title: TitleForm, book: TitleForm) -> bool:
    """Tell whether both sides have a number and name no series that it counts."""
    return all(any(not name for name, _ in form.numbered) for form in (title, book))


def _hold_several(numbers: set[str]) -> bool:
    """Tell whether numbers count several volumes at once, as "1-3"."""
    return all("-" in number for number in numbers)


def _written(title: TitleForm) -> set[str]:
    """Return the numbers that stand in a title itself."""
    inline = {number for name, number in title.numbered if name in title.inline}
    return inline | {title.volume} if title.volume else inline


def _is_volume_known(ours: set[str], theirs: set[str], *, is_series: bool) -> bool:
    """Tell whether numbers that disagree may count volumes by name.

    A tracker's book without a number, of what is no series, may be the whole, whose
    subtitle a later volume has too.
    """
    if not ours.isdisjoint(theirs):
        return False
    return is_series or not ours or ours | theirs == {"1"}


def _own_volume_evidence(ours: set[str], theirs: set[str]) -> str:
    if ours & theirs:
        return "volume_same"
    if ours and theirs:
        return "volume_differs"
    return "volume_first" if (ours or theirs) == {"1"} else "volume_missing"


def _own_volumes(
    title: TitleForm, common: str, start: int, *, is_series: bool
) -> set[str]:
    """Return the numbers that belong to the common text itself.

    Where the main title turned out to be a series before it, they number the series.
    """
    if start:
        return set()
    if title.volume:
        return {title.volume}
    return {
        number
        for name, number in title.numbered
        if (is_series and (not name or name in common or common in name))
        or (name in title.inline and common.endswith(name))
    }


def _share_number(title: TitleForm, book: TitleForm, common: str) -> bool:
    """Tell whether one number counts the same series on both sides.

    A number that stands in a title itself has to be that one.
    """
    written = {title.volume, book.volume} - {""}
    return any(
        mine == yours
        and (not written or mine in written)
        and (not one or not other or one in other or other in one)
        for one, mine in _counted(title, common)
        for other, yours in _counted(book, common)
    )


def _is_series_name(title: TitleForm, book: TitleForm, common: str) -> bool:
    """Tell whether both sides count a series that is called as the title begins.

    Its volumes have one title then, and nothing but the number tells them apart.
    """
    return any(name.startswith(common) and name in book.series for name in title.series)


def _is_one_of_whole(title: TitleForm, book: TitleForm, relation: Relation) -> bool:
    """Tell whether only the book is a volume with a name, and ours a series' name.

    Its number counts recordings, each of which may hold several volumes.
    """
    is_named_volume = book.is_worded and relation.tail is Tail.BOOK_ONLY_SHORT
    return is_named_volume and not title.volume and relation.common in title.series


def _is_named(title: TitleForm, relation: Relation) -> bool:
    """Tell whether the volume's name is common too: short, and no description."""
    is_numbered = title.volume and title.is_worded
    if relation.segment_count < 2 or relation.is_headless or not is_numbered:
        return False
    name = " ".join(title.segments[1 : relation.segment_count])
    return is_short(name) and not name.startswith(title.described)


def _counted(title: TitleForm, common: str) -> _Numbers:
    """Return all numbers with their names, but for those of a volume's own parts."""
    found = [
        (name, number)
        for name, number in title.numbered
        if name not in title.inline or common.endswith(name)
    ]
    return [*found, ("", title.volume)] if title.volume else found


def _numbers_a_tail(title: TitleForm, common: str) -> bool:
    """Tell whether a number belongs to what comes after the common text."""
    return any(not common.endswith(name) for name in title.inline)
