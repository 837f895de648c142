"""Pure: parameters and bodies of the requests to api.audible."""

from collections.abc import Sequence
from typing import Any, Final

from ..models import Asin

LIBRARY_PAGE_SIZE: Final = 1000
"""The most that one library request may ask for."""

POSITIONS_PER_CALL: Final = 25
"""More is refused with "No more than 25 asins allowed"."""

_LIBRARY_GROUPS: Final = (
    "contributors,media,product_attrs,product_desc,product_details,series,"
    "listening_status,percent_complete,is_finished,customer_rights,product_plans,"
    "relationships"
)


def library_parameters(continuation_token: str | None) -> dict[str, str]:
    """Return the query of one library page; the first without a token."""
    parameters = {
        "num_results": str(LIBRARY_PAGE_SIZE),
        "response_groups": _LIBRARY_GROUPS,
        "sort_by": "-PurchaseDate",
    }
    if continuation_token:
        parameters["continuation_token"] = continuation_token
    return parameters


def positions_parameters(asins: Sequence[Asin]) -> dict[str, str]:
    """Return the query for the positions of at most 25 titles."""
    return {"asins": ",".join(asins)}


def metadata_parameters() -> dict[str, str]:
    """Return the query for the flat chapters and the facts of the recording."""
    return {
        "response_groups": "chapter_info,content_reference",
        "quality": "High",
        "drm_type": "Adrm",
        "chapter_titles_type": "Flat",
    }


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
