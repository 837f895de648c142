"""What the shop knows about a title, apart from any customer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from random import Random


class Form(StrEnum):
    """How the audio of a title can be had."""

    ADRM = "Adrm"
    MPEG = "Mpeg"
    WIDEVINE = "Widevine"
    AAX = "Aax"
    NONE = "None"


class Rights(StrEnum):
    """On what ground the title is in the library."""

    OWNED = "owned"
    PLUS = "plus"
    PLUS_FOREVER = "plus_forever"
    LAPSED = "lapsed"
    PREORDER = "preorder"


class LicenseRule(StrEnum):
    """What a license request for the title is answered."""

    GRANT = "grant"
    THROTTLED = "throttled"
    NOT_ELIGIBLE = "not_eligible"
    TEMPORARILY_DENIED = "temporarily_denied"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a title; `parts` are the chapters below a heading."""

    title: str
    start_ms: int
    length_ms: int
    parts: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """A series and the place of a title in it, as the shop writes it."""

    asin: str
    title: str
    sequence: str


@dataclass(frozen=True, slots=True)
class Title:
    """One entry of the catalog. A runtime of None belongs to what has no audio.

    `recording` counts how often it was recorded anew. `sku_asin` is the ASIN under
    which another country sells the same book: both have one stock number.
    """

    asin: str
    title: str | None
    authors: tuple[str, ...] | None
    narrators: tuple[str, ...] | None
    runtime_ms: int | None
    released_on: date
    subtitle: str | None = None
    language: str = "english"
    publisher: str = "Lantern Audio"
    summary: str = ""
    genres: tuple[str, ...] = ("Literature & Fiction", "Classics")
    series: tuple[SeriesPlace, ...] = ()
    isbn: str | None = None
    content_type: str = "Product"
    delivery_type: str = "SinglePartBook"
    form: Form = Form.ADRM
    rights: Rights = Rights.OWNED
    license_rule: LicenseRule = LicenseRule.GRANT
    chapters: tuple[Chapter, ...] = field(default=(), repr=False)
    is_accurate: bool = True
    brand_intro_ms: int = 0
    brand_outro_ms: int = 0
    child_asins: tuple[str, ...] = ()
    parent_asin: str | None = None
    has_pdf: bool = False
    recording: int = 1
    sku_asin: str | None = None

    @property
    def runtime_length_min(self) -> int | None:
        """Return whole minutes, cut down as the shop does."""
        return None if self.runtime_ms is None else self.runtime_ms // 60_000

    @property
    def is_plus(self) -> bool:
        """Tell whether the title came, or once came, with a Plus plan."""
        return self.rights in {Rights.PLUS, Rights.PLUS_FOREVER, Rights.LAPSED}

    @property
    def digest(self) -> bytes:
        """Return 32 bytes that are the same in every run, to derive values from."""
        return _digest(self.asin)

    @property
    def _recording_digest(self) -> bytes:
        suffix = f" {self.recording}" if self.recording > 1 else ""
        return _digest(self.asin + suffix)

    @property
    def sku(self) -> str:
        """Return the shop's stock number."""
        kind = "PC_EPSD" if self.content_type == "Podcast" else "BK_LANT"
        digest = _digest(self.sku_asin or self.asin)
        return f"{kind}_{int.from_bytes(digest[:3]) % 1_000_000:06d}"

    @property
    def acr(self) -> str:
        """Return the name of the asset version, needed to write a position."""
        alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        return "CR!" + "".join(
            alphabet[byte % 32] for byte in self._recording_digest[:28]
        )

    @property
    def version(self) -> str:
        """Return the number of the asset version."""
        return str(10_000_000 + int.from_bytes(self._recording_digest[4:7]))

    @property
    def image_id(self) -> str:
        """Return the name of the cover image."""
        return "51" + self.digest[8:12].hex() + "L"

    @property
    def content_key(self) -> bytes:
        """Return the key of the encrypted file."""
        return self.digest[:16]

    @property
    def content_iv(self) -> bytes:
        """Return the initialization vector of the encrypted file."""
        return self.digest[16:]


def _digest(name: str) -> bytes:
    return sha256(f"simulated title {name}".encode()).digest()


def flat_chapters(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """Return headings and leaves in the order they are heard."""
    flat: list[Chapter] = []
    for chapter in chapters:
        flat.append(chapter)
        flat.extend(flat_chapters(chapter.parts))
    return tuple(flat)


def split_runtime(
    runtime_ms: int, names: Sequence[str], *, seed: str, credits_ms: int = 14_976
) -> tuple[Chapter, ...]:
    """Divide a runtime into named chapters of uneven length, free of gaps.

    Opening and end credits are added around the names.
    """
    random = Random(seed)
    weights = [random.uniform(0.7, 1.3) for _ in names]
    space_ms = runtime_ms - 2 * credits_ms
    chapters = [Chapter("Opening Credits", 0, credits_ms)]
    heard = 0.0
    for name, weight in zip(names, weights, strict=True):
        heard += weight
        start_ms = chapters[-1].start_ms + chapters[-1].length_ms
        end_ms = credits_ms + round(space_ms * heard / sum(weights))
        chapters.append(Chapter(name, start_ms, end_ms - start_ms))
    end_ms = chapters[-1].start_ms + chapters[-1].length_ms
    chapters.append(Chapter("End Credits", end_ms, runtime_ms - end_ms))
    return tuple(chapters)


def nest_chapters(
    chapters: Sequence[Chapter], headings: Sequence[str], *, heading_ms: int = 4_500
) -> tuple[Chapter, ...]:
    """Put the chapters between the credits below short headings.

    A heading takes its time from the first chapter below it.
    """
    inner = list(chapters[1:-1])
    share = -(-len(inner) // len(headings))
    nested = [chapters[0]]
    for number, heading in enumerate(headings):
        part = inner[number * share : (number + 1) * share]
        first = part[0]
        shorter = Chapter(
            first.title, first.start_ms + heading_ms, first.length_ms - heading_ms
        )
        nested.append(
            Chapter(heading, first.start_ms, heading_ms, (shorter, *part[1:]))
        )
    return (*nested, chapters[-1])
