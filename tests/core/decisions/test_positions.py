"""Places by hand: a reader's own, and the answer to which of two places counts."""

from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest
from audible_core.decisions.hearing import hear_at_home, hear_position
from audible_core.decisions.links import take_title
from audible_core.decisions.positions import (
    Moved,
    OpenQuestion,
    PlaceChoice,
    answer_question,
    list_questions,
    set_position,
)
from audible_core.errors import InvalidValueError, NotInStoreError
from audible_core.kinds import Source
from audible_core.store.history import load_history
from audible_core.store.position_records import PositionQuestion, PositionWrite
from audible_core.store.position_writes import load_due_positions, save_question
from audible_core.store.records import AccountId, LedgerEntry, ReaderId
from audible_core.sync.hearing import HeardHere, Judge
from audible_core.sync.look import Playing
from audible_core.sync.rules import Rules
from audible_core.sync.tracker_events import EventMaker

from tests.core.decisions.home import (
    ACTOR,
    BERLIN,
    DAY,
    HOUR,
    HOUR_MS,
    RUNTIME_MS,
    Home,
    place,
    title,
)
from tests.core.store.household import NOW, asin

THERE_MS = 3 * HOUR_MS
HERE_MS = 5 * HOUR_MS
THERE_AT = NOW - DAY


@pytest.fixture
async def heard(home: Home) -> Home:
    """Give a title that Audible knows a place of, and the book that it is."""
    await home.sync(title(1), at=NOW - 3 * DAY)
    await home.sync(title(1), places=(place(THERE_MS, THERE_AT),), at=THERE_AT)
    return home


async def put(
    home: Home,
    position_ms: int,
    *,
    writes_back: bool = True,
    reader: ReaderId | None = None,
    now: datetime = NOW,
) -> Moved:
    """Say where a reader stands."""
    async with home.household.store.transaction() as connection:
        return await set_position(
            connection,
            reader or home.anna,
            asin(1),
            position_ms,
            writes_back=writes_back,
            actor=ACTOR,
            now=now,
        )


async def answer(
    home: Home, choice: PlaceChoice, *, writes_back: bool = True, now: datetime = NOW
) -> Moved:
    """Say which place counts."""
    async with home.household.store.transaction() as connection:
        return await answer_question(
            connection,
            home.household.account_id,
            asin(1),
            choice,
            writes_back=writes_back,
            actor=ACTOR,
            now=now,
        )


async def ask(home: Home, theirs_at: datetime = NOW, theirs_ms: int = HOUR_MS) -> None:
    """Let two places of the title be known."""
    question = PositionQuestion(
        home.household.account_id,
        asin(1),
        home.anna,
        ours_ms=HERE_MS,
        ours_at=NOW - HOUR,
        theirs_ms=theirs_ms,
        theirs_at=theirs_at,
        created_at=NOW,
    )
    async with home.household.store.transaction() as connection:
        await save_question(connection, question)


async def queue(home: Home) -> tuple[PositionWrite, ...]:
    """Return what waits to be told."""
    async with home.household.store.reading() as connection:
        return await load_due_positions(
            connection, home.household.account_id, now=NOW + DAY
        )


async def ledger(home: Home) -> tuple[LedgerEntry, ...]:
    """Return the title's moves, newest first."""
    link = await home.link()
    async with home.household.store.reading() as connection:
        return await load_history(connection, link.link_id)


async def questions(home: Home) -> int:
    """Return how many questions there are."""
    async with home.household.store.reading() as connection:
        found = await list_questions(connection, home.household.account_id)
    return len(found)


async def test_place_moves_ledger_link_book_and_queue(heard: Home) -> None:
    """Who did it stands beside it, and Audible's own place is what it was then."""
    link = (await put(heard, HERE_MS)).link
    assert (HERE_MS, 50.0, NOW) == (
        link.fields.last_position_ms,
        link.fields.last_percentage,
        link.fields.last_position_at,
    )
    assert link.fields.book_id is not None
    book = await heard.book(link.fields.book_id)
    assert (HERE_MS, 50.0) == (book.current_position_ms, book.percent_complete)
    moved = (await ledger(heard))[0]
    assert (HERE_MS, Source.USER, ACTOR, NOW) == (
        moved.position_ms,
        moved.source,
        moved.actor,
        moved.heard_at,
    )
    assert moved.sync_log_id is not None
    [write] = await queue(heard)
    assert (HERE_MS, NOW, THERE_MS, THERE_AT, Source.USER) == (
        write.position_ms,
        write.heard_at,
        write.known_ms,
        write.known_at,
        write.source,
    )


