"""Pure: parameters and bodies of the requests to api.audible."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..models import Asin

LIBRARY_PAGE_SIZE: Final = 1000
"""The most that one library request may ask for."""

POSITIONS_PER_CALL: Final = 25
"""More is refused with "No more than 25 asins allowed".

So many make 322 characters with their commas encoded; longer than about 500 the
parameter is said to be refused too.
"""

WISHES_PER_PAGE: Final = 50
"""The most that one request may ask for."""

WISHES_PAGES_MAX: Final = 20
"""A wishlist of more than 1,000 titles is cut."""

FOUND_MAX: Final = 20
"""So many titles of the shop are looked at; it may be asked for 50."""

_LIBRARY_GROUPS: Final = (
    "contributors,media,product_attrs,product_desc,product_details,series,"
    "listening_status,percent_complete,is_finished,customer_rights,product_plans,"
    "relationships"
)


def library_parameters() -> dict[str, str]:
    """Return the query of the whole library."""
    return {
        "num_results": str(LIBRARY_PAGE_SIZE),
        "response_groups": _LIBRARY_GROUPS,
        "sort_by": "-PurchaseDate",
    }


def delta_parameters(state_token: str) -> dict[str, str]:
    """Return the query of what changed since a state token."""
    return library_parameters() | {
        "state_token": state_token,
        "status": "Active,Revoked",
    }


def page_parameters(
    parameters: Mapping[str, str], continuation_token: str | None
) -> dict[str, str]:
    """Return the query of one page, the first one without a token; else the same."""
    if not continuation_token:
        return dict(parameters)
    return {**parameters, "continuation_token": continuation_token}


def wishlist_parameters(page: int) -> dict[str, str]:
    """Return the query of one page of the wishlist; the first one is page 0."""
    return {
        "num_results": str(WISHES_PER_PAGE),
        "page": str(page),
        "sort_by": "-DateAdded",
        "response_groups": "contributors,media,product_attrs,product_desc",
    }


def search_parameters(words: str) -> dict[str, str]:
    """Return the query for titles of the shop by words of title or persons."""
    return {
        "keywords": words,
        "num_results": str(FOUND_MAX),
        "response_groups": "contributors,product_attrs,product_desc",
    }


def series_parameters(series: str) -> dict[str, str]:
    """Return the query for the titles of a series that come out last.

    The shop knows no query by series: its name are words, and each title says of which
    series it is.
    """
    return {
        "keywords": series,
        "num_results": "50",
        "products_sort_by": "-ReleaseDate",
        "response_groups": "contributors,product_attrs,product_desc,series",
    }


def wishlist_requests(titles: int) -> int:
    """Return with how many requests a wishlist of so many titles is asked for."""
    return max(1, -(-titles // WISHES_PER_PAGE))


def title_parameters() -> dict[str, str]:
    """Return the query for one title of the library."""
    return {"response_groups": _LIBRARY_GROUPS}


def positions_parameters(asins: Sequence[Asin]) -> dict[str, str]:
    """Return the query for the positions of at most 25 titles."""
    return {"asins": ",".join(asins)}


def metadata_parameters(*, is_nested: bool = False) -> dict[str, str]:
    """Return the query for the chapters and the facts of the recording.

    Nested chapters stand below the headings of their parts.
    """
    return {
        "response_groups": "chapter_info,content_reference",
        "quality": "High",
        "drm_type": "Adrm",
        "chapter_titles_type": "Tree" if is_nested else "Flat",
    }


def reference_parameters() -> dict[str, str]:
    """Return the query for what a recording is called, whatever its form."""
    return {"response_groups": "content_reference"}


def position_body(asin: Asin, acr: str, position_ms: int) -> dict[str, Any]:
    """Return the body that sets where listening stands."""
    return {"acr": acr, "asin": asin, "position_ms": position_ms}


def license_body() -> dict[str, Any]:
    """Return the body of a license request for a download.

    Only ``mp4a.40.2`` (AAC-LC) is asked for: browsers play no xHE-AAC.
    """
    return {
        "supported_media_features": {
            "drm_types": ["Mpeg", "Adrm"],
            "codecs": ["mp4a.40.2"],
            "chapter_titles_type": "Flat",
            "previews": False,
            "catalog_samples": False,
        },
        "spatial": False,
        "quality": "High",
        "consumption_type": "Download",
        "tenant_id": "Audible",
        "response_groups": "content_reference,chapter_info,last_position_heard",
    }
