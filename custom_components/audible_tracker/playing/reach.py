"""A test: can this speaker reach the audio? It is given a short sound of our own."""

import asyncio
import io
import math
import struct
import wave
from typing import Final
from uuid import uuid4

import aiohttp
from aiohttp import web
from homeassistant.components.media_source import PlayMedia
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..core.errors import AddressMissingError, InvalidValueError, SpeakerSilentError
from ..core.playing.following import PlayerState
from ..core.playing.reaching import why_silent
from ..server_link import media_server_of
from .sessions import sessions_of
from .speaker import Speaker

PROBE: Final = "probe"

_FETCHED: HassKey[dict[str, asyncio.Event]] = HassKey(f"{DOMAIN}.probes")
_URL: Final = f"/api/{DOMAIN}/probe/{{token}}.wav"
_FETCHED_WITHIN_S: Final = 15.0
_PLAYED_WITHIN: Final = 5
_ANSWERED_WITHIN: Final = aiohttp.ClientTimeout(total=10)
_RATE_HZ: Final = 22_050
_SECONDS: Final = 3


class ProbeView(HomeAssistantView):
    """The test sound; whoever asks for it has found the way."""

    url = _URL
    name = f"api:{DOMAIN}:probe"

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Send the sound, and note that it was asked for."""
        hass = request.app[KEY_HASS]
        fetched = hass.data.get(_FETCHED, {}).get(token)
        if fetched is None:
            return web.Response(status=404)
        fetched.set()
        sound = await hass.async_add_executor_job(_sound)
        return web.Response(body=sound, content_type="audio/wav")

    async def head(self, request: web.Request, token: str) -> web.Response:
        """Send the headers alone, as some players ask for first."""
        return await self.get(request, token)


@callback
def probe_address(hass: HomeAssistant, token: str) -> PlayMedia:
    """Return the sound of a test that is under way; raise InvalidValueError."""
    if token not in hass.data.get(_FETCHED, {}):
        raise InvalidValueError(
            field="media_content_id", value=token, allowed="a test that is under way"
        )
    return PlayMedia(_URL.format(token=token), "audio/wav")


async def async_test(hass: HomeAssistant, player: str) -> str:
    """Give a speaker a sound; return the address where it found Home Assistant.

    Raises TrackerError that says why not: of the server, of the speaker, or of the way
    between. What the speaker plays ends, and what is heard on it is let go.
    """
    speaker = Speaker(hass, player)
    speaker.check()
    await media_server_of(hass).check()
    try:
        url = get_url(hass)
    except NoURLAvailableError as err:
        raise AddressMissingError from err
    if (session := sessions_of(hass).on(player)) is not None:
        await sessions_of(hass).async_end(session)
    token = uuid4().hex
    probes = hass.data.setdefault(_FETCHED, {})
    probes[token] = asyncio.Event()
    try:
        was_fetched, has_played = await _async_probe(speaker, token, probes[token])
    finally:
        del probes[token]
    if has_played:
        return url
    raise why_silent(
        player=speaker.name,
        platform=speaker.platform,
        url=url,
        was_fetched=was_fetched,
        is_trusted=await _async_is_trusted(hass, url),
    )


async def _async_probe(
    speaker: Speaker, token: str, fetched: asyncio.Event
) -> tuple[bool, bool]:
    """Return whether the sound was fetched, and whether it was played."""
    try:
        await speaker.async_play_media(f"media-source://{DOMAIN}/{PROBE}/{token}")
    except Exception as err:
        # Its integration may raise anything: it is told as what it is, silence.
        raise SpeakerSilentError(player=speaker.name) from err
    try:
        async with asyncio.timeout(_FETCHED_WITHIN_S):
            await fetched.wait()
    except TimeoutError:
        return False, False
    for _ in range(_PLAYED_WITHIN):
        await speaker.async_refresh()
        if speaker.look.state in (PlayerState.PLAYING, PlayerState.BUFFERING):
            return True, True
        await asyncio.sleep(0.5)
    return True, False


async def _async_is_trusted(hass: HomeAssistant, url: str) -> bool:
    """Tell whether an address has a certificate that anybody accepts, or needs none."""
    if not url.startswith("https:"):
        return True
    try:
        async with async_get_clientsession(hass).get(url, timeout=_ANSWERED_WITHIN):
            return True
    except aiohttp.ClientSSLError:
        return False
    except (aiohttp.ClientError, TimeoutError) as err:
        # From here it may not be reachable although it is from elsewhere.
        LOGGER.debug("Home Assistant does not find itself at %s: %r", url, err)
        return True


def _sound() -> bytes:
    """Return three seconds of a soft tone: 440 Hz, 16 bits, mono."""
    count = _RATE_HZ * _SECONDS
    waves = (math.sin(2 * math.pi * 440 * one / _RATE_HZ) for one in range(count))
    samples = struct.pack(f"<{count}h", *(round(3000 * one) for one in waves))
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes(samples)
    return made.getvalue()
