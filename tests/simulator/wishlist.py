"""Products of the wishlist: null style like the library, other members."""

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .answers import Json
from .item_groups import filled_by
from .items import title_values, whole_second
from .shop import Wish
from .titles import Rights

_RECORDED: Final = Path(__file__).parents[1] / "fixtures/audible/wishlist-5-of-7.json"
_MEMBERS: Final[tuple[str, ...]] = tuple(
    json.loads(_RECORDED.read_text(encoding="utf-8"))["products"][0]
)
# Of what has not come out yet this is not known, though it was asked for.
_UNKNOWN_YET: Final = frozenset(
    {
        "available_codecs",
        "copyright",
        "date_first_available",
        "editorial_reviews",
        "extended_product_description",
        "is_pdf_url_available",
        "merchandising_description",
        "platinum_keywords",
        "product_site_launch_date",
        "read_along_support",
        "sample_url",
        "subtitle",
    }
)
_NO_RIGHTS: Final[dict[str, Json]] = {
    "is_book_qa_eligible": False,
    "is_consumable": False,
    "is_consumable_indefinitely": False,
    "is_consumable_offline": False,
    "is_consumable_until": None,
}
_LIST_PRICE: Final = 29.99
_MEMBER_PRICE: Final = 20.99


def wished_product(
    wish: Wish, groups: Iterable[str], *, image_sizes: tuple[int, ...] = (500,)
) -> dict[str, Json]:
    """Return one product: all members, null where nothing was asked or is known."""
    asked = set(groups)
    title = wish.title
    filled = filled_by(asked) | {"asin", "sku_lite", "added_timestamp"}
    if "price" in asked:
        filled |= {"price"}
    if title.rights is Rights.PREORDER:
        filled -= _UNKNOWN_YET
    values = title_values(title, image_sizes) | {
        "added_timestamp": whole_second(wish.added_at),
        "customer_rights": _NO_RIGHTS,
        "price": _price(),
    }
    return {name: values.get(name) if name in filled else None for name in _MEMBERS}


def _price() -> Json:
    unknown: dict[str, Json] = dict.fromkeys(
        (
            "is_buy_for_free_eligible",
            "is_credit_price_eligible",
            "is_free_eligible",
            "is_ws4v_upsell_eligible",
        )
    )
    return {
        "credit_price": 1.0,
        **unknown,
        "list_price": _amount(_LIST_PRICE, "list"),
        "lowest_price": _amount(_MEMBER_PRICE, "member"),
        "ws4v_upsell_price": _amount(_LIST_PRICE, "ws4v_upsell"),
    }


def _amount(price: float, kind: str) -> Json:
    # The service keeps prices in four bytes, and it shows.
    base = struct.unpack("f", struct.pack("f", price))[0]
    return {
        "base": base,
        "currency_code": "USD",
        "merchant_id": "A2ZO8JX97D5MN9",
        "type": kind,
    }
