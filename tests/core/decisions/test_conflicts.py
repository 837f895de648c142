"""Conflicts: shown with their candidates, resolved for ever, undone without a trace."""

import pytest
from audible_core.decisions.books import rate_book
from audible_core.decisions.conflicts import (
    LeftReason,
    explain_conflict,
    list_conflicts,
    resolve_all,
    resolve_conflict,
    undo_resolution,
)
from audible_core.decisions.settling import Choice
from audible_core.errors import (
    ConflictSettledError,
    InvalidValueError,
    NothingToUndoError,
    NotInStoreError,
    OtherReaderError,
)
from audible_core.kinds import (
    BookStatus,
    ConflictType,
    DateSource,
    ReadOutcome,
    Resolution,
    SyncStatus,
    SyncType,
)
from audible_core.store.conflicts import count_open_conflicts
from audible_core.store.records import (
    BookId,
    Candidate,
    ConflictId,
    Evidence,
    LinkId,
)
from audible_core.store.schema import SYNC_LOGS
from audible_core.sync.rules import Rules

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

EVIDENCE = (Evidence("title", "the titles are alike", 0.8),)


async def resolve(
    home: Home,
    conflict_id: ConflictId,
    resolution: Resolution,
    book_id: BookId | None = None,
) -> None:
    """Resolve one conflict."""
    async with home.household.store.transaction() as connection:
        choice = Choice(resolution, book_id)
        await resolve_conflict(connection, conflict_id, choice, actor=ACTOR, now=NOW)


async def undo(home: Home, conflict_id: ConflictId) -> None:
    """Undo what was decided about one conflict."""
    async with home.household.store.transaction() as connection:
        await undo_resolution(
            connection, conflict_id=conflict_id, actor=ACTOR, now=NOW + HOUR
        )


async def heard_title(home: Home, **members: object) -> None:
    """Sync a title in its middle and a finished one; neither is a book."""
    await home.unsure(
        title(1, **members),
        title(2, is_finished=True, percent_complete=100.0),
        places=(place(3 * HOUR_MS, NOW - DAY),),
        at=NOW - HOUR,
    )


async def test_conflict_is_shown_with_its_candidates_side_by_side(home: Home) -> None:
    """The title's facts, each book with its confidence and the evidence in words."""
    likely = await home.add_book("Night One")
    other = await home.add_book("Nights")
    await home.unsure(title(1, subtitle="A Novel"))
    candidates = (Candidate(likely, 0.8, EVIDENCE), Candidate(other, 0.4))
    conflict_id = await home.conflict(1, *candidates)
    async with home.household.store.reading() as connection:
        (shown,) = await list_conflicts(connection, home.anna)
        nobody = await list_conflicts(connection, home.ben)
        explained = await explain_conflict(connection, conflict_id)

    assert shown == explained.shown
    assert (conflict_id, ()) == (shown.conflict.conflict_id, nobody)
    assert shown.title is not None
    assert "A Novel" == shown.title.subtitle
    assert [(likely, 0.8, EVIDENCE), (other, 0.4, ())] == [
        (entry.book.book_id, entry.confidence, entry.evidence)
        for entry in shown.candidates
    ]
    assert (
        "Night 1: one book may be meant, but too little speaks for it",
        "1. Night One (Jane Öberg), 80 %: the titles are alike",
        "2. Nights (Jane Öberg), 40 %: ",
    ) == explained.words


async def test_deleted_candidate_is_not_offered(home: Home) -> None:
    """A book that is gone cannot be chosen."""
    await home.unsure(title())
    conflict_id = await home.conflict(1, Candidate(BookId(77), 0.8))
    async with home.household.store.reading() as connection:
        (shown,) = await list_conflicts(connection)
    assert () == shown.candidates
    with pytest.raises(NotInStoreError, match="There is no book 77"):
        await resolve(home, conflict_id, Resolution.LINKED, BookId(77))


