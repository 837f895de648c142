"""Pure: Audible's JSON to models. Every member may be missing or null."""

import html
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ..errors import AudibleResponseError
from ..models import (
    Asin,
    AudibleTitle,
    Chapter,
    ContentMetadata,
    Description,
    Position,
    Release,
    SeriesPlace,
    Wish,
)

_MS_PER_MINUTE: Final = 60_000
_FIRST_YEAR: Final = 1990
_LAST_YEAR: Final = 2199
"""Outside of these an instant means "never" or is a fault, and no clock reaches it."""

_FOR_EVER_FROM: Final = 2090
"""A right that ends later than this is one that does not end."""

_NUMBER_MAX: Final = 10**12
"""Thirty years of milliseconds, and more bytes than any recording has."""

_DIGITS_MAX: Final = 13
_ASIN: Final = re.compile(r"[0-9A-Z]{10}")
_TAG: Final = re.compile(r"<[^>]+>")


def is_asin(text: str) -> bool:
    """Tell whether the text has the form of an ASIN."""
    return _ASIN.fullmatch(text) is not None


def parse_library_page(body: Any) -> tuple[AudibleTitle, ...]:
    """Return the titles of one library page; items without an ASIN are left out.

    So are those that were taken away. Raises AudibleResponseError if the page itself
    is malformed.
    """
    titles = (_parse_title(item) for item in _items(body) if not _is_revoked(item))
    return tuple(title for title in titles if title is not None)


def parse_wishes(body: Any) -> tuple[tuple[Wish, ...], int]:
    """Return the titles of one page of the wishlist, and how many it has in all.

    Entries without an ASIN or a title are left out. Raises AudibleResponseError if the
    page itself is malformed.
    """
    products = _mapping(body, "wishlist").get("products")
    if not isinstance(products, list):
        raise AudibleResponseError(field="wishlist.products")
    wishes = (_wish(mapping_or_empty(product)) for product in products)
    total = _whole_number(body.get("total_results"))
    return tuple(wish for wish in wishes if wish is not None), total or 0


def _wish(product: Mapping[str, Any]) -> Wish | None:
    asin, title = _asin(product), _text(product.get("title"))
    if asin is None or title is None:
        return None
    day = parse_instant(product.get("release_date") or product.get("issue_date"))
    return Wish(
        asin=asin,
        title=title,
        authors=_names(product.get("authors")),
        release_on=day.date() if day is not None else None,
        added_at=parse_instant(product.get("added_timestamp")),
    )


def parse_releases(body: Any, series: str) -> tuple[Release, ...]:
    """Return the titles of one series, each with its day, of what the shop has found.

    Those without an ASIN, a title or a day are left out. Raises AudibleResponseError if
    the answer itself is malformed.
    """
    products = _mapping(body, "catalog").get("products")
    if not isinstance(products, list):
        raise AudibleResponseError(field="catalog.products")
    found: dict[Asin, Release] = {}
    for product in map(mapping_or_empty, products):
        wish = _wish(product)
        places = {place.title.casefold() for place in _series(product.get("series"))}
        if wish and wish.release_on and series.casefold() in places:
            found[wish.asin] = Release(
                wish.asin, series, wish.title, wish.authors, wish.release_on
            )
    return tuple(found.values())


def parse_revoked(body: Any) -> frozenset[Asin]:
    """Return the titles that a library page says were taken away.

    Raises AudibleResponseError if the page itself is malformed.
    """
    asins = (_asin(item) for item in _items(body) if _is_revoked(item))
    return frozenset(asin for asin in asins if asin is not None)


def parse_with_pdf(body: Any) -> frozenset[Asin]:
    """Return the titles of a library page that have a companion PDF.

    The member that tells is reliable, ``pdf_url`` often null (audible-api reference,
    section 4.2). Raises AudibleResponseError if the page itself is malformed.
    """
    items = _items(body)
    asins = (_asin(it) for it in items if it.get("is_pdf_url_available") is True)
    return frozenset(asin for asin in asins if asin is not None)


def parse_library_item(body: Any) -> AudibleTitle | None:
    """Return the title in the answer about one title; None if it was taken away.

    Raises AudibleResponseError if the answer is malformed.
    """
    item = _mapping(_mapping(body, "library").get("item"), "library.item")
    return None if _is_revoked(item) else _parse_title(item)


