"""What people do while a sync runs, and readers who share accounts or have two."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from audible_core.decisions.conflicts import resolve_conflict
from audible_core.decisions.links import link_title, set_sync_enabled, take_title
from audible_core.decisions.listeners import set_default_reader
from audible_core.decisions.settling import Choice
from audible_core.kinds import BookStatus, DateSource, ReadOutcome, Resolution, Source
from audible_core.store.books import change_books
from audible_core.store.links import load_links_of_title
from audible_core.store.reads import add_reads
from audible_core.store.records import BookId, ReadFields
from audible_core.sync import applying, plan
from audible_core.sync.linking import METHOD_TWIN
from audible_core.sync.rules import Rules
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.core.sync.home import NAMES, Home, novel
from tests.core.sync.paper import DAY, END_MS, HOUR_MS, NOW, asin

type Act = Callable[[AsyncConnection], Any]


def _meanwhile(home: Home, kind: str, act: Act) -> None:
    """Let a person do something while the next request of a kind is answered."""

    async def do() -> None:
        async with home.store.transaction() as connection:
            await act(connection)

    home.shop.meanwhile(kind, do)


# --- a person, while a sync waits for Audible ---------------------------------


@pytest.mark.parametrize("kind", ["library", "positions"])
async def test_link_by_hand_while_audible_answers_stands(
    followed: Home, kind: str
) -> None:
    """And what the sync brings counts for the book that the person named."""
    book_id = await followed.add_book("An Old Friend")
    _meanwhile(
        followed,
        kind,
        lambda connection: link_title(
            connection,
            followed.reader_id,
            asin(1),
            book_id,
            actor="anna",
            now=followed.clock(),
        ),
    )
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    link = await followed.link()
    assert (book_id, True, HOUR_MS) == (
        link.book_id,
        link.manually_confirmed,
        link.last_position_ms,
    )
    book = (await followed.load_book(book_id)).fields
    assert (BookStatus.READING, HOUR_MS) == (book.status, book.current_position_ms)
    assert book_id == followed.told[-1].book_id


async def test_conflict_that_a_person_resolves_meanwhile_stays_resolved(
    home: Home,
) -> None:
    """The sync does not open it again, though the title has changed."""
    home.rules = Rules(creates_books=False)
    home.engine = home.new_engine()
    home.shop.add(novel(1))
    await home.sync()
    (conflict,) = await home.conflicts()
    _meanwhile(
        home,
        "library",
        lambda connection: resolve_conflict(
            connection,
            conflict.conflict_id,
            Choice(Resolution.IGNORED),
            actor="anna",
            now=home.clock(),
        ),
    )
    home.shop.change(1, subtitle="A Novel")
    await home.sync()
    assert () == await home.conflicts()
    assert (None, True) == ((await home.link()).book_id, (await home.link()).is_ignored)


async def test_book_that_a_person_edits_meanwhile_keeps_the_edit(
    followed: Home,
) -> None:
    """Title and notes are the person's; the place is what was heard."""
    book_id = (await followed.link()).book_id
    assert book_id is not None

    async def edit(connection: AsyncConnection) -> None:
        book = replace(
            await followed.book(), title="Mine", private_notes="Loud.", page_count=300
        )
        await change_books(connection, ((book_id, book),), now=followed.clock())

    _meanwhile(followed, "library", edit)
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    book = await followed.book()
    assert ("Mine", "Loud.", HOUR_MS, 30) == (
        book.title,
        book.private_notes,
        book.current_position_ms,
        book.current_page,
    )


async def test_sync_that_a_person_switches_off_meanwhile_is_off(
    followed: Home,
) -> None:
    """What Audible was already asked for is not taken over any more."""
    _meanwhile(
        followed,
        "positions",
        lambda connection: set_sync_enabled(
            connection,
            followed.reader_id,
            asin(1),
            False,
            actor="anna",
            now=followed.clock(),
        ),
    )
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    link = await followed.link()
    assert (False, None) == (link.sync_enabled, link.last_position_ms)


