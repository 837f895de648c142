"""Conversions: one title after the other, each proven before anything is removed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from audible_core.errors import ConversionError, CoverError, StorageError
from audible_core.matching.persons import written_by
from audible_core.models import Asin, Chapter
from audible_core.unbroken import unbroken
from audible_core.wire import BookState

from audible_server.conversion.chapters import (
    Cut,
    cue_sheet,
    cut_without_brand,
    shifted,
)
from audible_server.conversion.choices import Choices, Target
from audible_server.conversion.facts import Facts
from audible_server.conversion.making import Order, kind_made, make
from audible_server.conversion.names import part_name, path_of
from audible_server.conversion.scratch import put, scratch_folder, sweep
from audible_server.conversion.sources import ConversionSources, Source
from audible_server.conversion.tagging import Cover, write_tags
from audible_server.downloads.covers import Covers
from audible_server.library.chapters import PATIENCE_S, SHOP_SILENT, Chapters
from audible_server.library.files import look_at, remove_made
from audible_server.library.room import Room
from audible_server.library.shelf import Shelf
from audible_server.library.shop import Shop
from audible_server.media.probe import Prober
from audible_server.store.books import Book, BookStore
from audible_server.store.files import (
    FileStore,
    Header,
    RecognizedBy,
    ScannedFile,
)
from audible_server.store.grants import FileKind
from audible_server.store.made_files import Made, MadeFileStore

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 2.0
_SHEET_SUFFIX: Final = ".cue"

type Progress = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Work:
    """All that is known of a title before its file is made."""

    book: Book
    source: Source
    facts: Facts
    cover: Cover | None
    chapters: tuple[Chapter, ...]
    cut: Cut
    duration_ms: int
    choices: Choices
    target: Target

    @property
    def kind(self) -> FileKind:
        """Return the kind of file that comes out."""
        return kind_made(self.source, self.target)

    def order(self, cut: Cut, chapters: tuple[Chapter, ...]) -> Order:
        """Return the order for one file of it."""
        return Order(
            target=self.target,
            cut=cut,
            chapters=chapters,
            bitrate_kbps=self.choices.bitrate_kbps,
            duration_ms=self.duration_ms,
        )


class Converter:
    """Makes plain files of downloads; one at a time, since each takes a core."""

    def __init__(
        self,
        *,
        library_dir: Path,
        choices: Choices,
        books: BookStore,
        files: FileStore,
        made: MadeFileStore,
        room: Room,
        sources: ConversionSources,
        shelf: Shelf,
        shop: Shop,
        chapters: Chapters,
        covers: Covers,
        prober: Prober,
        is_busy: Callable[[], bool],
    ) -> None:
        """Work in an existing folder; while ``is_busy`` says so, conversions rest."""
        self._library_dir = library_dir
        self.choices = choices
        self._books = books
        self._files = files
        self._made = made
        self._room = room
        self._sources = sources
        self._shelf = shelf
        self._shop = shop
        self._chapters = chapters
        self._covers = covers
        self._prober = prober
        self._is_busy = is_busy
        self._slot = asyncio.Semaphore(1)

    async def clean(self) -> None:
        """Sweep away what a killed server left; titles go back to what they were."""
        busy = await asyncio.to_thread(sweep, self._library_dir)
        for book in await self._books.load_in(BookState.CONVERTING):
            if book.asin not in busy:
                await self._books.update(book.asin, state=BookState.DOWNLOADED)

    async def convert(
        self, asin: Asin, progress: Progress, *, target: Target | None = None
    ) -> None:
        """Make a title's file; it may be cancelled anywhere and begun again.

        Raises UnknownBookError, NotDownloadedError, ConversionError, NoSpaceError,
        StorageError, and what is wrong with the source or the way to Audible.
        """
        async with self._slot:
            work = await self._prepared(await self._shelf.load(asin), target)
            await self._room.check_conversion(asin, work.source.file.size_bytes)
            await self._books.update(asin, state=BookState.CONVERTING)
            try:
                await self._work(work, progress)
            finally:
                await self._books.update(asin, state=BookState.DOWNLOADED)
                await self._shelf.load(asin)
        _LOGGER.info("%s is converted", asin)

    # --- before -----------------------------------------------------------------------

    async def _prepared(self, book: Book, target: Target | None) -> _Work:
        if book.is_under_way:
            raise ConversionError(reason="it is still being downloaded")
        source = await self._sources.open(book)
        told = await self._chapters.told(book)
        chosen = await self._chapters.choose(told, source.path)
        if source.book is not None:
            duration_ms = source.book.duration_ms
        else:
            duration_ms = (await self._prober.info(source.path)).duration_ms
        wanted = target or self.choices.target or Target.M4B
        work = _Work(
            book=book,
            source=source,
            facts=await self._facts(book),
            cover=await self._cover(book),
            chapters=chosen.chapters,
            cut=Cut(0, duration_ms),
            duration_ms=duration_ms,
            choices=self.choices,
            target=wanted,
        )
        if self.choices.strips_brand and told is not None and source.book:
            cut = cut_without_brand(
                duration_ms,
                intro_ms=told.brand_intro_ms,
                outro_ms=told.brand_outro_ms,
            )
            work = replace(work, cut=cut)
        return replace(work, chapters=shifted(work.chapters, work.cut))

    async def _facts(self, book: Book) -> Facts:
        details = book.details
        known = Facts(
            asin=book.asin,
            title=book.title,
            subtitle=details.subtitle,
            authors=written_by(book.authors),
            narrators=details.narrators,
            series=details.series,
            language=details.language,
            isbn=details.isbn,
            publisher=details.publisher,
            year=details.year,
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                said = await self._shop.fetch_description(book)
        except SHOP_SILENT as err:
            reason = getattr(err, "key", "time-out")
            _LOGGER.info("No description of %s from Audible: %s", book.asin, reason)
            return known
        return replace(known, released_on=said.released_on, description=said.text)

    async def _cover(self, book: Book) -> Cover | None:
        try:
            return await self._covers.load(book)
        except CoverError:
            return None

    # --- the work ---------------------------------------------------------------------

    async def _work(self, work: _Work, progress: Progress) -> None:
        async with scratch_folder(self._library_dir, work.book.asin) as folder:
            if work.choices.is_split and work.chapters and work.source.book:
                await self._make_parts(work, folder, progress)
            else:
                await self._make_one(work, folder, progress)

    async def _make_one(self, work: _Work, folder: Path, progress: Progress) -> None:
        made = folder / f"book.{work.kind}"
        order = work.order(work.cut, work.chapters)
        await make(work.source, order, made, self._turns(progress, 0.0, 1.0))
        await asyncio.to_thread(
            write_tags, made, work.kind, work.facts, work.chapters, work.cover
        )
        name = f"{path_of(work.facts, work.choices.name)}.{work.kind}"
        before = await self._made_before(work.book.asin)
        path = await unbroken(self._put(work, made, name))
        await self._remove_sheets(work.book.asin)
        if work.choices.has_cue:
            await self._add_sheet(work, path)
        await self._note(work, path, length_ms=work.cut.length_ms, before=before)
        await self._remove_source(work)

    async def _make_parts(self, work: _Work, folder: Path, progress: Progress) -> None:
        """Make one file of each chapter; the source stays, since it is what plays."""
        parts = folder / "parts"
        await asyncio.to_thread(parts.mkdir)
        count = len(work.chapters)
        for number, chapter in enumerate(work.chapters, start=1):
            start_ms = work.cut.start_ms + chapter.start_ms
            cut = Cut(start_ms, start_ms + chapter.length_ms)
            name = f"{part_name(number, count, chapter.title)}.{work.kind}"
            turns = self._turns(progress, (number - 1) / count, 1 / count)
            await make(work.source, work.order(cut, ()), parts / name, turns)
            facts = replace(work.facts, title=chapter.title or f"{number}")
            await asyncio.to_thread(
                write_tags, parts / name, work.kind, facts, (), work.cover
            )
        name = path_of(work.facts, work.choices.name)
        await unbroken(self._put(work, parts, name))

    def _turns(
        self, progress: Progress, done: float, share: float
    ) -> Callable[[float], Awaitable[None]]:
        """Return what is awaited before each piece, to wait and to tell."""

        async def turn(fraction: float) -> None:
            while self.choices.waits and self._is_busy():  # noqa: ASYNC110 - nobody tells when it ends
                await asyncio.sleep(_LOOK_EVERY_S)
            await progress(done + share * fraction)

        return turn

    # --- after ------------------------------------------------------------------------

    async def _put(self, work: _Work, made: Path, name: str) -> Path:
        """Give what was made its place, and note it as made here."""
        asin = work.book.asin
        place = await asyncio.to_thread(put, made, self._library_dir, name, asin=asin)
        for path in await asyncio.to_thread(_files_of, place):
            await self._note_made(asin, path)
        return place

    async def _note_made(self, asin: Asin, path: Path) -> None:
        """Note a file as made here, so that it goes when its title is removed."""
        status = await asyncio.to_thread(path.stat)
        name = path.relative_to(self._library_dir).as_posix()
        await self._made.note(name, asin, status)

    async def _made_before(self, asin: Asin) -> list[ScannedFile]:
        """Return the files that former conversions made of a title."""
        files = [await self._files.load(p) for p in await self._files.paths_of(asin)]
        return [
            file
            for file in files
            if file is not None and file.recognized_by is RecognizedBy.SERVER
        ]

    async def _note(
        self, work: _Work, path: Path, *, length_ms: int, before: list[ScannedFile]
    ) -> None:
        """Know the new file by its path, and remove what it takes the place of."""
        found = await asyncio.to_thread(look_at, path, work.kind)
        if found is None:
            raise ConversionError(reason="the new file is gone")
        facts = work.facts
        made = ScannedFile(
            path=path.relative_to(self._library_dir).as_posix(),
            kind=work.kind,
            size_bytes=found.size_bytes,
            mtime_ns=found.mtime_ns,
            asin=facts.asin,
            recognized_by=RecognizedBy.SERVER,
            header=Header(asin=facts.asin, title=facts.title, authors=facts.authors),
            duration_ms=length_ms,
        )
        old = [file.path for file in before if file.path != made.path]
        await self._files.save([made], gone=old)
        noted = await self._made.load(facts.asin)
        await self._remove({name: of for name, of in noted.items() if name in old})

    async def _add_sheet(self, work: _Work, path: Path) -> None:
        """Write the cue sheet beside a file, unless somebody's own is there."""
        sheet = cue_sheet(
            work.chapters,
            file_name=path.name,
            title=work.facts.title,
            author=", ".join(work.facts.authors),
        )
        beside = path.with_suffix(_SHEET_SUFFIX)
        if await asyncio.to_thread(_write_new, beside, sheet):
            await self._note_made(work.book.asin, beside)
        else:
            _LOGGER.info("%s has a cue sheet already", path.name)

    async def _remove_sheets(self, asin: Asin) -> None:
        """Remove the cue sheets of former conversions: they name files that go."""
        noted = await self._made.load(asin)
        await self._remove(
            {name: of for name, of in noted.items() if name.endswith(_SHEET_SUFFIX)}
        )

    async def _remove_source(self, work: _Work) -> None:
        """Remove the file that was downloaded, if so chosen; nobody else's ever."""
        name = work.source.path.relative_to(self._library_dir).as_posix()
        noted = await self._made.load(work.book.asin)
        if work.choices.removes_source and name in noted:
            await self._remove({name: noted[name]})

    async def _remove(self, files: dict[str, Made]) -> None:
        """Remove files that were made here, by their names."""
        for name, made in files.items():
            await asyncio.to_thread(remove_made, self._library_dir / name, made)
            await self._made.forget_file(name)


def _files_of(place: Path) -> list[Path]:
    return sorted(place.iterdir()) if place.is_dir() else [place]


def _write_new(path: Path, text: str) -> bool:
    """Write a file; return False, and write nothing, where there is one already.

    Raises StorageError.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as err:
        raise StorageError.of(err) from err
    return True
