"""Pure: what a binding, format or medium says about the kind of edition, and times."""

import re
from typing import Final

from ..kinds import BookType

MS_PER_MINUTE: Final = 60_000
MS_PER_S: Final = 1000
RUNTIME_MAX_MINUTES: Final = 60 * 1000

# The first that fits decides: "Digital Audio" is audio, "Digital" alone an ebook.
_WORDS: Final = (
    (BookType.AUDIOBOOK, ("audi", "hörbuch", "luister", "ljudbok", "lydbok", "playaway",
                          "mp3", "m4b", "cassette", "compact disc")),
    (BookType.EBOOK, ("ebook", "e-book", "kindle", "digital", "epub", "nook", "mobi",
                      "azw", "pdf", "electronic", "numérique")),
    (BookType.PRINT, ("paper", "hardcover", "hardback", "mass market", "print",
                      "board book", "library binding", "spiral", "leather", "bound",
                      "broché", "relié", "poche", "taschenbuch", "gebunden", "tapa",
                      "rústica", "brossura", "rilegato", "pocket", "inbunden")),
)  # fmt: skip
_CD: Final = re.compile(r"\bcds?\b")
_CLOCK: Final = re.compile(r"([0-9]{1,4}):([0-5]?[0-9])(?::([0-5]?[0-9]))?")
_SPOKEN: Final = re.compile(
    r"(?:(?P<hours>[0-9]{1,4})\s*h\w*\.?)?[\s,]*(?:and\s+)?"
    r"(?:(?P<minutes>[0-9]{1,5})\s*m\w*\.?)?",
    re.IGNORECASE,
)


def book_type_of(text: str) -> BookType:
    """Return what kind of edition a binding such as "Audible Audio" is."""
    folded = text.casefold()
    if not folded:
        return BookType.UNKNOWN
    if _CD.search(folded):
        return BookType.AUDIOBOOK
    for book_type, words in _WORDS:
        if any(word in folded for word in words):
            return book_type
    return BookType.UNKNOWN


def read_duration_ms(text: str) -> int | None:
    """Return the length in "12:05:33", "12:05" (hours first) or "12 hrs and 5 mins"."""
    bare = text.strip()
    if match := _CLOCK.fullmatch(bare):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)
        return seconds * MS_PER_S or None
    match = _SPOKEN.fullmatch(bare)
    if match is None or not (match["hours"] or match["minutes"]):
        return None
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"] or 0)
    return minutes * MS_PER_MINUTE or None
