"""Steps: a house in which somebody listens, and what it asks, shows and does."""

from typing import Any, Final

from playwright.async_api import Page

from tests.simulator.catalog import SHORT_ASIN

from .browser import in_every_look, open_home
from .dashboard import DASHBOARD
from .dialog_steps import submit, window
from .goodreads_file import UNSURE_TITLES
from .home_steps import KITCHEN
from .listener import FIRST_BOOK
from .processes import wait_until
from .store_steps import act
from .tracker_database import count_rows, open_database, recorded_events
from .walk import DOMAIN, EVENT, Walk, demo_titles, expect, progress_state

_MS_PER_MINUTE: Final = 60_000
_NEAR_S: Final = 3.0
_COVERS_MS: Final = 2500


async def the_library_finds_its_books(walk: Walk) -> str:
    """Titles are linked with what Goodreads knew; the unsure ones are one repair."""
    folder = walk.house.home_process.folder
    is_linked = "book_id IN (SELECT id FROM books WHERE source = 'import')"
    linked = count_rows(folder, "audible_book_mappings", is_linked)
    listed = await act(walk, "list_conflicts", {})
    asked = {conflict["title"]["title"] for conflict in listed["conflicts"]}
    expect(asked == set(UNSURE_TITLES), f"these are asked about: {asked}")
    issues = await _questions(walk)
    expect(len(issues) == 1, f"the repairs are {issues}")
    return f"{linked} linked with books of Goodreads, {len(asked)} asked about"


async def the_dashboard_shows_it(walk: Walk) -> str:
    """Opened without a path, all cards have something to show, and none complains."""
    home = walk.house.home_assistant
    said: list[str] = []
    async with window(walk) as page:
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console",
            lambda message: (
                said.append(message.text) if message.type == "error" else None
            ),
        )
        await open_home(page, home, "/")
        await page.wait_for_url(f"**/{DASHBOARD}/**")
        await _is_drawn(page)
        await in_every_look(page, walk.picture, "dashboard")
        await open_home(page, home, f"/{DASHBOARD}/tracker")
        await (
            page.locator("audible-tracker-books-card")
            .get_by_text("Persuasion")
            .wait_for()
        )
        await page.wait_for_timeout(_COVERS_MS)
        await in_every_look(page, walk.picture, "dashboard-tracker")
    expect(not said, f"the browser says: {said}")
    return "shelf, questions, statistics and tracker; the console is silent"


async def _is_drawn(page: Page) -> None:
    shelf = page.locator("audible-tracker-card")
    await shelf.locator(f"[data-asin={FIRST_BOOK}] img").wait_for()
    await page.locator("audible-tracker-stats-card .figures").wait_for()
    questions = page.locator("audible-tracker-conflicts-card")
    await questions.get_by_text(f"of {len(UNSURE_TITLES)}", exact=False).wait_for()
    await page.wait_for_timeout(_COVERS_MS)


async def the_repair_is_answered(walk: Walk) -> str:
    """In Home Assistant's own dialog, title after title, until no question is left."""
    async with window(walk, "/config/repairs") as page:
        await page.get_by_text("need you").click()
        flow = page.locator("dialog-data-entry-flow")
        for left in range(len(UNSURE_TITLES), 0, -1):
            await flow.get_by_text(f"Titles left: {left}.").wait_for()
            if left == len(UNSURE_TITLES):
                await in_every_look(page, walk.picture, "repair")
            # The likeliest book stands first.
            await flow.locator("ha-radio-option").first.click()
            await submit(flow)
        await flow.get_by_text(f"Decided now: {len(UNSURE_TITLES)}").wait_for()
        await submit(flow)
        await flow.get_by_role("button", name="Finish").click()

    async def is_gone() -> bool | None:
        return None if await _questions(walk) else True

    await wait_until("the end of the repair", is_gone, timeout_s=15)
    left = (await act(walk, "list_conflicts", {}))["total"]
    expect(left == 0, f"{left} questions are left")
    return f"{len(UNSURE_TITLES)} titles decided, the repair is gone"