async def test_linked_title_brings_its_listening_to_the_book(home: Home) -> None:
    """Read, status, place and page; and no sync decides it again."""
    book_id = await home.add_book(
        "Night One", status=BookStatus.TO_READ, page_count=300
    )
    await heard_title(home)
    conflict_id = await home.conflict(1, Candidate(book_id, 0.8, EVIDENCE))
    await resolve(home, conflict_id, Resolution.LINKED, book_id)

    link, book = await home.link(), await home.book(book_id)
    (read,) = await home.reads_of_book(book_id)
    assert (book_id, 1.0, "user", EVIDENCE, True, False) == (
        link.fields.book_id,
        link.fields.match_confidence,
        link.fields.match_method,
        link.fields.evidence,
        link.fields.manually_confirmed,
        link.fields.is_ignored,
    )
    assert (ReadOutcome.UNDER_WAY, link.link_id) == (
        read.fields.outcome,
        read.fields.link_id,
    )
    assert (BookStatus.READING, 3 * HOUR_MS, 90) == (
        book.status,
        book.current_position_ms,
        book.current_page,
    )
    before = await home.state()
    await home.sync(title(1, title="Night One: a new name"), title(2))
    await home.sync(title(1), title(2), again=(asin(1),))
    assert before["audible_conflicts"] == (await home.state())["audible_conflicts"]
    assert book_id == (await home.link()).fields.book_id


async def test_decision_is_written_down_with_its_maker(home: Home) -> None:
    """One row, of no account, so that no figure of a sync counts it."""
    book_id = await home.add_book("Night One")
    await heard_title(home)
    conflict_id = await home.conflict(1, Candidate(book_id, 0.8))
    await resolve(home, conflict_id, Resolution.LINKED, book_id)

    log = (await home.rows(SYNC_LOGS))[-1]
    assert (None, SyncType.USER, SyncStatus.SUCCESS, 1) == (
        log["account_id"],
        log["sync_type"],
        log["status"],
        log["links_made"],
    )
    assert ("resolve_conflict", ACTOR, conflict_id) == (
        log["details"]["action"],
        log["details"]["actor"],
        log["details"]["about"]["conflict_id"],
    )
    async with home.household.store.reading() as connection:
        explained = await explain_conflict(connection, conflict_id)
    conflict = explained.shown.conflict
    assert (True, ACTOR, Resolution.LINKED, book_id) == (
        conflict.resolved,
        conflict.resolver,
        conflict.resolution,
        conflict.resolved_book_id,
    )


@pytest.mark.parametrize(
    "resolution",
    [
        Resolution.LINKED,
        Resolution.CREATED,
        Resolution.IGNORED,
        Resolution.NOT_A_BOOK,
    ],
)
@pytest.mark.parametrize("number", [1, 2])
async def test_undo_brings_every_row_back(
    home: Home, resolution: Resolution, number: int
) -> None:
    """Link, reads, books and the open conflict; the ledger is never touched."""
    book_id = await home.add_book(
        "Night One", status=BookStatus.FINISHED, finished_on=day("2020-05-01")
    )
    await home.add_read(book_id, ReadOutcome.FINISHED, finished_on=day("2020-05-01"))
    await home.add_read(book_id, ReadOutcome.UNDER_WAY, started_on=day("2026-11-01"))
    await heard_title(home)
    conflict_id = await home.conflict(number, Candidate(book_id, 0.8))
    before, ledger = await home.state(), await home.ledger()
    target = book_id if resolution is Resolution.LINKED else None
    await resolve(home, conflict_id, resolution, target)
    decided = await home.state()
    await undo(home, conflict_id)

    assert before != decided
    assert before == await home.state()
    assert ledger == await home.ledger()
    with pytest.raises(NothingToUndoError):
        await undo(home, conflict_id)
    await resolve(home, conflict_id, resolution, target)
    again = await home.state()
    strip = ("resolved_at", "resolved_book_id", "id", "book_id")
    assert _without(decided, strip) == _without(again, strip)


