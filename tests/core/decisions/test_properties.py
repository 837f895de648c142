"""Whatever people decide, in whatever order: nothing is lost, and all can be undone."""

from random import Random

import pytest
from audible_core.decisions.books import delete_book, merge_books, set_book_status
from audible_core.decisions.conflicts import undo_resolution
from audible_core.decisions.links import create_book_for, link_title, unlink_title
from audible_core.errors import NothingToUndoError
from audible_core.kinds import BookStatus, ReadOutcome, Source
from audible_core.store.records import BookId
from audible_core.store.schema import BOOKS, LINKS, READS

from tests.core.decisions.home import ACTOR, DAY, HOUR, HOUR_MS, Home, day, place, title
from tests.core.store.household import NOW, asin

TITLES = (1, 2, 3)


async def settle_in(home: Home, random: Random) -> list[BookId]:
    """Put books with all kinds of passes into the tracker, and sync three titles."""
    books = []
    for name in "ABC":
        book_id = await home.add_book(
            name,
            status=random.choice(list(BookStatus)),
            page_count=random.choice((None, 300)),
        )
        books.append(book_id)
        for _ in range(random.randrange(3)):
            outcome = random.choice(list(ReadOutcome))
            ended = day("2020-05-01") if outcome is ReadOutcome.FINISHED else None
            await home.add_read(
                book_id, outcome, finished_on=random.choice((None, ended))
            )
    await home.sync(*_library(), at=NOW - 9 * DAY)
    await home.sync(
        *_library(),
        places=(place(3 * HOUR_MS, NOW - 8 * DAY, 1),),
        at=NOW - 8 * DAY,
    )
    return books


def _library() -> tuple[object, ...]:
    return (title(1), title(2, is_finished=True), title(3))


async def decide(home: Home, random: Random, books: list[BookId]) -> bool:
    """Say something about a title; return whether anything was said."""
    number = asin(random.choice(TITLES))
    async with home.household.store.transaction() as connection:
        deletes = random.random() < 0.3
        match random.randrange(4):
            case 0 | 1:
                await link_title(
                    connection,
                    home.anna,
                    number,
                    random.choice(books),
                    actor=ACTOR,
                    now=NOW,
                    delete_left_over=deletes,
                )
            case 2:
                await create_book_for(
                    connection, home.anna, number, actor=ACTOR, now=NOW
                )
            case _:
                await unlink_title(
                    connection,
                    home.anna,
                    number,
                    ignore=True,
                    actor=ACTOR,
                    now=NOW,
                    delete_left_over=deletes,
                )
    return True


@pytest.mark.parametrize("seed", range(3))
async def test_all_decisions_are_undone_to_the_row(home: Home, seed: int) -> None:
    """Eight decisions about three titles, taken back one after the other."""
    random = Random(seed)
    books = await settle_in(home, random)
    states = [(await home.state(), 0)]
    history = []
    for _ in range(8):
        number = random.choice(TITLES)
        await decide_about(home, random, books, number)
        history.append(number)
        states.append((await home.state(), number))
    ledger = await home.ledger()
    for number in reversed(history):
        states.pop()
        link = await home.link(number)
        async with home.household.store.transaction() as connection:
            await undo_resolution(
                connection, link_id=link.link_id, actor=ACTOR, now=NOW + HOUR
            )
        assert states[-1][0] == await home.state()
    assert ledger == await home.ledger()
    assert 2 == len(ledger)


async def decide_about(
    home: Home, random: Random, books: list[BookId], number: int
) -> None:
    """Say something about one title."""
    only = Random(random.random())
    only.choice = lambda options: (  # type: ignore[method-assign]
        number if options is TITLES else Random.choice(only, options)
    )
    await decide(home, only, books)


@pytest.mark.parametrize("seed", range(3))
async def test_reads_are_where_their_titles_are(home: Home, seed: int) -> None:
    """Decisions and syncs in any order: no read is lost, doubled or misplaced."""
    random = Random(100 + seed)
    books = await settle_in(home, random)
    ledger: list[object] = []
    for step in range(14):
        await _anything(home, random, books, step)
        rows = await home.rows(READS)
        links = {row["id"]: row for row in await home.rows(LINKS)}
        known = {row["id"] for row in await home.rows(BOOKS)}
        for row in rows:
            owner = links.get(row["link_id"])
            assert owner is not None or row["book_id"] in known
            if owner is not None and row["source"] is Source.AUDIBLE:
                assert owner["book_id"] == row["book_id"]
        # A title has one pass under way at most.
        running = [
            row["link_id"]
            for row in rows
            if row["outcome"] is ReadOutcome.UNDER_WAY and row["link_id"]
        ]
        assert len(set(running)) == len(running)
        now = await home.ledger()
        assert ledger == now[: len(ledger)]
        ledger = list(now)
    at = NOW + 100 * DAY
    await home.sync(*_library(), at=at)
    plan = await home.sync(*_library(), at=at + HOUR)
    assert plan.is_empty, str(plan)


async def _anything(home: Home, random: Random, books: list[BookId], step: int) -> None:
    kind = random.randrange(8)
    if kind < 3:
        await decide(home, random, books)
    elif kind == 3:
        await _undo(home, random)
    elif kind == 4:
        at = NOW + step * DAY
        where = random.randrange(1, 600) * 60_000
        moved = place(where, at, random.choice(TITLES))
        await home.sync(*_library(), places=(moved,), at=at + HOUR)
    else:
        await _change_book(home, random, books, kind)


async def _undo(home: Home, random: Random) -> None:
    link = await home.link(random.choice(TITLES))
    async with home.household.store.transaction() as connection:
        try:
            await undo_resolution(
                connection, link_id=link.link_id, actor=ACTOR, now=NOW
            )
        except NothingToUndoError:
            return


async def _change_book(
    home: Home, random: Random, books: list[BookId], kind: int
) -> None:
    book_id = random.choice(books)
    async with home.household.store.transaction() as connection:
        if kind == 5 and len(books) > 2:
            other = random.choice([one for one in books if one != book_id])
            await merge_books(connection, other, book_id, actor=ACTOR, now=NOW)
            books.remove(book_id)
        elif kind == 6 and len(books) > 2:
            await delete_book(connection, book_id, actor=ACTOR, now=NOW)
            books.remove(book_id)
        else:
            status = random.choice(list(BookStatus))
            await set_book_status(connection, book_id, status, actor=ACTOR, now=NOW)
