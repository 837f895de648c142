"""Which title of the shop is meant by some words."""

import pytest
from audible_core.decisions.wishes import choose_wish
from audible_core.errors import WishUnclearError, WishUnknownError
from audible_core.models import Asin, Wish


def wish(number: int, title: str, *authors: str) -> Wish:
    """Return a title of the shop."""
    return Wish(Asin(f"B{number:09}"), title, authors, None, None)


SHOP = (
    wish(1, "Emma", "Jane Austen"),
    wish(2, "Emma", "Charlotte Brontë", "Jay Finch - translator"),
    wish(3, "Emma and Me", "Elizabeth Flock"),
    wish(4, "Stolz und Vorurteil", "Jane Austen"),
    wish(5, "Stolz und Vorurteil und Zombies", "Seth Grahame-Smith"),
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Emma by Jane Austen", 1),
        ("emma, BRONTE", 2),
        ("Emma and Me", 3),
        ("Stolz und Vorurteil", 4),
        ("zombies", 5),
    ],
)
def test_the_one_that_has_all_words_is_meant(text: str, number: int) -> None:
    """Or the one that is called just so."""
    assert choose_wish(text, SHOP).asin == Asin(f"B{number:09}")


@pytest.mark.parametrize("text", ["", "by", "Ulysses", "Emma by Jay Finch"])
def test_what_none_has_is_told(text: str) -> None:
    """A translator has not written it."""
    with pytest.raises(WishUnknownError):
        choose_wish(text, SHOP)


def test_what_several_have_is_told_with_their_names() -> None:
    """So that the next try is the last one."""
    with pytest.raises(WishUnclearError) as unclear:
        choose_wish("Emma", SHOP)

    told = str(unclear.value)
    assert "Emma (Jane Austen), B000000001" in told
    assert "translator" not in told
