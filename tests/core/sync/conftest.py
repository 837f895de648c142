"""What the tests of plans begin with."""

import pytest

from tests.core.sync.paper import DAY, NOW, PaperTracker, title


@pytest.fixture
def tracker() -> PaperTracker:
    """Return a tracker whose first sync found one book that nobody has begun."""
    paper = PaperTracker()
    paper.sync(title(), at=NOW - DAY)
    return paper