async def test_page_follows_a_place(heard: Home) -> None:
    """Beside the minutes, also back to the first one."""
    link = (await put(heard, HERE_MS)).link
    assert link.fields.book_id is not None
    await put(heard, 0, now=NOW + HOUR)
    book = await heard.book(link.fields.book_id)
    assert (0, 0.0) == (book.current_position_ms, book.percent_complete)


async def test_same_place_is_no_move(heard: Home) -> None:
    """The ledger has changes alone."""
    before = len(await ledger(heard))
    await put(heard, THERE_MS)
    assert before == len(await ledger(heard))


async def test_nothing_is_queued_unless_it_is_to_be(heard: Home) -> None:
    """With the option off the place stays at home."""
    await put(heard, HERE_MS, writes_back=False)
    assert () == await queue(heard)


async def test_place_of_who_gave_the_title_away_is_not_told(heard: Home) -> None:
    """Audible has one place, and it is that of whoever took the title."""
    async with heard.household.store.transaction() as connection:
        await take_title(connection, heard.ben, asin(1), actor=ACTOR, now=NOW)
    assert not (await put(heard, HERE_MS)).is_queued
    assert () == await queue(heard)
    moved = await put(heard, HERE_MS, reader=heard.ben)
    assert moved.is_queued
    [write] = await queue(heard)
    assert heard.ben == write.reader_id


@pytest.mark.parametrize("position_ms", [-1000, RUNTIME_MS + 1, 10**12])
async def test_place_outside_of_the_recording_is_refused(
    heard: Home, position_ms: int
) -> None:
    """Nothing of it is kept."""
    before = await heard.everything()
    with pytest.raises(InvalidValueError, match=r"position: .* 0 to 36000"):
        await put(heard, position_ms)
    assert before == await heard.everything()


async def test_place_of_an_unknown_title_is_refused(home: Home) -> None:
    """A reader stands in titles of the library alone."""
    with pytest.raises(NotInStoreError):
        await put(home, HERE_MS)


async def test_place_that_is_set_answers_what_was_asked(heard: Home) -> None:
    """Nobody is asked about a place that has been said since."""
    await ask(heard)
    await put(heard, HERE_MS)
    assert 0 == await questions(heard)


async def test_here_is_sent_although_both_had_moved(heard: Home) -> None:
    """Audible's place of the question is known by now, and not asked about again."""
    await ask(heard)
    moved = await answer(heard, PlaceChoice.HERE)
    link = moved.link
    assert moved.is_queued
    assert HERE_MS == link.fields.last_position_ms
    [write] = await queue(heard)
    assert (HERE_MS, NOW, HOUR_MS, NOW) == (
        write.position_ms,
        write.heard_at,
        write.known_ms,
        write.known_at,
    )
    assert 0 == await questions(heard)


async def test_here_stays_at_home_with_the_option_off(heard: Home) -> None:
    """The question is answered all the same."""
    await ask(heard)
    moved = await answer(heard, PlaceChoice.HERE, writes_back=False)

    assert not moved.is_queued
    assert (0, ()) == (await questions(heard), await queue(heard))


async def test_there_becomes_the_readers_place(heard: Home) -> None:
    """At the instant of Audible's, and nothing is sent."""
    await put(heard, HERE_MS, writes_back=False)
    await ask(heard)
    link = (await answer(heard, PlaceChoice.THERE, now=NOW + HOUR)).link
    assert (HOUR_MS, 10.0, NOW) == (
        link.fields.last_position_ms,
        link.fields.last_percentage,
        link.fields.last_position_at,
    )
    assert link.fields.book_id is not None
    assert HOUR_MS == (await heard.book(link.fields.book_id)).current_position_ms
    assert HOUR_MS == (await ledger(heard))[0].position_ms
    assert (0, ()) == (await questions(heard), await queue(heard))


async def test_there_is_the_newest_place_there(heard: Home) -> None:
    """Who went on listening there is not put back."""
    await ask(heard, theirs_at=THERE_AT - DAY)
    link = (await answer(heard, PlaceChoice.THERE)).link
    assert THERE_MS == link.fields.last_position_ms


@pytest.mark.parametrize("choice", PlaceChoice)
async def test_answer_without_a_question_is_refused(
    heard: Home, choice: PlaceChoice
) -> None:
    """It was answered already, or never asked."""
    with pytest.raises(NotInStoreError):
        await answer(heard, choice)


