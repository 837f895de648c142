"""Titles: fingerprints, removal, positions that never go back in time."""

from dataclasses import fields

import pytest
from audible_core.models import Asin, AudibleTitle, Chapter, Position, SeriesPlace
from audible_core.store.records import Recording, StoredTitle
from audible_core.store.titles import (
    fingerprint_of,
    load_fingerprints,
    load_recording,
    load_some_titles,
    load_titles,
    mark_removed,
    note_asked,
    save_positions,
    save_recording,
    save_titles,
)

from tests.core.store.household import DAY, MINUTE, NOW, Household, asin, title

BARE = AudibleTitle(asin=Asin("B000BARE00"), title=None)


async def test_titles_come_back_as_they_went_in(household: Household) -> None:
    """Nothing that Audible says is lost, and what it does not say stays unknown."""
    titles = (title(1), BARE)
    async with household.store.transaction() as connection:
        await save_titles(connection, household.account_id, titles, now=NOW)
        found = await load_titles(connection, household.account_id)

    assert set(titles) == set(found)


async def test_text_that_no_database_takes_is_cleaned(household: Household) -> None:
    """A NUL or half a character in one title does not fail a whole sync."""
    dirty = title(1, title="a\0b\ud800c", authors=("x\0\ud800y",))
    async with household.store.transaction() as connection:
        await save_titles(connection, household.account_id, (dirty,), now=NOW)
        (found,) = await load_titles(connection, household.account_id)

    assert "ab?c" == found.title


async def test_more_titles_than_one_statement_takes(household: Household) -> None:
    """Slices do not lose rows at their edges."""
    titles = tuple(title(number) for number in range(1201))
    async with household.store.transaction() as connection:
        await save_titles(connection, household.account_id, titles, now=NOW)
        found = await load_titles(connection, household.account_id)
        some = await load_some_titles(
            connection, household.account_id, [asin(number) for number in range(600)]
        )

    assert {entry.asin for entry in titles} == {entry.asin for entry in found}
    assert 600 == len(some)


CHANGES: dict[str, object] = {
    "asin": Asin("B000OTHER0"),
    "title": None,
    "series": (SeriesPlace("Lanterns", "2"),),
    "authors": ("Jane Öberg",),
    "percent_complete": 99.5,
    "is_finished": None,
    "status_changed_at": NOW + MINUTE,
    "is_plus": True,
}


@pytest.mark.parametrize("name", CHANGES)
def test_fingerprint_changes_with_every_field(name: str) -> None:
    """A sync writes exactly the titles whose fingerprint has changed."""
    assert fingerprint_of(title(1)) == fingerprint_of(title(1))
    assert fingerprint_of(title(1)) != fingerprint_of(title(1, **{name: CHANGES[name]}))


def test_fingerprint_is_the_same_in_every_process() -> None:
    """A restart compares with what an earlier process wrote; it fits in 64 bits."""
    assert all(-(2**63) <= fingerprint_of(title(n)) < 2**63 for n in range(100))
    assert FINGERPRINT_OF_BARE == fingerprint_of(BARE)


FINGERPRINT_OF_BARE = 1_870_255_188_902_331_451


async def test_every_field_of_a_title_has_a_column(household: Household) -> None:
    """A field that is added to the model and not to the table is noticed here."""
    from audible_core.store.schema import TITLES

    names = {member.name for member in fields(AudibleTitle)}

    assert set() == names - set(TITLES.c.keys())


async def test_removed_title_is_known_and_not_shown(household: Household) -> None:
    """It leaves the library and may come back; all that was known stays."""
    async with household.store.transaction() as connection:
        titles = (title(1), title(2))
        await save_titles(connection, household.account_id, titles, now=NOW)
        await mark_removed(connection, household.account_id, (asin(2),), at=NOW + DAY)
        await mark_removed(
            connection, household.account_id, (asin(2),), at=NOW + 2 * DAY
        )
        shown = await load_titles(connection, household.account_id)
        known = await load_fingerprints(connection, household.account_id)
        await save_titles(connection, household.account_id, (title(2),), now=NOW)
        back = await load_titles(connection, household.account_id)

    assert (title(1),) == shown
    assert {asin(1): None, asin(2): NOW + DAY} == {
        key: entry.removed_at for key, entry in known.items()
    }
    assert {asin(1), asin(2)} == {entry.asin for entry in back}


async def test_position_older_than_stored_is_ignored(household: Household) -> None:
    """Answers may cross; what is renewed in the library leaves positions alone."""
    account_id = household.account_id
    async with household.store.transaction() as connection:
        await save_titles(connection, account_id, (title(1),), now=NOW)
        for position_ms, at in ((5000, NOW), (4000, NOW), (9000, NOW - MINUTE)):
            position = Position(asin(1), position_ms, at)
            await save_positions(connection, account_id, (position,))
        await save_titles(connection, account_id, (title(1, year=1999),), now=NOW)
        known = await load_fingerprints(connection, account_id)

    assert {
        asin(1): StoredTitle(
            asin(1), fingerprint_of(title(1, year=1999)), 4000, NOW, None
        )
    } == known


async def test_own_interval_outlives_a_restart(household: Household) -> None:
    """When a title's position was last asked for is stored, answered or not."""
    account_id = household.account_id
    async with household.store.transaction() as connection:
        await save_titles(connection, account_id, (title(1), title(2)), now=NOW)
        await note_asked(connection, account_id, [asin(2)], at=NOW + MINUTE)
        await save_titles(connection, account_id, (title(2, year=1),), now=NOW)
        known = await load_fingerprints(connection, account_id)

    assert [None, NOW + MINUTE] == [known[asin(n)].asked_at for n in (1, 2)]


async def test_recording_is_kept_for_the_offline_house(household: Household) -> None:
    """Chapters and version outlive a restart without Audible."""
    account_id = household.account_id
    recording = Recording(asin(1), "CR!1", "104", (Chapter("One", 0, 60_000),))
    async with household.store.transaction() as connection:
        await save_titles(connection, account_id, (title(1),), now=NOW)
        before = await load_recording(connection, account_id, asin(1))
        await save_recording(connection, account_id, recording)
        after = await load_recording(connection, account_id, asin(1))
        unknown = await load_recording(connection, account_id, asin(2))

    assert [Recording(asin(1), None, None, ()), recording, None] == [
        before,
        after,
        unknown,
    ]
