"""The server's own page in a real browser: what a listener does there."""

import asyncio
import json
import os
from typing import Any, Final

import pytest
from playwright.async_api import Page, Route, expect

from tests.simulator.catalog import (
    AAX_ASIN,
    SHORT_ASIN,
    TEN_HOUR_ASIN,
    UNSTARTED_ASIN,
)

from .browser import in_every_look
from .home_assistant import REPOSITORY
from .page_house import PageHouse
from .processes import wait_until
from .walk import demo_titles

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

AXE: Final = REPOSITORY / ".cache/javascript/node_modules/axe-core/axe.min.js"
TIMES: Final = "\u00d7"
SHORT: Final = demo_titles()[SHORT_ASIN]


async def _sound(page: Page, member: str) -> Any:
    return await page.evaluate(f"document.querySelector('audio').{member}")


async def _play(house: PageHouse, page: Page, asin: str = SHORT_ASIN) -> None:
    """Find a title by searching, play it, and hear it."""
    await house.download(asin)
    await page.get_by_role("searchbox").fill(demo_titles()[asin].title or asin)
    await page.get_by_role("button", name=f"Play: {demo_titles()[asin].title}").click()

    async def is_heard() -> bool | None:
        return True if await _sound(page, "currentTime") > 0.3 else None

    await wait_until("sound", is_heard, timeout_s=30)


async def _set_speed(page: Page, speed: str) -> None:
    await page.get_by_role("button", name="Speed, now").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name=f"{speed}{TIMES}", exact=True).click()
    await page.keyboard.press("Escape")


async def _position_ms(house: PageHouse, asin: str = SHORT_ASIN) -> int | None:
    place = (await house.api("GET", f"/api/books/{asin}/position"))["position"]
    return None if place is None else place["position_ms"]


async def _kept(house: PageHouse, wanted_ms: float, *, within_ms: float = 1500) -> None:
    """Wait until the server keeps about this position."""

    async def is_kept() -> bool | None:
        at = await _position_ms(house)
        return True if at is not None and abs(at - wanted_ms) < within_ms else None

    await wait_until(f"{wanted_ms} ms on the server", is_kept, timeout_s=20)


async def test_a_wrong_secret_is_refused_in_a_sentence(page_house: PageHouse) -> None:
    """The page asks for the secret, says what is wrong, and lets in who knows it."""
    context = await page_house.browser.new_context()
    page = await context.new_page()
    await page.goto(page_house.server.url)
    await page.get_by_label("Secret", exact=True).fill("certainly not the secret")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("secret")
    await page.get_by_label("Secret", exact=True).fill(page_house.server.secret)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("searchbox").wait_for()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_label("Secret", exact=True).wait_for()
    await context.close()


async def test_search_and_filter_find_titles(page_house: PageHouse) -> None:
    """What is typed is looked for in titles and authors; a filter narrows it down."""
    await page_house.download(SHORT_ASIN)
    page = await page_house.open()
    books = page.locator("#books > li")
    await page.get_by_role("searchbox").fill("dickens")
    await expect(books.first).to_contain_text("Charles Dickens")
    await expect(books.filter(has_text=SHORT.title)).to_have_count(0)
    await page.get_by_role("searchbox").fill("no such title at all")
    await expect(page.get_by_text("Nothing fits.")).to_be_visible()
    await page.get_by_role("searchbox").fill("")
    await page.get_by_label("Show").select_option("here")
    await expect(books.filter(has_text=SHORT.title)).to_be_visible()
    await expect(books.filter(has_text="Dickens")).to_have_count(0)
    await page.close()


async def test_the_place_is_kept_and_gone_on_from(page_house: PageHouse) -> None:
    """The position reaches the server; a new visit goes on there."""
    page = await page_house.open()
    await _play(page_house, page)
    await page.evaluate("document.querySelector('audio').currentTime = 60")
    await _kept(page_house, 60_000, within_ms=8000)
    await page.get_by_role("button", name="Pause", exact=True).click()
    at_ms = await _sound(page, "currentTime") * 1000
    await _kept(page_house, at_ms)
    await page.close()

    page = await page_house.open()
    await _play(page_house, page)

    assert abs(await _sound(page, "currentTime") * 1000 - at_ms) < 4000
    await page.close()


