"""The shapes in which the two halves meet over HTTP, and their version.

Both sides read leniently (unknown members are ignored) and write exactly this. Since
version 2 every JSON answer is ``{"success": true, "data": …}`` or ``{"success": false,
"error": {"code", "message", …}}``; before, only the inner part was sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from .bookmark import Bookmark
from .errors import InvalidValueError
from .kinds import Source
from .models import Asin, Chapter, Position, SeriesPlace

API_VERSION: Final = 2
API_VERSION_SERVED_MIN: Final = 2
"""The oldest version that the server of this version still serves."""

API_VERSION_READ_MIN: Final = 1
"""The oldest server that the integration of this version still reads."""

SECRET_HEADER: Final = "X-API-Secret"  # noqa: S105  # the name, not a secret

_LICENSE_ERRORS: Final = ("license_", "voucher_")
"""How the keys of the errors begin that end the wish for a license."""

_POSITION_MS_MAX: Final = 10**10
"""No recording is longer."""

M4B_CONTENT_TYPE: Final = "audio/mp4"
_HLS_PATH: Final = re.compile(r"/signed/audio/[\w.~-]+/stream/\w+/hls/index\.m3u8")


class BookState(StrEnum):
    """What the server holds of a title; no state ever blocks playing."""

    NEW = "new"
    QUEUED = "queued"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    CONVERTING = "converting"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Health:
    """Answer of ``GET /health``; the server serves both versions and all between."""

    status: str
    version: str
    api_version: int
    api_version_min: int

    @property
    def is_compatible(self) -> bool:
        """Tell whether this program and the server have a version in common."""
        is_read = self.api_version >= API_VERSION_READ_MIN
        return is_read and self.api_version_min <= API_VERSION

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read it; raise InvalidValueError if this is not our server's."""
        members = _members(body)
        api_version = _integer(members, "api_version")
        oldest = _optional_integer(members, "api_version_min")
        return cls(
            status=_string(members, "status"),
            version=_string(members, "version"),
            api_version=api_version,
            api_version_min=api_version if oldest is None else oldest,
        )


@dataclass(frozen=True, slots=True)
class AccountHandOver:
    """Body of ``PUT /api/accounts/{account_id}``; ``sealed`` holds the credentials."""

    country_code: str
    name: str
    sealed: str = field(repr=False)

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read it; raise InvalidValueError that names the member."""
        members = _members(body)
        return cls(
            country_code=_string(members, "country_code"),
            name=_string(members, "name"),
            sealed=_string(members, "sealed"),
        )


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """One account that the server was handed.

    ``refusal`` is the key of why Audible refuses its sign-in; None if it does not.
    """

    account_id: str
    refusal: str | None

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read it; raise InvalidValueError that names the member."""
        members = _members(body)
        is_refused = members.get("needs_sign_in") is True
        return cls(
            account_id=_string(members, "account_id"),
            refusal=_string(members, "error") if is_refused else None,
        )


@dataclass(frozen=True, slots=True)
class ServerBook:
    """One title as the server sees it; sizes in bytes, ``None`` means unknown.

    ``is_downloaded`` tells whether a file of it lies there, ``is_playable`` whether it
    can be streamed now, be it while it comes from the shop. ``position_ms`` is where
    listening on the server's own page stands, ``disk_bytes`` what its files take there.

    ``content_type`` is what ``/stream`` answers with unless another format is asked
    for. ``error`` is the key and ``error_text`` the sentence of the last failure.
    """

    asin: str
    title: str
    authors: tuple[str, ...]
    state: BookState
    runtime_ms: int | None = None
    size_bytes: int | None = None
    downloaded_bytes: int | None = None
    has_cover: bool = False
    is_downloaded: bool = False
    is_playable: bool = False
    position_ms: int | None = None
    content_type: str = M4B_CONTENT_TYPE
    error: str | None = None
    error_text: str | None = None
    subtitle: str | None = None
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    language: str | None = None
    publisher: str | None = None
    year: int | None = None
    disk_bytes: int = 0
    has_pdf: bool = False

    @property
    def is_denied(self) -> bool:
        """Tell whether Audible granted no license; only a person has it asked again."""
        return (self.error or "").startswith(_LICENSE_ERRORS)

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read it; raise InvalidValueError that names the member."""
        members = _members(body)
        try:
            state = BookState(_string(members, "state"))
        except ValueError:
            allowed = ", ".join(BookState)
            raise InvalidValueError(
                field="state", value=members.get("state"), allowed=allowed
            ) from None
        return cls(
            asin=_string(members, "asin"),
            title=_string(members, "title"),
            authors=tuple(str(name) for name in members.get("authors") or ()),
            state=state,
            runtime_ms=_optional_integer(members, "runtime_ms"),
            size_bytes=_optional_integer(members, "size_bytes"),
            downloaded_bytes=_optional_integer(members, "downloaded_bytes"),
            has_cover=members.get("has_cover") is True,
            # A server of version 1 plays only what it holds.
            is_downloaded=members.get("is_downloaded", members.get("is_playable"))
            is True,
            is_playable=members.get("is_playable") is True,
            position_ms=_optional_integer(members, "position_ms"),
            content_type=(
                _string(members, "content_type")
                if members.get("content_type")
                else M4B_CONTENT_TYPE
            ),
            error=members.get("error"),
            error_text=members.get("error_text"),
            subtitle=members.get("subtitle"),
            narrators=tuple(str(name) for name in members.get("narrators") or ()),
            series=tuple(_series_place(place) for place in members.get("series") or ()),
            language=members.get("language"),
            publisher=members.get("publisher"),
            year=_optional_integer(members, "year"),
            disk_bytes=_optional_integer(members, "disk_bytes") or 0,
            has_pdf=members.get("has_pdf") is True,
        )


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """Something that happened at the server; kept ones have a number that grows."""

    kind: str
    data: Mapping[str, Any]
    event_id: int | None = None


def position_of(event: ServerEvent) -> Position:
    """Return where listening on the server's page stands; raise InvalidValueError."""
    return Position(
        Asin(_string(event.data, "asin")),
        _integer(event.data, "position_ms"),
        _instant(event.data, "heard_at"),
    )


