"""Pure: a title's text before it is taken apart, and its author's name in it."""

import re
from typing import Final

from .normalize import fold, join_thousands, words
from .persons import Persons, is_misspelled, without_saint
from .vocabulary import RUDE_WORD

_INITIALISM: Final = re.compile(r"\b[a-z]\.(?: ?[a-z]\.)+")
_BY_NAME: Final = re.compile(r" (?:of|by) ([^:;,(\[]+)")
_MASK: Final = re.compile(r"[a-z](?:[*@#!$]|--)+[a-z]")
_ELIDED: Final = re.compile(r"\b[ld]'(?=\w)")


def prepared(text: str) -> str:
    """Return a text folded; elisions, masked words and initials are resolved."""
    folded = join_thousands(fold(text)).strip()
    if "." in folded:
        folded = _INITIALISM.sub(lambda found: "".join(words(found[0])), folded)
    if _MASK.search(folded):
        folded = RUDE_WORD.sub(lambda found: found.lastgroup or found[0], folded)
    if "'" in folded:
        folded = _ELIDED.sub("", folded)
    return folded


def without_author(folded: str, persons: Persons) -> str:
    """Take the author's own name off the title: whose it is, or by whom."""
    if "'s " in folded:
        head, _, rest = folded.partition("'s ")
        name = "".join(words(head))
        surnames = [person.surname for person in persons]
        if name in surnames or is_name_of(name, persons):
            return rest
    if ": " in folded:
        head, _, rest = folded.partition(": ")
        if is_name_of("".join(words(head)), persons):
            return rest
    if " of " in folded or " by " in folded:
        for found in _BY_NAME.finditer(folded):
            name = re.split(r" (?:of|by) ", found[1])[-1]
            if is_name_of("".join(without_saint(words(name))), persons):
                start = found.end() - len(name) - len(" of ")
                return folded[:start] + folded[found.end() :]
    return folded


def is_name_of(name: str, persons: Persons) -> bool:
    """Tell whether a text is one of the authors' full names."""
    return any(
        name == person.joined
        or (name.endswith(person.surname) and is_misspelled(name, person.joined))
        for person in persons
    )
