"""What is kept of open titles: tables in little memory, whatever the titles are."""

from pathlib import Path

import numpy as np
import pytest
from audible_core.models import Asin

from audible_server.sources import sources
from tests.addon.media.mp4_maker import box, ftyp
from tests.addon.media.test_bad_files import big, stbl_with, stsc, words, write

from .server import Server

HOURS_40 = 40 * 3600 * 44_100 // 1_024
TITLES = [f"B00000{number:04}" for number in range(8)]


def put_long_book(path: Path, *, samples: int, has_bad_clock: bool) -> None:
    """Write a plain book of so many samples, most of it a hole.

    A bad clock counts milliseconds, so that samples have different lengths.
    """
    per_chunk = 22
    chunks = samples // per_chunk
    samples = chunks * per_chunk
    rows = np.array([[samples, 1_024]])
    if has_bad_clock:
        starts = np.arange(samples + 1) * 1_024 * 1_000 // 44_100
        rows = np.stack([np.ones(samples), np.diff(starts)], axis=1)
    stts = box("stts", bytes(4), words(len(rows)), big(rows))
    sizes = box("stsz", bytes(4), words(0, samples), big(np.full(samples, 7)))

    def index(at: int) -> bytes:
        offsets = at + np.arange(chunks) * (per_chunk * 7 + 3)
        stco = box("stco", bytes(4), words(chunks), big(offsets))
        locked = stbl_with(stts, stsc(1, per_chunk, 1), sizes, stco)
        return locked.replace(b"aavd", b"mp4a")

    at = len(ftyp("aaxc")) + len(index(0)) + 16
    write(path, index(at), chunks * (per_chunk * 7 + 3))


@pytest.mark.parametrize("has_bad_clock", [False, True])
async def test_40_hours_take_less_than_25_mb(
    server: Server, has_bad_clock: bool
) -> None:
    """With its times, even those of a bad clock, and the borders of its segments."""
    asin = Asin(TITLES[0])
    path = server.settings.library_dir / f"{asin}.m4b"
    put_long_book(path, samples=HOURS_40, has_bad_clock=has_bad_clock)

    sound = await server.services.sources.open_sound(asin)

    cost = sound.book.memory_bytes + sound.segments.memory_bytes
    print(f"40 hours: {cost / 1e6:.1f} MB, bad clock: {has_bad_clock}")
    assert len(sound.book.samples) > 6_000_000
    assert 12_000_000 < cost < 25_000_000


async def test_all_of_them_together_have_a_limit(server: Server) -> None:
    """The oldest go when the newest need their place."""
    for name in TITLES:
        path = server.settings.library_dir / f"{name}.m4b"
        put_long_book(path, samples=HOURS_40, has_bad_clock=True)
        await server.services.sources.open_sound(Asin(name))
        kept = server.services.sources._kept
        total = sum(title.memory_bytes for title in kept.values())
        assert total <= sources._MOST_MEMORY_BYTES
        assert name in kept

    assert 1 < len(kept) < len(TITLES)
    assert TITLES[-len(kept) :] == list(kept)


async def test_small_titles_stay_open_as_long_as_memory_is_free(
    server: Server,
) -> None:
    """A house with many listeners opens none of them anew; the count is no limit."""
    names = [f"B00001{number:04}" for number in range(3 * len(TITLES))]
    for name in names:
        path = server.settings.library_dir / f"{name}.m4b"
        put_long_book(path, samples=44, has_bad_clock=False)
        await server.services.sources.open(Asin(name))

    assert names == list(server.services.sources._kept)
