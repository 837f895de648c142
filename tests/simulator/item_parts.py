"""The members of items that are objects or lists."""

from .answers import Json
from .markets import IMAGE_HOST
from .titles import Form, Title


def people_of(names: tuple[str, ...] | None, *, is_author: bool) -> Json:
    """Return authors or narrators; only authors have an ASIN of their own."""
    if names is None:
        return None
    return [
        {"asin": _author_asin(name) if is_author else None, "name": name}
        for name in names
    ]


def _author_asin(name: str) -> str:
    return "B00" + name.upper().encode().hex().upper()[-7:]


def codecs_of(title: Title) -> Json:
    """Return the forms of the older kind of file."""
    names = {
        "aax_22_64": "LC_64_22050_stereo",
        "aax_22_32": "LC_32_22050_stereo",
        "mp4_22_32": "mp42232",
        "mp4_22_64": "mp42264",
        "aax": "aax",
    }
    if title.form in {Form.MPEG, Form.NONE}:
        return None if title.runtime_ms is None else []
    return [
        {
            "enhanced_codec": enhanced,
            "format": "Enhanced",
            "is_kindle_enhanced": name != "aax",
            "name": name,
        }
        for name, enhanced in names.items()
    ]


def plans_of(title: Title) -> Json:
    """Return the plans the title belongs to."""
    names = ["US Minerva"] if title.is_plus else []
    return [
        {
            "customer_eligible": None,
            "detail_plan_names": None,
            "end_date": "2099-12-31T00:00:00.00000Z",
            "plan_name": name,
            "start_date": "1970-01-01T00:00:00.00000Z",
        }
        for name in [*names, "AccessViaMusic"]
    ]


def image_url(title: Title, size: int) -> str:
    """Return the address of the cover in a size."""
    return f"https://{IMAGE_HOST}/images/I/{title.image_id}._SL{size}_.jpg"


def social_images_of(title: Title) -> Json:
    """Return the addresses of pictures for sharing."""
    names = ("facebook", "ig_bg", "ig_static_with_bg", "ig_sticker", "twitter")
    return {name: image_url(title, 1024) for name in names}


def series_of(title: Title) -> Json:
    """Return the series and the place in each."""
    if not title.series:
        return None
    return [
        {
            "asin": place.asin,
            "sequence": place.sequence,
            "title": place.title,
            "url": _series_url(place.title, place.asin),
        }
        for place in title.series
    ]


def _series_url(name: str, asin: str) -> str:
    return f"/pd/{name.replace(' ', '-')}-Audiobook/{asin}"


def relationships_of(title: Title) -> Json:
    """Return parts, episodes and parents."""
    kind = "component" if title.delivery_type == "MultiPartBook" else "episode"
    related = [
        _relationship(asin, "child", kind, sort=str(number))
        for number, asin in enumerate(title.child_asins, start=1)
    ]
    if title.parent_asin:
        related.append(_relationship(title.parent_asin, "parent", "episode", sort="1"))
    for place in title.series:
        known: dict[str, Json] = {
            "content_delivery_type": "BookSeries",
            "sequence": place.sequence,
            "sku": f"SE_RIES_{place.asin[-6:]}",
            "sku_lite": f"SE_RIES_{place.asin[-6:]}",
            "title": place.title,
            "url": _series_url(place.title, place.asin),
        }
        related.append(_relationship(place.asin, "parent", "series", sort="1") | known)
    return [*related] or None


def _relationship(asin: str, to: str, kind: str, *, sort: str) -> dict[str, Json]:
    return {
        "asin": asin,
        "content_delivery_type": None,
        "relationship_to_product": to,
        "relationship_type": kind,
        "sequence": None,
        "sku": None,
        "sku_lite": None,
        "sort": sort,
        "title": None,
        "url": None,
    }


def ladders_of(title: Title) -> Json:
    """Return the categories."""
    unknown: dict[str, Json] = dict.fromkeys(
        (
            "category_presentation",
            "children",
            "default_offline_storage_days_count",
            "default_offline_storage_item_count",
            "description",
            "header",
            "images",
            "initial_download_days_count",
            "initial_download_item_count",
            "is_new",
            "localized_name",
            "products",
            "promote_upsell",
            "suppress_download_option",
            "suppress_release_date",
        )
    )
    ladder: list[Json] = [
        dict(sorted((unknown | {"id": str(18_571_910_011 + at), "name": name}).items()))
        for at, name in enumerate(title.genres)
    ]
    return [
        {
            "date_product_available_in_category": None,
            "ladder": ladder,
            "root": "Genres",
        }
    ]


def rating_of(title: Title) -> Json:
    """Return invented ratings, the same in every run."""
    stars = [byte % 50 + 3 for byte in title.digest[:5]]
    stars[4] += 140
    names = ("one", "two", "three", "four", "five")
    total = sum(stars)
    average = sum(count * (at + 1) for at, count in enumerate(stars)) / total
    counts: dict[str, Json] = {
        f"num_{name}_star_ratings": count
        for name, count in zip(names, stars, strict=True)
    }
    distribution: dict[str, Json] = counts | {
        "average_rating": average,
        "display_average_rating": f"{average:.1f}",
        "display_stars": round(average * 2) / 2,
        "num_ratings": total,
    }
    return {
        "num_reviews": total // 6,
        "overall_distribution": distribution,
        "performance_distribution": distribution,
        "story_distribution": distribution,
    }
