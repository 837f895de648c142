"""The simulated shop, reached as in production: by proxy and certificate variables."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from audible_core.audible.auth import SignIn, complete_sign_in
from audible_core.models import Account, Credentials

from tests.simulator import Simulator, running_simulator


@pytest.fixture(scope="session")
def shop_folder() -> Path:
    """Return where synthesized books are kept between runs."""
    return Path(__file__).parents[2] / ".cache" / "simulator"


@pytest.fixture
async def shop(
    shop_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Simulator]:
    """Run a fresh shop and lead this process to it."""
    async with running_simulator(shop_folder) as simulator:
        for name, value in simulator.environment().items():
            monkeypatch.setenv(name, value)
        yield simulator


@pytest.fixture
async def signed_in(shop: Simulator) -> tuple[Account, Credentials]:
    """Register a device of the demo customer in Germany."""
    sign_in = SignIn.begin("de")
    return await complete_sign_in(sign_in, await shop.sign_in(sign_in.url))
