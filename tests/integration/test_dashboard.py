"""What the cards get: feeds over WebSocket, pushed when something changes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker.actions.calls import async_show
from custom_components.audible_tracker.dashboard.commands import FEEDS
from custom_components.audible_tracker.dashboard.frontend import version_of
from tests.integration.steps import Household
from tests.integration.test_actions_books import ANNA, BEN, book_of, with_conflict
from tests.simulator.catalog import TREE_ASIN, UNDER_WAY_ASIN

type Connect = Callable[..., Awaitable[Any]]


class Screen:
    """A browser with a card on it."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def ask(self, feed: str, **wanted: Any) -> Any:
        """Subscribe; return what comes first."""
        command = {"type": f"audible_tracker/{feed}/subscribe", **wanted}
        await self.socket.send_json_auto_id(command)
        answer = await self.socket.receive_json()
        assert answer["success"], answer
        return await self.pushed()

    async def pushed(self) -> Any:
        """Return what is pushed next."""
        message = await self.socket.receive_json(timeout=5)
        assert message["type"] == "event"
        return message["event"]

    async def is_told(self) -> bool:
        """Tell whether something is pushed before the answer to a question."""
        await self.socket.send_json_auto_id({"type": "ping"})
        told = False
        while (await self.socket.receive_json())["type"] == "event":
            told = True
        return told


@pytest.fixture
async def screen(
    household: Household, hass_ws_client: Connect, socket_enabled: None
) -> Screen:
    """Return a screen of an administrator; there may be no account yet."""
    await async_setup_component(household.hass, "audible_tracker", {})
    return Screen(await hass_ws_client(household.hass))


async def test_a_screen_that_was_there_first_is_told_of_the_account(
    household: Household, screen: Screen
) -> None:
    """Before there is an account a card says so, and then shows it by itself."""
    told = [await screen.ask("shelf")]
    await household.sign_up()
    while "error" in told[-1]:
        told.append(await screen.pushed())

    assert told[0]["error"]["message"]
    assert told[0]["error"]["translation_domain"] == "homeassistant"
    assert told[-1]["data"]["titles"]


async def test_the_shelf_follows_the_listener(
    household: Household, screen: Screen, freezer: FrozenDateTimeFactory
) -> None:
    """The title heard last stands first; a move is pushed, a look is not."""
    await household.sign_up()
    shelf = (await screen.ask("shelf"))["data"]
    first = shelf["titles"][0]
    household.listen(UNDER_WAY_ASIN, first["position_ms"] + 600_000)
    await household.pass_time(freezer, timedelta(minutes=6))
    await household.pass_time(freezer, timedelta(seconds=1))
    moved = (await screen.pushed())["data"]["titles"][0]
    while await screen.is_told():
        await household.pass_time(freezer, timedelta(seconds=1))
    # Everything is looked at anew, and nothing is another one.
    await async_show(household.hass)
    await household.pass_time(freezer, timedelta(seconds=1))

    assert first["asin"] == UNDER_WAY_ASIN
    assert first["reader"] == ANNA
    assert first["authors"] == ["Jane Austen"]
    assert first["cover_url"] is None
    assert shelf["has_server"] is False
    heard = [one["last_heard_at"] for one in shelf["titles"]]
    assert heard == sorted(heard, reverse=True)
    assert moved["position_ms"] == first["position_ms"] + 600_000
    assert not await screen.is_told()


async def test_covers_come_from_the_house(
    household: Household, screen: Screen, hass_client: Connect
) -> None:
    """A browser asks this house alone, whichever account a title is of."""
    entry, _ = await with_conflict(household)
    shelf = (await screen.ask("shelf"))["data"]
    books = (await screen.ask("books", query="pride"))["data"]["books"]
    first = shelf["titles"][0]
    path = first["cover_path"]
    client = await hass_client()
    async with client.get(path) as answer:
        assert answer.content_type == "image/jpeg"

    assert path == f"/api/audible_tracker/cover/{entry.entry_id}/{first['asin']}"
    assert [book["cover_url"] for book in books] == [None]
    async with client.get(books[0]["cover_path"]) as answer:
        assert answer.status == 200


async def test_a_cover_that_a_person_chose_is_taken_from_where_it_is(
    household: Household, screen: Screen
) -> None:
    """It wins over the title's; without an address or a title there is none."""
    await household.sign_up()
    number = await book_of(household, "Pride and Prejudice")
    chosen = "https://covers.example/emma.jpg"
    await household.act("edit_book", book_id=number, cover_url=chosen)
    bare = await household.act("add_book", title="A book that is no title")
    mine = (await screen.ask("book", book_id=number))["data"]["book"]
    none = (await screen.ask("book", book_id=bare["book_id"]))["data"]["book"]

    assert (mine["cover_path"], mine["cover_url"]) == (None, chosen)
    assert (none["cover_path"], none["cover_url"]) == (None, None)


