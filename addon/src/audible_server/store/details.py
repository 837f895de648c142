"""What the shop says of a title beyond its name: for tags and for scans."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from audible_core.models import AudibleTitle, SeriesPlace


@dataclass(frozen=True, slots=True)
class Details:
    """The facts of a title that only few look at. None and empty mean unknown."""

    subtitle: str | None = None
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    language: str | None = None
    isbn: str | None = None
    publisher: str | None = None
    year: int | None = None
    has_pdf: bool = False

    @classmethod
    def of(cls, title: AudibleTitle, *, has_pdf: bool = False) -> Self:
        """Return the details in a title of the shop."""
        return cls(
            subtitle=title.subtitle,
            narrators=title.narrators,
            series=title.series,
            language=title.language,
            isbn=title.isbn,
            publisher=title.publisher,
            year=title.year,
            has_pdf=has_pdf,
        )

    def to_text(self) -> str:
        """Return it as stored."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None) -> Self:
        """Read what `to_text` wrote; titles of former versions have none."""
        if text is None:
            return cls()
        members = json.loads(text)
        members["narrators"] = tuple(members["narrators"])
        members["series"] = tuple(SeriesPlace(**place) for place in members["series"])
        return cls(**members)
