"""Why a speaker may not reach an address of Home Assistant."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from ..errors import (
    AddressCertificateError,
    AddressLoopbackError,
    AddressNameError,
    AudioNotFetchedError,
    AudioNotPlayedError,
    SpeakerError,
)

_ASKS_PUBLIC_NAMES: Final = frozenset({"cast"})
"""Integrations whose players ask public name servers, whatever the house says."""

_LOCAL_ENDS: Final = (".local", ".lan", ".home", ".internal", ".home.arpa")


def why_silent(
    *,
    player: str,
    platform: str,
    url: str,
    was_fetched: bool,
    is_trusted: bool,
) -> SpeakerError:
    """Return why a speaker does not play from an address, the likeliest cause first.

    ``is_trusted``: whether the certificate of an address with https is one that
    anybody accepts.
    """
    if was_fetched:
        return AudioNotPlayedError(player=player, url=url)
    host = urlsplit(url).hostname or ""
    if _is_loopback(host):
        return AddressLoopbackError(player=player, url=url)
    if not is_trusted:
        return AddressCertificateError(player=player, url=url)
    if platform in _ASKS_PUBLIC_NAMES and _is_local_name(host):
        return AddressNameError(player=player, url=url)
    return AudioNotFetchedError(player=player, url=url)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_local_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDS)
    return False