async def test_questions_are_pushed_as_they_are_answered(
    household: Household, screen: Screen
) -> None:
    """The card shows candidates with evidence; an answer leaves, its undo returns."""
    await with_conflict(household)
    shown = (await screen.ask("conflicts", limit=50))["data"]
    by_asin = {one["title"]["asin"]: one for one in shown["conflicts"]}
    number = by_asin[TREE_ASIN]["conflict_id"]
    await household.act("resolve_conflict", conflict_id=number, choice="ignore")
    after = (await screen.pushed())["data"]
    await household.act("resolve_conflict", conflict_id=number, undo=True)
    undone = (await screen.pushed())["data"]

    assert shown["may_decide"] is True
    assert shown["total"] == len(shown["conflicts"])
    candidate = by_asin[TREE_ASIN]["candidates"][0]
    assert candidate["evidence"][0]["words"]
    assert candidate["book"]["cover_path"] is None
    assert by_asin[TREE_ASIN]["title"]["cover_path"].endswith(TREE_ASIN)
    assert after["total"] == shown["total"] - 1
    assert [one["conflict_id"] for one in after["decided"]] == [number]
    assert after["decided"][0]["title"] == "Dracula"
    assert undone["total"] == shown["total"]
    assert undone["decided"] == []


async def test_who_is_no_administrator_sees_questions_and_decides_none(
    household: Household,
    screen: Screen,
    hass_ws_client: Connect,
    hass_read_only_access_token: str,
) -> None:
    """To say which book a title is, is for administrators, by card and by action."""
    await with_conflict(household)
    guest = Screen(await hass_ws_client(household.hass, hass_read_only_access_token))
    shown = (await guest.ask("conflicts"))["data"]
    user = await household.hass.auth.async_create_user(
        "Guest", group_ids=[GROUP_ID_USER]
    )

    assert shown["may_decide"] is False
    for action, data in (
        ("resolve_conflict", {"create_all": True}),
        ("link_book", {"asin": TREE_ASIN, "book_id": 1}),
        ("unlink_book", {"asin": TREE_ASIN}),
        ("take_title", {"asin": TREE_ASIN, "reader": BEN}),
    ):
        with pytest.raises(Unauthorized):
            await household.act(action, user.id, **data)


async def test_statistics_are_those_of_a_year(
    household: Household, screen: Screen
) -> None:
    """Without a year it is the last one up to today; goals and years come along."""
    await household.sign_up()
    await household.act("set_goal", kind="books", target=24)
    number = await book_of(household, "Dracula")
    day = (dt_util.now() - timedelta(days=3)).date().isoformat()
    await household.act("set_book_status", book_id=number, status="finished", date=day)
    await household.act("edit_read", book_id=number, finished_on="2020-02-01")
    lately = (await screen.ask("statistics"))["data"]
    newest = lately["known_years"][0]
    before = (await screen.ask("statistics", year=newest - 1, first_weekday=6))["data"]

    assert lately["reader"] == ANNA
    assert lately["today"] == lately["end_date"]
    assert lately["goals"][0]["target"] == 24
    assert lately["days"]
    assert [one["book"]["title"] for one in lately["finished"]] == ["Dracula"]
    assert lately["finished"][0]["book"]["cover_path"]
    assert lately["known_years"] == list(range(newest, 2019, -1))
    assert before["start_date"] == f"{newest - 1}-01-01"
    assert before["end_date"] == f"{newest - 1}-12-31"
    assert {day["start_date"][:4] for day in before["days"]} <= {str(newest - 1)}


async def test_books_are_searched_filtered_sorted_and_paged(
    household: Household, screen: Screen
) -> None:
    """One page at a time, with how many there are of each status."""
    await household.sign_up()
    all_of_them = (await screen.ask("books", limit=200, order="title"))["data"]
    found = (await screen.ask("books", query="austen PRIDE"))["data"]
    status = (await screen.ask("books", status="finished", limit=2))["data"]
    page = (await screen.ask("books", order="title", offset=1, limit=2))["data"]
    rated = (await screen.ask("books", order="rating", limit=1))["data"]

    titles = [book["title"].lower() for book in all_of_them["books"]]
    assert titles == sorted(titles)
    assert all_of_them["total"] == len(titles) == sum(all_of_them["counts"].values())
    assert [book["title"] for book in found["books"]] == ["Pride and Prejudice"]
    assert found["books"][0]["cover_path"]
    assert status["total"] == all_of_them["counts"]["finished"] > 2
    assert {book["status"] for book in status["books"]} == {"finished"}
    assert page["books"] == all_of_them["books"][1:3]
    assert rated["total"] == all_of_them["total"]


