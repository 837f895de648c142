"""Content metadata: chapters, the reference of the asset, the position."""

from collections.abc import Iterable

from .answers import Json
from .items import position_instant
from .markets import Market
from .shop import Position
from .titles import Chapter, Form, Title, flat_chapters

_FORMATS = {
    Form.ADRM: ("mp4a.40.2", "AAX_22_32"),
    Form.AAX: ("mp4a.40.2", "AAX_22_32"),
    Form.WIDEVINE: ("mp4a.40.42", "M4A_XHE"),
    Form.MPEG: ("mp3", "Mpeg"),
}


def chapter_info(title: Title, *, is_tree: bool) -> dict[str, Json]:
    """Return the chapters, nested or flat, as the service writes them."""
    runtime_ms = title.runtime_ms or 0
    chapters = title.chapters if is_tree else flat_chapters(title.chapters)
    return {
        "brandIntroDurationMs": title.brand_intro_ms,
        "brandOutroDurationMs": title.brand_outro_ms,
        "chapters": [_chapter(chapter, is_tree=is_tree) for chapter in chapters],
        "is_accurate": title.is_accurate,
        "runtime_length_ms": runtime_ms,
        "runtime_length_sec": runtime_ms // 1000,
    }


def content_reference(
    title: Title, *, size_bytes: int, market: Market
) -> dict[str, Json]:
    """Return which asset it is; its `acr` is needed to write a position."""
    codec, content_format = _FORMATS[title.form]
    return {
        "acr": title.acr,
        "asin": title.asin,
        "codec": codec,
        "content_format": content_format,
        "content_size_in_bytes": size_bytes,
        "file_version": "1",
        "marketplace": market.marketplace_id,
        "sku": title.sku,
        "tempo": "1.0",
        "version": title.version,
    }


def last_position_heard(position: Position | None) -> dict[str, Json]:
    """Return where listening stands; without a position only that there is none."""
    if position is None:
        return {"status": "DoesNotExist"}
    return {
        "last_updated": position_instant(position.updated_at),
        "position_ms": position.position_ms,
        "status": "Exists",
    }


def content_metadata(
    title: Title,
    groups: Iterable[str],
    *,
    size_bytes: int,
    market: Market,
    position: Position | None,
    is_tree: bool,
) -> dict[str, Json]:
    """Return the members the groups ask for."""
    asked = set(groups)
    metadata: dict[str, Json] = {}
    if "chapter_info" in asked:
        metadata["chapter_info"] = chapter_info(title, is_tree=is_tree)
    if "content_reference" in asked:
        metadata["content_reference"] = content_reference(
            title, size_bytes=size_bytes, market=market
        )
    if "last_position_heard" in asked:
        metadata["last_position_heard"] = last_position_heard(position)
    return metadata


def _chapter(chapter: Chapter, *, is_tree: bool) -> dict[str, Json]:
    written: dict[str, Json] = {
        "length_ms": chapter.length_ms,
        "start_offset_ms": chapter.start_ms,
        "start_offset_sec": chapter.start_ms // 1000,
        "title": chapter.title,
    }
    if is_tree and chapter.parts:
        written["chapters"] = [_chapter(part, is_tree=True) for part in chapter.parts]
    return written
