"""Steps: linking the server, downloading, and exact virtual files."""

import asyncio
import hashlib
import random
import time
from typing import Final

from tests.simulator.catalog import AAX_ASIN, DEMO_EMAIL, SHORT_ASIN, TEN_HOUR_ASIN

from .processes import wait_until
from .walk import DOMAIN, Walk, demo_shop_now, expect, fetch_audio

RANGE_COUNT: Final = 200
_DOWNLOADED: Final = (SHORT_ASIN, TEN_HOUR_ASIN, AAX_ASIN)


async def link_the_server(walk: Walk) -> str:
    """Link the server by address and secret, and see the account arrive there."""
    home, server = walk.house.home_assistant, walk.house.server
    step = await home.start_options(walk.entry_id)
    if step["type"] == "menu":
        step = await home.continue_options(
            step["flow_id"], {"next_step_id": "media_server"}
        )
    wrong = await home.continue_options(
        step["flow_id"], {"url": server.url, "secret": "not the right secret"}
    )
    expect(
        "media_server_secret" in wrong["errors"].values(),
        f"a wrong secret is answered with {wrong}",
    )
    done = await home.continue_options(
        step["flow_id"], {"url": server.url, "secret": server.secret}
    )
    expect(done["type"] == "create_entry", f"linking ends with {done}")

    async def library() -> int | None:
        books = (await walk.house.server_api("GET", "/api/books"))["books"]
        return len(books) or None

    count = await wait_until("the server's list of titles", library, timeout_s=30)
    return f"{count} titles on the server"


async def ask_for_downloads(walk: Walk) -> str:
    """Ask for three titles: a short one, ten hours, and one that is AAX only."""
    for asin in _DOWNLOADED:
        await walk.house.home_assistant.call_action(DOMAIN, "download", {"asin": asin})
    walk.asked_at = time.monotonic()
    return f"{len(_DOWNLOADED)} titles"


async def downloads_are_whole(walk: Walk) -> str:
    """All of them arrive, at the pace at which Audible is asked."""
    sizes = [await _downloaded(walk, asin) for asin in _DOWNLOADED]
    megabytes = sum(sizes) / 1e6
    seconds = time.monotonic() - walk.asked_at
    return f"{len(sizes)} titles, {megabytes:.0f} MB, at most {seconds:.0f} s"


async def _downloaded(walk: Walk, asin: str) -> int:
    async def whole() -> int | None:
        book = await walk.house.server_api("GET", f"/api/books/{asin}")
        expect(book["state"] != "failed", f"{asin}: {book['error_text']}")
        is_whole = book["state"] in ("downloaded", "completed")
        return int(book["size_bytes"]) if is_whole else None

    return await wait_until(f"the download of {asin}", whole, timeout_s=180)


async def virtual_files_are_exact(walk: Walk) -> str:
    """Virtual M4B against ffmpeg: the sound of the whole, the bytes of 200 ranges."""
    findings = []
    for asin in (SHORT_ASIN, AAX_ASIN):
        whole = await fetch_audio(walk, asin)
        virtual = walk.house.folder / f"{asin}.virtual.m4b"
        virtual.write_bytes(whole)
        mine = await _pcm_digest(["-i", str(virtual)])
        reference = await _pcm_digest(_encrypted_input(walk, asin))
        expect(mine == reference, f"{asin}: the decoded sound differs from ffmpeg's")
        await _ranges_equal_whole(walk, asin, whole)
        findings.append(f"{asin} {len(whole)} bytes")
    return f"{', '.join(findings)}: same sound, {RANGE_COUNT} ranges each"


async def _ranges_equal_whole(walk: Walk, asin: str, whole: bytes) -> None:
    dice = random.Random(asin)
    for _ in range(RANGE_COUNT):
        first = dice.randrange(len(whole))
        last = min(len(whole) - 1, first + dice.choice((0, 15, 999, 65_536, 400_000)))
        part = await fetch_audio(walk, asin, f"bytes={first}-{last}")
        expect(part == whole[first : last + 1], f"{asin}: bytes {first}-{last} differ")


def _encrypted_input(walk: Walk, asin: str) -> list[str]:
    """Return ffmpeg's arguments to read the downloaded file with its key."""
    shop = demo_shop_now()
    library = walk.house.server.library
    if (aax := library / f"{asin}.aax").exists():
        activation_bytes = shop.accounts[DEMO_EMAIL].activation_bytes.hex()
        return ["-activation_bytes", activation_bytes, "-i", str(aax)]
    title = shop.titles[asin]
    return [
        *("-audible_key", title.content_key.hex()),
        *("-audible_iv", title.content_iv.hex()),
        *("-i", str(library / f"{asin}.aaxc")),
    ]


async def _pcm_digest(source: list[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-v", "error", *source, "-map", "0:a:0", "-f", "s16le", "-"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    sound, complaints = await process.communicate()
    expect(process.returncode == 0, f"ffmpeg: {complaints.decode()}")
    expect(len(sound) > 1_000_000, "there is hardly any sound")
    return hashlib.sha256(sound).hexdigest()
