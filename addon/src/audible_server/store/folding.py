"""Texts as they are searched: without case, accents, or spaces too many."""

import unicodedata

from audible_core.models import AudibleTitle


def folded(text: str) -> str:
    """Return a text so that equal ones look equal, whoever typed them."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(kept.split())


def search_text_of(title: AudibleTitle) -> str:
    """Return what a title is found by; its name comes first, so it is in order too."""
    series = (place.title for place in title.series)
    parts = (title.name, title.subtitle, *title.authors, *title.narrators, *series)
    return folded(" \u00b7 ".join(part for part in (*parts, title.asin) if part))
