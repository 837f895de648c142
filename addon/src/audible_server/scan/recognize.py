"""Pure: which title each file is, by what is known of all of them together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from audible_core.models import Asin

from audible_server.scan.names import (
    asin_in,
    base_of,
    folder_of,
    is_numbered,
    numbered_alike,
)
from audible_server.store.books import Book
from audible_server.store.files import Reason, RecognizedBy, ScannedFile

WHOLE: Final = 0.9
"""A file shorter than this share of the title is no whole book, if it has sisters."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What lies beside the files: titles by a file's path without its end."""

    of_keys: Mapping[str, Asin]
    of_lists: Mapping[str, Asin]


def named_title(
    file: ScannedFile, hints: Hints, library: Mapping[Asin, Book]
) -> ScannedFile:
    """Return the file as the title that something names, or as it is.

    Where several things are named, the library's own title wins.
    """
    listed = hints.of_lists.get(PurePosixPath(file.path).stem.lower())
    keyed = hints.of_keys.get(base_of(file.path))
    tagged = Asin(file.header.asin) if file.header.asin else None
    named = [
        (asin, by)
        for asin, by in (
            (listed, RecognizedBy.LIST),
            (asin_in(file.path), RecognizedBy.NAME),
            (keyed, RecognizedBy.VOUCHER),
            (tagged, RecognizedBy.TAGS),
        )
        if asin is not None
    ]
    if not named:
        return file
    asin, by = next((pair for pair in named if pair[0] in library), named[0])
    return replace(file, asin=asin, recognized_by=by, reason=None)


def recognized(
    files: Iterable[ScannedFile], hints: Hints, books: Iterable[Book]
) -> list[ScannedFile]:
    """Return each file as the title it is, or with the reason why none. Takes time."""
    library = {book.asin: book for book in books if book.account_id is not None}
    named = [named_title(replace(file, reason=None), hints, library) for file in files]
    if not all(file.asin for file in named):
        # The matching costs time and memory, and many name their files well.
        from audible_server.scan.likeness import Likeness

        likeness = Likeness(library.values())
        named = [file if file.asin else likeness.recognize(file) for file in named]
    return without_parts(named, library)


def without_parts(
    files: Sequence[ScannedFile], library: Mapping[Asin, Book]
) -> list[ScannedFile]:
    """Return the files; those that are parts of one book are nobody's whole title."""
    groups: defaultdict[tuple[str, ...], list[ScannedFile]] = defaultdict(list)
    for file in files:
        groups[_group(file)].append(file)
    parts = {
        file.path
        for group in groups.values()
        if len(group) > 1
        for file in _parts_in(group, library)
    }
    return [
        replace(file, asin=None, recognized_by=None, reason=Reason.PART)
        if file.path in parts
        else file
        for file in files
    ]


def _group(file: ScannedFile) -> tuple[str, ...]:
    """Return what the parts of one book have in common."""
    folder = folder_of(file.path)
    if file.asin is not None:
        return (file.asin, file.kind, folder)
    return ("", file.kind, folder, file.header.album or numbered_alike(file.path))


def _parts_in(
    group: Sequence[ScannedFile], library: Mapping[Asin, Book]
) -> list[ScannedFile]:
    """Return which of several files that belong together are only parts."""
    asin = group[0].asin
    if asin is None:
        return [file for file in group if is_numbered(file.path)]
    whole_ms = library[asin].runtime_ms if asin in library else None
    if whole_ms is not None:
        return [file for file in group if not _is_whole(file, whole_ms)]
    alike = {numbered_alike(file.path) for file in group}
    return list(group) if len(alike) == 1 else []


def _is_whole(file: ScannedFile, whole_ms: int) -> bool:
    return file.duration_ms is None or file.duration_ms >= whole_ms * WHOLE
