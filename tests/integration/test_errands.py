"""What is done after a poll, though one thing of it fails."""

import pytest
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.audible_tracker.const import EVENT_TRACKER
from custom_components.audible_tracker.core.errors import StoreUnavailableError
from custom_components.audible_tracker.core.sync.engine import AccountSync
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN


async def test_errand_that_fails_holds_up_no_other(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wishlist is asked for, and a goal is told, though the first ones fail."""

    async def fail(*_: object, **__: object) -> int:
        raise StoreUnavailableError(reason="locked")

    for name in ("match_again", "ask_recordings", "ask_listening_days"):
        monkeypatch.setattr(AccountSync, name, fail)
    entry = await household.sign_up()
    assert 1 == household.count("/1.0/wishlist")

    events = async_capture_events(household.hass, EVENT_TRACKER)
    await household.act("set_goal", kind="books", target=1, year=dt_util.now().year)
    await household.act(
        "set_book_status",
        asin=UNDER_WAY_ASIN,
        status="finished",
        date=dt_util.now().date(),
    )
    await entry.runtime_data.coordinator.async_refresh()
    await household.settle()
    assert "goal_reached" in [event.data["type"] for event in events]