async def test_a_place_that_could_not_be_sent_is_sent_later(
    page_house: PageHouse,
) -> None:
    """Without a connection the place stays on the device until the next visit."""
    page = await page_house.open()
    await _play(page_house, page)
    await page.route("**/position", lambda route: route.abort())
    await page.evaluate("document.querySelector('audio').currentTime = 30")
    await page.wait_for_timeout(500)
    await page.get_by_role("button", name="Pause", exact=True).click()
    await page.wait_for_timeout(500)
    await page.unroute("**/position")
    await page.close(run_before_unload=False)

    page = await page_house.open()
    await _kept(page_house, 30_000, within_ms=4000)
    await page.close()


async def test_a_place_that_cannot_be_learnt_is_not_overwritten(
    page_house: PageHouse,
) -> None:
    """Nothing plays from the start instead, and the kept place stays."""
    path = f"/api/books/{SHORT_ASIN}/position"
    await page_house.api("PUT", path, {"position_ms": 77_000})
    page = await page_house.open()
    await page.route("**/position", lambda route: route.fulfill(status=503, json={}))
    await page.get_by_role("searchbox").fill(SHORT.title or "")
    await page.get_by_role("button", name=f"Play: {SHORT.title}").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("#player-bar")).to_have_count(0)
    await page.unroute("**/position")

    async def slowly(route: Route) -> None:
        await asyncio.sleep(2 if route.request.method == "GET" else 0)
        await route.continue_()

    await page.route("**/position", slowly)
    await page.get_by_role("button", name=f"Play: {SHORT.title}").click()
    await page.wait_for_timeout(4_000)
    assert (await _position_ms(page_house) or 0) > 70_000
    assert await _sound(page, "currentTime") > 70
    await page.close()


async def test_the_slider_can_be_dragged_while_it_plays(page_house: PageHouse) -> None:
    """It stays where it is held, and the sound goes there when it is let go."""
    page = await page_house.open()
    await _play(page_house, page)
    box = await page.get_by_role("slider", name="Position").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    await page.wait_for_timeout(1_200)
    await page.mouse.up()
    share = await _sound(page, "currentTime") / await _sound(page, "duration")
    assert abs(share - 0.6) < 0.05
    await page.close()


async def test_a_download_is_deleted_when_asked_twice(page_house: PageHouse) -> None:
    """One click too many deletes nothing."""
    await page_house.download(AAX_ASIN)
    title = demo_titles()[AAX_ASIN].title
    page = await page_house.open()
    await page.get_by_role("searchbox").fill(title or "")
    book = page.locator("#books > li", has_text=title)
    await book.get_by_text("More").click()
    await page.get_by_role("button", name=f"Delete download: {title}").click()
    assert (await page_house.api("GET", f"/api/books/{AAX_ASIN}"))["is_downloaded"]
    await page.get_by_role("button", name=f"Really delete: {title}").click()
    await expect(book).to_contain_text("Not downloaded")
    assert not (await page_house.api("GET", f"/api/books/{AAX_ASIN}"))["is_downloaded"]
    await page.close()


async def test_a_file_of_no_title_is_given_one(page_house: PageHouse) -> None:
    """What the scan does not recognise is shown with its reason, and assigned."""
    library = page_house.server.library
    await page_house.download(SHORT_ASIN)
    stranger = library / "Something.mp3"
    made = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=3", str(stranger))
    )
    assert await made.wait() == 0
    os.utime(stranger, (1_700_000_000, 1_700_000_000))
    page = await page_house.open("files")
    row = page.locator("#files > li", has_text="Something.mp3")

    async def is_listed() -> bool | None:
        await page.get_by_role("button", name="Look into the folder again").click()
        await page.wait_for_timeout(2_500)
        return True if await row.count() else None

    await wait_until("the file", is_listed, timeout_s=40)
    await page.get_by_label("Title of Something.mp3").fill(UNSTARTED_ASIN)
    await row.get_by_role("button", name="This is it").click()
    await expect(row).to_have_count(0)
    assert (await page_house.api("GET", f"/api/books/{UNSTARTED_ASIN}"))[
        "is_downloaded"
    ]
    # Perhaps before anybody has looked into it.
    page_house.expected_in_logs.append(f"length of {UNSTARTED_ASIN} is unknown")
    stranger.unlink()
    await page.close()


