"""Of the sound: one encrypted title, opened with its key and decoded."""

from typing import Final

from audible_core.errors import MediaError

from audible_server.media.adts import adts_stream
from audible_server.media.ffmpeg import pcm_from_adts_args
from audible_server.media.process import fed, running
from audible_server.self_check.report import Finding
from audible_server.sources.opened import Sound
from audible_server.sources.sources import Sources
from audible_server.store.books import Book, BookStore

_SAMPLES: Final = 128
"""Some three to six seconds."""


async def decoded_title(books: BookStore, sources: Sources) -> Finding:
    """Decrypt and decode some seconds in the middle of the smallest title here."""
    here = [book for book in await books.load_all() if book.local_path_aax is not None]
    if not here:
        return Finding.ok("Nothing encrypted is here yet to be tried.")
    book = min(here, key=_size_bytes)
    try:
        sound = await sources.open_sound(book.asin)
        decoded_bytes = await _decode(sound)
    except MediaError as err:
        return Finding.failed(f"{book.title} does not play: {err}")
    if not decoded_bytes:
        return Finding.failed(f"No sound came out of {book.title}.")
    return Finding.ok(f"{book.title} opens with its key, and its sound is decoded.")


def _size_bytes(book: Book) -> int:
    return book.size_bytes or 0


async def _decode(sound: Sound) -> int:
    middle = len(sound.book.samples) // 2
    samples = await sound.book.load_samples(middle, middle + _SAMPLES)
    feed = fed(adts_stream(samples, sound.book.config))
    decoded_bytes = 0
    async with running(pcm_from_adts_args(), feed) as stdout:
        while chunk := await stdout.read(65536):
            decoded_bytes += len(chunk)
    return decoded_bytes