def parse_description(body: Any) -> Description:
    """Return what the answer about one title of the library tells at length.

    Raises AudibleResponseError if the answer is malformed.
    """
    item = _mapping(_mapping(body, "library").get("item"), "library.item")
    texts = (item.get("publisher_summary"), item.get("merchandising_summary"))
    released_at = parse_instant(item.get("release_date"))
    return Description(
        text=next((found for text in texts if (found := _text(text))), None),
        released_on=None if released_at is None else released_at.date(),
    )


def _items(body: Any) -> list[Mapping[str, Any]]:
    items = _mapping(body, "library").get("items")
    if not isinstance(items, list):
        raise AudibleResponseError(field="library.items")
    return [item for item in items if isinstance(item, Mapping)]


def _is_revoked(item: Mapping[str, Any]) -> bool:
    return item.get("status") == "Revoked"


def _asin(item: Mapping[str, Any]) -> Asin | None:
    asin = _text(item.get("asin"))
    return Asin(asin) if asin is not None and is_asin(asin) else None


def _parse_title(item: Mapping[str, Any]) -> AudibleTitle | None:
    asin = _asin(item)
    if asin is None:
        return None
    status = mapping_or_empty(item.get("listening_status"))
    rights = mapping_or_empty(item.get("customer_rights"))
    return AudibleTitle(
        asin=asin,
        title=_text(item.get("title")),
        subtitle=_text(item.get("subtitle")),
        authors=_names(item.get("authors")),
        narrators=_names(item.get("narrators")),
        series=_series(item.get("series")),
        runtime_ms=_runtime_ms(item.get("runtime_length_min")),
        language=_text(item.get("language")),
        cover_url=_cover_url(item.get("product_images")),
        percent_complete=_percent(item, status),
        is_finished=_first_bool(status.get("is_finished"), item.get("is_finished")),
        status_changed_at=parse_instant(status.get("finished_at_timestamp")),
        purchased_at=parse_instant(item.get("purchase_date")),
        content_type=_text(item.get("content_type")),
        content_delivery_type=_text(item.get("content_delivery_type")),
        is_plus=item.get("is_ayce") is True,
        is_consumable=_first_bool(rights.get("is_consumable")),
        codecs=_codec_names(item.get("available_codecs")),
        isbn=_text(item.get("isbn")),
        sku_lite=_text(item.get("sku_lite")),
        publisher=_text(item.get("publisher_name")),
        year=_year(item.get("release_date")),
        format_type=_text(item.get("format_type")),
        consumable_until=_ends_at(rights.get("is_consumable_until")),
    )


def parse_positions(body: Any) -> dict[Asin, Position]:
    """Return the positions that exist; "DoesNotExist" ones are left out."""
    annotations = _mapping(body, "lastpositions").get("asin_last_position_heard_annots")
    if not isinstance(annotations, list):
        raise AudibleResponseError(field="lastpositions.annotations")
    positions = {}
    for annotation in annotations:
        position = _parse_position(mapping_or_empty(annotation))
        if position is not None:
            positions[position.asin] = position
    return positions


def _parse_position(annotation: Mapping[str, Any]) -> Position | None:
    heard = mapping_or_empty(annotation.get("last_position_heard"))
    asin = _text(annotation.get("asin"))
    position_ms = _whole_number(heard.get("position_ms"))
    updated_at = parse_instant(heard.get("last_updated"))
    if asin is None or position_ms is None or updated_at is None:
        return None
    return Position(Asin(asin), max(0, position_ms), updated_at)


def parse_content_metadata(body: Any, asin: Asin) -> ContentMetadata:
    """Return the flat chapters and the facts of the recording.

    Takes the answer of ``content/{asin}/metadata`` as well as a license's member. Of
    nested chapters, those below a heading are called "Heading: Chapter".
    """
    metadata = _mapping(_mapping(body, "metadata").get("content_metadata"), "content")
    chapters = mapping_or_empty(metadata.get("chapter_info"))
    reference = mapping_or_empty(metadata.get("content_reference"))
    return ContentMetadata(
        asin=asin,
        runtime_ms=_whole_number(chapters.get("runtime_length_ms")) or 0,
        chapters=tuple(_flat_chapters(chapters.get("chapters"))),
        is_accurate=chapters.get("is_accurate") is True,
        brand_intro_ms=_whole_number(chapters.get("brandIntroDurationMs")) or 0,
        brand_outro_ms=_whole_number(chapters.get("brandOutroDurationMs")) or 0,
        acr=_text(reference.get("acr")),
        version=_text(reference.get("version")),
        codec=_text(reference.get("codec")),
        size_bytes=_whole_number(reference.get("content_size_in_bytes")),
    )


