"""Links by hand: they win for ever, and a title's whole history goes with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from audible_core.decisions.books import delete_book, merge_books
from audible_core.decisions.conflicts import undo_resolution
from audible_core.decisions.links import (
    create_book_for,
    give_back,
    link_title,
    set_sync_enabled,
    set_sync_interval,
    take_title,
    unlink_title,
)
from audible_core.decisions.settling import Settled
from audible_core.errors import (
    InvalidValueError,
    NothingToUndoError,
    NotInStoreError,
    OtherReaderError,
)
from audible_core.kinds import BookStatus, DateSource, ReadOutcome, Source
from audible_core.store.readers import add_reader
from audible_core.store.records import BookId, Link, ReaderId
from audible_core.store.schema import BOOKS
from audible_core.sync.rules import Rules
from audible_core.sync.snapshot import MatchDecision

from tests.core.decisions.home import (
    ACTOR,
    DAY,
    HOUR,
    HOUR_MS,
    Home,
    day,
    place,
    title,
)
from tests.core.store.household import NOW, asin


async def link_to(home: Home, book_id: BookId, **options: bool) -> Settled:
    """Say that the first title is a book."""
    async with home.household.store.transaction() as connection:
        return await link_title(
            connection, home.anna, asin(1), book_id, actor=ACTOR, now=NOW, **options
        )


async def unlink(home: Home, **options: bool) -> Settled:
    """Take the first title from its book."""
    async with home.household.store.transaction() as connection:
        return await unlink_title(
            connection, home.anna, asin(1), actor=ACTOR, now=NOW, **options
        )


async def undo(home: Home) -> Link:
    """Take the last decision about the first title back."""
    link = await home.link()
    async with home.household.store.transaction() as connection:
        return await undo_resolution(
            connection, link_id=link.link_id, actor=ACTOR, now=NOW
        )


async def heard_book(home: Home, **members: object) -> BookId:
    """Sync a title that becomes a book and is heard for three hours."""
    await home.sync(title(1, **members), at=NOW - 2 * DAY)
    await home.sync(
        title(1, **members),
        places=(place(3 * HOUR_MS, NOW - DAY),),
        at=NOW - DAY + HOUR,
    )
    book_id = (await home.link()).fields.book_id
    assert book_id is not None
    return book_id


async def test_title_goes_to_another_book_with_all_its_reads(home: Home) -> None:
    """The new book is being read, the old one is as if the title had never been it."""
    made = await heard_book(home)
    right = await home.add_book("Night One", status=BookStatus.TO_READ, page_count=200)
    settled = await link_to(home, right)

    (read,) = await home.reads_of_book(right)
    book, old = await home.book(right), await home.book(made)
    assert (1, made, right) == (
        settled.reads_moved,
        settled.left_over,
        settled.link.fields.book_id,
    )
    assert (BookStatus.READING, 3 * HOUR_MS, 60) == (
        book.status,
        book.current_position_ms,
        book.current_page,
    )
    assert (day("2026-11-19"), DateSource.HEARD) == (
        book.started_on,
        book.started_source,
    )
    assert (day("2026-11-19"), ReadOutcome.UNDER_WAY) == (
        read.fields.started_on,
        read.fields.outcome,
    )
    assert (BookStatus.TO_READ, None, None) == (
        old.status,
        old.current_position_ms,
        old.started_on,
    )


async def test_book_that_nobody_needs_is_deleted_if_asked(home: Home) -> None:
    """And undo brings it back under its number."""
    made = await heard_book(home)
    right = await home.add_book("Night One", status=BookStatus.TO_READ)
    before = await home.state()
    await link_to(home, right, delete_left_over=True)
    with pytest.raises(NotInStoreError):
        await home.book(made)
    await undo(home)
    assert before == await home.state()


async def test_book_that_somebody_made_their_own_is_never_left_over(
    home: Home,
) -> None:
    """A rating, a note, a tag or another title keep it."""
    made = await heard_book(home)
    right = await home.add_book("Night One")
    async with home.household.store.transaction() as connection:
        from audible_core.decisions.books import edit_book

        await edit_book(connection, made, {"tags": ["night"]}, actor=ACTOR, now=NOW)
    settled = await link_to(home, right, delete_left_over=True)
    assert None is settled.left_over
    assert ("night",) == (await home.book(made)).tags


async def test_link_and_unlink_move_reads_to_and_fro(home: Home) -> None:
    """However often, exactly the same reads."""
    await heard_book(home)
    right = await home.add_book("Night One", status=BookStatus.TO_READ)
    own = await home.add_read(
        right, ReadOutcome.FINISHED, finished_on=day("2019-01-01")
    )
    await link_to(home, right)
    linked = await home.state()
    for _ in range(2):
        await unlink(home)
        (kept,) = await home.reads_of_book(right)
        (gone,) = await home.reads_of_link((await home.link()).link_id)
        assert (own, None) == (kept.read_id, gone.fields.book_id)
        await link_to(home, right)
        assert linked["reads"] == (await home.state())["reads"]


async def test_unlinked_title_is_never_linked_again_by_itself(home: Home) -> None:
    """Whatever matching says; positions are still followed, in the ledger."""
    book_id = await heard_book(home)
    settled = await unlink(home)
    home.matches[asin(1)] = MatchDecision(book_id, 0.99, "matching")
    await home.sync(
        title(1, title="Night 1, anew"),
        places=(place(4 * HOUR_MS, NOW + HOUR),),
        at=NOW + 2 * HOUR,
        again=(asin(1),),
    )
    link = await home.link()
    assert (book_id, None) == (settled.left_over, link.fields.book_id)
    assert 4 * HOUR_MS == link.fields.last_position_ms
    assert [3 * HOUR_MS, 4 * HOUR_MS] == [
        row["position_ms"] for row in await home.ledger()
    ]
    assert BookStatus.TO_READ == (await home.book(book_id)).status


async def test_wrong_link_of_a_sync_is_corrected_with_what_it_did(home: Home) -> None:
    """A book finished long ago is finished long ago again."""
    wrong = await home.add_book(
        "Another", status=BookStatus.FINISHED, finished_on=day("2019-01-01")
    )
    await home.add_read(wrong, ReadOutcome.FINISHED, finished_on=day("2019-01-01"))
    home.matches[asin(1)] = MatchDecision(wrong, 0.9, "matching")
    await home.sync(title(1), at=NOW - 3 * DAY)
    # The reader hears the whole title; the sync takes it for a second time.
    for hours, at in ((0.2, 40), (0.5, 30), (9.99, 10)):
        await home.sync(
            title(1),
            places=(place(int(hours * HOUR_MS), NOW - at * HOUR),),
            at=NOW - at * HOUR + timedelta(minutes=5),
        )
    reread = await home.book(wrong)
    right = await home.add_book("Night One", status=BookStatus.TO_READ)
    await link_to(home, right)

    old, new = await home.book(wrong), await home.book(right)
    assert (BookStatus.FINISHED, day("2026-11-20")) == (
        reread.status,
        reread.finished_on,
    )
    assert (BookStatus.FINISHED, day("2019-01-01")) == (old.status, old.finished_on)
    assert (BookStatus.FINISHED, day("2026-11-20")) == (new.status, new.finished_on)
    assert [day("2019-01-01")] == [
        read.fields.finished_on for read in await home.reads_of_book(wrong)
    ]


async def test_decision_about_a_link_is_undone(home: Home) -> None:
    """The link of the sync is there again, as sure as it was; once."""
    book_id = await home.add_book("Night One")
    home.matches[asin(1)] = MatchDecision(book_id, 0.9, "matching")
    await home.sync(title(1), places=(place(HOUR_MS, NOW - DAY),), at=NOW - HOUR)
    before = await home.state()
    await unlink(home)
    link = await undo(home)

    assert before == await home.state()
    assert (0.9, "matching", False) == (
        link.fields.match_confidence,
        link.fields.match_method,
        link.fields.manually_confirmed,
    )
    with pytest.raises(NothingToUndoError, match="the title B000000001"):
        await undo(home)


async def test_decisions_are_undone_one_after_the_other(home: Home) -> None:
    """The last one first, down to what the sync had found."""
    await heard_book(home)
    one = await home.add_book("One", status=BookStatus.TO_READ)
    two = await home.add_book("Two", status=BookStatus.TO_READ)
    states = [await home.state()]
    for book_id in (one, two):
        await link_to(home, book_id)
        states.append(await home.state())
    for state in reversed(states[:-1]):
        await undo(home)
        assert state == await home.state()


async def test_undo_after_a_merge_doubles_no_book(home: Home) -> None:
    """What the title was before has become another book: it is that one."""
    made = await heard_book(home)
    right = await home.add_book("Night One", status=BookStatus.TO_READ)
    third = await home.add_book("The Night")
    await link_to(home, right)
    async with home.household.store.transaction() as connection:
        await merge_books(connection, right, made, actor=ACTOR, now=NOW)
        await merge_books(connection, third, right, actor=ACTOR, now=NOW)
    link = await undo(home)
    await home.sync(title(1), title(2), again=(asin(1),))

    assert third == link.fields.book_id == (await home.link()).fields.book_id
    books = {row["id"] for row in await home.rows(BOOKS)}
    assert {third, (await home.link(2)).fields.book_id} == books
    assert BookStatus.READING is (await home.book(third)).status
    (read,) = await home.reads_of_book(third)
    assert ReadOutcome.UNDER_WAY is read.fields.outcome


async def test_linking_where_it_is_linked_only_confirms(home: Home) -> None:
    """No read is moved, and the next sync knows that a person said so."""
    book_id = await heard_book(home)
    reads = (await home.state())["reads"]
    settled = await link_to(home, book_id)
    assert (0, True) == (settled.reads_moved, settled.link.fields.manually_confirmed)
    assert reads == (await home.state())["reads"]


async def test_ignored_title_can_become_a_book_after_all(home: Home) -> None:
    """With the pass that nobody kept meanwhile."""
    await heard_book(home)
    await unlink(home, ignore=True, delete_left_over=True)
    before = await home.everything()
    async with home.household.store.transaction() as connection:
        settled = await create_book_for(
            connection, home.anna, asin(1), actor=ACTOR, now=NOW
        )
    assert settled.book is not None
    (read,) = await home.reads_of_book(settled.book.book_id)
    assert (True, BookStatus.READING) == (
        settled.made_book,
        settled.book.fields.status,
    )
    assert ReadOutcome.UNDER_WAY == read.fields.outcome
    assert "Night 1" == settled.book.fields.title
    await undo(home)
    after = await home.everything()
    for table in ("books", "reads", "audible_book_mappings"):
        assert before[table] == after[table]


async def test_book_made_by_hand_was_added_on_the_day_of_the_home(home: Home) -> None:
    """As one that a sync makes: after midnight in Berlin it is yesterday in UTC."""
    bought = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    home.rules = Rules(creates_books=False)
    await home.sync(title(purchased_at=bought))

    async with home.household.store.transaction() as connection:
        made = await create_book_for(
            connection, home.anna, asin(1), actor=ACTOR, now=NOW
        )

    assert made.book is not None
    assert day("2026-11-19") == made.book.fields.added_on


async def test_title_ignored_from_the_start_becomes_a_finished_book(
    home: Home,
) -> None:
    """Its finish is of unknown day: nobody looked."""
    await home.unsure(title(1))
    await unlink(home, ignore=True)
    await home.sync(title(1, is_finished=True, percent_complete=100.0))
    async with home.household.store.transaction() as connection:
        settled = await create_book_for(
            connection, home.anna, asin(1), actor=ACTOR, now=NOW
        )
    assert settled.book is not None
    assert (BookStatus.FINISHED, None) == (
        settled.book.fields.status,
        settled.book.fields.finished_on,
    )
    (read,) = await home.reads_of_book(settled.book.book_id)
    assert (ReadOutcome.FINISHED, None) == (
        read.fields.outcome,
        read.fields.finished_on,
    )


@pytest.mark.parametrize("way", ["undo", "create", "link"])
@pytest.mark.parametrize("at_end", [{"is_finished": True}, {}])
async def test_finish_of_an_ignored_title_ends_its_open_pass(
    home: Home, way: str, at_end: dict[str, Any]
) -> None:
    """No sync ended it; nobody knows the day, and no further sync counts it again."""
    book_id = await heard_book(home)
    await unlink(home, ignore=True)
    end = place(10 * HOUR_MS - 1000, NOW - HOUR)
    finished = title(1, **at_end)
    await home.sync(finished, places=(end,), at=NOW)
    if way == "undo":
        await undo(home)
    elif way == "link":
        await link_to(home, await home.add_book("Night"))
    else:
        async with home.household.store.transaction() as connection:
            await create_book_for(connection, home.anna, asin(1), actor=ACTOR, now=NOW)
    await home.sync(finished, places=(end,))
    await home.sync(finished, places=(end,))

    link = await home.link()
    assert link.fields.book_id is not None
    assert (way == "undo") is (link.fields.book_id == book_id)
    assert [(ReadOutcome.FINISHED, None, DateSource.UNKNOWN, link.fields.book_id)] == [
        (
            read.fields.outcome,
            read.fields.finished_on,
            read.fields.finished_source,
            read.fields.book_id,
        )
        for read in await home.reads_of_link(link.link_id)
    ]
    assert BookStatus.FINISHED is (await home.book(link.fields.book_id)).status


async def test_finish_after_the_book_was_deleted_is_in_the_new_book(home: Home) -> None:
    """The title was ignored with its book; its open pass ends when it is a book."""
    book_id = await heard_book(home)
    async with home.household.store.transaction() as connection:
        await delete_book(connection, book_id, actor=ACTOR, now=NOW)
    await home.sync(title(1, is_finished=True), at=NOW)
    async with home.household.store.transaction() as connection:
        settled = await create_book_for(
            connection, home.anna, asin(1), actor=ACTOR, now=NOW
        )

    assert settled.book is not None
    (read,) = await home.reads_of_book(settled.book.book_id)
    assert (ReadOutcome.FINISHED, None) == (
        read.fields.outcome,
        read.fields.finished_on,
    )
    assert BookStatus.FINISHED is settled.book.fields.status


async def test_title_that_is_no_book_cannot_be_unlinked(home: Home) -> None:
    """There is nothing to take it from."""
    await home.unsure(title(1))
    with pytest.raises(InvalidValueError, match="linked to a book"):
        await unlink(home)


async def test_unknown_titles_and_strangers_books_are_refused(home: Home) -> None:
    """Each with a sentence of its own, and without a trace."""
    book_id = await home.add_book("Ben's", home.ben)
    await home.sync(title(1))
    before = await home.everything()
    with pytest.raises(OtherReaderError):
        await link_to(home, book_id)
    with pytest.raises(NotInStoreError, match="book 99"):
        await link_to(home, BookId(99))
    async with home.household.store.transaction() as connection:
        for reader_id, name in ((home.ben, "title B"), (ReaderId(9), "reader 9")):
            with pytest.raises(NotInStoreError, match=name):
                await link_title(
                    connection, reader_id, asin(1), book_id, actor=None, now=NOW
                )
    assert before == await home.everything()


async def test_sync_of_one_title_is_switched_and_timed(home: Home) -> None:
    """Both are kept apart, and 15 minutes are the floor."""
    await home.sync(title(1))
    async with home.household.store.transaction() as connection:
        await set_sync_interval(
            connection, home.anna, asin(1), 120, actor=ACTOR, now=NOW
        )
        off = await set_sync_enabled(
            connection, home.anna, asin(1), False, actor=ACTOR, now=NOW
        )
        usual = await set_sync_interval(
            connection, home.anna, asin(1), None, actor=ACTOR, now=NOW
        )
        for wrong in (14, 1441):
            with pytest.raises(InvalidValueError, match="15 to 1440"):
                await set_sync_interval(
                    connection, home.anna, asin(1), wrong, actor=ACTOR, now=NOW
                )
    assert [(False, 120), (False, None)] == [
        (link.fields.sync_enabled, link.fields.sync_interval_minutes)
        for link in (off, usual)
    ]
    await home.sync(title(1), places=(place(HOUR_MS, NOW),), at=NOW + HOUR)
    assert [] == await home.ledger()


async def take(home: Home, reader: ReaderId) -> Link:
    """Let a reader take the first title."""
    async with home.household.store.transaction() as connection:
        return await take_title(connection, reader, asin(1), actor=ACTOR, now=NOW)


async def test_taken_title_counts_for_whoever_took_it(home: Home) -> None:
    """From where it stands; what was heard before stays with the other reader."""
    book_id = await heard_book(home)
    link = await take(home, home.ben)
    assert (3 * HOUR_MS, home.ben) == (
        link.fields.last_position_ms,
        link.fields.reader_id,
    )
    # The same place is nobody's listening.
    await home.sync(title(1, cover_url="new"), at=NOW + HOUR)
    assert () == await home.reads_of_link(link.link_id)
    await home.sync(
        title(1, cover_url="new"),
        places=(place(5 * HOUR_MS, NOW + 5 * HOUR),),
        at=NOW + 6 * HOUR,
    )
    (read,) = await home.reads_of_link(link.link_id)
    anna, ben = await home.link(), await home.link(1, home.ben)
    assert (3 * HOUR_MS, 5 * HOUR_MS) == (
        anna.fields.last_position_ms,
        ben.fields.last_position_ms,
    )
    assert (home.ben, ReadOutcome.UNDER_WAY) == (
        read.fields.reader_id,
        read.fields.outcome,
    )
    assert 3 * HOUR_MS == (await home.book(book_id)).current_position_ms
    rows = await home.ledger()
    assert [
        (anna.link_id, 3 * HOUR_MS, Source.AUDIBLE, None),
        (ben.link_id, 3 * HOUR_MS, Source.USER, ACTOR),
        (ben.link_id, 5 * HOUR_MS, Source.AUDIBLE, None),
    ] == [
        (row["link_id"], row["position_ms"], row["source"], row["actor"])
        for row in rows
    ]
    assert all(row["sync_log_id"] for row in rows)


async def test_title_given_back_finishes_nothing_for_its_owner(home: Home) -> None:
    """Ben heard it to the end; Anna is still in the middle of her own read."""
    book_id = await heard_book(home)
    await take(home, home.ben)
    end = place(10 * HOUR_MS - 30_000, NOW + 9 * HOUR)
    over = title(1, is_finished=True)
    await home.sync(over, places=(end,), at=NOW + 10 * HOUR)
    async with home.household.store.transaction() as connection:
        back = await give_back(
            connection, home.ben, asin(1), actor=ACTOR, now=NOW + 11 * HOUR
        )
    told = await home.sync(
        title(1, is_finished=True, cover_url="new"), at=NOW + 12 * HOUR
    )
    (read,) = await home.reads_of_book(book_id)
    (bens,) = await home.reads_of_link(back.link_id)
    assert (None, ReadOutcome.FINISHED) == (
        back.fields.account_id,
        bens.fields.outcome,
    )
    assert ReadOutcome.UNDER_WAY == read.fields.outcome, str(told)
    assert BookStatus.READING == (await home.book(book_id)).status


async def test_one_reader_has_a_title_at_a_time(home: Home) -> None:
    """Whoever takes it last; the owner may take it back."""
    await heard_book(home)
    async with home.household.store.transaction() as connection:
        from audible_core.store.readers import share_account

        cleo = await add_reader(connection, "Cleo", person=None, now=NOW)
        await share_account(connection, home.household.account_id, cleo)
    account_id = home.household.account_id
    holders = []
    for reader in (cleo, home.ben, cleo, home.anna):
        await take(home, reader)
        links = [await home.link(1, one) for one in (home.anna, cleo)]
        if reader is not cleo or len(holders) > 0:
            links.append(await home.link(1, home.ben))
        holders.append(
            [
                link.fields.reader_id
                for link in links
                if link.fields.account_id == account_id
            ]
        )
    assert [
        [home.anna, cleo],
        [home.anna, home.ben],
        [home.anna, cleo],
        [home.anna],
    ] == holders


async def test_title_is_not_taken_by_strangers(home: Home) -> None:
    """Only a reader whom the account feeds; and only what was taken is given back."""
    await heard_book(home)
    async with home.household.store.transaction() as connection:
        dora = await add_reader(connection, "Dora", person=None, now=NOW)
    with pytest.raises(OtherReaderError):
        await take(home, dora)
    async with home.household.store.transaction() as connection:
        with pytest.raises(InvalidValueError, match="has taken"):
            await give_back(connection, home.anna, asin(1), actor=None, now=NOW)
        with pytest.raises(NotInStoreError, match="title B000000007"):
            await take_title(connection, home.ben, asin(7), actor=None, now=NOW)
