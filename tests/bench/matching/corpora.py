"""Trackers and Audible titles of any size, made from a seed."""

import random
from collections.abc import Sequence
from itertools import accumulate

from audible_core.matching import TitleQuery, TrackedBook

SEED = 20
_SYLLABLES = [
    "ba",
    "be",
    "bo",
    "da",
    "de",
    "do",
    "fa",
    "fe",
    "ga",
    "go",
    "ha",
    "he",
    "ka",
    "ke",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "no",
    "pa",
    "pe",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "va",
    "ve",
    "wa",
    "we",
    "ran",
    "len",
    "mar",
    "tor",
    "bel",
    "den",
    "gar",
    "hol",
    "win",
]
_GIVEN = [
    "Ada",
    "Alan",
    "Anna",
    "Ben",
    "Carla",
    "Clara",
    "Daniel",
    "David",
    "Elena",
    "Emma",
    "Frank",
    "George",
    "Hanna",
    "Ivan",
    "James",
    "Jane",
    "John",
    "Karen",
    "Laura",
    "Lewis",
    "Maria",
    "Mark",
    "Nina",
    "Oscar",
    "Paul",
    "Peter",
    "Rosa",
    "Ruth",
    "Sam",
    "Sara",
    "Simon",
    "Susan",
    "Thomas",
    "Vera",
    "Victor",
    "William",
]
_PATTERNS = (
    "The {0}",
    "{0} of {1}",
    "The {0} and the {1}",
    "{0} {1}",
    "A {0} in the {1}",
    "The Last {0}",
    "{0}: {1} {2} and the {3} of {4}",
    "The {0} {1}: How to {2} the {3} {4}",
    "What the {0} {1}",
)


def make_books(count: int, seed: int = SEED) -> list[TrackedBook]:
    """Return that many books of authors who wrote about six each, a third in series."""
    rng = random.Random(seed)
    words = _words(rng, max(2_000, count // 4))
    steps = list(accumulate(1.0 / (rank + 8) for rank in range(len(words))))
    authors = [
        f"{rng.choice(_GIVEN)} {_word(rng, 3)}" for _ in range(max(1, count // 6))
    ]
    books: list[TrackedBook] = []
    series, volume = "", 0
    for number in range(count):
        chosen = rng.choices(words, cum_weights=steps, k=5)
        title = rng.choice(_PATTERNS).format(*chosen)
        author = authors[number * len(authors) // count]
        if volume == 0 and rng.random() < 0.12:
            series, volume = f"{chosen[0]} {chosen[1]}", rng.randint(2, 6)
        if volume:
            title = f"{title} ({series}, #{volume})"
            volume -= 1
        books.append(
            TrackedBook(book_id=number, title=title, authors=author, type="Audiobook")
        )
    rng.shuffle(books)
    return books


def make_queries(
    books: Sequence[TrackedBook], count: int, seed: int = SEED
) -> list[TitleQuery]:
    """Return titles of these books as Audible writes them, and as many of others."""
    rng = random.Random(seed + 1)
    strangers = make_books(max(1, count // 2), seed + 2)
    chosen = [*rng.choices(books, k=count - count // 2), *strangers[: count // 2]]
    rng.shuffle(chosen)
    return [_as_audible(book, number, rng) for number, book in enumerate(chosen)]


def _as_audible(book: TrackedBook, number: int, rng: random.Random) -> TitleQuery:
    title, _, rest = book.title.partition(" (")
    series, _, volume = rest.rstrip(")").partition(", #")
    main, _, subtitle = title.partition(": ")
    return TitleQuery(
        asin=f"B{number:09}",
        title=main,
        subtitle=subtitle or (f"{series}, Book {volume}" if series else ""),
        authors=(str(book.authors),),
        narrators=(f"{rng.choice(_GIVEN)} {_word(rng, 2)}",),
        series_title=series,
        series_sequence=volume,
        runtime_min=float(rng.randint(120, 1_500)),
        language="english",
    )


def _words(rng: random.Random, count: int) -> list[str]:
    return list(dict.fromkeys(_word(rng, rng.randint(2, 4)) for _ in range(count)))


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(rng.choices(_SYLLABLES, k=syllables)).capitalize()