async def test_skips_chapters_and_keys_move_the_place(page_house: PageHouse) -> None:
    """Buttons, the keyboard and headphones do the same."""
    chapters = (await page_house.api("GET", f"/api/books/{SHORT_ASIN}/chapters"))[
        "chapters"
    ]
    second_s = chapters[1]["start_ms"] / 1000
    page = await page_house.open()
    await _play(page_house, page)
    await page.evaluate("document.querySelector('audio').currentTime = 1")

    async def moves(to_s: float) -> None:
        async def is_there() -> bool | None:
            return True if abs(await _sound(page, "currentTime") - to_s) < 3 else None

        await wait_until(f"the place {to_s} s", is_there, timeout_s=10)

    await page.get_by_role("button", name="Next chapter").click()
    await moves(second_s)
    await expect(page.locator("#chapter")).to_have_text(chapters[1]["title"])
    await page.get_by_role("button", name="Previous chapter").click()
    await moves(0)
    await page.get_by_role("button", name="Forward 30 seconds").click()
    await moves(30)
    await page.locator("body").press("ArrowLeft")
    await moves(0)
    await page.evaluate("window.mediaKeys.seekforward({seekOffset: 30})")
    await moves(30)
    await page.evaluate("window.mediaKeys.nexttrack({})")
    await moves(next(c["start_ms"] for c in chapters if c["start_ms"] > 31_000) / 1000)
    await page.evaluate("window.mediaKeys.pause({})")
    assert await _sound(page, "paused")
    assert await page.evaluate("navigator.mediaSession.metadata.album") == SHORT.title
    await page.close()


async def test_speed_is_kept_for_each_title(page_house: PageHouse) -> None:
    """A speed belongs to its title and is there again at the next visit."""
    page = await page_house.open()
    await _play(page_house, page)
    await page.get_by_role("button", name=f"Speed, now 1{TIMES}").click()
    await page.get_by_role("dialog").get_by_role("button", name=f"1.5{TIMES}").click()
    await page.keyboard.press("Escape")
    assert await _sound(page, "playbackRate") == 1.5
    assert await _sound(page, "preservesPitch")
    await page.close()

    page = await page_house.open()
    await _play(page_house, page)
    assert await _sound(page, "playbackRate") == 1.5
    await page.get_by_role("button", name=f"Speed, now 1.5{TIMES}").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name=f"1{TIMES}", exact=True).click()
    await page.close()


async def test_the_sleep_timer_ends_with_the_chapter_at_double_speed(
    page_house: PageHouse,
) -> None:
    """After a seek and at another speed the sound fades and ends at the chapter."""
    chapters = (await page_house.api("GET", f"/api/books/{SHORT_ASIN}/chapters"))[
        "chapters"
    ]
    end_s = chapters[2]["start_ms"] / 1000
    page = await page_house.open()
    await _play(page_house, page)
    await page.evaluate(
        "(at) => { document.querySelector('audio').currentTime = at }",
        chapters[1]["start_ms"] / 1000 + 1,
    )
    await page.wait_for_timeout(500)
    await page.get_by_role("button", name="Sleep timer").click()
    await page.get_by_role("dialog").get_by_role("button", name="This chapter").click()
    await page.evaluate(
        "(at) => { document.querySelector('audio').currentTime = at }", end_s - 8
    )
    await _set_speed(page, "2")
    assert await _sound(page, "playbackRate") == 2
    await page.wait_for_timeout(1000)
    assert await _sound(page, "volume") < 0.3

    async def has_ended() -> bool | None:
        return True if await _sound(page, "paused") else None

    await wait_until("the end of the chapter", has_ended, timeout_s=20)
    assert abs(await _sound(page, "currentTime") - end_s) < 0.5
    assert await _sound(page, "volume") == 1
    await _set_speed(page, "1")
    await page.close()