async def test_a_book_is_shown_with_its_passes_and_follows_each_edit(
    household: Household, screen: Screen
) -> None:
    """A note for oneself is in the book that is open, and in no action's answer."""
    await household.sign_up()
    number = await book_of(household, "Pride and Prejudice")
    before = (await screen.ask("book", book_id=number))["data"]
    answer = await household.act("edit_book", book_id=number, note="Lent by Ben")
    edited = (await screen.pushed())["data"]
    await household.act(
        "edit_read", book_id=number, finished_on="2020-02-01", started_on="2020-01-01"
    )
    reread = (await screen.pushed())["data"]
    await household.act("edit_book", book_id=number, clear=["note"])
    cleared = (await screen.pushed())["data"]
    double = await household.act("add_book", title="Pride and Prejudice, again")
    await household.act(
        "merge_books", book_id=number, dropped_book_id=double["book_id"]
    )
    merged = (await screen.pushed())["data"]["merged"]
    await household.act("merge_books", book_id=number, undo=True)
    apart = (await screen.pushed())["data"]["merged"]
    await household.act("delete_book", book_id=number)
    gone = await screen.pushed()

    assert before["book"]["note"] is None
    assert [title["asin"] for title in before["titles"]] == [UNDER_WAY_ASIN]
    assert edited["book"]["note"] == "Lent by Ben"
    assert "note" not in answer
    assert [read["finished_on"] for read in reread["reads"]] == ["2020-02-01", None]
    assert cleared["book"]["note"] is None
    assert merged["title"] == "Pride and Prejudice, again"
    assert apart is None
    assert gone["error"]["translation_key"] == "not_in_store"
    assert gone["error"]["message"]


async def test_two_readers_are_offered_and_the_first_one_is_shown(
    household: Household, screen: Screen
) -> None:
    """A card without a name shows somebody, and says who else there is."""
    entry, _ = await with_conflict(household)
    await household.act("add_reader", name=ANNA, config_entry_id=entry.entry_id)
    first = (await screen.ask("books"))["data"]
    other = (await screen.ask("books", reader=ANNA))["data"]
    account = {"config_entry_id": entry.entry_id}
    shelf = (await screen.ask("shelf", **account))["data"]
    nothing = (await screen.ask("shelf", reader=ANNA, **account))["data"]
    unknown = await screen.ask("shelf", reader="Nobody")

    assert first["reader"] in first["readers"]
    assert sorted(first["readers"]) == [ANNA, BEN]
    assert other["reader"] == ANNA
    assert {title["reader"] for title in shelf["titles"]} == {BEN}
    assert nothing["titles"] == []
    assert unknown["error"]["translation_key"] == "invalid_value"


async def test_a_wrong_question_is_refused_at_once(screen: Screen) -> None:
    """The command's own schema is that of the page in the documentation."""
    await screen.socket.send_json_auto_id(
        {"type": "audible_tracker/books/subscribe", "order": "smell"}
    )
    answer = await screen.socket.receive_json()

    assert answer["success"] is False
    assert answer["error"]["code"] == "invalid_format"


async def test_nothing_is_left_of_a_screen_that_is_closed(
    household: Household, screen: Screen
) -> None:
    """A closed browser costs nothing any more."""
    await household.sign_up()
    await screen.ask("shelf")
    await screen.socket.close()
    await household.settle()

    await household.act("add_book", title="Nobody is told")


async def test_pages_load_the_cards_where_there_is_a_frontend(
    hass: HomeAssistant, hass_client: Connect, socket_enabled: None
) -> None:
    """The address changes with the files, and what they import lies beside them."""
    hass.config.components.add("frontend")
    hass.data[DATA_EXTRA_MODULE_URL] = UrlManager(lambda *_: None, [])
    assert await async_setup_component(hass, "audible_tracker", {})
    [url] = hass.data[DATA_EXTRA_MODULE_URL].urls
    client = await hass_client()
    async with client.get(url) as answer:
        assert answer.status == 200
        assert answer.content_type in {"text/javascript", "application/javascript"}
        assert "max-age" in answer.headers["Cache-Control"]


def test_version_follows_names_and_contents(tmp_path: Path) -> None:
    """Browsers keep files for a month; a new release has another address."""
    (tmp_path / "a.js").write_text("one")
    first = version_of(tmp_path)
    assert first == version_of(tmp_path)
    (tmp_path / "a.js").write_text("two")
    second = version_of(tmp_path)
    (tmp_path / "a.js").rename(tmp_path / "b.js")

    assert len({first, second, version_of(tmp_path)}) == 3


def test_every_feed_is_documented() -> None:
    """Each command and each of its fields stands in docs/cards.md."""
    page = (Path(__file__).parents[2] / "docs/cards.md").read_text(encoding="utf-8")

    for name, question in FEEDS.items():
        assert f"### `audible_tracker/{name}/subscribe`" in page
        for field in question.fields:
            assert f"`{field}`" in page
