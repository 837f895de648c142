"""License answers: grants with an encrypted voucher, and the kinds of denial."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .answers import Json
from .items import whole_second
from .markets import CLOUDFRONT_HOST
from .shop import DEVICE_TYPE, Device, Grant, Shop
from .titles import LicenseRule, Rights, Title


@dataclass(frozen=True, slots=True)
class LicenseWish:
    """What a license request asks for."""

    drm_types: tuple[str, ...]
    codecs: tuple[str, ...] | None
    response_groups: tuple[str, ...]
    is_streaming: bool = False


def parse_wish(body: dict[str, Json]) -> LicenseWish:
    """Read either form of request body: the older one, or with media features."""
    features = body.get("supported_media_features")
    source = features if isinstance(features, dict) else body
    drm_types = source.get("drm_types" if source is features else "supported_drm_types")
    codecs = source.get("codecs") if source is features else None
    groups = str(body.get("response_groups") or "")
    return LicenseWish(
        drm_types=_texts(drm_types) or ("Adrm",),
        codecs=_texts(codecs) if codecs is not None else None,
        response_groups=tuple(
            group.strip() for group in groups.split(",") if group.strip()
        ),
        is_streaming=body.get("consumption_type") == "Streaming",
    )


def denial(shop: Shop, device: Device, title: Title) -> list[Json] | None:
    """Return the reasons why this customer gets no license; None if there is none."""
    number = device.account.customer_number
    owned = device.account.library.get(title.asin)
    is_owned = owned is not None and owned.status == "Active"
    if title.license_rule is LicenseRule.THROTTLED or device.is_throttled:
        return _throttled(number)
    if not is_owned or title.license_rule is LicenseRule.NOT_ELIGIBLE:
        return _not_eligible(title.asin)
    if title.license_rule is LicenseRule.TEMPORARILY_DENIED:
        return _temporarily_denied(number, title.asin)
    return None


def denied_license(title: Title, reasons: list[Json]) -> dict[str, Json]:
    """Return the license of a denied request."""
    return {
        "acr": title.acr,
        "asin": title.asin,
        "drm_type": "Adrm",
        "license_denial_reasons": reasons,
        "license_id": str(uuid4()),
        "message": "License denied",
        "request_id": _request_id(),
        "requires_ad_supported_playback": False,
        "status_code": "Denied",
    }


def granted_license(
    shop: Shop, device: Device, title: Title, content_metadata: Json
) -> dict[str, Json]:
    """Count a grant and return its license, voucher included."""
    now = shop.now()
    grant = Grant(title.asin, str(uuid4()), now)
    device.account.grants.append(grant)
    request_id = _request_id()
    is_encrypted = title.form.value == "Adrm"
    ground = "AYCL" if title.is_plus else "Ownership"
    who = f"Customer [{device.account.customer_number}]"
    return {
        "access_expiry_date": _access_ends(title, now),
        "acr": title.acr,
        "allowed_users": [device.account.user_id],
        "asin": title.asin,
        "content_metadata": content_metadata,
        "drm_type": title.form.value,
        "license_id": grant.license_id,
        "license_response": voucher(device, title, now) if is_encrypted else None,
        "message": f"{who} has rights to asin [{title.asin}] for {ground}",
        "refresh_date": whole_second(now + timedelta(days=30)),
        "removal_date": whole_second(now + timedelta(days=70)),
        "request_id": request_id,
        "requires_ad_supported_playback": False,
        "status_code": "Granted",
        "voucher_id": f"cdn:{request_id}",
    }


def streaming_license(
    shop: Shop,
    device: Device,
    title: Title,
    content_metadata: Json,
    *,
    drm_type: str,
) -> dict[str, Json]:
    """Count a grant and return its license: the address of a manifest, no voucher.

    There is nothing at that address: the product does not stream this way.
    """
    name = title.sku.lower()
    path = f"{name}/{title.version}/signed/g1/{name}_44,128_v8.master.mpd"
    return granted_license(shop, device, title, content_metadata) | {
        "drm_type": drm_type,
        "license_response": f"https://{CLOUDFRONT_HOST}/{path}?ss_sec=20&id=00000000",
    }


def voucher(device: Device, title: Title, now: datetime) -> str:
    """Return the file's key and vector, encrypted for this device and customer."""
    plain = json.dumps(
        {
            "key": title.content_key.hex(),
            "iv": title.content_iv.hex(),
            "refreshDate": whole_second(now + timedelta(days=30)),
            "removalOnExpirationDate": whole_second(now + timedelta(days=70)),
            "rules": _rules(device, title, now),
        },
        separators=(",", ":"),
    ).encode()
    padded = plain + bytes(-len(plain) % 16)
    names = DEVICE_TYPE + device.serial + device.account.user_id + title.asin
    digest = hashlib.sha256(names.encode("ascii")).digest()
    cipher = Cipher(algorithms.AES(digest[:16]), modes.CBC(digest[16:])).encryptor()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def _rules(device: Device, title: Title, now: datetime) -> list[Json]:
    expire_date = _access_ends(title, now) or "3000-01-01T00:00:00Z"
    return [
        {
            "parameters": [{"expireDate": expire_date, "type": "EXPIRES"}],
            "name": "DefaultExpiresRule",
        },
        {
            "parameters": [
                {"directedIds": [device.account.user_id], "type": "DIRECTED_IDS"}
            ],
            "name": "AllowedUsersRule",
        },
    ]


def _access_ends(title: Title, now: datetime) -> str | None:
    if title.rights is Rights.PLUS:
        return whole_second(now + timedelta(days=40))
    return None


def _reason(kind: str, reason: str | None, message: str) -> Json:
    return {"message": message, "rejectionReason": reason, "validationType": kind}


def _not_eligible(asin: str) -> list[Json]:
    router = "urn:cdo:AudibleApiExternalRouterService:Prod:Default"
    client = "".join(
        f"{router}[{name}], does not has access to asin[{asin}]."
        for name in ("AAA", "LWA")
    )
    unfit = "RequesterEligibility"
    return [
        _reason("Membership", unfit, "Customer is not part of any plans"),
        _reason("Ownership", unfit, "No matching DAO benefit found"),
        _reason("Client", unfit, client),
        _reason(
            "AYCL", "ContentEligibility", f"Asin: [{asin}] is not eligible for AYCL"
        ),
    ]


def _throttled(number: str) -> list[Json]:
    message = f"Customer id [{number}] being throttled"
    membership = "Customer is not part of any plans"
    return [
        _reason("Ownership", "CustomerThrottled", message),
        _reason("Membership", "RequesterEligibility", membership),
    ]


def _temporarily_denied(number: str, asin: str) -> list[Json]:
    unfit = "RequesterEligibility"
    return [
        _reason(
            "AYCL", None, f"Customer [{number}] has rights to asin [{asin}] for AYCL"
        ),
        _reason("Membership", unfit, f"Customer [{number}] is not part of any plans."),
        _reason(
            "Client",
            unfit,
            "Since ClientId is null, skipping client rights validation.AAAClientId"
            "[ApolloEnv:AudibleApiExternalRouterService/EU/Prod], does not has access "
            f"to asin[{asin}].",
        ),
        _reason(
            "Ownership",
            unfit,
            f"Ownership: User [{number}] does not has Ownership rights for asin "
            f"[{asin}].",
        ),
    ]


def _request_id() -> str:
    return f"{uuid4()}_{uuid4().int % 10**20:020d}"


def _texts(values: Json) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
