"""Somebody else listens with an account from now on; the past stays whose it is."""

from audible_core.decisions.links import give_back, take_title
from audible_core.decisions.listeners import set_default_reader
from audible_core.decisions.statistics import load_listened
from audible_core.kinds import BookStatus, ReadOutcome, Source
from audible_core.store.accounts import load_account
from audible_core.store.listening_days import save_listening_days
from audible_core.store.position_records import PositionQuestion
from audible_core.store.position_writes import load_questions, save_question
from audible_core.store.records import ListeningDay, ReaderId
from audible_core.store.schema import LINKS

from tests.core.decisions.home import (
    ACTOR,
    DAY,
    HOUR,
    HOUR_MS,
    MINUTE_MS,
    Home,
    day,
    place,
    title,
)
from tests.core.store.household import NOW, asin

HEARD = title(1)
FINISHED = title(2, is_finished=True, percent_complete=100.0)
UNTOUCHED = title(3)
MINUTE = HOUR / 60
LIBRARY = (HEARD, FINISHED, UNTOUCHED)


async def lived_with(home: Home) -> None:
    """Let Anna hear one title, finish another, and leave a third alone."""
    await home.sync(HEARD, title(2), UNTOUCHED, at=NOW - 2 * DAY)
    await home.sync(
        *LIBRARY,
        places=(place(3 * HOUR_MS, NOW - DAY),),
        at=NOW - DAY + HOUR,
    )


async def switch(home: Home, reader: ReaderId) -> bool:
    """Let another reader listen with the account."""
    async with home.household.store.transaction() as connection:
        return await set_default_reader(
            connection, home.household.account_id, reader, actor=ACTOR, now=NOW
        )


async def statuses(home: Home, reader: ReaderId) -> dict[int, BookStatus | None]:
    """Return what a reader's books of the three titles are."""
    found: dict[int, BookStatus | None] = {}
    for number in (1, 2, 3):
        book_id = (await home.link(number, reader)).fields.book_id
        found[number] = (await home.book(book_id)).status if book_id else None
    return found


async def test_listening_counts_for_the_new_reader_from_now_on(home: Home) -> None:
    """It begins where the title stands; the old reader's place stays where it was."""
    await lived_with(home)

    assert await switch(home, home.ben)
    await home.sync(*LIBRARY, places=(place(5 * HOUR_MS, NOW + HOUR),), at=NOW + DAY)

    anna, ben = await home.link(1), await home.link(1, home.ben)
    assert (3 * HOUR_MS, 5 * HOUR_MS) == (
        anna.fields.last_position_ms,
        ben.fields.last_position_ms,
    )
    (read,) = await home.reads_of_link(ben.link_id)
    assert (home.ben, ReadOutcome.UNDER_WAY) == (
        read.fields.reader_id,
        read.fields.outcome,
    )
    assert [3 * HOUR_MS, 5 * HOUR_MS] == [
        row["position_ms"]
        for row in await home.ledger()
        if row["link_id"] == ben.link_id
    ]


async def test_finished_title_is_nobody_elses_finish(home: Home) -> None:
    """What the old reader has finished is a book to read for the new one."""
    await lived_with(home)
    before = await statuses(home, home.anna)
    finished = (await home.reads_of_link((await home.link(2)).link_id))[-1]
    await switch(home, home.ben)

    await home.sync(*LIBRARY, again=(asin(1), asin(2), asin(3)), at=NOW + DAY)

    assert before == await statuses(home, home.anna)
    assert {
        1: BookStatus.TO_READ,
        2: BookStatus.TO_READ,
        3: BookStatus.TO_READ,
    } == await statuses(home, home.ben)
    for number in (1, 2, 3):
        link = await home.link(number, home.ben)
        assert () == await home.reads_of_link(link.link_id)
    assert (finished,) == await home.reads_of_link(finished.fields.link_id)


async def test_new_title_is_the_new_readers(home: Home) -> None:
    """Whoever bought it: the account's titles are its default reader's."""
    await lived_with(home)
    await switch(home, home.ben)

    await home.sync(*LIBRARY, title(4), at=NOW + DAY)

    assert (await home.link(4, home.ben)).fields.book_id is not None
    links = await home.rows(LINKS)
    assert 3 == sum(row["reader_id"] == home.anna for row in links)


async def test_switch_there_and_back_changes_no_history(home: Home) -> None:
    """Books and reads of both are as they were, and both places are the newest."""
    await lived_with(home)
    before = await home.state()
    await switch(home, home.ben)
    await home.sync(*LIBRARY, places=(place(5 * HOUR_MS, NOW + HOUR),), at=NOW + DAY)

    await switch(home, home.anna)

    after = await home.state()
    for name in ("books", "reads"):
        rows = after[name]
        assert before[name] == [row for row in rows if row["reader_id"] == home.anna]
    assert 5 * HOUR_MS == (await home.link()).fields.last_position_ms
    await home.sync(
        *LIBRARY, places=(place(6 * HOUR_MS, NOW + 2 * DAY),), at=NOW + 3 * DAY
    )
    assert 6 * HOUR_MS == (await home.link()).fields.last_position_ms
    assert 5 * HOUR_MS == (await home.link(1, home.ben)).fields.last_position_ms


