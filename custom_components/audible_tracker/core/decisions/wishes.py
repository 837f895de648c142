"""Pure: which title of the shop somebody means by a few words."""

from collections.abc import Sequence
from typing import Final

from ..errors import WishUnclearError, WishUnknownError
from ..matching.normalize import fold, word_set, words
from ..matching.persons import written_by
from ..models import Wish

_BETWEEN: Final = word_set("by von par di de por")
"""Words that only stand between a title and its author."""

_SHOWN_MAX: Final = 5


def choose_wish(text: str, found: Sequence[Wish]) -> Wish:
    """Return the one title that has all the words, or that is called just so.

    Raises WishUnknownError where none has, WishUnclearError where several have.
    """
    wanted = set(words(fold(text))) - _BETWEEN
    fitting = [wish for wish in found if wanted and wanted <= _words_of(wish)]
    if not fitting:
        raise WishUnknownError(words=text)
    named = [wish for wish in fitting if wanted == _words_of(wish, only_title=True)]
    for some in (fitting, named):
        if len(some) == 1:
            return some[0]
    raise WishUnclearError(titles="; ".join(map(_shown, fitting[:_SHOWN_MAX])))


def _words_of(wish: Wish, *, only_title: bool = False) -> set[str]:
    persons = () if only_title else written_by(wish.authors)
    return set(words(fold(" ".join((wish.title, *persons))))) - _BETWEEN


def _shown(wish: Wish) -> str:
    authors = ", ".join(written_by(wish.authors))
    written = f" ({authors})" if authors else ""
    return f"{wish.title}{written}, {wish.asin}"
