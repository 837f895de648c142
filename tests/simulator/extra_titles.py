"""As many more titles as wanted, for large libraries; the same ones in every run."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from .shop import Account, OwnedTitle, Shop
from .title_makers import book, isbn13, place
from .titles import Title

_ADJECTIVES: Final = (
    *("Amber", "Broken", "Copper", "Distant", "Eleventh", "Faithful", "Gilded"),
    *("Hollow", "Iron", "Jade", "Kindred", "Last", "Midnight", "Northern"),
    *("Old", "Patient", "Quiet", "Restless", "Silver", "Tangled"),
)
_NOUNS: Final = (
    *("Archive", "Bridge", "Cartographer", "Daughter", "Engine", "Ferry", "Garden"),
    *("Harbor", "Island", "Jury", "Kingdom", "Lantern", "Mill", "Notebook"),
    *("Orchard", "Passage", "Quarry", "River", "Signal", "Tower", "Voyage"),
)
_PLACES: Final = (
    *("Ashdown", "Brockhurst", "Cairnhill", "Dunmere", "Elmstead", "Farleigh"),
    *("Glenrock", "Hollin", "Inverlee", "Kelmscott", "Lydford", "Marlow"),
    *("Netherby", "Oakhanger", "Penrith", "Quenby", "Rothwell"),
)
_FIRST_NAMES: Final = ("Agnes", "Bruno", "Celia", "Dorian", "Edith", "Felix", "Greta")
_LAST_NAMES: Final = (
    *("Abbott", "Barlow", "Carrow", "Delaney", "Easton", "Fenwick", "Gale"),
    *("Hartwell", "Ingram", "Jessop", "Kirby", "Lockwood", "Mercer"),
)
_NARRATORS: Final = ("Philip Ashgrove", "Clara Whitfield", "Ravi Menon", "Tom Birch")
_SERIES_LENGTH: Final = 7
_ISBN_NUMBERS: Final = 9_000


def extra_title(number: int) -> Title:
    """Return the title of a number; every third one belongs to a series."""
    random = Random(number)
    noun = _NOUNS[number % len(_NOUNS)]
    adjective = _ADJECTIVES[number // len(_NOUNS) % len(_ADJECTIVES)]
    rest = number // len(_NOUNS) // len(_ADJECTIVES)
    setting = _PLACES[rest % len(_PLACES)]
    if rest >= len(_PLACES):
        setting += f" and {_PLACES[rest // len(_PLACES) % len(_PLACES)]}"
    author = f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}"
    runtime = (random.randint(1, 19), random.randrange(60), random.randrange(60))
    made = book(
        f"B9{number:08d}",
        f"The {adjective} {noun} of {setting}",
        author,
        random.choice(_NARRATORS),
        runtime,
        random.randint(4, 9),
        random.randint(2001, 2026),
    )
    if number < _ISBN_NUMBERS and number % 2:
        made = replace(made, isbn=isbn13(number))
    if number % 3 == 0:
        series = number // 3 // _SERIES_LENGTH
        name = f"{_PLACES[series % len(_PLACES)]} Chronicles {series}"
        sequence = str(number // 3 % _SERIES_LENGTH + 1)
        made = replace(made, series=(place((f"B8{series:08d}", name), sequence),))
    return made


def add_extra_titles(
    shop: Shop, account: Account, count: int, *, are_listened: bool = False
) -> list[OwnedTitle]:
    """Put that many more titles in a library; return them.

    If listened, every third one is finished and every twentieth one under way.
    """
    first = sum(asin.startswith("B9") for asin in account.library)
    added = []
    for number in range(first, first + count):
        title = shop.titles.setdefault(f"B9{number:08d}", extra_title(number))
        bought_at = shop.now() - timedelta(days=30, hours=number)
        owned = OwnedTitle(title, purchased_at=bought_at, changed_at=shop.now())
        account.library[title.asin] = owned
        if are_listened:
            _listen(shop, owned, number)
        added.append(owned)
    return added


def _listen(shop: Shop, owned: OwnedTitle, number: int) -> None:
    heard_at = shop.now() - timedelta(days=1, hours=number)
    runtime_ms = owned.title.runtime_ms or 0
    if number % 3 == 1:
        shop.set_status(owned, percent_complete=99.0, is_finished=True, at=heard_at)
    elif number % 20 == 0:
        percent = float(5 + number % 90)
        shop.set_status(owned, percent_complete=percent, at=heard_at)
        position_ms = int(runtime_ms * percent / 100)
        shop.move_position(owned, position_ms, at=heard_at)
