"""The test of a speaker in the options."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import AsyncResolver, ThreadedResolver, web
from aiohttp.abc import ResolveResult
from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from custom_components.audible_tracker.playing import reach
from custom_components.audible_tracker.server_link import async_set_link
from tests.integration.listening_house import House
from tests.integration.mpd import Mpd
from tests.simulator.tls import CertificateAuthority


async def try_speaker(house: House, player: str) -> Any:
    """Go through the dialog with a media player; return its last form."""
    flows = house.hass.config_entries.options
    menu = await flows.async_init(house.entry.entry_id)
    assert "speaker" in menu["menu_options"]
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "speaker"})
    assert ("speaker", {}) == (form["step_id"], form["errors"])
    progress = await flows.async_configure(form["flow_id"], {"entity_id": player})
    assert progress["type"] is FlowResultType.SHOW_PROGRESS
    await house.household.settle()
    return await flows.async_configure(form["flow_id"])


async def test_speaker_that_fetches_and_plays_is_told(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """With the address at which it found Home Assistant; the dialog changes nothing."""
    before = dict(house.entry.options)
    told = await try_speaker(house, kitchen)

    assert "speaker_heard" == told["step_id"]
    assert told["description_placeholders"] == {
        "player": "Kitchen",
        "url": house.hass.config.internal_url,
    }
    end = await house.hass.config_entries.options.async_configure(told["flow_id"], {})
    assert end["type"] is FlowResultType.CREATE_ENTRY
    assert before == house.entry.options


async def test_speaker_that_cannot_come_is_told_why(
    house: House, kitchen: str, mpd: Mpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens at the address that it is sent to."""
    monkeypatch.setattr(reach, "_FETCHED_WITHIN_S", 0.5)
    await async_process_ha_core_config(
        house.hass, {"internal_url": "http://127.0.0.1:9"}
    )
    told = await try_speaker(house, kitchen)

    assert {"base": "address_loopback"} == told["errors"]
    assert "http://127.0.0.1:9" == told["description_placeholders"]["url"]


def add_deaf(house: House, platform: str) -> str:
    """Add a player of an integration that never comes for anything."""
    registry = er.async_get(house.hass)
    player = registry.async_get_or_create("media_player", platform, platform)
    features = {"supported_features": MediaPlayerEntityFeature.PLAY_MEDIA}
    house.hass.states.async_set(player.entity_id, "idle", features)
    return player.entity_id


async def test_certificate_that_players_refuse_is_told(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of an authority that nobody knows; the same address over http is another."""
    monkeypatch.setattr(reach, "_FETCHED_WITHIN_S", 0.1)

    async def resolve(*args: Any, **kwargs: Any) -> list[ResolveResult]:
        return await ThreadedResolver().resolve("127.0.0.1", port)

    monkeypatch.setattr(AsyncResolver, "resolve", resolve)
    player = add_deaf(house, "dlna_dmr")
    authority = await asyncio.to_thread(CertificateAuthority, tmp_path / "authority")
    runner = web.AppRunner(web.Application())
    await runner.setup()
    tls = authority.server_context("house.example")
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    [(_, port)] = runner.addresses
    try:
        for scheme, key in (
            ("https", "address_certificate"),
            ("http", "audio_not_fetched"),
        ):
            url = f"{scheme}://house.example:{port}"
            await async_process_ha_core_config(house.hass, {"internal_url": url})
            told = await try_speaker(house, player)
            assert {"base": key} == told["errors"]
            assert url == told["description_placeholders"]["url"]
    finally:
        await runner.cleanup()


async def test_name_that_cast_cannot_look_up_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks public name servers, whatever the house says; others ask the house."""
    monkeypatch.setattr(reach, "_FETCHED_WITHIN_S", 0.1)
    url = "http://homeassistant.local:8123"
    await async_process_ha_core_config(house.hass, {"internal_url": url})
    for platform, key in (("cast", "address_name"), ("dlna_dmr", "audio_not_fetched")):
        told = await try_speaker(house, add_deaf(house, platform))
        assert {"base": key} == told["errors"]
        assert url == told["description_placeholders"]["url"]


async def test_what_is_missing_is_told_first(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """A player that is away, an app that is not there, an address that is none."""
    house.hass.states.async_set("media_player.attic", "unavailable")
    told = await try_speaker(house, "media_player.attic")
    assert {"base": "speaker_away"} == told["errors"]

    house.hass.config.internal_url = house.hass.config.api = None
    told = await try_speaker(house, kitchen)
    assert {"base": "address_missing"} == told["errors"]

    await async_set_link(house.hass, None)
    told = await try_speaker(house, kitchen)
    assert {"base": "media_server_missing"} == told["errors"]