def _without(state: dict, names: tuple[str, ...]) -> list:  # type: ignore[type-arg]
    return [
        {name: value for name, value in row.items() if name not in names}
        for rows in state.values()
        for row in rows
    ]


async def test_history_of_later_syncs_leaves_with_the_title(home: Home) -> None:
    """What was heard after a wrong decision is no history of the wrong book."""
    wrong = await home.add_book("Another", status=BookStatus.TO_READ, page_count=100)
    before = await home.book(wrong)
    await heard_title(home)
    conflict_id = await home.conflict(1, Candidate(wrong, 0.8))
    await resolve(home, conflict_id, Resolution.LINKED, wrong)
    at = NOW + 12 * HOUR
    await home.sync(
        title(1), title(2), places=(place(10 * HOUR_MS - 30_000, at),), at=at + HOUR
    )
    finished = await home.book(wrong)
    await undo(home, conflict_id)

    (read,) = await home.reads_of_link((await home.link()).link_id)
    assert (BookStatus.FINISHED, BookStatus.TO_READ) == (
        finished.status,
        before.status,
    )
    assert before == await home.book(wrong)
    assert (ReadOutcome.FINISHED, None) == (read.fields.outcome, read.fields.book_id)


async def test_what_a_person_changed_since_survives_undo(home: Home) -> None:
    """A made book that somebody rated is somebody's own."""
    await heard_title(home)
    conflict_id = await home.conflict(1)
    await resolve(home, conflict_id, Resolution.CREATED)
    book_id = (await home.link()).fields.book_id
    assert book_id is not None
    async with home.household.store.transaction() as connection:
        await rate_book(connection, book_id, 4.5, actor=ACTOR, now=NOW)
    await undo(home, conflict_id)

    assert 4.5 == (await home.book(book_id)).rating
    assert None is (await home.link()).fields.book_id


async def test_pass_that_both_know_is_one_pass(home: Home) -> None:
    """An imported finish and Audible's flag of unknown day are one read."""
    book_id = await home.add_book("Night Two", status=BookStatus.FINISHED)
    own = await home.add_read(
        book_id, ReadOutcome.FINISHED, finished_on=day("2024-03-02")
    )
    await heard_title(home)
    conflict_id = await home.conflict(2, Candidate(book_id, 0.8))
    await resolve(home, conflict_id, Resolution.LINKED, book_id)

    assert [own] == [read.read_id for read in await home.reads_of_book(book_id)]
    plan = await home.sync(title(1), title(2, is_finished=True, cover_url="new"))
    assert () == plan.changes.reads


async def test_pass_that_was_heard_after_the_books_finish_is_not_lost(
    home: Home,
) -> None:
    """Read on paper in 2020, heard now; its end came while nobody looked."""
    book_id = await home.add_book("Night One", status=BookStatus.FINISHED)
    own = await home.add_read(
        book_id, ReadOutcome.FINISHED, finished_on=day("2020-03-02")
    )
    await home.unsure(title(1), at=NOW - 20 * DAY)
    first = place(HOUR_MS, NOW - 19 * DAY)
    await home.unsure(title(1), places=(first,), at=NOW - 19 * DAY)
    await home.unsure(title(1, is_finished=True), at=NOW - DAY)
    (heard,) = await home.reads_of_link((await home.link()).link_id)
    conflict_id = await home.conflict(1, Candidate(book_id, 0.8))
    await resolve(home, conflict_id, Resolution.LINKED, book_id)

    known = (heard.fields.outcome, heard.fields.started_on, heard.fields.finished_on)
    assert (ReadOutcome.FINISHED, day("2026-11-01"), None) == known
    assert [own, heard.read_id] == [
        read.read_id for read in await home.reads_of_book(book_id)
    ]


