"""Who sees whose reading: one's own, nobody's, and what is shown to all."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.setup import async_setup_component

from custom_components.audible_tracker.services import ACTIONS
from tests.integration.databases import rows
from tests.integration.steps import Household
from tests.integration.test_actions_books import ANNA, book_of
from tests.integration.test_dashboard import Screen
from tests.simulator.catalog import TREE_ASIN, UNDER_WAY_ASIN

type Connect = Callable[..., Awaitable[Any]]

PLACE = (
    "SELECT last_position_ms FROM audible_book_mappings "
    f"WHERE asin = '{UNDER_WAY_ASIN}' AND reader_id = {{}}"
)

ADMIN_ACTIONS = {
    *("add_reader", "take_title", "link_book", "unlink_book", "resolve_conflict"),
    *("merge_books", "delete_book", "import_books", "export_books", "rotate_keys"),
}


@pytest.fixture
async def users(hass: HomeAssistant) -> dict[str, User]:
    """Return the owner, Anna and Ben, who are persons of the house, and a guest."""
    users = {
        # The first one is the owner, whatever the group.
        name: await hass.auth.async_create_user(name, group_ids=[GROUP_ID_USER])
        for name in ("owner", "anna", "ben", "guest")
    }
    persons = [
        {"id": name, "name": name.title(), "user_id": users[name].id}
        for name in ("anna", "ben")
    ]
    assert await async_setup_component(hass, "person", {"person": persons})
    return users


@pytest.fixture
async def entry(household: Household, users: dict[str, User]) -> ConfigEntry:
    """Return an account that Anna listens with, who is tied to her person."""
    entry = await household.sign_up()
    await tie(household, entry, ANNA, "person.anna")
    return entry


async def tie(
    household: Household, entry: ConfigEntry, reader: str, person: str, **more: Any
) -> None:
    """Say which person a reader is."""
    flows = household.hass.config_entries.subentries
    form = await flows.async_init(
        (entry.entry_id, "reader"), context={"source": SOURCE_USER}
    )
    await flows.async_configure(
        form["flow_id"], {"reader": reader, "person": person, **more}
    )
    await household.settle()


async def refused(household: Household, action: str, user: User, **data: Any) -> str:
    """Call an action that fails; return why."""
    with pytest.raises(HomeAssistantError) as failed:
        await household.act(action, user.id, **data)
    return str(failed.value.translation_key)


async def test_what_is_hers_is_for_her_and_for_administrators(
    household: Household, entry: ConfigEntry, users: dict[str, User]
) -> None:
    """By name, by title or by book: nobody else sees or changes it."""
    await household.act("add_reader", name="Ben")
    book_id = await book_of(household, "Pride and Prejudice")
    asks: list[tuple[str, dict[str, Any]]] = [
        ("get_statistics", {"reader": ANNA}),
        ("search_books", {"reader": ANNA, "query": "pride"}),
        ("list_conflicts", {"reader": ANNA}),
        ("get_history", {"reader": ANNA}),
        ("get_history", {"asin": UNDER_WAY_ASIN}),
        ("get_history", {"book_id": book_id}),
        ("list_bookmarks", {"asin": UNDER_WAY_ASIN}),
        ("next_in_series", {"asin": UNDER_WAY_ASIN}),
        ("rate_book", {"book_id": book_id, "rating": 4}),
        ("set_goal", {"reader": ANNA, "kind": "books", "target": 12}),
        ("set_position", {"asin": UNDER_WAY_ASIN, "position": "1:00"}),
    ]
    for action, data in asks:
        for name in ("ben", "guest"):
            why = await refused(household, action, users[name], **data)
            assert why == "reading_hidden", action
        for name in ("anna", "owner"):
            await household.act(action, users[name].id, **data)


async def test_lists_of_all_leave_out_what_is_hidden(
    household: Household, entry: ConfigEntry, users: dict[str, User]
) -> None:
    """Who there is, what they read, and what waits for them."""
    await tie(household, entry, "Ben", "person.ben")
    anna = await household.act("get_status", users["anna"].id)
    ben = await household.act("get_status", users["ben"].id)
    synced = await household.act("sync_book", users["ben"].id, asin=UNDER_WAY_ASIN)
    owner = await household.act("get_status", users["owner"].id)
    why = await refused(household, "sync", users["ben"], dry_run=True)

    assert anna["readers"] == [{"reader": ANNA, "person": "person.anna"}]
    assert ben["readers"] == [{"reader": "Ben", "person": "person.ben"}]
    assert [one["reader"] for one in owner["readers"]] == [ANNA, "Ben"]
    assert [one["reader"] for one in ben["accounts"][0]["readers"]] == ["Ben"]
    assert {one["reader"] for one in anna["accounts"][0]["reading"]} == {ANNA}
    assert ben["accounts"][0]["reading"] == []
    assert (synced["titles"], synced["events"]) == ([], [])
    assert why == "reading_hidden"


async def test_conflicts_of_others_are_left_out(
    household: Household, users: dict[str, User]
) -> None:
    """They are neither counted nor listed nor shown by their number."""
    form = await household.begin()
    form = await household.answer(form, landing_url=await household.land(form))
    form = await household.answer(form, reader=ANNA, creates_books=False)
    entry = (await household.agree(form))["result"]
    await household.settle()
    listed = await household.act("list_conflicts", users["guest"].id)
    await tie(household, entry, ANNA, "person.anna")
    hidden = await household.act("list_conflicts", users["guest"].id)
    unlinked = await household.act("list_conflicts", users["guest"].id, unlinked=True)
    number = listed["conflicts"][0]["conflict_id"]
    why = await refused(household, "list_conflicts", users["guest"], conflict_id=number)
    hers = await household.act("list_conflicts", users["anna"].id)

    assert listed["total"] > 0
    assert (hidden["total"], hidden["conflicts"]) == (0, [])
    assert unlinked["total"] == 0
    assert why == "reading_hidden"
    assert hers["total"] == listed["total"]


async def test_a_tie_may_show_the_reading_to_all(
    household: Household, users: dict[str, User]
) -> None:
    """It then says only whose it is."""
    entry = await household.sign_up()
    await tie(household, entry, ANNA, "person.anna", shown_to_all=True)

    shown = await household.act("get_statistics", users["ben"].id)

    assert shown["reader"] == ANNA


async def test_title_of_several_readers_is_that_of_who_calls(
    household: Household, users: dict[str, User]
) -> None:
    """Else it would be the default reader's, as long as that one is shown."""
    entry = await household.sign_up()
    await tie(household, entry, ANNA, "person.anna", shown_to_all=True)
    await tie(household, entry, "Ben", "person.ben")
    await household.act("take_title", reader="Ben", asin=UNDER_WAY_ASIN)
    [(hers,)] = rows(household.hass, PLACE.format("1"))

    await household.act(
        "set_position", users["ben"].id, asin=UNDER_WAY_ASIN, position="1:00"
    )

    assert rows(household.hass, PLACE.format("2")) == [(60_000,)]
    assert rows(household.hass, PLACE.format("1")) == [(hers,)] != [(60_000,)]
    await household.act("set_position", asin=UNDER_WAY_ASIN, position="2:00")
    assert rows(household.hass, PLACE.format("1")) == [(120_000,)]


