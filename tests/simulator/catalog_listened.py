"""Titles the demo customer is listening to or has finished."""

from dataclasses import replace
from typing import Final

from .title_makers import (
    CHILDREN,
    CRIME,
    DARK,
    HOLMES,
    HORROR,
    SCIENCE_FICTION,
    VOYAGES,
    book,
    german,
    isbn13,
    numbered,
    place,
    with_parts,
)

UNDER_WAY: Final = (
    replace(
        book(
            "B0PRIDEPRJ",
            "Pride and Prejudice",
            "Jane Austen",
            "Clara Whitfield",
            (11, 35, 24),
            61,
            2019,
        ),
        isbn=isbn13(11),
        brand_intro_ms=2_043,
        brand_outro_ms=5_061,
    ),
    german(
        book(
            "B0VERWANDL",
            "Die Verwandlung",
            "Franz Kafka",
            "Jonas Lindner",
            (2, 8, 41),
            ("Erster Teil", "Zweiter Teil", "Dritter Teil"),
            2023,
        )
    ),
    replace(
        book(
            "B0STUDYSCA",
            "A Study in Scarlet",
            "Arthur Conan Doyle",
            "Edmund Hartley",
            (4, 44, 12),
            14,
        ),
        series=(place(HOLMES, "1"),),
        genres=CRIME,
        isbn=isbn13(21),
    ),
    replace(
        book(
            "B0TENHRSEA",
            "Twenty Thousand Leagues Under the Sea",
            ("Jules Verne", "Lewis Mercier - translator"),
            "Philip Ashgrove",
            (10, 0, 20),
            46,
            2020,
        ),
        series=(place(VOYAGES, "6"),),
        genres=SCIENCE_FICTION,
    ),
    replace(
        book(
            "B0TIMEMACH",
            "The Time Machine",
            "H. G. Wells",
            ("Edmund Hartley", "Clara Whitfield", "Ravi Menon", "full cast"),
            (3, 22, 47),
            12,
            2024,
        ),
        subtitle="A Full-Cast Recording",
        genres=SCIENCE_FICTION,
    ),
    replace(
        book(
            "B0FRANKEN1",
            "Frankenstein",
            "Mary Shelley",
            "Ravi Menon",
            (8, 35, 9),
            ("Letter\u00a01", *numbered("Chapter", 24)),
            2018,
        ),
        subtitle="Or, The Modern Prometheus",
        genres=HORROR,
        series=(place(DARK, "1-3.5"), place(("B0SERSCIFI", "First Science"), "")),
    ),
    with_parts(
        replace(
            book(
                "B0DRACULA1",
                "Dracula",
                "Bram Stoker",
                ("Philip Ashgrove", "Clara Whitfield"),
                (9, 41, 33),
                27,
                2022,
            ),
            genres=HORROR,
            series=(place(DARK, "Book 1"),),
            isbn=isbn13(71),
        ),
        ("Part One: The Castle", "Part Two: The Voyage", "Part Three: The Hunt"),
    ),
    replace(
        book(
            "B0SECRGRDN",
            "The Secret Garden",
            "Frances Hodgson Burnett",
            "Nora Fielding",
            (7, 14, 30),
            27,
        ),
        genres=CHILDREN,
    ),
    replace(
        book(
            "B0MULTIMIS",
            "Les Misérables",
            ("Victor Hugo",),
            "Marcel Aubert",
            (12, 2, 15),
            40,
            2017,
        ),
        subtitle="Volume One: Fantine",
        delivery_type="MultiPartBook",
        child_asins=("B0MULTIM01", "B0MULTIM02"),
        isbn=isbn13(9905),
    ),
    replace(
        book(
            "B0ADVENSHE",
            "The Adventures of Sherlock Holmes",
            "Arthur Conan Doyle",
            "Edmund Hartley",
            (10, 52, 40),
            12,
        ),
        series=(place(HOLMES, "3"),),
        genres=CRIME,
        has_pdf=True,
    ),
    book(
        "B0MIDDLEMR",
        "Middlemarch",
        "George Eliot",
        "Nora Fielding",
        (12, 30, 50),
        86,
        2016,
    ),
)

FINISHED: Final = (
    book(
        "B0CHRCAROL",
        "A Christmas Carol",
        "Charles Dickens",
        "Philip Ashgrove",
        (3, 8, 22),
        (
            "Marley's Ghost",
            "The First of the Three Spirits",
            "The Second of the Three Spirits",
            "The Last of the Spirits",
            "The End of It",
        ),
    ),
    replace(
        book(
            "B0DORGRAY1",
            "The Picture of Dorian Gray",
            "Oscar Wilde",
            "Ravi Menon",
            (8, 12, 18),
            20,
        ),
        series=(place(DARK, "10.5"),),
    ),
    replace(
        book(
            "B0SIGNFOUR",
            "The Sign of the Four",
            "Arthur Conan Doyle",
            "Edmund Hartley",
            (4, 51, 3),
            12,
        ),
        series=(place(HOLMES, "2"),),
        genres=CRIME,
    ),
    book(
        "B0CALLWILD", "The Call of the Wild", "Jack London", "Tom Birch", (3, 11, 27), 7
    ),
    german(
        book(
            "B0SIDDHART",
            "Siddhartha",
            "Hermann Hesse",
            "Jonas Lindner",
            (4, 13, 36),
            (
                "Der Sohn des Brahmanen",
                "Bei den Samanas",
                "Gotama",
                "Erwachen",
                "Kamala",
                "Am Flusse",
                "Om",
                "Govinda",
            ),
        )
    ),
    replace(
        book(
            "B0ALICEWON",
            "Alice's Adventures in Wonderland",
            "Lewis Carroll",
            "Nora Fielding",
            (2, 52, 44),
            12,
        ),
        genres=CHILDREN,
    ),
)
