"""Actions about places: where a reader stands, and which of two places counts."""

import re
from typing import Any, Final

import probatio
from homeassistant.core import ServiceResponse, SupportsResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from ..account_entry import options_of
from ..const import CONF_ASIN, CONF_WRITES_BACK, DOMAIN
from ..coordinator import AudibleConfigEntry
from ..core.decisions.positions import (
    Moved,
    OpenQuestion,
    PlaceChoice,
    answer_question,
    list_questions,
    set_position,
)
from ..core.errors import InvalidValueError, NotInStoreError
from ..core.models import Asin
from ..core.store.records import AccountId
from ..playing.sessions import sessions_of
from .answers import Members, link_members, plain
from .calls import ACCOUNT, THING, Action, ActionCall, parse_asin, text

_CONF_ANSWER: Final = "answer"
_CONF_POSITION: Final = "position"

_MS_PER_S: Final = 1000
_PARTS: Final = re.compile(r"(?:(\d{1,5}):)?(?:([0-5]?\d):([0-5]?\d))|(\d{1,9})")
_ALLOWED: Final = "h:mm:ss, m:ss, or seconds"


async def _async_set_position(action: ActionCall) -> ServiceResponse:
    """Say where a reader stands in a title; a speaker that has it goes there."""
    position_ms = parse_position(action.data[_CONF_POSITION])
    async with action.changing() as connection:
        link = await action.async_link(connection)
        moved = await set_position(
            connection,
            link.fields.reader_id,
            link.fields.asin,
            position_ms,
            writes_back=_writes_back(action, link.fields.account_id),
            actor=await action.async_actor(),
            now=action.now,
        )
    await sessions_of(action.hass).async_bring(moved.link.fields)
    return _moved_members(moved)


async def _async_list_questions(action: ActionCall) -> ServiceResponse:
    """Return the titles of which two places are known."""
    questions: list[Any] = []
    async with action.store.reading() as connection:
        readers = await action.async_readers(connection)
        names: dict[int, str] = {one.reader_id: one.name for one in readers}
        for entry in action.entries:
            account_id = entry.runtime_data.account_id
            questions += [
                {
                    "config_entry_id": entry.entry_id,
                    "account": entry.title,
                    "reader": names[asked.link.fields.reader_id],
                    **_question(asked),
                }
                for asked in await list_questions(connection, account_id)
                if asked.link.fields.reader_id in names
            ]
    return {"questions": questions}


async def _async_answer_question(action: ActionCall) -> ServiceResponse:
    """Say which of two places of a title counts; a speaker that has it goes there."""
    asin = parse_asin(action.data[CONF_ASIN])
    choice = PlaceChoice(action.data[_CONF_ANSWER])
    async with action.changing() as connection:
        entry = await _async_asking(action, connection, asin)
        account_id = entry.runtime_data.account_id
        moved = await answer_question(
            connection,
            account_id,
            asin,
            choice,
            writes_back=_writes_back(action, account_id),
            actor=await action.async_actor(),
            now=action.now,
        )
    if choice is PlaceChoice.THERE:
        await sessions_of(action.hass).async_bring(moved.link.fields)
    return _moved_members(moved)


async def _async_asking(
    action: ActionCall, connection: AsyncConnection, asin: Asin
) -> AudibleConfigEntry:
    """Return the account that asks about a title."""
    hidden = await action.caller.async_hidden()
    asking = [
        entry
        for entry in action.entries
        for asked in await list_questions(connection, entry.runtime_data.account_id)
        if asked.question.asin == asin and asked.link.fields.reader_id not in hidden
    ]
    if not asking:
        raise NotInStoreError(what="question about the position of", number=asin)
    # Of several accounts one has to be named, in Home Assistant's own words.
    return asking[0] if len(asking) == 1 else action.entry


def _moved_members(moved: Moved) -> Members:
    return {**link_members(moved.link), "is_queued_for_audible": moved.is_queued}


def _writes_back(action: ActionCall, account_id: AccountId | None) -> bool:
    """Tell whether an account's positions go to Audible."""
    return any(
        entry.runtime_data.account_id == account_id
        and bool(options_of(entry)[CONF_WRITES_BACK])
        for entry in action.hass.config_entries.async_loaded_entries(DOMAIN)
    )


def parse_position(text: str) -> int:
    """Return the milliseconds in h:mm:ss, m:ss, or seconds; raise InvalidValueError."""
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        raise InvalidValueError(field=_CONF_POSITION, value=text, allowed=_ALLOWED)
    hours, minutes, seconds, alone = (int(part or 0) for part in found.groups())
    return (alone + hours * 3600 + minutes * 60 + seconds) * _MS_PER_S


def _question(asked: OpenQuestion) -> Members:
    question = asked.question
    return {
        "asin": question.asin,
        "title": asked.link.fields.audible_title,
        "here": {
            "position_ms": question.ours_ms,
            "heard_at": plain(question.ours_at),
        },
        "there": {
            "position_ms": question.theirs_ms,
            "heard_at": plain(question.theirs_at),
        },
        "created_at": plain(question.created_at),
    }


SET_POSITION: Final = Action(
    _async_set_position,
    {**THING, probatio.Required(_CONF_POSITION): text},
)
LIST_POSITION_QUESTIONS: Final = Action(
    _async_list_questions, ACCOUNT, SupportsResponse.ONLY
)
ANSWER_POSITION_QUESTION: Final = Action(
    _async_answer_question,
    {
        **ACCOUNT,
        probatio.Required(CONF_ASIN): text,
        probatio.Required(_CONF_ANSWER): probatio.In([*PlaceChoice]),
    },
)