async def test_book_under_way_goes_on_with_its_title(home: Home) -> None:
    """An imported start and Audible's place are one read, with the known start."""
    book_id = await home.add_book("Night One", status=BookStatus.READING)
    await home.add_read(
        book_id,
        ReadOutcome.UNDER_WAY,
        started_on=day("2026-11-01"),
        started_source=DateSource.IMPORT,
    )
    await heard_title(home)
    conflict_id = await home.conflict(1, Candidate(book_id, 0.8))
    await resolve(home, conflict_id, Resolution.LINKED, book_id)

    (read,) = await home.reads_of_book(book_id)
    assert (day("2026-11-01"), DateSource.IMPORT) == (
        read.fields.started_on,
        read.fields.started_source,
    )
    assert (await home.link()).link_id == read.fields.link_id


async def test_settled_conflict_is_refused(home: Home) -> None:
    """Two people decide at once: the second one is told."""
    await heard_title(home)
    conflict_id = await home.conflict(1)
    await resolve(home, conflict_id, Resolution.IGNORED)
    with pytest.raises(ConflictSettledError, match=r"settled already \(ignored\)"):
        await resolve(home, conflict_id, Resolution.CREATED)


async def test_book_of_another_reader_is_refused(home: Home) -> None:
    """Nobody's title becomes somebody else's book, and nothing is half done."""
    book_id = await home.add_book("Night One", home.ben)
    await heard_title(home)
    conflict_id = await home.conflict(1)
    before = await home.everything()
    with pytest.raises(OtherReaderError, match="belongs to another reader"):
        await resolve(home, conflict_id, Resolution.LINKED, book_id)
    assert before == await home.everything()


@pytest.mark.parametrize(
    ("resolution", "book_id"),
    [
        (Resolution.LINKED, None),
        (Resolution.CREATED, BookId(1)),
        (Resolution.OBSOLETE, None),
    ],
)
def test_choice_that_means_nothing_is_refused(
    resolution: Resolution, book_id: BookId | None
) -> None:
    """A link needs a book, and only a link has one."""
    with pytest.raises(InvalidValueError):
        Choice(resolution, book_id)


async def test_ignored_title_asks_nobody_again(home: Home) -> None:
    """Not after a change of the title, and not after an import."""
    await heard_title(home)
    conflict_id = await home.conflict(1)
    await resolve(home, conflict_id, Resolution.NOT_A_BOOK)
    await home.sync(title(1, title="Renamed"), title(2), again=(asin(1),))
    async with home.household.store.reading() as connection:
        waiting = await list_conflicts(connection)
    link = await home.link()
    assert [asin(2)] == [entry.link.fields.asin for entry in waiting]
    assert (True, "not_a_book") == (link.fields.is_ignored, link.fields.match_method)


async def bulk(home: Home, **options: object) -> list[object]:
    """Resolve all and return what became of each title, in order."""
    async with home.household.store.transaction() as connection:
        outcomes = await resolve_all(
            connection,
            home.anna,
            actor=ACTOR,
            now=NOW,
            **options,  # type: ignore[arg-type]
        )
    return [
        entry.left
        if entry.settled is None
        else "created"
        if entry.settled.made_book
        else "linked"
        for entry in outcomes
    ]


async def five_conflicts(home: Home) -> None:
    """One clear title, one weak, one contested, one of a taken book, one without."""
    clear, weak, one, two, taken = [
        await home.add_book(name) for name in ("A", "B", "C", "D", "E")
    ]
    await home.unsure(*(title(number) for number in range(1, 7)))
    await home.conflict(1, Candidate(clear, 0.92), Candidate(weak, 0.3))
    await home.conflict(2, Candidate(weak, 0.5))
    await home.conflict(
        3,
        Candidate(one, 0.95),
        Candidate(two, 0.94),
        conflict_type=ConflictType.AMBIGUOUS,
    )
    number = await home.conflict(4, Candidate(taken, 0.99))
    await resolve(home, number, Resolution.LINKED, taken)
    await home.conflict(5, Candidate(taken, 0.96))
    await home.conflict(6, conflict_type=ConflictType.NO_MATCH)


