"""All addresses of the server, on one page."""

from typing import Final

from aiohttp import web

from audible_server.http import (
    access,
    accounts,
    asking_audible,
    books,
    checks,
    conversions,
    events,
    files,
    hls,
    jobs,
    keys,
    listening,
    metrics,
    openapi,
    pages,
    signing,
    stream,
)
from audible_server.http.errors import errors_as_json
from audible_server.http.now_playing import listeners_noted
from audible_server.http.signing import SIGNED_AUDIO, SIGNED_COVER
from audible_server.http.stream_cap import limit_streams

_SEGMENT: Final = (
    r"/stream/{asin}/hls/{number:[0-9]+}{listed:[0-9-]{0,40}}.{suffix:aac|mp3|m4s}"
)
_LISTED_INIT: Final = r"/stream/{asin}/hls/init{listed:[0-9-]{1,40}}.mp4"
_BOOKMARK: Final = "/api/books/{asin}/bookmarks/{bookmark_id}"


_OWN: Final = (
    web.get("/", pages.show_page),
    web.get("/web/{name:.+}", pages.show_file),
    web.get("/health", pages.show_health),
    web.post("/session", access.begin_session),
    web.delete("/session", access.end_session),
    web.get("/metrics", metrics.show_metrics),
    web.get("/api/openapi.json", openapi.show_document),
    web.get("/api/accounts", accounts.list_accounts),
    web.put("/api/accounts/{account_id}", accounts.put_account),
    web.delete("/api/accounts/{account_id}", accounts.delete_account),
    web.get("/api/checks", checks.run_self_check),
    web.post("/api/auth", asking_audible.sign_in),
    web.post("/api/library", asking_audible.fetch_library),
    web.post("/api/progress", asking_audible.fetch_progress_of_many),
    web.post("/api/progress/{asin}", asking_audible.fetch_progress),
    web.post("/api/refresh-token", asking_audible.refresh_token),
    web.post("/api/keys/rotate", keys.rotate),
    web.get("/api/books", books.list_books),
    web.get("/api/books/{asin}", books.show_book),
    web.post("/api/books/{asin}/download", books.start_download),
    web.delete("/api/books/{asin}/download", books.delete_download),
    web.post("/api/books/{asin}/convert", conversions.start_conversion),
    web.get("/api/books/{asin}/chapters", books.show_chapters),
    web.get("/api/books/{asin}/pdf", books.show_pdf),
    web.post("/api/books/{asin}/sign", signing.sign_paths),
    web.get("/api/books/{asin}/position", listening.show_position),
    web.put("/api/books/{asin}/position", listening.put_position),
    web.get("/api/books/{asin}/bookmarks", listening.list_bookmarks),
    web.post("/api/books/{asin}/bookmarks", listening.add_bookmark),
    web.patch(_BOOKMARK, listening.change_bookmark),
    web.delete(_BOOKMARK, listening.delete_bookmark),
    web.get("/api/jobs", jobs.list_jobs),
    web.get("/api/jobs/{job_id}", jobs.show_job),
    web.post("/api/jobs/{job_id}/pause", jobs.pause_job),
    web.post("/api/jobs/{job_id}/resume", jobs.resume_job),
    web.post("/api/jobs/{job_id}/cancel", jobs.cancel_job),
    web.post("/api/jobs/{job_id}/retry", jobs.retry_job),
    web.get("/api/events", events.stream_events, allow_head=False),
    web.post("/api/scan", files.start_scan),
    web.get("/api/scan", files.show_scan),
    web.get("/api/files", files.list_files),
    web.put("/api/files/title", files.assign_file),
)
"""What is for those who know the secret, and for the page."""

_AUDIO: Final = (
    web.get("/stream/{asin}", stream.stream),
    web.get("/stream/{asin}/hls/index.m3u8", hls.show_playlist),
    web.get("/stream/{asin}/hls/init.mp4", hls.show_init),
    web.get(_LISTED_INIT, hls.show_init),
    web.get(_SEGMENT, hls.show_segment),
)
_COVER: Final = (web.get("/api/books/{asin}/cover", books.show_cover),)
_SIGNED: Final = tuple(
    web.get(f"{prefix}{route.path}", route.handler)
    for prefix, routes in ((SIGNED_AUDIO, _AUDIO), (SIGNED_COVER, _COVER))
    for route in routes
)
"""The same with a signature in front, which what is relative to it carries on."""


def add_routes(app: web.Application) -> None:
    """Give the application its addresses, and the order of what comes before them."""
    app.middlewares.extend(
        [
            metrics.count_requests,
            errors_as_json,
            access.only_the_known,
            limit_streams,
            listeners_noted,
        ]
    )
    app.on_response_prepare.append(pages.add_safety_headers)
    app.add_routes((*_OWN, *_AUDIO, *_COVER, *_SIGNED))