async def test_bookmarks_have_notes_and_lead_back(page_house: PageHouse) -> None:
    """A bookmark is added, renamed, found again by a new visit, gone to, deleted."""
    page = await page_house.open()
    await _play(page_house, page)
    await page.evaluate("document.querySelector('audio').currentTime = 42")
    await page.get_by_role("button", name="Pause", exact=True).click()
    await page.get_by_role("button", name="Bookmarks, 0").click()
    await page.get_by_label("A note for").fill("The door")
    await page.get_by_role("button", name="Add bookmark").click()
    note = page.get_by_label("Note at 0:42")
    await expect(note).to_have_value("The door")
    await note.fill("The second door")
    await note.press("Tab")
    await page.close()

    page = await page_house.open()
    await _play(page_house, page)
    await page.get_by_role("button", name="Bookmarks, 1").click()
    await expect(page.get_by_label("Note at 0:42")).to_have_value("The second door")
    await page.get_by_role("button", name="Go to 0:42").click()
    assert abs(await _sound(page, "currentTime") - 42) < 2
    await page.get_by_role("button", name="Bookmarks, 1").click()
    await page.get_by_role("button", name="Delete the bookmark at 0:42").click()
    await expect(page.get_by_text("No bookmarks yet.")).to_be_visible()
    assert (await page_house.api("GET", f"/api/books/{SHORT_ASIN}/bookmarks"))[
        "bookmarks"
    ] == []
    await page.close()


async def test_downloads_are_shown_and_can_be_cancelled(page_house: PageHouse) -> None:
    """Work under way moves by itself; it is paused, gone on with, given up, retried."""
    title = demo_titles()[TEN_HOUR_ASIN].title
    page = await page_house.open("jobs")
    job = page.locator("#jobs > li", has_text=title).filter(has_text="Download:")

    async def press(verb: str, then: str) -> None:
        await page.get_by_role("button", name=f"{verb}: {title}").click()
        await expect(job).to_contain_text(f"Download: {then}", timeout=20_000)

    await page_house.set_line(2_000)
    try:
        await page_house.api("POST", f"/api/books/{TEN_HOUR_ASIN}/download")
        await expect(job.get_by_role("progressbar")).to_be_visible(timeout=30_000)
        await press("Pause", "paused")
        await press("Go on", "under way")
        await press("Cancel", "cancelled")
    finally:
        await page_house.set_line(None)
    await press("Try again", "done")
    await page.close()


async def test_the_self_check_says_that_all_is_well(page_house: PageHouse) -> None:
    """Each thing has a line; with a title here all of them are in order."""
    await page_house.download(SHORT_ASIN)
    page = await page_house.open("checks")
    await expect(page.locator("#checks > li").first).to_be_visible(timeout=30_000)
    assert await page.locator("#checks > li:not(.ok)").all_inner_texts() == []
    await page.close()


async def test_every_view_is_fit_for_screen_readers(page_house: PageHouse) -> None:
    """The axe rules find nothing, in light and dark; pictures are kept to look at."""
    axe = await asyncio.to_thread(AXE.read_text)
    pictures = page_house.folder.parent / "pictures"
    pictures.mkdir(exist_ok=True)
    page = await page_house.open()
    await _play(page_house, page)
    await page.get_by_role("searchbox").fill("")
    await page.wait_for_timeout(500)
    faults: list[str] = []
    for view in ("library", "jobs", "files", "checks"):
        await page.goto(f"{page_house.server.url}/#{view}")
        await page.locator("main li, main .empty").first.wait_for()
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.evaluate(axe)
            found = await page.evaluate("axe.run()")
            faults += [f"{view} {scheme}: {json.dumps(f)}" for f in found["violations"]]
        await in_every_look(page, lambda name: pictures / f"{name}.png", f"page-{view}")
    for sheet in ("Chapters", "Bookmarks", "Sleep timer", "Speed"):
        await page.get_by_role("button", name=sheet).first.click()
        await page.evaluate(axe)
        found = await page.evaluate("axe.run()")
        faults += [f"{sheet}: {json.dumps(f)}" for f in found["violations"]]
        name = f"page-{sheet.split()[0].lower()}"
        await in_every_look(page, lambda look: pictures / f"{look}.png", name)
        await page.keyboard.press("Escape")
    await page.close()

    assert faults == []
