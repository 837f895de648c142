"""The shapes in which the halves meet, and the sealing of credentials."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from audible_core.bookmark import Bookmark
from audible_core.errors import InvalidValueError, SealError
from audible_core.kinds import Source
from audible_core.sealing import seal, unseal
from audible_core.wire import (
    AccountHandOver,
    BookPage,
    BookState,
    Health,
    ServerBook,
    ServerEvent,
    bookmark_key_of,
    bookmark_of,
    data_of,
    to_json,
)

BOOK = ServerBook(
    asin="B017V4IM1G",
    title="A title",
    authors=("An author", "Another"),
    state=BookState.DOWNLOADING,
    runtime_ms=180_000,
    size_bytes=10,
    downloaded_bytes=4,
    has_cover=True,
    is_downloaded=False,
    is_playable=False,
    content_type="audio/mpeg",
)


def test_what_is_written_is_read_back_equal() -> None:
    """The JSON form of each shape loses nothing."""
    hand_over = AccountHandOver(country_code="de", name="Anna", sealed="gAAAA")
    health = Health(status="ok", version="0.1.0", api_version=2, api_version_min=2)
    assert ServerBook.from_json(json.loads(json.dumps(to_json(BOOK)))) == BOOK
    assert AccountHandOver.from_json(to_json(hand_over)) == hand_over
    assert Health.from_json(to_json(health)) == health


MARKED: dict[str, Any] = {
    "asin": BOOK.asin,
    "bookmark_id": "b1",
    "position_ms": 61_500,
    "note": "",
    "created_at": "2026-11-20T18:30:00.123456+02:00",
    "updated_at": "2026-11-20T18:31:00+00:00",
}


def test_bookmark_of_the_page_is_read() -> None:
    """Its instants are of whole milliseconds, so that it is known again."""
    asin, bookmark = bookmark_of(ServerEvent("bookmark", MARKED))
    assert asin == BOOK.asin
    assert bookmark == Bookmark(
        Source.PLAYER,
        "b1",
        61_500,
        "",
        datetime(2026, 11, 20, 16, 30, 0, 123_000, tzinfo=UTC),
        datetime(2026, 11, 20, 18, 31, tzinfo=UTC),
    )
    assert (BOOK.asin, "b1") == bookmark_key_of(ServerEvent("", MARKED))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("asin", 5),
        ("bookmark_id", ""),
        ("position_ms", -1),
        ("position_ms", 10**10 + 1),
        ("position_ms", "61500"),
        ("note", None),
        ("created_at", "soon"),
        ("updated_at", "2026-11-20T18:31:00"),
        ("updated_at", "0001-01-01T00:00:00+23:00"),
    ],
)
def test_bookmark_that_cannot_be_read_names_the_member(
    member: str, value: object
) -> None:
    """What comes over the network is not believed."""
    with pytest.raises(InvalidValueError, match=member):
        bookmark_of(ServerEvent("bookmark", MARKED | {member: value}))


def test_a_server_of_before_the_envelope_is_read_too() -> None:
    """Either half can be upgraded first."""
    data = {"books": [to_json(BOOK)]}
    assert data_of({"success": True, "data": data}) == data
    assert data_of(data) == data


@pytest.mark.parametrize(
    ("version", "oldest", "is_compatible"),
    [(2, 2, True), (1, None, True), (3, 2, True), (3, 3, False), (99, None, False)],
)
def test_versions_fit_that_both_halves_know(
    version: int, oldest: int | None, is_compatible: bool
) -> None:
    """A newer server says down to which version it still serves."""
    body = {"status": "ok", "version": "1.0.0", "api_version": version}
    health = Health.from_json({**body, "api_version_min": oldest})
    assert is_compatible == health.is_compatible


def test_unknown_members_are_ignored() -> None:
    """The other half may be newer."""
    assert ServerBook.from_json({**to_json(BOOK), "mood": "good"}) == BOOK


def test_book_without_a_kind_is_an_m4b() -> None:
    """An older server does not say what it sends."""
    members = {**to_json(BOOK), "content_type": None}
    assert "audio/mp4" == ServerBook.from_json(members).content_type
    del members["content_type"]
    assert "audio/mp4" == ServerBook.from_json(members).content_type


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("asin", None),
        ("title", ""),
        ("state", "eaten"),
        ("runtime_ms", "long"),
        ("size_bytes", True),
        ("content_type", 7),
    ],
)
def test_a_wrong_member_is_named(field: str, value: Any) -> None:
    """The error says which member, what came, and what is allowed."""
    with pytest.raises(InvalidValueError) as caught:
        ServerBook.from_json({**to_json(BOOK), field: value})
    assert caught.value.placeholders["field"] == field
    assert caught.value.placeholders["value"] == repr(value)


def test_a_list_of_books_is_read_and_anything_else_refused() -> None:
    """The answer holds a list under its name."""
    assert BookPage.from_json({"books": [to_json(BOOK)]}) == BookPage((BOOK,), 1)
    counted = {"books": [to_json(BOOK)], "total": 7}
    assert BookPage.from_json(counted) == BookPage((BOOK,), 7)
    for body in ({}, {"books": None}, [to_json(BOOK)]):
        with pytest.raises(InvalidValueError):
            BookPage.from_json(body)


def test_a_body_that_is_no_object_is_refused() -> None:
    """A list is not a book."""
    with pytest.raises(InvalidValueError):
        ServerBook.from_json([1])


def test_sealed_text_opens_with_the_same_secret_only() -> None:
    """Both halves derive the same key; another secret gives a clear error."""
    sealed = seal("correct horse battery", "credentials")
    assert "credentials" not in sealed
    opened = unseal("correct horse battery", sealed, what="account")
    assert opened == "credentials"
    for secret, text in (("other", sealed), ("correct horse battery", "gAAAnonsense")):
        with pytest.raises(SealError):
            unseal(secret, text, what="account")