async def test_all_are_resolved_page_by_page(home: Home) -> None:
    """What was left on a page is not looked at again on the next one."""
    await five_conflicts(home)
    pages: list[list[LeftReason | None]] = []
    after = None
    for _ in range(3):
        async with home.household.store.transaction() as connection:
            outcomes = await resolve_all(
                connection,
                home.anna,
                accept_from=0.9,
                actor=ACTOR,
                now=NOW,
                after=after,
                limit=3,
            )
        pages.append([one.left for one in outcomes])
        after = outcomes[-1].conflict_id if outcomes else None
    async with home.household.store.reading() as connection:
        waiting = await count_open_conflicts(connection)
        of_anna = await count_open_conflicts(connection, reader_id=home.anna)
        of_ben = await count_open_conflicts(connection, reader_id=home.ben)
        paged = await list_conflicts(connection, home.anna, offset=1, limit=2)
        whole = await list_conflicts(connection, home.anna)

    assert [
        [None, LeftReason.BELOW_LIMIT, LeftReason.SEVERAL_FIT],
        [LeftReason.BOOK_TAKEN, LeftReason.NO_CANDIDATE],
    ] == pages[:2]
    assert (4, 4, 0) == (waiting, of_anna, of_ben)
    assert whole[1:3] == paged


async def test_all_above_a_limit_are_accepted_at_once(home: Home) -> None:
    """What is unclear is left, each with its reason."""
    await five_conflicts(home)
    assert [
        "linked",
        LeftReason.BELOW_LIMIT,
        LeftReason.SEVERAL_FIT,
        LeftReason.BOOK_TAKEN,
        LeftReason.NO_CANDIDATE,
    ] == await bulk(home, accept_from=0.9)


async def test_books_are_made_of_all_the_rest(home: Home) -> None:
    """But not where several books of the tracker fit: that would double one of them."""
    await five_conflicts(home)
    assert [
        "linked",
        "created",
        LeftReason.SEVERAL_FIT,
        LeftReason.BOOK_TAKEN,
        "created",
    ] == await bulk(home, accept_from=0.9, create=True)
    assert [LeftReason.SEVERAL_FIT, "created"] == await bulk(home, create=True)


async def test_two_marketplaces_make_one_book_in_bulk(home: Home) -> None:
    """The same recording is the same book."""
    await home.unsure(title(1, sku_lite="BK_1"), title(2, sku_lite="BK_1"))
    await home.conflict(1, conflict_type=ConflictType.NO_MATCH)
    await home.conflict(2, conflict_type=ConflictType.NO_MATCH)
    assert ["created", "linked"] == await bulk(home, create=True)
    first, second = await home.link(1), await home.link(2)
    assert first.fields.book_id == second.fields.book_id


@pytest.mark.parametrize("options", [{}, {"accept_from": 1.5}])
async def test_bulk_needs_to_know_what_to_do(
    home: Home, options: dict[str, object]
) -> None:
    """Nothing to accept and nothing to create is a mistake."""
    with pytest.raises(InvalidValueError):
        await bulk(home, **options)


async def test_unknown_numbers_are_named(home: Home) -> None:
    """A conflict or a link that is not there gives a sentence."""
    async with home.household.store.transaction() as connection:
        with pytest.raises(NotInStoreError, match="conflict 5"):
            await explain_conflict(connection, ConflictId(5))
        with pytest.raises(NotInStoreError, match="link 5"):
            await undo_resolution(connection, link_id=LinkId(5), actor=None, now=NOW)
        with pytest.raises(InvalidValueError):
            await undo_resolution(connection, actor=None, now=NOW)


async def test_titles_of_a_real_sync_wait_and_become_books(home: Home) -> None:
    """The option "make no books" gives conflicts, and one word makes them all books."""
    home.rules = Rules(creates_books=False)
    await home.sync(title(1), title(2, is_finished=True))
    assert ["created", "created"] == await bulk(home, create=True)
    plan = await home.sync(title(1), title(2, is_finished=True))
    assert plan.is_empty, str(plan)
