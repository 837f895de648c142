"""Steps: what else the server does with the owner's books."""

import asyncio
import json
import os
import shutil
import time
from typing import Any, Final

from tests.simulator.catalog import EPISODE_ASIN, SHORT_ASIN, TREE_ASIN

from .processes import wait_until
from .walk import Walk, demo_titles, expect, fetch_audio

_RANGE_BYTES: Final = 65_536
_SAMPLE_BYTES: Final = 2
_LONG_AGO_S: Final = 3600


async def plays_before_it_is_here(walk: Walk) -> str:
    """A title that nobody downloaded plays, from its start and from its middle."""
    asin = TREE_ASIN
    before = await walk.house.server_api("GET", f"/api/books/{asin}")
    expect(before["state"] == "new" and before["is_playable"], f"{asin}: {before}")
    started = time.monotonic()
    first = await fetch_audio(walk, asin, f"bytes=0-{_RANGE_BYTES - 1}")
    first_s = time.monotonic() - started
    expect(first[4:8] == b"ftyp", f"{asin}: it begins with {first[:12]!r}")
    book = await walk.house.server_api("GET", f"/api/books/{asin}")
    middle = int(book["size_bytes"]) // 2
    started = time.monotonic()
    await fetch_audio(walk, asin, f"bytes={middle}-{middle + _RANGE_BYTES - 1}")
    middle_s = time.monotonic() - started
    return f"first bytes after {first_s:.1f} s, of the middle after {middle_s:.1f} s"


async def other_forms_play(walk: Walk) -> str:
    """HLS in ffmpeg's own reader, MP3 with a length and ranges, and Opus."""
    path = await _signed(walk, SHORT_ASIN)
    base = walk.house.server.url
    whole = await _samples(f"{base}{path['path']}")
    hls = await _samples(f"{base}{path['hls_path']}")
    # The first frame of a book is only for the decoder to begin with.
    expect(abs(hls - whole) <= 1024, f"{hls} samples by HLS instead of {whole}")
    mp3 = f"{base}{path['path']}?format=mp3&bitrate=64"
    async with walk.house.session.head(mp3) as answer:
        length = int(answer.headers["Content-Length"])
    async with walk.house.session.get(
        mp3, headers={"Range": f"bytes={length // 2}-"}
    ) as answer:
        rest = await answer.read()
    expect(len(rest) == length - length // 2, "a range of the MP3 has another length")
    opus = await _samples(f"{base}{path['path']}?format=opus&bitrate=32")
    expect(opus > 0, "there is no sound in the Opus stream")
    return f"{hls} samples by HLS, {length} bytes of MP3"


async def a_conversion_keeps_every_sample(walk: Walk) -> str:
    """A title becomes a plain M4B with its chapters; not a sample is lost."""
    path = await _signed(walk, SHORT_ASIN)
    before = await _samples(f"{walk.house.server.url}{path['path']}")
    job = await walk.house.server_api(
        "POST", f"/api/books/{SHORT_ASIN}/convert", {"format": "m4b"}
    )

    async def done() -> dict[str, Any] | None:
        now: dict[str, Any] = await walk.house.server_api(
            "GET", f"/api/jobs/{job['id']}"
        )
        expect(now["state"] != "failed", f"the conversion failed: {now}")
        return now if now["state"] == "done" else None

    await wait_until("the conversion", done, timeout_s=60)

    async def listed() -> dict[str, Any] | None:
        # A scan that met it half made looks at it once more.
        files = (await walk.house.server_api("GET", "/api/files?all=1"))["files"]
        found = [f for f in files if (f["asin"], f["kind"]) == (SHORT_ASIN, "m4b")]
        return found[0] if found else None

    made = await wait_until("the made file", listed, timeout_s=30)
    plain = walk.house.server.library / made["path"]
    after = await _samples(f"file:{plain}")
    expect(before == after, f"{after} samples instead of {before}")
    chapters = await _chapters(str(plain))
    expect(len(chapters) > 1, f"its chapters are {chapters}")
    return f"{made['path']}: {after} samples, {len(chapters)} chapters"


async def a_file_put_there_is_found(walk: Walk) -> str:
    """A file that Libation would have made plays from where it lies."""
    title = demo_titles()[EPISODE_ASIN].title
    folder = walk.house.server.library / "Libation" / "Somebody"
    folder.mkdir(parents=True)
    plain = next(walk.house.server.library.rglob("*.m4b"))
    found = folder / f"{title} [{EPISODE_ASIN}].m4b"
    await asyncio.to_thread(shutil.copyfile, plain, found)
    # What was changed a moment ago may still be being written.
    then = time.time() - _LONG_AGO_S
    os.utime(found, (then, then))
    await walk.house.server_api("POST", "/api/scan")

    async def here() -> bool | None:
        book = await walk.house.server_api("GET", f"/api/books/{EPISODE_ASIN}")
        return True if book["is_downloaded"] else None

    await wait_until("the file that was put there", here, timeout_s=30)
    first = await fetch_audio(walk, EPISODE_ASIN, "bytes=0-15")
    expect(first[4:8] == b"ftyp", "another file is played")
    return str(found.relative_to(walk.house.server.library))


async def the_server_finds_itself_well(walk: Walk) -> str:
    """The self-check has no complaint, and the counts name no title."""
    checks = (await walk.house.server_api("GET", "/api/checks"))["checks"]
    bad = [check for check in checks if check["status"] != "ok"]
    expect(not bad, f"the self-check says: {bad}")
    async with walk.house.session.get(
        f"{walk.house.server.url}/metrics",
        headers={"X-API-Secret": walk.house.server.secret},
    ) as answer:
        counts = await answer.text()
    expect(SHORT_ASIN not in counts and "direct" in counts, "the counts are odd")
    return f"{len(checks)} checks in order"


async def _signed(walk: Walk, asin: str) -> dict[str, str]:
    signed: dict[str, str] = await walk.house.server_api(
        "POST", f"/api/books/{asin}/sign", {"use": "audio"}
    )
    return signed


async def _samples(source: str) -> int:
    """Return how many samples ffmpeg decodes, in one channel."""
    pcm = await _output(
        *("ffmpeg", "-v", "error", "-i", source, "-map", "0:a:0"),
        *("-ac", "1", "-f", "s16le", "-"),
    )
    return len(pcm) // _SAMPLE_BYTES


async def _chapters(source: str) -> list[Any]:
    said = await _output(
        *("ffprobe", "-v", "error", "-show_chapters", "-of", "json", source)
    )
    chapters: list[Any] = json.loads(said)["chapters"]
    return chapters


async def _output(*argv: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, complaints = await process.communicate()
    expect(process.returncode == 0, f"{argv[0]}: {complaints.decode()}")
    return output
