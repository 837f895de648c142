"""What is written about a title into its file."""

from dataclasses import dataclass
from datetime import date

from audible_core.models import Asin, SeriesPlace


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one title; None and empty mean unknown.

    ``authors`` are names without roles: files and folders are named after them.
    """

    asin: Asin
    title: str
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    language: str | None = None
    isbn: str | None = None
    publisher: str | None = None
    released_on: date | None = None
    year: int | None = None
    description: str | None = None

    @property
    def day(self) -> str:
        """Return the day of release, the year where only that is known, or nothing."""
        if self.released_on is not None:
            return self.released_on.isoformat()
        return str(self.year or "")

    @property
    def main_series(self) -> SeriesPlace | None:
        """Return the series that the title is filed under."""
        return self.series[0] if self.series else None