async def test_question_of_nobody_is_the_default_readers(heard: Home) -> None:
    """As the account's place is."""
    question = PositionQuestion(
        heard.household.account_id, asin(1), None, 1, NOW, 2, NOW, NOW
    )
    async with heard.household.store.transaction() as connection:
        await save_question(connection, question)
        [asked] = await list_questions(connection, heard.household.account_id)
    assert (await heard.link()).link_id == asked.link.link_id
    assert question == replace(asked.question, reader_id=None)


async def test_place_of_a_player_is_written_down_once(heard: Home) -> None:
    """It goes where Audible's place counts; an older one, or the same, is no news."""

    async def hear(position_ms: int, at: datetime, number: int = 1) -> bool:
        """Tell a place; return whether the title is one of the account's."""
        async with heard.household.store.transaction() as connection:
            told = await hear_position(
                connection,
                heard.household.account_id,
                HeardHere(place(position_ms, at, number), Playing()),
                judge(),
                writes_back=True,
            )
        return told is not None

    before = len(await ledger(heard))
    assert await hear(HERE_MS, NOW - HOUR)
    assert await hear(HERE_MS, NOW - HOUR)
    assert await hear(HOUR_MS, NOW - 2 * HOUR)
    assert not await hear(HOUR_MS, NOW, number=2)

    rows = await ledger(heard)
    assert len(rows) == before + 1
    assert (rows[0].source, rows[0].position_ms) == (Source.PLAYER, HERE_MS)
    assert rows[0].heard_at == NOW - HOUR
    [write] = await queue(heard)
    assert (write.position_ms, write.heard_at) == (HERE_MS, NOW - HOUR)
    assert write.source is Source.PLAYER


@pytest.mark.parametrize("writes_back", [True, False])
async def test_place_of_a_speaker_is_the_named_readers(
    heard: Home, *, writes_back: bool
) -> None:
    """It waits to go to Audible with the option on; Audible's place did not move."""
    before = len(await ledger(heard))
    for place_ms in (HERE_MS, 1):
        await hear_home(heard, place_ms, NOW - HOUR, writes_back=writes_back)

    rows = await ledger(heard)
    assert before + 1 == len(rows)
    assert (rows[0].source, rows[0].position_ms) == (Source.PLAYER, HERE_MS)
    assert int(writes_back) == len(await queue(heard))
    assert [] == [*await asked_questions(heard)]


async def test_title_that_is_heard_in_two_places_is_a_question(heard: Home) -> None:
    """Also where nothing is told to Audible: a phone went on while a speaker played."""
    at = NOW - HOUR / 2
    await heard.sync(title(1), places=(place(HOUR_MS, at),), at=at)
    await hear_home(heard, HERE_MS, NOW - HOUR / 4)

    [asked] = await asked_questions(heard)
    assert (HERE_MS, HOUR_MS) == (asked.question.ours_ms, asked.question.theirs_ms)


@pytest.mark.parametrize("writes_back", [True, False])
async def test_question_goes_along_with_who_goes_on_at_home(
    heard: Home, *, writes_back: bool
) -> None:
    """Else "here" would be where the reader was when they were first asked."""
    await ask(heard)
    further_ms = HERE_MS + HOUR_MS
    await hear_home(heard, further_ms, NOW - HOUR / 4, writes_back=writes_back)

    [asked] = await asked_questions(heard)
    assert (further_ms, NOW - HOUR / 4) == (
        asked.question.ours_ms,
        asked.question.ours_at,
    )
    assert (HOUR_MS, NOW) == (asked.question.theirs_ms, asked.question.theirs_at)
    assert (
        further_ms
        == (await answer(heard, PlaceChoice.HERE)).link.fields.last_position_ms
    )


async def hear_home(
    heard: Home, position_ms: int, at: datetime, *, writes_back: bool = False
) -> None:
    """Let a speaker tell a place, an hour after listening began."""
    async with heard.household.store.transaction() as connection:
        await hear_at_home(
            connection,
            heard.household.account_id,
            (await heard.link()).fields.reader_id,
            HeardHere(place(position_ms, at), Playing(since=NOW - HOUR)),
            judge(),
            known=None,
            writes_back=writes_back,
        )


def judge() -> Judge:
    """Return how it is judged what a place begins and ends."""
    ids = (f"event-{number}" for number in count())
    return Judge(Rules(), BERLIN, EventMaker(AccountId(1), NOW, lambda: next(ids)))


async def asked_questions(heard: Home) -> tuple[OpenQuestion, ...]:
    """Return what the account asks."""
    async with heard.household.store.reading() as connection:
        return await list_questions(connection, heard.household.account_id)
