"""Audible refuses to the server what it still grants here: the user signs in again."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.data_entry_flow import FlowResultType

from custom_components.audible_tracker import page_listener
from custom_components.audible_tracker.account_entry import account_key, account_of
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the next look."""
    for name in ("LOOK_EVERY_S", "_WAIT_MIN_S", "_WAIT_MAX_S"):
        monkeypatch.setattr(page_listener, name, 0.02)


async def until(condition: Callable[[], bool]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def flows(household: Household) -> list[Mapping[str, Any]]:
    """Return what the user is asked."""
    return list(household.hass.config_entries.flow.async_progress())


async def _looks(media_server: FakeMediaServer, times: int = 3) -> None:
    """Wait until the server was asked for its accounts some more times."""
    asked = media_server.calls.count(("GET", "/api/accounts"))
    await until(
        lambda: media_server.calls.count(("GET", "/api/accounts")) >= asked + times
    )


@pytest.mark.parametrize(
    ("refusal", "step"),
    [
        ("audible_auth", "reauth_confirm"),
        ("license_registration_old", "reauth_registration_old"),
    ],
)
async def test_refusal_at_the_server_asks_for_a_sign_in(
    household: Household,
    linked_entry: ConfigEntry,
    media_server: FakeMediaServer,
    refusal: str,
    step: str,
) -> None:
    """Once, in words that fit; the new sign-in goes to the server, and all is well."""
    key = account_key(account_of(linked_entry.data))
    old = media_server.credentials[key]
    media_server.refusals[key] = refusal
    await until(lambda: bool(flows(household)))
    await _looks(media_server)
    (flow,) = flows(household)
    assert (flow["context"]["source"], flow["step_id"]) == ("reauth", step)

    form = await household.answer(flow)
    result = await household.finish(form)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "reauth_successful",
    )
    await household.settle()
    assert media_server.credentials[key] == await household.credentials(linked_entry)
    assert media_server.credentials[key] != old
    await _looks(media_server)
    assert flows(household) == []


async def test_refusal_of_what_is_not_handed_over_is_of_an_older_sign_in(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """What the server had before, or has of others, asks nobody."""
    media_server.credentials["somebody_else"] = "{}"
    media_server.refusals["somebody_else"] = "audible_auth"
    await household.hass.config_entries.async_unload(linked_entry.entry_id)
    key = account_key(account_of(linked_entry.data))
    media_server.credentials[key] = "an older one"
    media_server.refusals[key] = "audible_auth"
    await household.hass.config_entries.async_setup(linked_entry.entry_id)
    await household.settle()
    await _looks(media_server)

    assert media_server.refusals == {"somebody_else": "audible_auth"}
    assert flows(household) == []


async def test_refusal_is_asked_for_again_after_a_restart(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """Home Assistant forgets its questions; the same sign-in is still refused."""
    await household.hass.config_entries.async_unload(linked_entry.entry_id)
    key = account_key(account_of(linked_entry.data))
    media_server.refusals[key] = "license_registration_old"
    await household.hass.config_entries.async_setup(linked_entry.entry_id)
    await until(lambda: bool(flows(household)))
    assert flows(household)[0]["step_id"] == "reauth_registration_old"
