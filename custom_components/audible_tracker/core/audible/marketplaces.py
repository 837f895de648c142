"""The countries in which Audible has a shop (audible-api reference, section 1)."""

from collections.abc import Mapping
from typing import Final

DOMAINS: Final[Mapping[str, str]] = {
    "us": "com",
    "uk": "co.uk",
    "de": "de",
    "fr": "fr",
    "ca": "ca",
    "it": "it",
    "au": "com.au",
    "in": "in",
    "jp": "co.jp",
    "es": "es",
    "br": "com.br",
}
"""Country code to the end of its host names: ``www.amazon.{domain}``."""

_BY_TERRITORY: Final[Mapping[str, str]] = {
    "GB": "uk",
    "IE": "uk",
    "AT": "de",
    "CH": "de",
    "LI": "de",
    "LU": "de",
    "NZ": "au",
    "PT": "es",
}
_BY_LANGUAGE: Final[Mapping[str, str]] = {
    "de": "de",
    "fr": "fr",
    "it": "it",
    "ja": "jp",
    "es": "es",
    "pt": "br",
    "hi": "in",
}
_FALLBACK: Final = "us"


def guess_country(*, territory: str | None, language: str | None) -> str:
    """Return the likeliest shop for where the house stands and what is spoken there.

    ``territory`` is ISO 3166 ("DE"), ``language`` BCP 47 ("en-GB"); the territory says
    more, a language with a region ("pt-BR") comes second.
    """
    for region in (territory, _region_of(language)):
        if not region:
            continue
        code = _BY_TERRITORY.get(region.upper(), region.lower())
        if code in DOMAINS:
            return code
    return _BY_LANGUAGE.get((language or "").split("-")[0].lower(), _FALLBACK)


def country_of_host(host: str) -> str | None:
    """Return the country of an ``amazon.…`` or ``audible.…`` host name, else None."""
    for code, domain in DOMAINS.items():
        for name in ("amazon", "audible"):
            site = f"{name}.{domain}"
            if host == site or host.endswith(f".{site}"):
                return code
    return None


def _region_of(language: str | None) -> str | None:
    parts = (language or "").split("-")
    return parts[-1] if len(parts) > 1 else None
