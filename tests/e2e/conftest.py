"""The households that end-to-end tests share."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from .browser import running_browser
from .card_house import CardHouse, running_card_house
from .demo_house import running_demo_house
from .home_assistant import REPOSITORY
from .logs import ComplaintError
from .page_house import PageHouse, running_page_house
from .tracked_home import TrackedHome, running_tracked_home
from .walk import Walk

FOLDER = REPOSITORY / ".cache" / "e2e"
_HAS_COMPLAINED: Final = pytest.StashKey[bool]()


def pytest_exception_interact(node: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    """Note that the logs of a house complain."""
    error = call.excinfo and call.excinfo.value
    # Houses that end together fail together.
    errors = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    if any(isinstance(each, ComplaintError) for each in errors):
        node.session.stash[_HAS_COMPLAINED] = True


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let no run be made again for a log: one test of a new house would be quiet."""
    if session.stash.get(_HAS_COMPLAINED, False):
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def walk() -> AsyncIterator[Walk]:
    """Start everything once; the steps build on each other."""
    async with (
        running_demo_house(FOLDER / "state") as (house, speaker),
        running_browser() as browser,
    ):
        walk = Walk(house, speaker, browser, FOLDER / "pictures")
        yield walk
        walk.end_listening()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home() -> AsyncIterator[TrackedHome]:
    """Set up a home on PostgreSQL, once for all who look at it from any side."""
    async with running_tracked_home(FOLDER / "tracked") as home:
        yield home


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def page_house() -> AsyncIterator[PageHouse]:
    """Run the server with its page and no Home Assistant, once for all its tests."""
    async with running_page_house(FOLDER / "page") as house:
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def card_house() -> AsyncIterator[CardHouse]:
    """Set up a home with a tracker, once for all that a person does in a browser."""
    async with running_card_house(FOLDER / "cards", FOLDER / "pictures") as house:
        yield house
