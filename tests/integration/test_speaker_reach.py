"""The test of a speaker, by speakers that do what few do."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, override

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.components.media_player.browse_media import (
    async_process_play_media_url,
)
from homeassistant.components.media_player.const import MediaPlayerEntityFeature
from homeassistant.components.media_source import Unresolvable, async_resolve_media
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.audible_tracker.core.errors import (
    AudioNotPlayedError,
    SpeakerSilentError,
)
from custom_components.audible_tracker.playing import reach
from custom_components.audible_tracker.playing.reach import async_test
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import House
from tests.integration.toy_speaker import ToySpeaker, add_speaker, put_up
from tests.simulator.tls import CertificateAuthority


class Fetching(ToySpeaker):
    """A speaker that asks for the headers before the sound."""

    statuses: tuple[int, ...] = ()

    @override
    async def async_play_media(
        self, media_type: str, media_id: str, **kwargs: Any
    ) -> None:
        await super().async_play_media(media_type, media_id, **kwargs)
        media = await async_resolve_media(self.hass, media_id, self.entity_id)
        url = async_process_play_media_url(self.hass, media.url)
        session = async_get_clientsession(self.hass)
        async with session.head(url) as headers, session.get(url) as sound:
            self.statuses = (headers.status, sound.status)


async def fetching_speaker(house: House) -> Fetching:
    """Add a speaker that comes for its sound."""
    speaker = Fetching("Radio", MediaPlayerEntityFeature.SEEK)
    await put_up(house.hass, speaker)
    return speaker


async def test_what_is_heard_on_a_speaker_is_let_go_for_its_test(house: House) -> None:
    """It plays the test sound, and is followed no longer."""
    speaker = await fetching_speaker(house)
    await house.household.act("play", entity_id=speaker.entity_id)
    assert sessions_of(house.hass).on(speaker.entity_id) is not None

    assert house.hass.config.internal_url == await async_test(
        house.hass, speaker.entity_id
    )

    assert speaker.statuses == (HTTPStatus.OK, HTTPStatus.OK)
    assert sessions_of(house.hass).on(speaker.entity_id) is None


async def test_speaker_that_fetches_and_is_not_heard_is_told(house: House) -> None:
    """The way is good: it is the sound that it does not play."""
    speaker = await fetching_speaker(house)
    speaker.is_deaf = True

    with pytest.raises(AudioNotPlayedError):
        await async_test(house.hass, speaker.entity_id)


async def test_speaker_that_refuses_is_told_as_silent(house: House) -> None:
    """Whatever its own integration raises."""
    speaker = await add_speaker(house.hass, "Radio")
    speaker.is_broken = True

    with pytest.raises(SpeakerSilentError):
        await async_test(house.hass, speaker.entity_id)


async def test_sound_is_there_for_a_test_alone(
    house: House, hass_client: ClientSessionGenerator
) -> None:
    """Nobody is given one who only knows the address."""
    client = await hass_client()
    answer = await client.get("/api/audible_tracker/probe/ended.wav")

    assert answer.status == HTTPStatus.NOT_FOUND
    with pytest.raises(Unresolvable):
        await async_resolve_media(
            house.hass, "media-source://audible_tracker/probe/ended", None
        )


@pytest.fixture
async def untrusted_url(socket_enabled: None, tmp_path: Path) -> AsyncIterator[str]:
    """Serve something with a certificate that nobody accepts; return its address."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/", answer)
    server = TestServer(app, scheme="https", host="127.0.0.1")
    authority = CertificateAuthority(tmp_path / "authority")
    await server.start_server(ssl=authority.server_context("127.0.0.1"))
    yield str(server.make_url("/"))
    await server.close()


async def test_certificate_that_nobody_accepts_is_seen(
    hass: HomeAssistant, untrusted_url: str
) -> None:
    """An address without one needs none, and one that is not found may have a good."""
    assert not await reach._async_is_trusted(hass, untrusted_url)
    assert await reach._async_is_trusted(hass, "http://192.0.2.1")
    assert await reach._async_is_trusted(hass, "https://127.0.0.1:9")
