"""Making one file: the right arguments, the right feed, and the proof of it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from audible_core.errors import ConversionError
from audible_core.models import Chapter

from audible_server.conversion.args import copy_args, encode_args, mp3_copy_args
from audible_server.conversion.chapters import Cut, ffmetadata
from audible_server.conversion.choices import Target
from audible_server.conversion.feeds import (
    Turn,
    adts,
    file_bytes,
    is_index_first,
    plain_bytes,
)
from audible_server.conversion.proof import prove_copy, prove_length
from audible_server.conversion.sources import Source
from audible_server.media.process import feed_all
from audible_server.media.virtual import VirtualM4b
from audible_server.store.grants import FileKind

_MOV = "mov"
_ADTS = "aac"


@dataclass(frozen=True, slots=True)
class Order:
    """One file to be made, of the samples of a cut; ``duration_ms`` is its source's."""

    target: Target
    cut: Cut
    chapters: tuple[Chapter, ...]
    bitrate_kbps: int
    duration_ms: int

    @property
    def is_whole(self) -> bool:
        """Tell whether all of the source is wanted."""
        return self.cut == Cut(0, self.duration_ms)


def kind_made(source: Source, target: Target) -> FileKind:
    """Return what comes out: an MP3 stays one, since copying loses nothing."""
    is_kept = source.file.kind is FileKind.MP3 and target is Target.M4B
    return FileKind.MP3 if is_kept else target.kind


async def make(source: Source, order: Order, path: Path, turn: Turn) -> None:
    """Write a file and prove it.

    Raises ConversionError, MediaToolError, or what is wrong with the source.
    """
    if source.book is None:
        await _make_of_file(source, order, path, turn)
    elif order.target is Target.M4B:
        await _copy(source.book, order, path, turn)
    else:
        span = _span(source.book, order.cut)
        argv = encode_args(_ADTS, order.target, order.bitrate_kbps, path)
        await feed_all(argv, adts(source.book, span, turn))
        await prove_length(path, order.cut.length_ms)


async def _copy(book: VirtualM4b, order: Order, path: Path, turn: Turn) -> None:
    marks = path.with_suffix(".chapters")
    if order.chapters:
        text = ffmetadata(order.chapters)
        await asyncio.to_thread(marks.write_text, text, encoding="utf-8")
    named = marks if order.chapters else None
    if order.is_whole and await asyncio.to_thread(is_index_first, book):
        span = (0, len(book.samples))
        argv, feed = copy_args(_MOV, named, path), plain_bytes(book, turn)
    else:
        span = _span(book, order.cut)
        argv, feed = copy_args(_ADTS, named, path), adts(book, span, turn)
    await feed_all(argv, feed)
    await asyncio.to_thread(marks.unlink, missing_ok=True)
    await prove_copy(book, span, path)


async def _make_of_file(source: Source, order: Order, path: Path, turn: Turn) -> None:
    if not order.is_whole:
        raise ConversionError(reason="only AAC can be cut")
    if order.target is Target.OPUS:
        form = "ogg" if source.file.kind is FileKind.OPUS else "mp3"
        argv = encode_args(form, order.target, order.bitrate_kbps, path)
    else:
        argv = mp3_copy_args(path)
    await feed_all(argv, file_bytes(source.path, turn))
    await prove_length(path, order.duration_ms)


def _span(book: VirtualM4b, cut: Cut) -> tuple[int, int]:
    """Return the samples of a cut; the last to be heard is in it."""
    first = book.times.sample_at_ms(cut.start_ms)
    stop = book.times.sample_at_ms(cut.end_ms)
    return first, max(first + 1, stop)
