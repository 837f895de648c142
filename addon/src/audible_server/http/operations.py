"""Every operation of the API: what it takes and answers; a test holds it to routes."""

from dataclasses import dataclass, field
from typing import Any, Final

from audible_core.wire import BookState

from audible_server.conversion.choices import Target
from audible_server.http import schemas as s
from audible_server.http.parameters import BOOKS_MAX, PATH_LENGTH_MAX, Direction
from audible_server.store.book_list import BookOrder

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address; ``data`` is inside of the envelope, None without.

    ``others`` are good answers with another status, and what is inside of those.
    ``errors`` are the statuses besides those that every operation can answer with.
    ``wordless`` are those whose answer is of the content types, and empty.
    ``wish`` is an object whose members stand in the query, where one needs another.
    ``answer_headers`` are there with a status, ``headers_at_times`` may be. An open
    operation needs no secret.
    """

    method: str
    path: str
    summary: str
    data: s.Schema | None = None
    status: int = 200
    body: s.Schema | None = None
    query: dict[str, s.Schema] = field(default_factory=dict)
    wish: s.Schema | None = None
    headers: dict[str, s.Schema] = field(default_factory=dict)
    answer_headers: dict[int, dict[str, s.Schema]] = field(default_factory=dict)
    headers_at_times: dict[int, dict[str, s.Schema]] = field(default_factory=dict)
    others: dict[int, s.Schema] = field(default_factory=dict)
    content_types: tuple[str, ...] = (JSON,)
    errors: tuple[int, ...] = ()
    wordless: tuple[int, ...] = ()
    is_open: bool = False
    needs_body: bool = True


def _numbers(least: int, most: int) -> s.Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


AUDIBLE: Final = (403, 404, 409, 422, 429, 502, 503)
"""What can come of asking Audible."""

_BOOK: Final = "/api/books/{asin}"
_MARK: Final = f"{_BOOK}/bookmarks/{{bookmark_id}}"
_FLAG: Final = s.words("true", "false")
_LIST: Final[dict[str, s.Schema]] = {
    "q": {"type": "string", "maxLength": 200, "pattern": r"^[^\u0000]*$"},
    "state": s.words(*BookState),
    "is_downloaded": _FLAG,
    "is_heard": _FLAG,
    "account_id": s.STRING,
    "sort": s.words(*BookOrder),
    "order": s.words(*Direction),
    "limit": _numbers(1, BOOKS_MAX),
    "offset": _numbers(0, 10**6),
}
_PAGE: Final = s.members(
    books=s.many(s.ref("Book")), total=s.INTEGER, limit=s.INTEGER, offset=s.INTEGER
)
_SIGNED: Final = s.members(
    path=s.STRING, hls_path=s.maybe(s.STRING), use=s.STRING, expires_at=s.INSTANT
)
_JOBS: Final = tuple(
    Operation(
        "POST", f"/api/jobs/{{job_id}}/{verb}", summary, s.ref("Job"), errors=(404, 409)
    )
    for verb, summary in (
        ("pause", "Let a job rest"),
        ("resume", "Go on with a job"),
        ("cancel", "Give a job up"),
        ("retry", "Do a failed job once more"),
    )
)
_ACCOUNT_IDS: Final = s.body("account_id", account_id=s.ACCOUNT_ID)

OPERATIONS: Final = (
    Operation("GET", "/health", "Is the server there?", s.ref("Health"), is_open=True),
    Operation(
        "GET",
        "/metrics",
        "Counts for Prometheus; no titles",
        content_types=("text/plain",),
    ),
    Operation("GET", "/api/openapi.json", "This document", content_types=(JSON,)),
    Operation(
        "GET", "/api/accounts", "Accounts", s.members(accounts=s.many(s.ref("Account")))
    ),
    Operation(
        "PUT",
        "/api/accounts/{account_id}",
        "Hand an account over",
        s.members(account_id=s.STRING),
        body=s.HAND_OVER,
        errors=(403,),
    ),
    Operation(
        "DELETE", "/api/accounts/{account_id}", "Forget it", status=204, errors=(404,)
    ),
    Operation(
        "GET", "/api/checks", "Self-check", s.members(checks=s.many(s.ref("Check")))
    ),
    Operation(
        "POST",
        "/api/auth",
        "Sign in, in two steps",
        s.SIGN_IN_BEGUN,
        others={201: s.SIGNED_IN},
        body=s.SIGN_IN,
        errors=AUDIBLE,
    ),
    Operation(
        "POST",
        "/api/library",
        "Fetch libraries now",
        s.members(accounts=s.many(s.members(account_id=s.STRING, next_at=s.INSTANT))),
        status=202,
        body=_ACCOUNT_IDS,
        errors=(404, 429),
    ),
    Operation(
        "POST",
        "/api/progress",
        "Places at Audible, of several titles",
        s.members(progress=s.many(s.ref("Progress"))),
        body=s.ASINS,
        errors=AUDIBLE,
    ),
    Operation(
        "POST",
        "/api/progress/{asin}",
        "Place at Audible",
        s.ref("Progress"),
        errors=AUDIBLE,
    ),
    Operation(
        "POST",
        "/api/refresh-token",
        "New access token",
        s.members(account_id=s.STRING),
        body=s.body(account_id=s.ACCOUNT_ID),
        errors=AUDIBLE,
    ),
    Operation(
        "POST",
        "/api/keys/rotate",
        "Seal all with a new key",
        s.members(resealed=s.INTEGER),
        errors=(409,),
    ),
    Operation("GET", "/api/books", "Titles", _PAGE, query=_LIST),
    Operation("GET", _BOOK, "One title", s.ref("Book"), errors=(404,)),
    Operation(
        "POST",
        f"{_BOOK}/download",
        "Download it",
        s.ref("Book"),
        status=202,
        errors=(403, 404, 409, 422),
    ),
    Operation(
        "POST",
        f"{_BOOK}/convert",
        "Convert it",
        s.ref("Job"),
        status=202,
        body=s.members("format", format=s.words(*Target)),
        needs_body=False,
        errors=(404, 409, 422),
    ),
    Operation(
        "DELETE",
        f"{_BOOK}/download",
        "Delete what was downloaded of it",
        s.ref("Book"),
        errors=(404, 409),
    ),
    Operation("GET", f"{_BOOK}/chapters", "Chapters", s.ref("Chapters"), errors=(404,)),
    Operation(
        "POST",
        f"{_BOOK}/sign",
        "Paths without headers",
        _SIGNED,
        body=s.SIGN,
        errors=(404,),
    ),
    Operation(
        "GET",
        f"{_BOOK}/position",
        "Place on the page",
        s.members(position=s.maybe(s.ref("Position"))),
        errors=(404,),
    ),
    Operation(
        "PUT",
        f"{_BOOK}/position",
        "Keep a place",
        s.members(position=s.ref("Position")),
        body=s.PUT_POSITION,
        errors=(404,),
    ),
    Operation(
        "GET",
        f"{_BOOK}/bookmarks",
        "Bookmarks",
        s.members(bookmarks=s.many(s.ref("Bookmark"))),
        errors=(404,),
    ),
    Operation(
        "POST",
        f"{_BOOK}/bookmarks",
        "Mark a place",
        s.ref("Bookmark"),
        status=201,
        body=s.ADD_BOOKMARK,
        errors=(404,),
    ),
    Operation(
        "PATCH",
        _MARK,
        "Change a bookmark",
        s.ref("Bookmark"),
        body=s.CHANGE_BOOKMARK,
        errors=(404,),
    ),
    Operation("DELETE", _MARK, "Forget a bookmark", status=204, errors=(404,)),
    Operation("GET", "/api/jobs", "Jobs", s.members(jobs=s.many(s.ref("Job")))),
    Operation("GET", "/api/jobs/{job_id}", "One job", s.ref("Job"), errors=(404,)),
    *_JOBS,
    Operation("GET", "/api/scan", "How the scan goes", s.ref("Scan")),
    Operation("POST", "/api/scan", "Look into the folder", s.ref("Scan"), status=202),
    Operation(
        "GET",
        "/api/files",
        "Files of no title, or all",
        s.members(
            files=s.many(s.ref("File")),
            total=s.INTEGER,
            limit=s.INTEGER,
            offset=s.INTEGER,
        ),
        query={
            "all": _numbers(0, 1),
            "limit": _numbers(1, BOOKS_MAX),
            "offset": _numbers(0, 10**6),
        },
    ),
    Operation(
        "PUT",
        "/api/files/title",
        "Say which title a file is",
        s.ref("File"),
        body=s.members(path=s.text(PATH_LENGTH_MAX), asin=s.maybe(s.ASIN)),
        errors=(404, 409),
    ),
)

PARAMETERS: Final[dict[str, s.Schema]] = {
    "grant": s.text(64),
    "asin": s.ASIN,
    "account_id": s.ACCOUNT_ID,
    "bookmark_id": s.text(64),
    "job_id": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
    "segment": {
        "type": "string",
        "pattern": r"^([0-9]{1,6}((-[0-9]{1,9}){4})?\.(aac|mp3|m4s)|"
        r"init(-[0-9]{1,9}){4}\.mp4)$",
        "examples": ["0.aac", "0-22050-2-215-1292.aac"],
    },
}


def envelope(data: s.Schema) -> Any:
    """Return the answer that holds some data."""
    return s.members(success={"const": True}, data=data)
