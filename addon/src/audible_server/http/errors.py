"""One place turns errors into answers; the details of surprises stay in the log."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from math import ceil
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleRateLimitError,
    CoverError,
    DownloadError,
    InvalidValueError,
    JobStateError,
    LicenseError,
    MediaError,
    MediaFileMissingError,
    MediaServerSecretError,
    MediaToolError,
    MissingValueError,
    NoAccountError,
    NoSpaceError,
    NotDownloadedError,
    PdfError,
    ServerNotAloneError,
    SignatureError,
    SignInError,
    SignInOverError,
    StorageError,
    StoreUnavailableError,
    SyncTooSoonError,
    TooManyGuessesError,
    TooManyOfClientError,
    TooManyStreamsError,
    TrackerError,
    UnknownAccountError,
    UnknownBookError,
    UnknownBookmarkError,
    UnknownFileError,
    UnknownJobError,
)

from audible_server.http.answers import refusal

_LOGGER = logging.getLogger(__name__)

# The first class that fits decides, so the special ones come first.
_STATUS: Final[Mapping[type[TrackerError], HTTPStatus]] = {
    InvalidValueError: HTTPStatus.BAD_REQUEST,
    MissingValueError: HTTPStatus.BAD_REQUEST,
    MediaServerSecretError: HTTPStatus.UNAUTHORIZED,
    SignatureError: HTTPStatus.FORBIDDEN,
    TooManyGuessesError: HTTPStatus.TOO_MANY_REQUESTS,
    TooManyOfClientError: HTTPStatus.TOO_MANY_REQUESTS,
    UnknownBookError: HTTPStatus.NOT_FOUND,
    UnknownBookmarkError: HTTPStatus.NOT_FOUND,
    UnknownFileError: HTTPStatus.NOT_FOUND,
    UnknownAccountError: HTTPStatus.NOT_FOUND,
    UnknownJobError: HTTPStatus.NOT_FOUND,
    JobStateError: HTTPStatus.CONFLICT,
    NoSpaceError: HTTPStatus.INSUFFICIENT_STORAGE,
    PdfError: HTTPStatus.NOT_FOUND,
    CoverError: HTTPStatus.NOT_FOUND,
    MediaFileMissingError: HTTPStatus.NOT_FOUND,
    NotDownloadedError: HTTPStatus.CONFLICT,
    NoAccountError: HTTPStatus.CONFLICT,
    ServerNotAloneError: HTTPStatus.CONFLICT,
    SyncTooSoonError: HTTPStatus.TOO_MANY_REQUESTS,
    SignInOverError: HTTPStatus.FORBIDDEN,
    SignInError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyStreamsError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageError: HTTPStatus.INSUFFICIENT_STORAGE,
    DownloadError: HTTPStatus.SERVICE_UNAVAILABLE,
    MediaToolError: HTTPStatus.INTERNAL_SERVER_ERROR,
    MediaError: HTTPStatus.UNPROCESSABLE_ENTITY,
    LicenseError: HTTPStatus.FORBIDDEN,
    AudibleAuthError: HTTPStatus.FORBIDDEN,
    AudibleRateLimitError: HTTPStatus.SERVICE_UNAVAILABLE,
    AudibleConnectionError: HTTPStatus.SERVICE_UNAVAILABLE,
    AudibleError: HTTPStatus.BAD_GATEWAY,
    TrackerError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_WITH_WAIT: Final = (
    AudibleRateLimitError,
    TooManyGuessesError,
    TooManyOfClientError,
    TooManyStreamsError,
)
_DOWNLOAD_WAIT_S: Final = 10
"""A file server that fails is asked again by itself for a few seconds."""

_HTTP_CODES: Final = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
}


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error in the same form, with a status that fits."""
    try:
        return await handler(request)
    except TrackerError as err:
        return error_answer(err)
    except web.HTTPException as err:
        return _http_answer(request, err)
    except Exception:
        if request.transport is None or request.transport.is_closing():
            # The client left in the middle of an answer; this one is sent to nobody.
            return web.Response()
        _LOGGER.exception("Unexpected error in %s", request.match_info.handler)
        return error_answer(TrackerError())


def error_answer(
    error: TrackerError,
    *,
    status: HTTPStatus | None = None,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Return the answer for one of our errors."""
    found = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    extra = dict(headers or {})
    wait_s = _wait_s(error)
    if wait_s is not None:
        extra["Retry-After"] = str(wait_s)
    body = {**error.placeholders, "code": error.key, "message": str(error)}
    return refusal(body, status=status or found, headers=extra)


def _wait_s(error: TrackerError) -> int | None:
    """Return in how many seconds it is worth trying again, if that is known."""
    if isinstance(error, _WITH_WAIT):
        return error.retry_after_s
    if isinstance(error, DownloadError):
        return _DOWNLOAD_WAIT_S
    if isinstance(error, SyncTooSoonError) and error.until is not None:
        left = error.until - datetime.now(UTC)
        return max(1, ceil(left.total_seconds()))
    return None


def refuse_header(
    request: web.Request,
    field: str,
    allowed: str,
    status: int,
    headers: Mapping[str, str],
) -> web.Response:
    """Return the answer for a header that does not fit what is there."""
    error = InvalidValueError(
        field=field, value=request.headers.get(field), allowed=allowed
    )
    return error_answer(error, status=HTTPStatus(status), headers=headers)


def _http_answer(request: web.Request, error: web.HTTPException) -> web.Response:
    """Return the answer for what aiohttp itself refuses."""
    status = HTTPStatus(error.status)
    body = {
        "code": _HTTP_CODES.get(status, status.phrase.lower().replace(" ", "_")),
        "message": _sentence(request, status),
    }
    allow = error.headers.get("Allow")
    headers = {"Allow": allow} if allow else {}
    return refusal(body, status=status, headers=headers)


def _sentence(request: web.Request, status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return "There is nothing at this address."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return f"{request.method} is not allowed at this address."
        case HTTPStatus.REQUEST_TIMEOUT:
            return "The body did not come in time."
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return f"The body is larger than {request.client_max_size // 1024} KiB."
        case _:
            return f"{status.phrase}."
