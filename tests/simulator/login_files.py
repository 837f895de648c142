"""Login files of other programs, made from a registration at the simulated shop."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LIBATION_SHOPS = {"us": "us", "uk": "uk", "de": "germany"}


def audible_cli_file(registration: str, **changed: Any) -> bytes:
    """Return what audible-cli writes; ``registration`` is the library's own form."""
    members = {**json.loads(registration), "activation_bytes": None, **changed}
    return json.dumps(members, indent=4).encode()


def libation_file(*accounts: Mapping[str, Any]) -> bytes:
    """Return an ``AccountsSettings.json``."""
    return json.dumps({"Accounts": accounts, "Cdm": None}).encode()


def libation_account(registration: str, **changed: Any) -> dict[str, Any]:
    """Return one account as Libation keeps it; ``changed`` is of its tokens."""
    members = json.loads(registration)
    expires = datetime.fromtimestamp(float(members["expires"]), UTC)
    tokens: dict[str, Any] = {
        "LocaleName": LIBATION_SHOPS[members["locale_code"]],
        "ExistingAccessToken": {
            "TokenValue": members["access_token"],
            "Expires": expires.isoformat(),
        },
        "PrivateKey": {"Value": members["device_private_key"].strip()},
        "AdpToken": {"Value": members["adp_token"]},
        "RefreshToken": {"Value": members["refresh_token"]},
        "Cookies": [{"Key": "session-id", "Value": "1"}],
        "DeviceSerialNumber": members["device_info"]["device_serial_number"],
        "DeviceType": members["device_info"]["device_type"],
        "AmazonAccountId": members["customer_info"]["user_id"],
        "DeviceName": members["device_info"]["device_name"],
        "StoreAuthenticationCookie": "cookie",
        **changed,
    }
    return {
        "AccountId": "anna@example.com",
        "AccountName": "anna",
        "LibraryScan": True,
        "DecryptKey": "",
        "IdentityTokens": tokens,
    }
