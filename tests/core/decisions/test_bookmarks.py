"""Bookmarks of the server's page belong to whoever listens to the title."""

from dataclasses import replace

from audible_core.bookmark import Bookmark
from audible_core.decisions.bookmarks import (
    forget_bookmark,
    list_bookmarks,
    take_bookmark,
)
from audible_core.decisions.links import take_title
from audible_core.kinds import Source
from audible_core.models import Asin
from audible_core.store.records import ReaderId

from tests.core.decisions.home import ACTOR, HOUR, Home, title
from tests.core.store.household import NOW, asin

FIRST = asin(1)
MARK = Bookmark(Source.PLAYER, "a", 1000, "Who is she?", NOW, NOW)


async def take(home: Home, bookmark: Bookmark, of: Asin = FIRST) -> bool:
    """Let the page tell of a bookmark."""
    household = home.household
    async with household.store.transaction() as connection:
        return await take_bookmark(connection, household.account_id, of, bookmark)


async def forget(home: Home, key: str, of: Asin = FIRST) -> bool:
    """Let the page tell that one was deleted."""
    household = home.household
    async with household.store.transaction() as connection:
        return await forget_bookmark(
            connection, household.account_id, of, Source.PLAYER, key
        )


async def marks(home: Home, reader: ReaderId) -> dict[Asin, tuple[Bookmark, ...]]:
    """Return a reader's bookmarks."""
    async with home.household.store.reading() as connection:
        found = await list_bookmarks(connection, reader)
    return {one.link.fields.asin: one.bookmarks for one in found}


async def test_bookmark_is_the_readers_of_the_title(home: Home) -> None:
    """A title that nobody has is nobody's bookmark."""
    await home.sync(title(1), title(2))
    assert await take(home, MARK)
    assert await take(home, MARK)
    assert not await take(home, MARK, asin(9))
    assert not await forget(home, "a", asin(9))
    assert not await forget(home, "b")

    assert await marks(home, home.household.reader_id) == {asin(1): (MARK,)}
    async with home.household.store.reading() as connection:
        other = (await home.link(2)).link_id
        assert () == await list_bookmarks(connection, home.household.reader_id, other)


async def test_bookmark_stays_with_who_made_it(home: Home) -> None:
    """After the title was taken too, when it is changed, and until it is deleted."""
    anna, ben = home.household.reader_id, home.ben
    await home.sync(title(1))
    await take(home, MARK)
    async with home.household.store.transaction() as connection:
        await take_title(connection, ben, asin(1), actor=ACTOR, now=NOW)

    later = replace(MARK, note="Her aunt", updated_at=NOW + HOUR)
    his = replace(MARK, key="b")
    assert await take(home, later)
    assert await take(home, his)
    assert await marks(home, anna) == {asin(1): (later,)}
    assert await marks(home, ben) == {asin(1): (his,)}

    assert await forget(home, "a")
    assert await marks(home, anna) == {}
    assert await marks(home, ben) == {asin(1): (his,)}