async def test_history_of_a_book_is_not_told_as_that_of_another_reader(
    household: Household, entry: ConfigEntry
) -> None:
    """Who names both a reader and a book means a book of that reader."""
    await household.act("add_reader", name="Ben")
    book_id = await book_of(household, "Pride and Prejudice")

    with pytest.raises(HomeAssistantError) as failed:
        await household.act("get_history", reader="Ben", book_id=book_id)

    assert failed.value.translation_key == "invalid_value"
    found = await household.act("get_history", reader=ANNA, book_id=book_id)
    assert found["history"]


async def test_cards_show_what_their_user_may_see(
    household: Household,
    entry: ConfigEntry,
    users: dict[str, User],
    hass_ws_client: Connect,
    socket_enabled: None,
) -> None:
    """A change of the tie is pushed like any other."""
    hass = household.hass
    await tie(household, entry, "Ben", "person.ben")
    book_id = await book_of(household, "Pride and Prejudice")
    tokens = {
        name: hass.auth.async_create_access_token(
            await hass.auth.async_create_refresh_token(user, "https://example.com/")
        )
        for name, user in users.items()
    }
    anna, ben, guest = [
        Screen(await hass_ws_client(hass, tokens[name]))
        for name in ("anna", "ben", "guest")
    ]

    assert (await anna.ask("shelf"))["data"]["readers"] == [ANNA]
    assert (await anna.ask("shelf"))["data"]["titles"]
    hers = (await anna.ask("book", book_id=book_id))["data"]
    assert (hers["reader"], hers["may_decide"]) == (ANNA, False)
    shelf = (await ben.ask("shelf"))["data"]
    assert (shelf["readers"], shelf["titles"]) == (["Ben"], [])
    books = (await ben.ask("books", config_entry_id=entry.entry_id))["data"]
    assert (books["reader"], books["readers"], books["books"]) == ("Ben", ["Ben"], [])
    for feed, wanted in (
        ("book", {"book_id": book_id}),
        ("books", {"reader": ANNA}),
        ("conflicts", {"reader": ANNA}),
        ("statistics", {"reader": ANNA}),
    ):
        error = (await ben.ask(feed, **wanted))["error"]
        assert error["translation_key"] == "reading_hidden", feed
    assert "error" in await guest.ask("statistics")
    hidden = (await guest.ask("shelf"))["data"]
    assert (hidden["readers"], hidden["titles"]) == ([], [])


async def test_what_is_heard_in_the_house_is_refused_too(
    household: Household, entry: ConfigEntry, users: dict[str, User]
) -> None:
    """Nobody is led to another's place by playing it, or by their own player."""
    play = {"asin": UNDER_WAY_ASIN, "entity_id": "media_player.kitchen"}
    own = household.entity_id("reader_1_player")

    by_title = await refused(household, "play", users["ben"], **play)
    by_player = await refused(household, "play", users["ben"], entity_id=own)

    assert {by_title, by_player} == {"reading_hidden"}


async def test_some_actions_are_for_administrators(
    household: Household, entry: ConfigEntry, users: dict[str, User]
) -> None:
    """To link, import, export, merge and delete, whosever books they are."""
    assert {name.value for name, one in ACTIONS.items() if one.needs_admin} == (
        ADMIN_ACTIONS
    )
    for action, data in (
        ("add_reader", {"name": "Cleo"}),
        ("merge_books", {"book_id": 1, "dropped_book_id": 2}),
        ("delete_book", {"book_id": 1}),
        ("export_books", {}),
        ("import_books", {}),
        ("link_book", {"asin": TREE_ASIN, "book_id": 1}),
    ):
        with pytest.raises(Unauthorized):
            await household.act(action, users["anna"].id, **data)
