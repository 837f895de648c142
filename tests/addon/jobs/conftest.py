"""Fixtures of the tests of jobs."""

import pytest

from .workshop import Bench


@pytest.fixture
def bench() -> Bench:
    """Return work that waits."""
    return Bench()
