"""A sleep timer: it makes a speaker quieter, and pauses it."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..core.playing.choosing import faded_volume, stops_in
from .speaker import Speaker

if TYPE_CHECKING:
    from .followed import FollowedSessions

_FADES_EVERY_S: Final = 1.0
_LOOKS_EVERY_S: Final = 5.0
_IS_NEAR: Final = timedelta(seconds=3)


async def async_sleep(
    hass: HomeAssistant, sessions: FollowedSessions, player: str
) -> None:
    """Wait for the end of a speaker's timer, fade, and pause; runs in the background.

    The volume is what it was before, whatever ends this.
    """
    speaker = Speaker(hass, player)
    loud = None
    try:
        while (left := _left(sessions, player)) is None or left > timedelta(0):
            session = sessions.on(player)
            if session is None or session.sleep is None:
                return
            fade_s = session.sleep.fade_s
            if left is not None and left.total_seconds() <= fade_s:
                loud = speaker.volume if loud is None else loud
                if loud is not None:
                    await speaker.async_set_volume(faded_volume(loud, left, fade_s))
            if left is not None and left <= _IS_NEAR:
                # A speaker that is asked seldom is asked now: it ends at the place.
                await speaker.async_refresh()
            await asyncio.sleep(_pause_s(left, fade_s))
        session = sessions.on(player)
        if session is not None:
            sessions.change(session, sleep=None)
            if session.is_live:
                await sessions.async_pause(session)
    except HomeAssistantError as err:
        LOGGER.warning("The sleep timer could not end %s: %s", player, err)
    finally:
        if loud is not None:
            with suppress(HomeAssistantError):
                await speaker.async_set_volume(loud)


def _left(sessions: FollowedSessions, player: str) -> timedelta | None:
    session = sessions.on(player)
    if session is None or session.sleep is None:
        return timedelta(0)
    return stops_in(session, session.sleep, dt_util.utcnow())


def _pause_s(left: timedelta | None, fade_s: int) -> float:
    """Return when to look again: seldom, then each second, then right at the end."""
    if left is None:
        return _LOOKS_EVERY_S
    left_s = left.total_seconds()
    if left_s > fade_s + _LOOKS_EVERY_S:
        return min(_LOOKS_EVERY_S, left_s - fade_s)
    return max(0.05, min(_FADES_EVERY_S, left_s))
