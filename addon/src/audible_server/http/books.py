"""Titles: what there is, fetch this one, its cover."""

from dataclasses import asdict
from http import HTTPStatus

from aiohttp import web
from audible_core.matching.persons import written_by
from audible_core.wire import ServerBook, to_json

from audible_server.downloads.licensing import denial_of
from audible_server.http.answers import data_answer
from audible_server.http.parameters import asin_of, book_query_of
from audible_server.http.services import SERVICES
from audible_server.store.books import Book


async def list_books(request: web.Request) -> web.Response:
    """Return a page of the titles, as they were when last looked at."""
    services = request.app[SERVICES]
    query = book_query_of(request)
    books, total = await services.queries.book_list.load(query)
    services.shelf.look_soon()
    return data_answer(
        {
            "books": [
                to_json(_shown(listed.book, listed.position_ms)) for listed in books
            ],
            "total": total,
            "limit": query.limit,
            "offset": query.offset,
        }
    )


async def show_book(request: web.Request) -> web.Response:
    """Return one title."""
    services = request.app[SERVICES]
    book = await services.shelf.load(asin_of(request))
    place = await services.queries.listening.load_place(book.asin)
    position_ms = None if place is None else place.position_ms
    return data_answer(to_json(_shown(book, position_ms)))


async def show_chapters(request: web.Request) -> web.Response:
    """Return the title's chapters: Audible's own, else the file's."""
    services = request.app[SERVICES]
    book = await services.books.load(asin_of(request))
    return data_answer(asdict(await services.chapters.load(book)))


async def start_download(request: web.Request) -> web.Response:
    """Begin a download, or go on with one; the title's state tells how it goes."""
    book = await request.app[SERVICES].downloads.start(asin_of(request))
    return data_answer(to_json(_shown(book)), status=HTTPStatus.ACCEPTED)


async def delete_download(request: web.Request) -> web.Response:
    """Delete what the server downloaded of a title; somebody's own files stay."""
    book = await request.app[SERVICES].removal.remove(asin_of(request))
    return data_answer(to_json(_shown(book)))


async def show_cover(request: web.Request) -> web.Response:
    """Return the cover image."""
    services = request.app[SERVICES]
    book = await services.books.load(asin_of(request))
    image, content_type = await services.covers.load(book)
    return web.Response(
        body=image,
        content_type=content_type,
        headers={"Cache-Control": "private, max-age=86400"},
    )


async def show_pdf(request: web.Request) -> web.FileResponse:
    """Return the companion PDF."""
    services = request.app[SERVICES]
    book = await services.books.load(asin_of(request))
    path = await services.companions.load(book)
    return web.FileResponse(
        path,
        headers={
            "Content-Type": "application/pdf",
            "Content-Disposition": f'inline; filename="{book.asin}.pdf"',
            "Cache-Control": "private, max-age=86400",
        },
    )


def _shown(book: Book, position_ms: int | None = None) -> ServerBook:
    is_offered = book.account_id is not None and denial_of(book) is None
    return ServerBook(
        asin=book.asin,
        title=book.title,
        authors=written_by(book.authors),
        state=book.state,
        runtime_ms=book.duration_ms or book.runtime_ms,
        size_bytes=book.size_bytes,
        downloaded_bytes=book.downloaded_bytes,
        has_cover=book.cover_url is not None,
        is_downloaded=book.is_downloaded,
        is_playable=book.is_downloaded or is_offered,
        position_ms=position_ms,
        content_type=book.content_type,
        error=book.error,
        error_text=book.error_text,
        subtitle=book.details.subtitle,
        narrators=book.details.narrators,
        series=book.details.series,
        language=book.details.language,
        publisher=book.details.publisher,
        year=book.details.year,
        disk_bytes=book.disk_bytes,
        has_pdf=book.details.has_pdf,
    )