async def _questions(walk: Walk) -> list[dict[str, Any]]:
    home = walk.house.home_assistant
    listed = await home.websocket({"type": "repairs/list_issues"})
    return [issue for issue in listed["issues"] if issue["domain"] == DOMAIN]


async def a_heard_book_sets_off_an_automation(walk: Walk) -> str:
    """Polls of positions see a book to its end; the blueprint's automation tells it."""
    home, folder = walk.house.home_assistant, walk.house.home_process.folder
    title = demo_titles()[FIRST_BOOK].title

    async def told() -> bool | None:
        notes = await home.websocket({"type": "persistent_notification/get"})
        is_told = any(
            (note["title"], note["message"]) == ("Finished", title) for note in notes
        )
        return True if is_told else None

    await wait_until("the notification", told, timeout_s=150)
    walk.end_listening()

    async def recorded() -> int | None:
        events = recorded_events(folder, EVENT)
        return len([one for one in events if _is_finish(one)]) or None

    count = await wait_until("the event", recorded, timeout_s=15)
    expect(count == 1, f"it was told {count} times")
    return f"{title}: heard, finished by a poll, told once"


def _is_finish(event: dict[str, Any]) -> bool:
    return event["type"] == "book_finished" and event["asin"] == FIRST_BOOK


async def the_kitchen_plays_and_is_followed(walk: Walk) -> str:
    """A real player plays a book from the server; its place becomes the reader's."""
    home, player = walk.house.home_assistant, {"entity_id": KITCHEN}
    runtime_s = demo_titles()[SHORT_ASIN].runtime_ms / 1000
    answer = await act(walk, "play", player | {"asin": SHORT_ASIN})
    expect(answer["state"] == "playing", f"the player is {answer}")

    async def heard_s() -> float | None:
        said = await walk.speaker.ask()
        place_s = float(said.get("elapsed", 0))
        return place_s if said["state"] == "play" and place_s > 1 else None

    await wait_until("sound in the kitchen", heard_s, timeout_s=20)
    seek = player | {"seek_position": runtime_s / 2}
    await home.call_action("media_player", "media_seek", seek)
    await home.call_action("media_player", "media_pause", player)
    paused_s = float((await walk.speaker.ask())["elapsed"])

    async def followed() -> str | None:
        state = await progress_state(walk.house, SHORT_ASIN)
        place_s = float(state["state"]) * runtime_s / 100 if state else 0
        is_there = state is not None and abs(place_s - paused_s) < _NEAR_S
        return str(state["state"]) if state and is_there else None

    percentage = await wait_until("the player's place", followed, timeout_s=30)
    await home.call_action("media_player", "media_stop", player)
    return f"paused at {paused_s:.0f} s of {runtime_s:.0f} s: {percentage} %"


async def statistics_are_there(walk: Walk) -> str:
    """Home Assistant's own statistics hold each minute that the tracker knows of."""
    home, folder = walk.house.home_assistant, walk.house.home_process.folder
    listed = await home.websocket({"type": "recorder/list_statistic_ids"})
    [one] = [known for known in listed if known["source"] == DOMAIN]
    statement = "SELECT sum(listened_ms), count(*) FROM listening_days"
    with open_database(folder) as connection:
        listened_ms, days = connection.execute(statement).fetchone()
    wanted = {
        "type": "recorder/statistics_during_period",
        "start_time": "2020-01-01T00:00:00+00:00",
        "statistic_ids": [one["statistic_id"]],
        "period": "day",
        "types": ["sum", "state"],
    }

    async def whole() -> float | None:
        rows = (await home.websocket(wanted)).get(one["statistic_id"], [])
        minutes = float(rows[-1]["sum"]) if rows else 0.0
        is_whole = abs(minutes - listened_ms / _MS_PER_MINUTE) < 1
        return minutes if is_whole else None

    minutes = await wait_until("the whole sum", whole, timeout_s=15)
    return f"{minutes / 60:.0f} hours on {days} days"
