"""Actions: their names, and how each call is answered."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Final

import probatio
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service

from .actions.bookmarks import LIST_BOOKMARKS
from .actions.books import (
    ADD_BOOK,
    DELETE_BOOK,
    EDIT_BOOK,
    MERGE_BOOKS,
    RATE_BOOK,
    SEARCH_BOOKS,
    SET_BOOK_STATUS,
)
from .actions.calls import ACCOUNT, Action, ActionCall, parse_asin
from .actions.conflicts import LIST_CONFLICTS, RESOLVE_CONFLICT
from .actions.exports import EXPORT_BOOKS
from .actions.imports import IMPORT_BOOKS
from .actions.links import LINK_BOOK, TAKE_TITLE, UNLINK_BOOK
from .actions.playing import (
    BOOKMARK,
    JUMP,
    MARK_FINISHED,
    MOVE_TO,
    PLAY,
    SLEEP_TIMER,
    STOP_AFTER_CHAPTER,
)
from .actions.positions import (
    ANSWER_POSITION_QUESTION,
    LIST_POSITION_QUESTIONS,
    SET_POSITION,
)
from .actions.readers import ADD_READER, GET_HISTORY, GET_STATISTICS, SET_GOAL
from .actions.reads import EDIT_READ
from .actions.series import NEXT_IN_SERIES
from .actions.settings import ROTATE_KEYS, SET_SYNC_ENABLED, SET_SYNC_INTERVAL
from .actions.status import GET_STATUS
from .actions.syncs import SYNC, SYNC_BOOK
from .const import CONF_ASIN, DOMAIN
from .core.wire import to_json
from .failures import translated_failures
from .playing.speaker import asked_by
from .server_link import media_server_of


class AudibleAction(StrEnum):
    """Names of the actions."""

    ADD_BOOK = "add_book"
    ADD_READER = "add_reader"
    ANSWER_POSITION_QUESTION = "answer_position_question"
    BOOKMARK = "bookmark"
    DELETE_BOOK = "delete_book"
    DOWNLOAD = "download"
    EDIT_BOOK = "edit_book"
    EDIT_READ = "edit_read"
    EXPORT_BOOKS = "export_books"
    GET_HISTORY = "get_history"
    GET_STATISTICS = "get_statistics"
    GET_STATUS = "get_status"
    IMPORT_BOOKS = "import_books"
    JUMP = "jump"
    LINK_BOOK = "link_book"
    LIST_BOOKMARKS = "list_bookmarks"
    LIST_CONFLICTS = "list_conflicts"
    LIST_POSITION_QUESTIONS = "list_position_questions"
    MARK_FINISHED = "mark_finished"
    MERGE_BOOKS = "merge_books"
    NEXT_IN_SERIES = "next_in_series"
    MOVE_TO = "move_to"
    PLAY = "play"
    RATE_BOOK = "rate_book"
    RESOLVE_CONFLICT = "resolve_conflict"
    ROTATE_KEYS = "rotate_keys"
    SEARCH_BOOKS = "search_books"
    SET_BOOK_STATUS = "set_book_status"
    SET_GOAL = "set_goal"
    SET_POSITION = "set_position"
    SET_SYNC_ENABLED = "set_sync_enabled"
    SET_SYNC_INTERVAL = "set_sync_interval"
    SLEEP_TIMER = "sleep_timer"
    STOP_AFTER_CHAPTER = "stop_after_chapter"
    SYNC = "sync"
    SYNC_BOOK = "sync_book"
    TAKE_TITLE = "take_title"
    UNLINK_BOOK = "unlink_book"


async def _async_download(action: ActionCall) -> ServiceResponse:
    """Ask the server to download a title; return what it holds of it."""
    # The account has to exist and to be set up; which one the server finds out itself.
    _ = action.entry
    asin = parse_asin(action.data[CONF_ASIN])
    book = await media_server_of(action.hass).start_download(asin)
    return to_json(book)


_DOWNLOAD: Final = Action(
    _async_download, {**ACCOUNT, probatio.Required(CONF_ASIN): cv.string}
)

ACTIONS: Final[Mapping[AudibleAction, Action]] = {
    AudibleAction.ADD_BOOK: ADD_BOOK,
    AudibleAction.ADD_READER: ADD_READER,
    AudibleAction.ANSWER_POSITION_QUESTION: ANSWER_POSITION_QUESTION,
    AudibleAction.BOOKMARK: BOOKMARK,
    AudibleAction.DELETE_BOOK: DELETE_BOOK,
    AudibleAction.DOWNLOAD: _DOWNLOAD,
    AudibleAction.EDIT_BOOK: EDIT_BOOK,
    AudibleAction.EDIT_READ: EDIT_READ,
    AudibleAction.EXPORT_BOOKS: EXPORT_BOOKS,
    AudibleAction.GET_HISTORY: GET_HISTORY,
    AudibleAction.GET_STATISTICS: GET_STATISTICS,
    AudibleAction.GET_STATUS: GET_STATUS,
    AudibleAction.IMPORT_BOOKS: IMPORT_BOOKS,
    AudibleAction.JUMP: JUMP,
    AudibleAction.LINK_BOOK: LINK_BOOK,
    AudibleAction.LIST_BOOKMARKS: LIST_BOOKMARKS,
    AudibleAction.LIST_CONFLICTS: LIST_CONFLICTS,
    AudibleAction.LIST_POSITION_QUESTIONS: LIST_POSITION_QUESTIONS,
    AudibleAction.MARK_FINISHED: MARK_FINISHED,
    AudibleAction.MERGE_BOOKS: MERGE_BOOKS,
    AudibleAction.NEXT_IN_SERIES: NEXT_IN_SERIES,
    AudibleAction.MOVE_TO: MOVE_TO,
    AudibleAction.PLAY: PLAY,
    AudibleAction.RATE_BOOK: RATE_BOOK,
    AudibleAction.RESOLVE_CONFLICT: RESOLVE_CONFLICT,
    AudibleAction.ROTATE_KEYS: ROTATE_KEYS,
    AudibleAction.SEARCH_BOOKS: SEARCH_BOOKS,
    AudibleAction.SET_BOOK_STATUS: SET_BOOK_STATUS,
    AudibleAction.SET_GOAL: SET_GOAL,
    AudibleAction.SET_POSITION: SET_POSITION,
    AudibleAction.SET_SYNC_ENABLED: SET_SYNC_ENABLED,
    AudibleAction.SET_SYNC_INTERVAL: SET_SYNC_INTERVAL,
    AudibleAction.SLEEP_TIMER: SLEEP_TIMER,
    AudibleAction.STOP_AFTER_CHAPTER: STOP_AFTER_CHAPTER,
    AudibleAction.SYNC: SYNC,
    AudibleAction.SYNC_BOOK: SYNC_BOOK,
    AudibleAction.TAKE_TITLE: TAKE_TITLE,
    AudibleAction.UNLINK_BOOK: UNLINK_BOOK,
}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all actions."""
    for name, action in ACTIONS.items():
        answer = partial(_async_answer, action)
        if action.needs_admin:
            service.async_register_admin_service(
                hass, DOMAIN, name, answer, action.schema, action.supports_response
            )
            continue
        hass.services.async_register(
            DOMAIN,
            name,
            answer,
            schema=action.schema,
            supports_response=action.supports_response,
        )


async def _async_answer(action: Action, call: ServiceCall) -> ServiceResponse:
    """Do what is asked for; errors are told in the user's language."""
    with translated_failures(), asked_by(call.context):
        answer = await action.async_run(ActionCall(call))
    return answer if call.return_response else None
