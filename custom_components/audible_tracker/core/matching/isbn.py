"""Pure: ISBNs of all forms, compared by the nine digits that name the edition."""

from typing import Final

from ..isbn import read_isbn

_GROUPS: Final = (
    ("0", "en"), ("1", "en"), ("2", "fr"), ("3", "de"), ("4", "ja"), ("5", "ru"),
    ("7", "zh"), ("80", "cs"), ("82", "no"), ("83", "pl"), ("84", "es"), ("85", "pt"),
    ("87", "da"), ("88", "it"), ("89", "ko"), ("90", "nl"), ("91", "sv"), ("94", "nl"),
    ("600", "fa"), ("602", "id"), ("604", "vi"), ("605", "tr"), ("607", "es"),
    ("612", "es"), ("65", "pt"), ("950", "es"), ("952", "fi"), ("956", "es"),
    ("958", "es"), ("960", "el"), ("963", "hu"), ("968", "es"), ("970", "es"),
    ("972", "pt"), ("973", "ro"), ("975", "tr"), ("980", "es"), ("986", "zh"),
    ("987", "es"), ("989", "pt"), ("618", "el"), ("625", "tr"), ("9944", "tr"),
    ("9953", "ar"),
)  # fmt: skip
"""Registration groups with one main language (isbn-international.org)."""


def isbn_core(text: str) -> str:
    """Return the nine inner digits of an ISBN, or "" where it is none.

    An ISBN-10 may lack its leading zeros; the check digit must be right. Two forms of
    one ISBN have the same core. 979 has no ISBN-10: its core keeps the prefix.
    """
    found = read_isbn(text) if text else None
    return (found.inner or "") if found else ""


def language_of_isbn(core: str) -> str:
    """Return the main language of the country that gave out the number, or ""."""
    if len(core) != 9:
        return ""
    return next((code for group, code in _GROUPS if core.startswith(group)), "")
