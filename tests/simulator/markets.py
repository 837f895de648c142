"""The eleven marketplaces and the host names of the shop."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Market:
    """One Audible store by country."""

    country_code: str
    domain: str
    marketplace_id: str


class HostKind(StrEnum):
    """What a host name of the shop is for."""

    AMAZON_SITE = "amazon_site"
    AMAZON_API = "amazon_api"
    AUDIBLE_API = "audible_api"
    AUDIBLE_SITE = "audible_site"
    CDE = "cde"
    CDN = "cdn"
    IMAGES = "images"


MARKETS: Final = (
    Market("us", "com", "AF2M0KC94RCEA"),
    Market("uk", "co.uk", "A2I9A3Q2GNFNGQ"),
    Market("de", "de", "AN7V1F1VY261K"),
    Market("fr", "fr", "A2728XDNODOQ8T"),
    Market("ca", "ca", "A2CQZ5RBY40XE"),
    Market("it", "it", "A2N7FU2W2BU2ZC"),
    Market("au", "com.au", "AN7EY7DTAW63G"),
    Market("in", "in", "AJO3FBRUE6J4S"),
    Market("jp", "co.jp", "A1QAP3MOU4173J"),
    Market("es", "es", "ALMIKO4SZCSAR"),
    Market("br", "com.br", "A10J1VAYUDTYRN"),
)

CLOUDFRONT_HOST: Final = "d1simulatedbooks.cloudfront.net"
IMAGE_HOST: Final = "m.media-amazon.com"
CDE_HOST: Final = "cde-ta-g7g.amazon.com"

_PREFIXES: Final = (
    ("www.amazon.", HostKind.AMAZON_SITE),
    ("api.amazon.", HostKind.AMAZON_API),
    ("api.audible.", HostKind.AUDIBLE_API),
    ("www.audible.", HostKind.AUDIBLE_SITE),
    ("cds.audible.", HostKind.CDN),
)
_BY_DOMAIN: Final = {market.domain: market for market in MARKETS}
_US: Final = MARKETS[0]


def host_kind(host: str) -> HostKind | None:
    """Return what the host is for, or None for a host outside the shop."""
    if host == CDE_HOST:
        return HostKind.CDE
    if host == IMAGE_HOST:
        return HostKind.IMAGES
    if host.endswith(".cloudfront.net"):
        return HostKind.CDN
    for prefix, kind in _PREFIXES:
        if host.startswith(prefix) and host.removeprefix(prefix) in _BY_DOMAIN:
            return kind
    return None


def market_of_host(host: str) -> Market:
    """Return the market a host belongs to; hosts of all markets count as us."""
    for prefix, _ in _PREFIXES:
        market = _BY_DOMAIN.get(host.removeprefix(prefix))
        if host.startswith(prefix) and market:
            return market
    return _US


def market_by_code(country_code: str) -> Market:
    """Return the market of a country code; raise KeyError for an unknown one."""
    return {market.country_code: market for market in MARKETS}[country_code]
