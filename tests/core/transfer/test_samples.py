"""Every sample file goes in, in again, and out, and leaves nothing behind."""

from datetime import timedelta

import pytest
from audible_core.imports.rows import ImportedBook
from audible_core.transfer.records import RowOutcome
from audible_core.transfer.undo import undo_import

from tests.core.imports.made import TRACKER_FILES, sample
from tests.core.store.household import NOW, Household
from tests.core.transfer.library import all_rows, import_file, preview, rows_of

LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize("name", TRACKER_FILES)
async def test_sample_goes_in_twice_and_out_again(
    household: Household, name: str
) -> None:
    """Every row is a book or listed; twice changes nothing; undone, nothing is left."""
    data = sample(name)
    before = await all_rows(household.store)

    first = await import_file(household, data)
    between = await all_rows(household.store)
    again = await preview(household, data)
    second = await import_file(household, data, now=LATER)
    after = await all_rows(household.store)
    await undo_import(household.store, second.sync_log_id, now=LATER)
    undone = await undo_import(household.store, first.sync_log_id, now=LATER)

    books = sum(isinstance(row, ImportedBook) for row in rows_of(data))
    assert books == first.made + first.joined
    assert len(rows_of(data)) - books == first.rejected
    assert books == second.unchanged
    assert {books, 0} >= {
        number
        for outcome, number in again.counts.items()
        if outcome is not RowOutcome.REJECTED
    }
    assert between == after
    assert first.books_made == undone.books_removed
    assert before == await all_rows(household.store)
