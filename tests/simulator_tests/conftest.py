"""Fixtures: a running shop, and a phone that is signed in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulator import Simulator, running_simulator

from .phone import Phone


@pytest.fixture(scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder all tests share, so that each book is made once."""
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture
async def simulator(state_dir: Path) -> AsyncIterator[Simulator]:
    """Run a fresh shop."""
    async with running_simulator(state_dir) as running:
        yield running


@pytest.fixture
async def guest(simulator: Simulator) -> AsyncIterator[Phone]:
    """Return a phone nobody has signed in on."""
    async with Phone.switched_on(simulator) as phone:
        yield phone


@pytest.fixture
async def phone(guest: Phone) -> Phone:
    """Return a phone the demo customer has signed in on."""
    await guest.sign_in()
    return guest