async def test_decision_while_a_sync_is_being_written_is_not_lost(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person waits for the sync, or the sync for the person."""
    book_id = await followed.add_book("An Old Friend")
    loop, plan_sync = asyncio.get_running_loop(), plan.plan_sync
    decided: list[Future[None]] = []

    async def decide() -> None:
        async with followed.store.transaction() as connection:
            await link_title(
                connection,
                followed.reader_id,
                asin(1),
                book_id,
                actor="anna",
                now=followed.clock(),
            )

    def plan_slowly(*arguments: Any, **named: Any) -> Any:
        decided.append(asyncio.run_coroutine_threadsafe(decide(), loop))
        with suppress(TimeoutError):
            decided[0].result(timeout=0.3)
        return plan_sync(*arguments, **named)

    monkeypatch.setattr(applying, "plan_sync", plan_slowly)
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    await asyncio.wrap_future(decided[0])
    link = await followed.link()
    assert (book_id, True, HOUR_MS) == (
        link.book_id,
        link.manually_confirmed,
        link.last_position_ms,
    )


# --- two accounts of one reader -----------------------------------------------


async def test_one_book_of_two_marketplaces_is_one_book(home: Home) -> None:
    """There it has another ASIN and another name, but the same short SKU."""
    home.shop.add(novel(1, sku_lite="BK_ACME_000001"))
    await home.sync()
    other = await home.second_account()
    other.shop.add(novel(2, sku_lite="BK_ACME_000001"))
    await other.sync(minutes=1)
    (book,) = await home.books()
    link = await other.link(2)
    assert (NAMES[1], (await home.link(1)).book_id, METHOD_TWIN) == (
        book.title,
        link.book_id,
        link.match_method,
    )
    other.clock.wait(hours=1)
    other.shop.hear(HOUR_MS, 2)
    await other.sync()
    assert HOUR_MS == (await home.book(1)).current_position_ms


async def _add_old_finish(home: Home, book_id: BookId | None) -> None:
    read = ReadFields(
        home.reader_id,
        book_id,
        None,
        ReadOutcome.FINISHED,
        finished_on=date(2020, 5, 6),
        finished_source=DateSource.IMPORT,
        source=Source.IMPORT,
    )
    async with home.store.transaction() as connection:
        await add_reads(connection, (read,), now=home.clock())


async def test_other_recording_of_a_book_that_is_being_read_ends_nothing(
    home: Home,
) -> None:
    """It was read in 2020, as a file says, and is heard again; it is not over."""
    home.shop.add(novel(1, sku_lite="BK_X_1"))
    await home.sync()
    home.clock.wait(hours=2)
    home.shop.hear(HOUR_MS)
    await home.sync()
    before = await home.book()
    await _add_old_finish(home, (await home.link()).book_id)
    home.shop.add(novel(2, sku_lite="BK_X_1"))
    await home.sync()
    assert (await home.link(1)).book_id == (await home.link(2)).book_id
    assert BookStatus.READING is before.status
    assert before == await home.book()


async def test_title_of_a_book_that_is_to_be_read_again_leaves_it_so(
    home: Home,
) -> None:
    """Its reader says that it is to be read, whatever a file says of 2020."""
    await home.sync()
    book_id = await home.add_book(status=BookStatus.TO_READ)
    await _add_old_finish(home, book_id)
    home.shop.add(novel(1))
    await home.sync()
    assert book_id == (await home.link()).book_id
    book = await home.book()
    assert (BookStatus.TO_READ, None) == (book.status, book.finished_on)


async def test_hand_made_link_wins_over_the_marketplaces(home: Home) -> None:
    """Of two books that titles of one SKU are, the one that a person named counts."""
    home.shop.add(novel(1, sku_lite="BK_ACME_000001"))
    await home.sync()
    book_id = await home.add_book("An Old Friend")
    async with home.store.transaction() as connection:
        await link_title(
            connection, home.reader_id, asin(1), book_id, actor="anna", now=home.clock()
        )
    other = await home.second_account()
    other.shop.add(novel(2, sku_lite="BK_ACME_000001"))
    await other.sync(minutes=1)
    assert book_id == (await other.link(2)).book_id
    home.shop.change(1, title="Another Name Altogether", authors=("Somebody Else",))
    await home.sync()
    assert book_id == (await home.link(1)).book_id


async def test_title_in_two_accounts_follows_whichever_heard_it_last(
    home: Home,
) -> None:
    """The account that nobody uses takes nothing away."""
    home.shop.add(novel(1))
    await home.sync()
    home.clock.wait(hours=1)
    home.shop.hear(4 * HOUR_MS)
    await home.sync()
    other = await home.second_account()
    other.shop.add(novel(1))
    other.shop.hear(HOUR_MS, at=NOW - DAY)
    await other.sync(minutes=1)
    assert 4 * HOUR_MS == (await home.link()).last_position_ms
    assert 1 == len(await home.books())
    other.clock.wait(hours=3)
    other.shop.hear(5 * HOUR_MS)
    await other.sync()
    assert 5 * HOUR_MS == (await home.link()).last_position_ms
    await home.sync()
    assert 5 * HOUR_MS == (await home.link()).last_position_ms


async def test_title_that_only_one_of_two_accounts_lost_is_still_followed(
    home: Home,
) -> None:
    """It was returned in one marketplace and kept in the other."""
    home.shop.add(novel(1), novel(2))
    await home.sync()
    other = await home.second_account()
    other.shop.add(novel(1))
    await other.sync(minutes=1)
    home.shop.remove(1)
    await home.sync()
    other.clock.wait(hours=1)
    other.shop.hear(END_MS)
    await other.sync()
    link = await other.link(1)
    assert (END_MS, None) == (link.last_position_ms, link.removed_at)
    assert BookStatus.FINISHED == (await home.book(1)).status


# --- two readers of one account -----------------------------------------------


async def _taken(home: Home, number: int = 1) -> Any:
    ben = await home.add_reader("Ben")
    async with home.store.transaction() as connection:
        await take_title(connection, ben, asin(number), actor="ben", now=home.clock())
    return ben


async def test_title_that_another_reader_took_counts_for_that_reader(
    followed: Home,
) -> None:
    """From then on; what was heard before stays with whoever heard it."""
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    ben = await _taken(followed)
    followed.clock.wait(hours=9)
    followed.shop.hear(END_MS)
    await followed.poll()
    assert (HOUR_MS, END_MS) == (
        (await followed.link()).last_position_ms,
        (await followed.link(1, ben)).last_position_ms,
    )
    assert BookStatus.READING == (await followed.book()).status
    assert (followed.reader_id, "book_started") == (
        followed.told[0].reader_id,
        followed.told[0].event_type,
    )
    assert (ben, "book_finished") == (
        followed.told[-1].reader_id,
        followed.told[-1].event_type,
    )
    followed.shop.change(1, is_finished=True, status_changed_at=followed.clock())
    await followed.sync()
    assert BookStatus.FINISHED == (await followed.book(1, ben)).status
    assert BookStatus.READING == (await followed.book()).status


async def test_one_title_may_be_two_books_for_two_readers(followed: Home) -> None:
    """Each reader has books of their own."""
    ben = await _taken(followed)
    followed.clock.wait(hours=1)
    followed.shop.change(1, publisher="Test House")
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    mine, theirs = await followed.link(), await followed.link(1, ben)
    assert None not in (mine.book_id, theirs.book_id)
    assert mine.book_id != theirs.book_id
    assert ben == (await followed.book(1, ben)).reader_id


async def test_titles_without_a_book_are_matched_anew_with_books_that_came_later(
    home: Home,
) -> None:
    """After an import the question answers itself; Audible is not asked again."""
    home.rules = Rules(creates_books=False)
    home.engine = home.new_engine()
    home.shop.add(novel(1))
    await home.sync()
    assert 1 == len(await home.conflicts())
    asked = dict(home.shop.requests)
    book_id = await home.add_book(NAMES[1])

    await home.engine.match_again()

    assert book_id == (await home.link()).book_id
    assert () == await home.conflicts()
    assert asked == dict(home.shop.requests)


async def test_nothing_is_matched_anew_where_every_title_has_a_book(
    followed: Home,
) -> None:
    """No row is written for it."""
    logs = await followed.logs()
    assert None is await followed.engine.match_again()
    assert logs == await followed.logs()


async def test_title_that_comes_while_the_reader_changes_is_the_new_readers(
    followed: Home,
) -> None:
    """The sync began to ask while somebody else listened."""
    ben = await followed.add_reader("Ben")
    followed.shop.add(novel(7))
    _meanwhile(
        followed,
        "library",
        lambda connection: set_default_reader(
            connection, followed.account_id, ben, actor="anna", now=followed.clock()
        ),
    )

    await followed.sync()

    async with followed.store.reading() as connection:
        links = await load_links_of_title(connection, asin(7))
    assert [ben] == [link.fields.reader_id for link in links]


async def test_title_of_two_accounts_goes_on_in_the_one_that_is_left(
    followed: Home,
) -> None:
    """The other account still feeds the former reader."""
    other = await followed.second_account(followed.reader_id)
    other.shop.add(novel(1))
    await other.sync()
    ben = await followed.add_reader("Ben")

    async with followed.store.transaction() as connection:
        await set_default_reader(
            connection, followed.account_id, ben, actor="anna", now=followed.clock()
        )

    async with followed.store.reading() as connection:
        links = await load_links_of_title(connection, asin(1))
    assert {
        (followed.reader_id, other.account_id),
        (ben, followed.account_id),
    } == {(link.fields.reader_id, link.fields.account_id) for link in links}
