"""The shapes of the API in JSON Schema, as its OpenAPI document names them."""

from typing import Any, Final

from audible_core.audible.marketplaces import DOMAINS
from audible_core.wire import BookState

from audible_server.http.asking_audible import ASINS_MAX
from audible_server.http.listening import NOTE_LENGTH_MAX
from audible_server.http.parameters import POSITION_MS_MAX
from audible_server.http.path_signer import Use
from audible_server.self_check.report import CheckStatus
from audible_server.store.files import Reason, RecognizedBy
from audible_server.store.grants import FileKind
from audible_server.store.job import JobKind, JobState

type Schema = dict[str, Any]

STRING: Final[Schema] = {"type": "string"}
INTEGER: Final[Schema] = {"type": "integer"}
FLAG: Final[Schema] = {"type": "boolean"}
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
ASIN: Final[Schema] = {"type": "string", "pattern": "^[A-Z0-9]{10}$"}
ACCOUNT_ID: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}
COUNTRY: Final[Schema] = {"type": "string", "enum": list(DOMAINS)}
POSITION_MS: Final[Schema] = {
    "type": "integer",
    "minimum": 0,
    "maximum": POSITION_MS_MAX,
}
NOTE: Final[Schema] = {
    "type": "string",
    "maxLength": NOTE_LENGTH_MAX,
    "pattern": r"^[^\u0000]*$",
}


def text(most: int) -> Schema:
    """Return a text that is not empty."""
    return {"type": "string", "minLength": 1, "maxLength": most}


def words(*allowed: str) -> Schema:
    """Return one of some words."""
    return {"type": "string", "enum": list(allowed)}


def maybe(schema: Schema) -> Schema:
    """Return what may be unknown."""
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    """Return a list of it."""
    return {"type": "array", "items": schema}


def members(*optional: str, **schemas: Schema) -> Schema:
    """Return an object; all members are there but those that are named optional."""
    return {
        "type": "object",
        "properties": schemas,
        "required": [name for name in schemas if name not in optional],
    }


def body(*optional: str, **schemas: Schema) -> Schema:
    """Return an object that is sent to the server, which takes no other members."""
    return {**members(*optional, **schemas), "additionalProperties": False}


def ref(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


SIGN_IN: Final[Schema] = {
    "oneOf": [
        body(country_code=COUNTRY),
        body(sign_in=text(8000), landing_url=text(8000)),
    ]
}
SIGN_IN_BEGUN: Final[Schema] = members(url=STRING, sign_in=STRING, expires_at=INSTANT)
SIGNED_IN: Final[Schema] = members(account_id=STRING, name=STRING, country_code=COUNTRY)
HAND_OVER: Final[Schema] = members(
    country_code=COUNTRY, name=text(1000), sealed=text(100_000)
)
ASINS: Final[Schema] = body(
    asins={"type": "array", "items": ASIN, "minItems": 1, "maxItems": ASINS_MAX}
)
SIGN: Final[Schema] = body("use", use=words(*Use))
PUT_POSITION: Final[Schema] = body(
    "heard_at",
    "is_playing",
    position_ms=POSITION_MS,
    heard_at=maybe(INSTANT),
    is_playing=FLAG,
)
ADD_BOOKMARK: Final[Schema] = body("note", position_ms=POSITION_MS, note=NOTE)
CHANGE_BOOKMARK: Final[Schema] = {
    **body("position_ms", "note", position_ms=POSITION_MS, note=NOTE),
    "minProperties": 1,
}

COMPONENTS: Final[dict[str, Schema]] = {
    "Error": members(
        success={"const": False}, error=members(code=STRING, message=STRING)
    ),
    "Health": members(
        status=STRING, version=STRING, api_version=INTEGER, api_version_min=INTEGER
    ),
    "Account": members(
        account_id=STRING,
        country_code=STRING,
        name=STRING,
        created_at=INSTANT,
        library_fetched_at=maybe(INSTANT),
        needs_sign_in=FLAG,
        error=maybe(STRING),
        error_text=maybe(STRING),
    ),
    "Book": members(
        asin=ASIN,
        title=STRING,
        authors=many(STRING),
        state=words(*BookState),
        runtime_ms=maybe(INTEGER),
        size_bytes=maybe(INTEGER),
        downloaded_bytes=maybe(INTEGER),
        has_cover=FLAG,
        is_downloaded=FLAG,
        is_playable=FLAG,
        position_ms=maybe(INTEGER),
        content_type=STRING,
        error=maybe(STRING),
        error_text=maybe(STRING),
        subtitle=maybe(STRING),
        narrators=many(STRING),
        series=many(members(title=STRING, sequence=maybe(STRING))),
        language=maybe(STRING),
        publisher=maybe(STRING),
        year=maybe(INTEGER),
        disk_bytes=INTEGER,
        has_pdf=FLAG,
    ),
    "Chapters": members(
        source=words("audible", "file", "none"),
        is_accurate=FLAG,
        chapters=many(members(title=STRING, start_ms=INTEGER, length_ms=INTEGER)),
        brand_intro_ms=INTEGER,
        brand_outro_ms=INTEGER,
    ),
    "Position": members(asin=ASIN, position_ms=INTEGER, heard_at=INSTANT),
    "Bookmark": members(
        bookmark_id=STRING,
        asin=ASIN,
        position_ms=INTEGER,
        note=STRING,
        created_at=INSTANT,
        updated_at=INSTANT,
    ),
    "Job": members(
        id=INTEGER,
        kind=words(*JobKind),
        subject=STRING,
        state=words(*JobState),
        priority=INTEGER,
        attempts=INTEGER,
        step=maybe(STRING),
        fraction=maybe({"type": "number", "minimum": 0, "maximum": 1}),
        done_bytes=maybe(INTEGER),
        total_bytes=maybe(INTEGER),
        error=maybe(STRING),
        error_text=maybe(STRING),
        next_try_at=maybe(INSTANT),
        created_at=INSTANT,
        started_at=maybe(INSTANT),
        ended_at=maybe(INSTANT),
    ),
    "Scan": members(
        is_running=FLAG,
        last=maybe(
            members(
                files=INTEGER,
                changed=INTEGER,
                gone=INTEGER,
                unrecognized=INTEGER,
                settling=INTEGER,
                took_ms=INTEGER,
            )
        ),
    ),
    "Check": members(
        name=STRING, title=STRING, status=words(*CheckStatus), sentence=STRING
    ),
    "File": members(
        path=STRING,
        kind=words(*FileKind),
        size_bytes=INTEGER,
        asin=maybe(ASIN),
        recognized_by=maybe(words(*RecognizedBy)),
        reason=maybe(words(*Reason)),
        reason_text=maybe(STRING),
        title=maybe(STRING),
        authors=many(STRING),
        duration_ms=maybe(INTEGER),
        has_doubtful_length=FLAG,
    ),
    "Progress": members(
        asin=ASIN,
        position_ms=maybe(INTEGER),
        updated_at=maybe(INSTANT),
        runtime_ms=maybe(INTEGER),
        percentage=maybe({"type": "number"}),
    ),
}
