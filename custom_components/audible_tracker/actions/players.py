"""Which speaker, and which title on a speaker, a call means."""

import re
from typing import Final

import probatio
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from ..const import CONF_READER, DOMAIN
from ..core.errors import InvalidValueError, MissingValueError, NothingPlayingError
from ..core.playing.session import Session
from ..core.store.records import ReaderId
from ..playing.sessions import sessions_of
from ..playing.speaker import speakers
from .calls import ActionCall, Fields

TARGET: Final[Fields] = {
    probatio.Optional(str(name)): check
    for name, check in cv.ENTITY_SERVICE_FIELDS.items()
}

_OF_READER: Final = re.compile(r".*_reader_(\d+)_player")


def reader_of_player(hass: HomeAssistant, player: str) -> ReaderId | None:
    """Return whose own media player one is; None for a speaker."""
    entry = er.async_get(hass).async_get(player)
    if entry is None or entry.platform != DOMAIN:
        return None
    found = _OF_READER.fullmatch(entry.unique_id)
    return ReaderId(int(found[1])) if found else None


def named_players(action: ActionCall) -> frozenset[str]:
    """Return the media players that a call names, by an area or whatever."""
    selection = TargetSelection(dict(action.data))
    if not selection.has_any_target:
        return frozenset()
    found = async_extract_referenced_entity_ids(action.hass, selection)
    named = found.referenced | found.indirectly_referenced
    return frozenset(one for one in named if one.startswith(f"{MEDIA_PLAYER}."))


def speaker_of(action: ActionCall, reader_id: ReaderId | None) -> str:
    """Return the one speaker that is meant: named, or the reader's last one.

    Raises MissingValueError for none, InvalidValueError for several.
    """
    named = named_players(action)
    own = {reader_of_player(action.hass, one) for one in named} - {None}
    fit = sorted(named & speakers(action.hass).keys())
    is_direct = len(named) == 1 and not own
    if len(fit) == 1 or is_direct:
        return fit[0] if fit else next(iter(named))
    if fit:
        raise InvalidValueError(
            field=ATTR_ENTITY_ID, value=", ".join(fit), allowed="one media player"
        )
    found = next(iter(own), None) or reader_id
    last = None if found is None else sessions_of(action.hass).last_player(found)
    if last is None:
        raise MissingValueError(field=ATTR_ENTITY_ID, allowed="a media player")
    return last


async def async_sessions(action: ActionCall) -> list[Session]:
    """Return what is heard in the house, as far as it is shown to the caller."""
    hidden = await action.caller.async_hidden()
    heard = sessions_of(action.hass).all
    return [one for one in heard if one.reader_id not in hidden]


async def async_session(action: ActionCall) -> Session:
    """Return what is heard on the named speaker, by the named reader, or at all.

    Raises NothingPlayingError, and MissingValueError where several could be meant.
    """
    shown = await async_sessions(action)
    named = named_players(action)
    readers = {reader_of_player(action.hass, one) for one in named} - {None}
    found = [one for one in shown if one.player in named or one.reader_id in readers]
    if not named and CONF_READER in action.data:
        async with action.store.reading() as connection:
            reader = await action.async_reader(connection)
        found = [one for one in shown if one.reader_id == reader.reader_id]
    elif not named:
        found = shown
    found = [one for one in found if one.is_live] or found
    if not found:
        raise NothingPlayingError
    if len(found) > 1:
        players = ", ".join(sorted(one.player for one in found))
        raise MissingValueError(field=ATTR_ENTITY_ID, allowed=players)
    return found[0]
