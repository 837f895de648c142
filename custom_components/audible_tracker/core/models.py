"""What travels inside: frozen values, integer milliseconds, aware UTC instants."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

Asin = NewType("Asin", str)
"""Audible's id of a title: ten capital letters and digits."""


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """A title's place in a series; ``sequence`` is text as sent ("2.5", "1-3", "")."""

    title: str
    sequence: str | None = None


@dataclass(frozen=True, slots=True)
class AudibleTitle:
    """One entry of an Audible library. None means unknown, never zero.

    ``percent_complete`` is 0.0 to 100.0 and follows the players' statistics, not the
    position; ``status_changed_at`` is the last change of the listening status, which
    also moves on unfinished titles (audible-api reference, section 4.3). ``isbn`` is of
    the audio edition, ``year`` is its release's; ``sku_lite`` is equal for one book in
    all marketplaces. ``consumable_until`` is when the right to hear a Plus title ends.
    """

    asin: Asin
    title: str | None
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    runtime_ms: int | None = None
    language: str | None = None
    cover_url: str | None = None
    percent_complete: float | None = None
    is_finished: bool | None = None
    status_changed_at: datetime | None = None
    purchased_at: datetime | None = None
    content_type: str | None = None
    content_delivery_type: str | None = None
    is_plus: bool = False
    is_consumable: bool | None = None
    codecs: tuple[str, ...] = ()
    isbn: str | None = None
    sku_lite: str | None = None
    publisher: str | None = None
    year: int | None = None
    format_type: str | None = None
    consumable_until: datetime | None = None

    @property
    def name(self) -> str:
        """Return the title, or the ASIN where Audible sent none."""
        return self.title or str(self.asin)


@dataclass(frozen=True, slots=True)
class Position:
    """Where listening of a title stands, and since when."""

    asin: Asin
    position_ms: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a title; offsets include the spoken brand intro."""

    title: str
    start_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class ContentMetadata:
    """Chapters and technical facts of a title's current recording."""

    asin: Asin
    runtime_ms: int
    chapters: tuple[Chapter, ...]
    is_accurate: bool
    brand_intro_ms: int = 0
    brand_outro_ms: int = 0
    acr: str | None = None
    version: str | None = None
    codec: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What the shop tells of a title at length; ``text`` has no markup."""

    text: str | None = None
    released_on: date | None = None


@dataclass(frozen=True, slots=True)
class ListeningInterval:
    """What was heard on one day of Audible's statistics.

    ``identifier`` is "2026-08-20"; in which time zone a day begins is unknown. Windows
    of days overlap: an identifier counts once.
    """

    identifier: str
    listened_ms: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """Key material for one file; 16 bytes each."""

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)


class DrmType(StrEnum):
    """The forms of a license that we can use."""

    ADRM = "Adrm"
    MPEG = "Mpeg"


@dataclass(frozen=True, slots=True)
class License:
    """Audible's leave to fetch one title, with the address of its bytes.

    ``content_url`` is signed and expires within hours; ``voucher`` is None for files
    that are not encrypted (podcast episodes).
    """

    asin: Asin
    drm_type: DrmType
    content_url: str = field(repr=False)
    size_bytes: int | None
    voucher: Voucher | None
    codec: str | None = None
    metadata: ContentMetadata | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A title on the wishlist. ``release_on`` may lie behind or be unknown."""

    asin: Asin
    title: str
    authors: tuple[str, ...]
    release_on: date | None
    added_at: datetime | None


@dataclass(frozen=True, slots=True)
class Release:
    """A title of a series, and the day on which it comes out, or came out."""

    asin: Asin
    series: str
    title: str
    authors: tuple[str, ...]
    release_on: date


@dataclass(frozen=True, slots=True)
class Credentials:
    """One registration at Audible as one opaque text; never printed."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Who a registration belongs to."""

    account_id: str
    name: str
    country_code: str

    @property
    def key(self) -> str:
        """Return the id of one customer's account in one country's shop."""
        return f"{self.account_id}_{self.country_code}"
