"""Pure: the answer to a license request becomes a License with its Voucher.

A refusal is an answer with status 200 too; which refusal it is decides what a person
has to do (audible-api reference, sections 2.5 and 5.4).
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from audible import Authenticator
from audible.aescipher import decrypt_voucher_from_licenserequest

from ..errors import (
    AudibleResponseError,
    LicenseDeniedError,
    LicenseError,
    LicenseFormatError,
    LicenseTemporarilyDeniedError,
    LicenseThrottledError,
    VoucherError,
)
from ..models import Asin, DrmType, License, Voucher
from .parse import mapping_or_empty, parse_content_metadata

_KEY_BYTES: Final = 16


def parse_license(body: Any, asin: Asin, registration: Authenticator) -> License:
    """Return the license in Audible's answer.

    Raises the LicenseError that tells the refusals apart, VoucherError if the key
    cannot be read, AudibleResponseError if the shape is not as agreed.
    """
    content = mapping_or_empty(mapping_or_empty(body).get("content_license"))
    if not content:
        raise AudibleResponseError(field="content_license")
    if content.get("status_code") != "Granted":
        raise denial(content.get("license_denial_reasons"), asin)
    try:
        drm_type = DrmType(str(content.get("drm_type")))
    except ValueError:
        raise LicenseFormatError(asin=asin) from None
    metadata = parse_content_metadata(content, asin)
    return License(
        asin=asin,
        drm_type=drm_type,
        content_url=_content_url(content, asin),
        size_bytes=metadata.size_bytes,
        voucher=_voucher(body, asin, registration)
        if drm_type is DrmType.ADRM
        else None,
        codec=metadata.codec,
        metadata=metadata,
    )


def denial(reasons: Any, asin: Asin) -> LicenseError:
    """Return the error for the reasons that a denied license gives.

    Throttled wins, since it may be curable by registering anew. An AYCL reason
    without a rejection means "may", so that the whole is a passing contradiction.
    """
    reasons = reasons if isinstance(reasons, list) else []
    listed = [mapping_or_empty(reason) for reason in reasons]
    rejections = {reason.get("rejectionReason") for reason in listed}
    if "CustomerThrottled" in rejections:
        return LicenseThrottledError()
    if any(
        reason.get("validationType") == "AYCL" and not reason.get("rejectionReason")
        for reason in listed
    ):
        return LicenseTemporarilyDeniedError(asin=asin)
    return LicenseDeniedError(asin=asin)


def _content_url(content: Mapping[str, Any], asin: Asin) -> str:
    addresses = mapping_or_empty(content["content_metadata"]).get("content_url")
    url = mapping_or_empty(addresses).get("offline_url")
    if not isinstance(url, str) or urlsplit(url).scheme != "https":
        raise LicenseFormatError(asin=asin)
    return url


def _voucher(body: Any, asin: Asin, registration: Authenticator) -> Voucher:
    try:
        voucher = decrypt_voucher_from_licenserequest(registration, body)
        key, iv = bytes.fromhex(voucher["key"]), bytes.fromhex(voucher["iv"])
    except Exception as err:
        # The library raises whatever its cipher and JSON parser raise.
        raise VoucherError(asin=asin) from err
    if len(key) != _KEY_BYTES or len(iv) != _KEY_BYTES:
        raise VoucherError(asin=asin)
    return Voucher(key=key, iv=iv)
