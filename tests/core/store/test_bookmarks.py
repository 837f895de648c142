"""Bookmarks: each once, the newest word counts, and what an import made can go."""

from dataclasses import replace
from datetime import timedelta

from audible_core.bookmark import Bookmark
from audible_core.kinds import Source
from audible_core.store.bookmarks import (
    add_bookmarks,
    delete_bookmark,
    delete_bookmarks_of_import,
    find_holder,
    load_bookmarks,
    save_bookmark,
)
from audible_core.store.links import delete_unused_links, save_links
from audible_core.store.readers import add_reader
from audible_core.store.records import LinkId, SyncLogId

from tests.core.store.household import (
    MINUTE,
    NOW,
    Household,
    asin,
    link,
    linked_book,
)

IMPORT = SyncLogId(7)


def mark(key: str = "a", position_ms: int = 1000, **fields: object) -> Bookmark:
    """Return a bookmark of the page."""
    one = Bookmark(Source.PLAYER, key, position_ms, f"note {key}", NOW, NOW)
    return replace(one, **fields)  # type: ignore[arg-type]


async def kept(household: Household) -> dict[LinkId, tuple[Bookmark, ...]]:
    """Return the reader's bookmarks."""
    async with household.store.reading() as connection:
        return await load_bookmarks(connection, household.reader_id)


async def test_bookmarks_are_listed_by_title_and_place(household: Household) -> None:
    """Those of another reader are not among them."""
    first, _ = await linked_book(household, 1)
    second, _ = await linked_book(household, 2)
    async with household.store.transaction() as connection:
        ben = await add_reader(connection, "Ben", person=None, now=NOW)
        his = replace(link(household, 1), reader_id=ben)
        links = await save_links(connection, (his,), now=NOW)
        marks = (mark("a", 9), mark("b", 5), mark("c", 5, created_at=NOW - MINUTE))
        for one in marks:
            assert await save_bookmark(connection, first, one)
        assert await save_bookmark(connection, second, marks[0])
        assert await save_bookmark(connection, links[ben, asin(1)], mark("his"))

    a, b, c = marks
    assert await kept(household) == {first: (c, b, a), second: (a,)}


async def test_what_is_told_again_changes_nothing(household: Household) -> None:
    """Only what is newer does; a bookmark is known by its source and its key."""
    link_id, _ = await linked_book(household)
    newer = mark("a", 2000, note="\0again", updated_at=NOW + MINUTE)
    async with household.store.transaction() as connection:
        assert await save_bookmark(connection, link_id, mark())
        assert not await save_bookmark(connection, link_id, mark())
        assert await save_bookmark(connection, link_id, newer)
        assert not await save_bookmark(connection, link_id, mark(position_ms=3))
        other = mark(source=Source.USER)
        assert await save_bookmark(connection, link_id, other)

    assert await kept(household) == {link_id: (other, replace(newer, note="again"))}


async def test_bookmark_is_found_and_deleted_among_titles(household: Household) -> None:
    """By its source and its key; one that is not there is no mistake."""
    first, _ = await linked_book(household, 1)
    second, _ = await linked_book(household, 2)
    links = [first, second]
    async with household.store.transaction() as connection:
        await save_bookmark(connection, second, mark())
        assert second == await find_holder(connection, links, Source.PLAYER, "a")
        for gone in (
            ([first], Source.PLAYER, "a"),
            (links, Source.USER, "a"),
            (links, Source.PLAYER, "b"),
            ([], Source.PLAYER, "a"),
        ):
            assert await find_holder(connection, *gone) is None
            assert not await delete_bookmark(connection, *gone)
        assert await delete_bookmark(connection, links, Source.PLAYER, "a")

    assert await kept(household) == {}


async def test_import_adds_what_is_not_known_and_takes_it_back(
    household: Household,
) -> None:
    """What the page has said of it since is the page's."""
    link_id, _ = await linked_book(household)
    told = mark("b", 2000, updated_at=NOW + MINUTE)
    async with household.store.transaction() as connection:
        await save_bookmark(connection, link_id, mark("own"))
        wanted = [(link_id, mark(key)) for key in ("own", "a", "b")]
        wanted[0] = (link_id, mark("own", 5, updated_at=NOW + MINUTE))
        for _ in range(2):
            await add_bookmarks(connection, wanted, sync_log_id=IMPORT)
        await save_bookmark(connection, link_id, told)
    assert await kept(household) == {link_id: (mark("a"), mark("own"), told)}

    async with household.store.transaction() as connection:
        await delete_bookmarks_of_import(connection, IMPORT)
    assert await kept(household) == {link_id: (mark("own"), told)}


async def test_bookmarks_go_with_their_title_and_keep_it(household: Household) -> None:
    """A title that only an import brought stays if somebody has marked it since."""
    async with household.store.transaction() as connection:
        found = await save_links(
            connection,
            [link(household, number, account_id=None) for number in (1, 2)],
            now=NOW - timedelta(days=1),
        )
        first, second = found.values()
        await add_bookmarks(connection, [(first, mark())], sync_log_id=IMPORT)
        await save_bookmark(connection, second, mark())
        asins = (asin(1), asin(2))
        await delete_unused_links(connection, household.reader_id, asins)

    assert await kept(household) == {second: (mark(),)}
