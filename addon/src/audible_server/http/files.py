"""Files in the library folder: scan them, list those of no title, say what they are."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from audible_core.audible.parse import is_asin
from audible_core.errors import InvalidValueError, UnknownFileError
from audible_core.matching.persons import written_by
from audible_core.models import Asin

from audible_server.http.answers import data_answer
from audible_server.http.parameters import PATH_LENGTH_MAX, file_query_of, json_body
from audible_server.http.services import SERVICES, Services
from audible_server.store.files import ScannedFile

_DISAGREES_MS: Final = 500


async def start_scan(request: web.Request) -> web.Response:
    """Have the folder scanned, as a job; what it finds is told at the same address."""
    services = request.app[SERVICES]
    await services.scans.start()
    return data_answer(await _told(services), status=HTTPStatus.ACCEPTED)


async def show_scan(request: web.Request) -> web.Response:
    """Return whether a scan waits or runs, and what this server's last one found."""
    return data_answer(await _told(request.app[SERVICES]))


async def list_files(request: web.Request) -> web.Response:
    """Return a page of the files of no title, or with ``all=1`` of every file."""
    query = file_query_of(request)
    files, total = await request.app[SERVICES].files.load_page(query)
    return data_answer(
        {
            "files": [_shown(file) for file in files],
            "total": total,
            "limit": query.limit,
            "offset": query.offset,
        }
    )


async def assign_file(request: web.Request) -> web.Response:
    """Say which title a file is; its path only finds the row that a scan made."""
    path, asin = _assignment(await json_body(request))
    file = await request.app[SERVICES].watch.scanner.assign(path, asin)
    if file is None:
        raise UnknownFileError(name=path.rpartition("/")[2][:100])
    return data_answer(_shown(file))


def _assignment(body: Any) -> tuple[str, Asin | None]:
    members = body if isinstance(body, dict) else {}
    path, asin = members.get("path"), members.get("asin")
    if (
        not isinstance(path, str)
        or not 0 < len(path) <= PATH_LENGTH_MAX
        or "\0" in path
    ):
        allowed = "the path of a listed file"
        raise InvalidValueError(field="path", value=path, allowed=allowed)
    if asin is None:
        return path, None
    if not isinstance(asin, str) or not is_asin(asin):
        allowed = "ten capital letters and digits, or null"
        raise InvalidValueError(field="asin", value=asin, allowed=allowed)
    return path, Asin(asin)


async def _told(services: Services) -> dict[str, Any]:
    last = services.watch.scanner.last
    return {
        "is_running": await services.scans.is_open(),
        "last": None if last is None else asdict(last),
    }


def _shown(file: ScannedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "kind": file.kind,
        "size_bytes": file.size_bytes,
        "asin": file.asin,
        "recognized_by": file.recognized_by,
        "reason": file.reason,
        "reason_text": file.reason.sentence if file.reason else None,
        "title": file.header.title,
        "authors": written_by(file.header.authors),
        "duration_ms": file.probed_ms or file.duration_ms,
        "has_doubtful_length": _is_doubtful(file),
    }


def _is_doubtful(file: ScannedFile) -> bool:
    """Tell whether the header and ffprobe disagree by more than half a second."""
    if file.probed_ms is None or file.duration_ms is None:
        return False
    return abs(file.probed_ms - file.duration_ms) > _DISAGREES_MS
