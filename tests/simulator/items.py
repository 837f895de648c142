"""Library items in the service's null style, and catalog products that omit instead."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from .answers import Json
from .item_groups import ALWAYS_FILLED, LIBRARY_ONLY, MEMBERS, filled_by
from .item_parts import (
    codecs_of,
    image_url,
    ladders_of,
    people_of,
    plans_of,
    rating_of,
    relationships_of,
    series_of,
    social_images_of,
)
from .markets import Market
from .shop import OwnedTitle
from .titles import Form, Rights, Title


def library_item(
    owned: OwnedTitle,
    groups: Iterable[str],
    *,
    market: Market,
    now: datetime,
    image_sizes: tuple[int, ...] = (500,),
) -> dict[str, Json]:
    """Return one item: all members, null where nothing was asked or is known."""
    asked = set(groups)
    filled = ALWAYS_FILLED | filled_by(asked)
    values = title_values(owned.title, image_sizes) | _owned_values(owned, market, now)
    item = {name: values.get(name) if name in filled else None for name in MEMBERS}
    item["library_status"] = _library_status(owned, asked)
    return item


def catalog_product(
    title: Title,
    owned: OwnedTitle | None,
    groups: Iterable[str],
    *,
    now: datetime,
    image_sizes: tuple[int, ...] = (500,),
) -> dict[str, Json]:
    """Return one product: members that are unknown or not asked for are left out."""
    asked = set(groups)
    filled = ({"asin"} | filled_by(asked)) - LIBRARY_ONLY
    if asked & {"product_attrs", "product_details", "sku"}:
        filled |= {"sku_lite"}
    values = title_values(title, image_sizes)
    if owned:
        values |= {"customer_rights": _customer_rights(title, owned)}
        status = _listening_status(owned)
        status.pop("finished_at_timestamp")
        values |= {"listening_status": status}
    return {
        name: _without_nulls(values[name])
        for name in MEMBERS
        if name in filled and values.get(name) is not None
    }


def instant(at: datetime) -> str:
    """Return an instant as library items write it: UTC, milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{_ms(at):03d}Z"


