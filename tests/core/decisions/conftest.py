"""A home where real syncs run; each test on SQLite and on PostgreSQL."""

import pytest

from tests.core.decisions.home import Home, furnish
from tests.core.store.household import Household


@pytest.fixture
async def home(household: Household) -> Home:
    """Give Anna, who owns the account, and Ben, who shares it."""
    return await furnish(household)
