"""The first day of a new user, step by step, on the running product."""

import pytest

from .checks import STEPS
from .walk import Step, Walk

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


@pytest.mark.parametrize(
    "step", [step for _, step in STEPS], ids=[name for name, _ in STEPS]
)
async def test_step(walk: Walk, step: Step) -> None:
    """What the demo proves holds; a later step needs the ones before it."""
    finding = await step(walk)
    assert finding