def _flat_chapters(chapters: Any, heading: str = "") -> list[Chapter]:
    flat: list[Chapter] = []
    for chapter in chapters if isinstance(chapters, list) else ():
        entry = mapping_or_empty(chapter)
        start_ms = _whole_number(entry.get("start_offset_ms"))
        length_ms = _whole_number(entry.get("length_ms"))
        title = _text(entry.get("title")) or ""
        if heading and not title.startswith(heading):
            title = f"{heading}: {title}".removesuffix(": ")
        if start_ms is not None and length_ms is not None:
            flat.append(Chapter(title, start_ms, length_ms))
        flat.extend(_flat_chapters(entry.get("chapters"), title))
    return flat


def parse_instant(value: Any) -> datetime | None:
    """Return an aware UTC instant of any of Audible's forms, or None.

    A text without a zone is UTC; fractions have one to six digits; the year 9999 means
    "never" (audible-api reference, section 3), and such instants are unknown here: no
    day can be reckoned from them.
    """
    instant = _any_instant(value)
    if instant is None or not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        return None
    return instant


def _any_instant(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value.strip())
        if instant.tzinfo is None:
            return instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)
    except ValueError, OverflowError:
        return None


def _ends_at(value: Any) -> datetime | None:
    instant = parse_instant(value)
    return instant if instant is not None and instant.year < _FOR_EVER_FROM else None


def _percent(item: Mapping[str, Any], status: Mapping[str, Any]) -> float | None:
    # The two disagree at times; the one in listening_status follows the players.
    for value in (status.get("percent_complete"), item.get("percent_complete")):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if isinstance(value, int) or math.isfinite(value):
            return float(min(100, max(0, value)))
    return None


def _names(people: Any) -> tuple[str, ...]:
    if not isinstance(people, list):
        return ()
    names = (_text(mapping_or_empty(person).get("name")) for person in people)
    return tuple(name for name in names if name)


def _series(series: Any) -> tuple[SeriesPlace, ...]:
    if not isinstance(series, list):
        return ()
    places = []
    for entry in series:
        title = _text(mapping_or_empty(entry).get("title"))
        if title:
            sequence = _text(mapping_or_empty(entry).get("sequence"))
            places.append(SeriesPlace(title, sequence))
    return tuple(places)


def _runtime_ms(minutes: Any) -> int | None:
    number = _whole_number(minutes)
    return number * _MS_PER_MINUTE if number else None


def _year(day: Any) -> int | None:
    # A book may be older than its shop.
    instant = _any_instant(day)
    return instant.year if instant is not None else None


def _cover_url(images: Any) -> str | None:
    sizes = [
        (int(size), url)
        for size, url in mapping_or_empty(images).items()
        if isinstance(url, str) and url.startswith("https://") and _is_number(size)
    ]
    return max(sizes)[1] if sizes else None


def _codec_names(codecs: Any) -> tuple[str, ...]:
    if not isinstance(codecs, list):
        return ()
    names = (_text(mapping_or_empty(codec).get("enhanced_codec")) for codec in codecs)
    return tuple(name for name in names if name)


def _first_bool(*values: Any) -> bool | None:
    return next((value for value in values if isinstance(value, bool)), None)


def _whole_number(value: Any) -> int | None:
    """Return a number that is one; what no database holds is as good as unknown."""
    match value:
        case bool():
            return None
        case str() if _is_number(value):
            number = int(value)
        case int():
            number = value
        case float() if math.isfinite(value):
            number = int(value)
        case _:
            return None
    return number if abs(number) <= _NUMBER_MAX else None


def _is_number(text: str) -> bool:
    return len(text) <= _DIGITS_MAX and text.isascii() and text.isdigit()


def _text(value: Any) -> str | None:
    """Return clean text: tags dropped, entities resolved, no empty string."""
    if not isinstance(value, str):
        return None
    text = html.unescape(_TAG.sub("", value)).replace("\N{NO-BREAK SPACE}", " ").strip()
    return text or None


def _mapping(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise AudibleResponseError(field=field)
    return value


def mapping_or_empty(value: Any) -> Mapping[str, Any]:
    """Return a JSON object as it is, and anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}