def whole_second(at: datetime) -> str:
    """Return an instant without a fraction."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def position_instant(at: datetime) -> str:
    """Return an instant as positions write it: a blank, one to three digits, UTC."""
    fraction = f"{_ms(at):03d}".rstrip("0") or "0"
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.") + fraction


def _ms(at: datetime) -> int:
    return at.microsecond // 1000


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {
            name: _without_nulls(part)
            for name, part in value.items()
            if part is not None
        }
    if isinstance(value, list):
        return [_without_nulls(part) for part in value]
    return value


def _owned_values(owned: OwnedTitle, market: Market, now: datetime) -> dict[str, Json]:
    top = owned.top_percent_complete
    title = owned.title
    is_bought = not title.is_plus
    return {
        "purchase_date": instant(owned.purchased_at),
        "status": owned.status,
        "is_removable_by_parent": True,
        "is_pending": False,
        "is_removable": title.is_plus,
        "is_returnable": False,
        "is_visible": True,
        "is_downloaded": False,
        "is_finished": owned.is_finished,
        "percent_complete": owned.percent_complete if top is None else top,
        "listening_status": _listening_status(owned),
        "customer_rights": _customer_rights(title, owned),
        "origin_asin": title.asin,
        "origin_id": "D01-0000000-0000000" if is_bought else None,
        "origin_marketplace": market.marketplace_id,
        "origin_type": "Purchase" if is_bought else None,
    }


def _listening_status(owned: OwnedTitle) -> dict[str, Json]:
    runtime_s = (owned.title.runtime_ms or 0) // 1000
    changed_at = owned.status_changed_at
    return {
        "finished_at_timestamp": instant(changed_at) if changed_at else None,
        "is_finished": owned.is_finished,
        "percent_complete": owned.percent_complete,
        "time_remaining_seconds": round(runtime_s * (1 - owned.percent_complete / 100)),
    }


def _library_status(owned: OwnedTitle, asked: set[str]) -> dict[str, Json]:
    is_asked = "library_status" in asked
    return {
        "date_added": instant(owned.purchased_at),
        "is_pending": False if is_asked else None,
        "is_preordered": owned.title.rights is Rights.PREORDER or None,
        "is_removable": owned.title.is_plus if is_asked else None,
        "is_visible": True if is_asked else None,
    }


def _customer_rights(title: Title, owned: OwnedTitle) -> dict[str, Json]:
    rights = title.rights
    until: dict[Rights, str] = {
        Rights.PLUS: "2099-12-31T12:00:00Z",
        Rights.PLUS_FOREVER: "9999-12-31T23:59:59Z",
    }
    if owned.leaves_at is not None:
        until[rights] = whole_second(owned.leaves_at)
    is_consumable = rights not in {Rights.LAPSED, Rights.PREORDER}
    return {
        "is_book_qa_eligible": False,
        "is_consumable": is_consumable,
        "is_consumable_indefinitely": rights is Rights.OWNED,
        "is_consumable_offline": is_consumable,
        "is_consumable_until": until.get(rights),
    }


def title_values(title: Title, image_sizes: tuple[int, ...]) -> dict[str, Json]:
    """Return what is the same for every customer."""
    return (
        _texts(title)
        | _dates(title)
        | _kinds(title)
        | _sale(title)
        | {
            "asin": title.asin,
            "sku": title.sku,
            "sku_lite": title.sku,
            "authors": people_of(title.authors, is_author=True),
            "narrators": people_of(title.narrators, is_author=False),
            "asset_details": [],
            "available_codecs": codecs_of(title),
            "isbn": title.isbn,
            "language": title.language,
            "platinum_keywords": [genre.replace(" ", "_") for genre in title.genres],
            "product_images": {
                str(size): image_url(title, size) for size in image_sizes
            },
            "rating": rating_of(title),
            "read_along_support": "true",
            "relationships": relationships_of(title),
            "runtime_length_min": title.runtime_length_min,
            "sample_url": f"https://samples.audible.com/bk/{title.sku.lower()}_sample.mp3",
            "series": series_of(title),
            "category_ladders": ladders_of(title),
            "social_media_images": social_images_of(title),
            "thesaurus_subject_keywords": ["literature-and-fiction"],
        }
    )


def _dates(title: Title) -> dict[str, Json]:
    day = title.released_on.isoformat()
    instant_of_day = f"{day}T08:00:00Z"
    return {
        "date_first_available": day,
        "issue_date": day,
        "release_date": day,
        "preorder_release_date": instant_of_day,
        "product_site_launch_date": instant_of_day,
        "publication_datetime": instant_of_day,
    }


def _kinds(title: Title) -> dict[str, Json]:
    is_book = title.content_type == "Product"
    is_episode = title.parent_asin is not None
    is_parent = title.form is Form.NONE and not is_book
    return {
        "content_delivery_type": title.delivery_type,
        "content_type": title.content_type,
        "episode_count": len(title.child_asins) if is_parent else None,
        "episode_number": int(title.asin[-4:]) if is_episode else None,
        "episode_type": "full" if is_episode else None,
        "format_type": "unabridged" if is_book else "original_recording",
        "generic_keyword": str(UUID(bytes=title.digest[:16])) if is_episode else None,
        "has_children": bool(title.child_asins),
    }


def _sale(title: Title) -> dict[str, Json]:
    is_preorder = title.rights is Rights.PREORDER
    return {
        "distribution_rights_region": ["DE", "GB", "US"],
        "is_adult_product": False,
        "is_ayce": title.is_plus,
        "is_buyable": True,
        "is_listenable": True,
        "is_pdf_url_available": title.has_pdf,
        "is_preorderable": is_preorder,
        "is_purchasability_suppressed": False,
        "is_vvab": False,
        "is_world_rights": False,
        "plans": plans_of(title),
        "product_state": "AVAILABLE_FOR_PREORDER" if is_preorder else "AVAILABLE",
    }


def _texts(title: Title) -> dict[str, Json]:
    by = "; ".join(title.authors or ("Anonymous",))
    year = title.released_on.year
    return {
        "copyright": f"Public Domain {by} (P){year} {title.publisher}",
        "publication_name": title.series[0].title if title.series else None,
        "publisher_name": title.publisher,
        "title": title.title,
        "subtitle": title.subtitle,
        "publisher_summary": title.summary,
        "extended_product_description": title.summary,
        "merchandising_summary": title.summary,
        "merchandising_description": "",
        "editorial_reviews": [""],
    }
