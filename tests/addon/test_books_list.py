"""The list of titles: pages, words, states, order; and how long a page takes."""

import time
from typing import Any

import pytest
from audible_core.models import Account, Asin, AudibleTitle, Credentials, SeriesPlace
from audible_core.wire import BookState

from audible_server.store import book_list
from audible_server.store.books import Book, book_of
from audible_server.store.listening import Place

from .server import Server, error_of


async def fill(server: Server, *titles: AudibleTitle) -> None:
    """Let the server know some titles."""
    account = Account("someone", "Someone", "us")
    await server.services.accounts.save(account, Credentials("{}"))
    await server.services.books.save_library("someone", titles)


@pytest.fixture
async def filled(server: Server) -> Server:
    """Return a server that knows four titles."""
    await fill(
        server,
        AudibleTitle(Asin("B000000001"), "Émile", authors=("Jean-Jacques Rousseau",)),
        AudibleTitle(Asin("B000000002"), "dune", narrators=("Simon Vance",)),
        AudibleTitle(Asin("B000000003"), "100% Wolf", runtime_ms=60_000),
        AudibleTitle(
            Asin("B000000004"),
            "Children",
            runtime_ms=90_000,
            series=(SeriesPlace("Dune", "3"),),
        ),
    )
    await server.services.books.update(
        Asin("B000000002"), state=BookState.COMPLETED, local_path_converted="x.m4b"
    )
    place = Place(Asin("B000000004"), 30_000, heard_at=1)
    await server.services.queries.listening.save_place(place, is_playing=False)
    return server


async def titles(server: Server, query: str) -> list[str]:
    """Return the names on a page."""
    return [
        book["title"] for book in (await server.json(f"/api/books?{query}"))["books"]
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["100% Wolf", "Children", "dune", "Émile"]),
        ("order=desc", ["Émile", "dune", "Children", "100% Wolf"]),
        ("limit=2", ["100% Wolf", "Children"]),
        ("limit=2&offset=2", ["dune", "Émile"]),
        ("offset=9", []),
        ("q=emile", ["Émile"]),
        ("q=ROUSSEAU+jean", ["Émile"]),
        ("q=dune", ["Children", "dune"]),
        ("q=simon", ["dune"]),
        ("q=B000000003", ["100% Wolf"]),
        ("q=100%25", ["100% Wolf"]),
        ("q=%25", ["100% Wolf"]),
        ("q=_", []),
        ("q=%5C", []),
        ("q=%27+OR+1=1", []),
        ("state=completed", ["dune"]),
        ("is_downloaded=true", ["dune"]),
        ("is_downloaded=false&limit=1", ["100% Wolf"]),
        ("is_heard=true", ["Children"]),
        ("is_heard=false&limit=1", ["100% Wolf"]),
        ("sort=heard&order=desc&limit=1", ["Children"]),
        ("account_id=other", []),
        ("sort=runtime&order=desc&limit=2", ["Children", "100% Wolf"]),
    ],
)
async def test_what_is_asked_for_is_listed(
    filled: Server, query: str, expected: list[str]
) -> None:
    """In the order of their names, unless another is asked for."""
    assert expected == await titles(filled, query)


async def test_page_says_how_many_there_are(filled: Server) -> None:
    """So that a reader knows when to stop."""
    page = await filled.json("/api/books?limit=1&offset=1&q=dune")
    assert (2, 1, 1) == (page["total"], page["limit"], page["offset"])
    assert ["dune"] == [book["title"] for book in page["books"]]


async def test_title_says_where_it_is_and_how_far_it_was_heard(filled: Server) -> None:
    """What an account owns can be played before it lies here."""
    begun, here = [await filled.book(f"B00000000{n}") for n in (4, 2)]
    assert (False, True, 30_000) == (
        begun["is_downloaded"],
        begun["is_playable"],
        begun["position_ms"],
    )
    assert here["position_ms"] is None
    assert [{"title": "Dune", "sequence": "3"}] == (await filled.book("B000000004"))[
        "series"
    ]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "offset=-1",
        "limit=1&limit=2",
        "state=eaten",
        "sort=colour",
        "order=up",
        "is_downloaded=1",
        "q=%00",
        f"q={'x' * 201}",
    ],
)
async def test_wrong_wish_is_named(filled: Server, query: str) -> None:
    """A mistake is no empty list."""
    async with filled.client.get(f"/api/books?{query}") as answer:
        assert 400 == answer.status
        assert query.partition("=")[0] == (await error_of(answer))["field"]


async def test_only_what_is_listed_is_read(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a thousand titles neither reads all of them, nor the folder."""
    await fill(
        server,
        *(
            AudibleTitle(Asin(f"B{number:09}"), f"Title {number}", authors=("A", "B"))
            for number in range(1000)
        ),
    )
    read = 0

    def count(row: Any) -> Book:
        nonlocal read
        read += 1
        return book_of(row)

    monkeypatch.setattr(book_list, "book_of", count)
    await server.json("/api/books?limit=50&offset=500")
    assert 50 == read
    # Not by the clock: the machine may have other work as well.
    started_s = time.process_time()
    for _ in range(20):
        await server.json("/api/books?limit=50&offset=500")
    # A loose limit; the benchmark has the tight one.
    assert (time.process_time() - started_s) / 20 < 0.1
