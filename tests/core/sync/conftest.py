"""What the tests of plans and of whole syncs begin with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.store.household import Household
from tests.core.sync.home import Home, Place, novel
from tests.core.sync.paper import DAY, NOW, PaperTracker, title


@pytest.fixture
def tracker() -> PaperTracker:
    """Return a tracker whose first sync found one book that nobody has begun."""
    paper = PaperTracker()
    paper.sync(title(), at=NOW - DAY)
    return paper


@pytest.fixture
async def home(
    household: Household, target: str | Path, tmp_path: Path
) -> AsyncIterator[Home]:
    """Give an account that was never synced, on each kind of database."""
    home = Home(household, Place(target, tmp_path / "keys"))
    yield home
    await home.store.close()


@pytest.fixture
async def followed(home: Home) -> Home:
    """Give an account whose first sync found three books, one of them finished."""
    home.shop.add(novel(1), novel(2), novel(3, is_finished=True))
    await home.sync()
    return home