def bookmark_of(event: ServerEvent) -> tuple[Asin, Bookmark]:
    """Return what was marked on the server's page, and of which title.

    Raises InvalidValueError.
    """
    asin, key = bookmark_key_of(event)
    position_ms, note = _integer(event.data, "position_ms"), event.data.get("note")
    if not 0 <= position_ms <= _POSITION_MS_MAX:
        allowed = f"0 to {_POSITION_MS_MAX}"
        raise InvalidValueError(field="position_ms", value=position_ms, allowed=allowed)
    if not isinstance(note, str):
        raise InvalidValueError(field="note", value=note, allowed="a text")
    return asin, Bookmark(
        source=Source.PLAYER,
        key=key,
        position_ms=position_ms,
        note=note,
        created_at=_instant(event.data, "created_at"),
        updated_at=_instant(event.data, "updated_at"),
    )


def bookmark_key_of(event: ServerEvent) -> tuple[Asin, str]:
    """Return which bookmark of which title is meant; raise InvalidValueError."""
    return Asin(_string(event.data, "asin")), _string(event.data, "bookmark_id")


def chapters_of(body: Any) -> tuple[Chapter, ...]:
    """Return the chapters in ``GET /api/books/{asin}/chapters``, by their place.

    Raises InvalidValueError.
    """
    chapters = map(_chapter, _list(_members(body), "chapters"))
    return tuple(sorted(chapters, key=lambda chapter: chapter.start_ms))


def hls_path_of(body: Any) -> str:
    """Return the signed playlist in ``POST /api/books/{asin}/sign``.

    Raises InvalidValueError for what is no path of that kind.
    """
    path = _string(_members(body), "hls_path")
    if not _HLS_PATH.fullmatch(path):
        raise InvalidValueError(field="hls_path", value=path, allowed="a signed path")
    return path


def data_of(body: Any) -> Any:
    """Return what an answer holds, of a server of this version or of version 1."""
    if isinstance(body, Mapping) and body.get("success") is True:
        return body.get("data")
    return body


@dataclass(frozen=True, slots=True)
class BookPage:
    """Answer of ``GET /api/books``: some of the ``total`` titles, in order."""

    books: tuple[ServerBook, ...]
    total: int

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read it; raise InvalidValueError that names the member.

        A server of version 1 sends all titles, and does not count them.
        """
        members = _members(body)
        books = _list(members, "books")
        total = _optional_integer(members, "total")
        return cls(
            tuple(ServerBook.from_json(book) for book in books),
            len(books) if total is None else total,
        )


def accounts_of(body: Any) -> tuple[ServerAccount, ...]:
    """Return what ``GET /api/accounts`` answers; raise InvalidValueError."""
    accounts = _list(_members(body), "accounts")
    return tuple(ServerAccount.from_json(account) for account in accounts)


def to_json(value: Health | AccountHandOver | ServerBook) -> dict[str, Any]:
    """Return the JSON form of a wire value."""
    return _members_of(value)


def _members_of(record: Any) -> dict[str, Any]:
    """Return a record as JSON has it; ``asdict`` copies what nobody changes."""
    return {name: _plain(getattr(record, name)) for name in record.__match_args__}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _members_of(value) if is_dataclass(value) else value


def _series_place(place: Any) -> SeriesPlace:
    members = _members(place)
    return SeriesPlace(_string(members, "title"), members.get("sequence"))


def _chapter(chapter: Any) -> Chapter:
    members = _members(chapter)
    return Chapter(
        str(members.get("title") or ""),
        _integer(members, "start_ms"),
        _integer(members, "length_ms"),
    )


def _members(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidValueError(field="body", value=body, allowed="a JSON object")
    return body


def _list(members: Mapping[str, Any], name: str) -> list[Any]:
    value = members.get(name)
    if not isinstance(value, list):
        raise InvalidValueError(field=name, value=value, allowed="a list")
    return value


def _string(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidValueError(field=name, value=value, allowed="a text")
    return value


def _instant(members: Mapping[str, Any], name: str) -> datetime:
    """Return an instant in whole milliseconds: databases are to know it again."""
    text = _string(members, name)
    try:
        instant = datetime.fromisoformat(text)
        is_known = instant.tzinfo is not None
        instant = instant.astimezone(UTC)
    except ValueError, OverflowError:
        is_known = False
    if not is_known:
        raise InvalidValueError(field=name, value=text, allowed="an instant")
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _integer(members: Mapping[str, Any], name: str) -> int:
    value = _optional_integer(members, name)
    if value is None:
        raise InvalidValueError(field=name, value=value, allowed="a whole number")
    return value


def _optional_integer(members: Mapping[str, Any], name: str) -> int | None:
    value = members.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidValueError(field=name, value=value, allowed="a whole number")
    return value
