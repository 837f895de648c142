"""Which members a library item has, and which response group fills which.

The members and their order come from a recorded answer. The groups are read off the
recorded answers too; a comment says where it is a guess.
"""

import json
from pathlib import Path
from typing import Final

_RECORDED: Final = (
    Path(__file__).parents[1] / "fixtures/audible/library-1-item-all-groups.json"
)
MEMBERS: Final[tuple[str, ...]] = tuple(
    json.loads(_RECORDED.read_text(encoding="utf-8"))["items"][0]
)

ALWAYS_FILLED: Final = frozenset(
    {
        "asin",
        "is_ayce",
        "is_removable_by_parent",
        "library_status",
        "purchase_date",
        "sku_lite",
        "status",
    }
)
_PRODUCT: Final = frozenset(
    {
        "asset_details",
        "available_codecs",
        "content_delivery_type",
        "content_type",
        "copyright",
        "date_first_available",
        "extended_product_description",
        "format_type",
        "has_children",
        "is_adult_product",
        "is_listenable",
        "is_purchasability_suppressed",
        "is_vvab",
        "issue_date",
        "language",
        "merchandising_description",
        "merchandising_summary",
        "platinum_keywords",
        "product_site_launch_date",
        "publication_datetime",
        "publication_name",
        "read_along_support",
        "release_date",
        "runtime_length_min",
        "sku",
        "thesaurus_subject_keywords",
    }
)
_PODCAST: Final = frozenset(
    {"episode_count", "episode_number", "episode_type", "generic_keyword"}
)
_DETAILS: Final = frozenset({"isbn", "is_pdf_url_available"})
_MEDIA: Final = frozenset(
    {
        "available_codecs",
        "content_delivery_type",
        "content_type",
        "date_first_available",
        "format_type",
        "has_children",
        "issue_date",
        "product_images",
        "release_date",
        "runtime_length_min",
        "social_media_images",
        "title",
    }
)
_DESCRIPTION: Final = frozenset(
    {
        "merchandising_description",
        "merchandising_summary",
        "publisher_summary",
        "subtitle",
        "title",
    }
)
_RIGHTS: Final = frozenset(
    {
        "customer_rights",
        "distribution_rights_region",
        "is_buyable",
        "is_preorderable",
        "is_world_rights",
        "preorder_release_date",
        "product_state",
    }
)
_ORIGIN: Final = frozenset(
    {"origin_asin", "origin_id", "origin_marketplace", "origin_type"}
)
_STATUS: Final = frozenset({"is_removable", "is_returnable", "is_visible"})

GROUP_MEMBERS: Final[dict[str, frozenset[str]]] = {
    "category_ladders": frozenset({"category_ladders"}),
    "contributors": frozenset({"authors", "narrators", "publisher_name"}),
    "customer_rights": _RIGHTS,
    # Which group brings is_pending is a guess.
    "is_downloaded": frozenset({"is_downloaded", "is_pending"}),
    "is_finished": frozenset({"is_finished"}),
    "library_status": _STATUS,
    "listening_status": frozenset({"listening_status"}),
    "media": _MEDIA,
    "origin": _ORIGIN,
    "origin_asin": _ORIGIN,
    "percent_complete": frozenset({"percent_complete"}),
    "product_attrs": _PRODUCT | _PODCAST,
    "product_desc": _DESCRIPTION,
    "product_details": _PRODUCT | _DETAILS,
    "product_extended_attrs": frozenset({"editorial_reviews", "publisher_summary"}),
    "product_plan_details": frozenset({"plans"}),
    "product_plans": frozenset({"plans"}),
    "rating": frozenset({"rating"}),
    "relationships": frozenset({"relationships"}),
    "sample": frozenset({"sample_url"}),
    "series": frozenset({"series"}),
    "sku": frozenset({"sku"}),
}
KNOWN_GROUPS: Final = frozenset(GROUP_MEMBERS) | frozenset(
    {
        "always-returned",
        "badge_types",
        "claim_code_url",
        "in_wishlist",
        "is_archived",
        "is_playable",
        "is_removable",
        "is_returnable",
        "is_visible",
        "order_details",
        "pdf_url",
        "periodicals",
        "price",
        "provided_review",
        "review_attrs",
        "reviews",
        "ws4v",
    }
)
# The catalog knows no customer, except for the rights and the listening status; it
# sends no editorial reviews, in none of the recorded answers.
LIBRARY_ONLY: Final = (
    ALWAYS_FILLED - {"asin", "sku_lite"}
    | _ORIGIN
    | _STATUS
    | {
        "editorial_reviews",
        "is_downloaded",
        "is_finished",
        "is_pending",
        "percent_complete",
    }
)


def filled_by(asked: set[str]) -> set[str]:
    """Return the members that the groups fill, besides those always filled."""
    filled: set[str] = set()
    for group in asked:
        filled |= GROUP_MEMBERS.get(group, frozenset())
    # Seen only when both were asked for; which of them brings it is not known.
    if not {"product_attrs", "product_details"} <= asked:
        filled.discard("isbn")
    return filled