async def test_title_that_a_third_reader_took_stays_taken(home: Home) -> None:
    """Who gives it back gives it to the new reader."""
    await lived_with(home)
    cleo = await home.add_reader("Cleo")
    async with home.household.store.transaction() as connection:
        await take_title(connection, cleo, asin(1), actor=ACTOR, now=NOW)
    await switch(home, home.ben)

    await home.sync(*LIBRARY, places=(place(5 * HOUR_MS, NOW + HOUR),), at=NOW + DAY)
    assert 5 * HOUR_MS == (await home.link(1, cleo)).fields.last_position_ms
    assert 3 * HOUR_MS == (await home.link(1, home.ben)).fields.last_position_ms
    async with home.household.store.transaction() as connection:
        await give_back(connection, cleo, asin(1), actor=ACTOR, now=NOW + DAY)

    assert 5 * HOUR_MS == (await home.link(1, home.ben)).fields.last_position_ms


async def test_title_that_the_new_reader_had_taken_keeps_its_place(home: Home) -> None:
    """It was theirs already."""
    await lived_with(home)
    async with home.household.store.transaction() as connection:
        await take_title(connection, home.ben, asin(1), actor=ACTOR, now=NOW)
    await home.sync(*LIBRARY, places=(place(5 * HOUR_MS, NOW + HOUR),), at=NOW + DAY)
    ledger = await home.ledger()

    await switch(home, home.ben)

    link = await home.link(1, home.ben)
    assert 5 * HOUR_MS == link.fields.last_position_ms
    assert [row for row in ledger if row["link_id"] == link.link_id] == [
        row for row in await home.ledger() if row["link_id"] == link.link_id
    ]


async def test_ledger_says_who_handed_the_titles_over(home: Home) -> None:
    """And by which decision; a title of which no place is known has no row."""
    await lived_with(home)
    before = len(await home.ledger())

    await switch(home, home.ben)

    rows = (await home.ledger())[before:]
    assert {Source.USER} == {row["source"] for row in rows}
    assert {ACTOR} == {row["actor"] for row in rows}
    assert all(row["sync_log_id"] for row in rows)


async def test_listening_days_stay_whose_they_were(home: Home) -> None:
    """Streaks, goals and totals of the past do not change hands."""
    account_id = home.household.account_id
    known = ListeningDay("2026-11-18", day("2026-11-18"), 20 * MINUTE_MS)
    later = ListeningDay("2026-11-21", day("2026-11-21"), 30 * MINUTE_MS)
    async with home.household.store.transaction() as connection:
        account = await load_account(connection, account_id)
        await save_listening_days(
            connection, account, (known,), renewed_from=NOW.date(), now=NOW
        )
    await switch(home, home.ben)

    async with home.household.store.transaction() as connection:
        account = await load_account(connection, account_id)
        await save_listening_days(
            connection, account, (known, later), renewed_from=NOW.date(), now=NOW
        )
        annas, _ = await load_listened(connection, home.anna)
        bens, _ = await load_listened(connection, home.ben)

    assert {known.day_on: known.listened_ms} == annas
    assert {later.day_on: later.listened_ms} == bens


async def test_past_that_comes_in_later_is_the_former_readers(home: Home) -> None:
    """A year of listening days is asked for window by window, over some days."""
    account_id = home.household.account_id
    known = ListeningDay("2026-11-18", day("2026-11-18"), 20 * MINUTE_MS)
    older = ListeningDay("2026-10-18", day("2026-10-18"), 40 * MINUTE_MS)
    for_days = {"renewed_from": NOW.date(), "now": NOW}
    async with home.household.store.transaction() as connection:
        account = await load_account(connection, account_id)
        await save_listening_days(connection, account, (known,), **for_days)
    await switch(home, home.ben)

    async with home.household.store.transaction() as connection:
        account = await load_account(connection, account_id)
        await save_listening_days(connection, account, (older,), **for_days)
        bens, _ = await load_listened(connection, home.ben)

    assert {} == bens


async def test_finish_of_who_had_the_title_before_ends_no_pass(home: Home) -> None:
    """Handed back in its credits, or with a flag that flaps, it is still not heard."""
    await lived_with(home)
    await switch(home, home.ben)
    finish = {"is_finished": True, "percent_complete": 100.0}
    done = title(1, **finish, status_changed_at=NOW + HOUR)
    credits_ms = 10 * HOUR_MS - 30_000
    await home.sync(done, places=(place(credits_ms, NOW + HOUR),), at=NOW + 2 * HOUR)
    async with home.household.store.transaction() as connection:
        await set_default_reader(
            connection,
            home.household.account_id,
            home.anna,
            actor=ACTOR,
            now=NOW + 3 * HOUR,
        )

    for hours, sent, place_ms in (
        (4, title(1, percent_complete=100.0), credits_ms + 10_000),
        (5, done, credits_ms + 20_000),
    ):
        at = NOW + hours * HOUR
        await home.sync(sent, places=(place(place_ms, at),), at=at + MINUTE)

    link = await home.link(1)
    (read,) = await home.reads_of_link(link.link_id)
    assert ReadOutcome.UNDER_WAY is read.fields.outcome
    (bens,) = await home.reads_of_link((await home.link(1, home.ben)).link_id)
    assert ReadOutcome.FINISHED is bens.fields.outcome


async def test_question_about_a_place_is_nobodys_after_the_switch(home: Home) -> None:
    """Neither place moves the former reader's book."""
    await lived_with(home)
    account_id = home.household.account_id
    question = PositionQuestion(
        account_id, asin(1), home.anna, 3 * HOUR_MS, NOW, 4 * HOUR_MS, NOW, NOW
    )
    async with home.household.store.transaction() as connection:
        await save_question(connection, question)

    await switch(home, home.ben)

    async with home.household.store.reading() as connection:
        assert () == await load_questions(connection, account_id)


async def test_same_reader_again_changes_nothing(home: Home) -> None:
    """No decision, no row."""
    await lived_with(home)
    before = await home.everything()

    assert not await switch(home, home.anna)

    assert before == await home.everything()
