"""Bookmarks and the last place heard, as an older host writes them: all texts."""

from datetime import datetime

from .answers import Json
from .items import position_instant
from .shop import Position
from .titles import Title

_CLIP_MS = 38_000


def sidecar(title: Title, position: Position) -> dict[str, Json]:
    """Return the place, with a clip and a bookmark that end there."""
    created = _tenth(position.updated_at)
    start = str(max(0, position.position_ms - _CLIP_MS))
    clip: Json = {
        "endPosition": str(position.position_ms),
        "creationTime": created,
        "metadata": {"c_version": title.version},
        "lastModificationTime": created,
        "type": "audible.clip",
        "startPosition": start,
        "annotationId": title.digest[:7].hex(),
    }
    bookmark: Json = {
        "creationTime": created,
        "lastModificationTime": created,
        "type": "audible.bookmark",
        "startPosition": start,
        "annotationId": title.digest[7:14].hex(),
    }
    last_heard: Json = {
        "creationTime": created,
        "type": "audible.last_heard",
        "startPosition": str(position.position_ms),
    }
    payload: Json = {
        "key": title.asin,
        "guid": "_LATEST_",
        "type": "AUDI",
        "acr": None,
        "records": [last_heard, clip, bookmark],
    }
    return {"md5": title.digest[:16].hex(), "payload": payload}


def _tenth(at: datetime) -> str:
    return position_instant(at.replace(microsecond=0))
