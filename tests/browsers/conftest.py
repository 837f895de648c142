"""The house that the browsers share."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.e2e.home_assistant import REPOSITORY
from tests.e2e.page_house import PageHouse, running_page_house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def page_house() -> AsyncIterator[PageHouse]:
    """Run the server with its page and no Home Assistant."""
    async with running_page_house(REPOSITORY / ".cache/e2e/browsers") as house:
        yield house
