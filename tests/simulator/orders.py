"""Orders as the service writes them: many members, most of them null."""

from hashlib import sha256

from .answers import Json
from .items import whole_second
from .markets import Market
from .shop import OwnedTitle

_PRICE = 7.99
_TAX = 0.44
_NO_ITEM_MEMBERS = (
    *("acquisition_type", "combined_order_id", "credit_promo_id", "credits_applied"),
    *("date_returned", "emp_provider_id", "institution_benefit_plan_id"),
    *("institution_id", "next_billing_date", "plan_status", "promo_ids"),
    *("return_information", "return_reason", "source", "tax_transaction_id", "taxes"),
)
_NO_ORDER_MEMBERS = (
    *("billing_address", "billing_period", "mfa_details", "refunds"),
    "subscription_id",
)


def order(owned: OwnedTitle, market: Market) -> dict[str, Json]:
    """Return the order by which a title came into the library."""
    number = sha256(owned.title.asin.encode()).hexdigest()
    values: dict[str, Json] = {
        **dict.fromkeys(_NO_ORDER_MEMBERS),
        "amount_charged": _amount(_PRICE),
        "customer_id": number[:14].upper(),
        "date": whole_second(owned.purchased_at),
        "detail_state": "ORDER_SUCCEEDED",
        "id": f"D01-{int(number[:6], 16):07d}-0000000",
        "is_amazon": False,
        "is_bogo_order": False,
        "items": [_item(owned, number)],
        "marketplace_id": market.marketplace_id,
        "mfa_enabled": False,
        "order_type_specification": "Content",
        "payment": _payment(),
        "payment_contract_id": number[:32],
        "payment_contract_revision_id": number[32:],
        "payment_plan_id": number[16:48],
        "payment_profile": "AudibleCheckout",
        "state": "ORDER_CLOSED",
        "subCharges": [
            {"amount_charged": _amount(_PRICE + _TAX), "payment": _payment()}
        ],
        "tax_amount": _amount(_TAX),
        "type": "CONTENT",
        "vat_rate": 5.5,
    }
    return dict(sorted(values.items(), key=lambda member: member[0].casefold()))


def _item(owned: OwnedTitle, number: str) -> Json:
    values: dict[str, Json] = {
        **dict.fromkeys(_NO_ITEM_MEMBERS),
        "action_code": "SIMULATED",
        "amount_charged": _amount(_PRICE),
        "asin": owned.title.asin,
        "coupon_amount": _amount(0.0),
        "id": number[:20],
        "is_combined_order_id": False,
        "is_externally_managed_payment": False,
        "is_gift": False,
        "is_preorder": False,
        "is_returned": False,
        "is_vet_charge_refunded": False,
        "merchant_id": "A2ZO8JX97D5MN9",
        "payment_method": "PURCHASE",
        "plan_id": "B07RV2TFQ1",
        "promotion_amount": _amount(0.0),
        "tax_amount": _amount(_TAX),
    }
    return dict(sorted(values.items()))


def _amount(amount: float) -> dict[str, Json]:
    return {"amount": round(amount, 2), "currency": "USD"}


def _payment() -> Json:
    return {
        "active": True,
        "id": None,
        "issuer": "SIMULATED",
        "payment_method_id": "SIMULATED",
        "tail": "0000",
        "type": "CREDIT_CARD",
    }
