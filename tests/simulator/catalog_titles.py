"""The titles on sale: invented recordings of works in the public domain."""

from dataclasses import replace
from datetime import date
from typing import Final

from .catalog_listened import FINISHED, UNDER_WAY
from .title_makers import (
    CHILDREN,
    CRIME,
    HOLMES,
    HORROR,
    SCIENCE_FICTION,
    VOYAGES,
    book,
    episode,
    german,
    isbn13,
    parent,
    place,
)
from .titles import Form, LicenseRule, Rights, Title

_UNSTARTED: Final = (
    replace(
        book(
            "B0SHRTLAW1",
            "Before the Law",
            ("Franz Kafka", "Ada Brook - translator"),
            "Tom Birch",
            (0, 3, 5),
            ("The Man from the Country", "The Doorkeeper"),
        ),
        brand_intro_ms=2_043,
        brand_outro_ms=3_924,
        isbn=isbn13(31),
    ),
    replace(
        book(
            "B0AAXHEART",
            "The Tell-Tale Heart",
            "Edgar Allan Poe",
            "Ravi Menon",
            (0, 4, 26),
            ("The Eye", "The Eighth Night", "The Beating"),
            2009,
        ),
        form=Form.AAX,
        genres=HORROR,
    ),
    book(
        "B0MOBYDICK",
        "Moby-Dick",
        "Herman Melville",
        "Philip Ashgrove",
        (7, 44, 31),
        45,
        2015,
    ),
    replace(
        book(
            "1999999045", "Walden", "Henry David Thoreau", "Tom Birch", (6, 20, 13), 18
        ),
        isbn=isbn13(9904),
        genres=("Biographies & Memoirs",),
    ),
    replace(
        book(
            "B0HOUNDBAS",
            "The Hound of the Baskervilles",
            "Arthur Conan Doyle",
            "Edmund Hartley",
            (6, 33, 28),
            15,
        ),
        series=(place(HOLMES, "5"),),
        genres=CRIME,
    ),
    replace(
        book(
            "B0VALLEYFR",
            "The Valley of Fear",
            "Arthur Conan Doyle",
            "Edmund Hartley",
            (6, 12, 49),
            15,
        ),
        series=(place(HOLMES, "7"),),
        genres=CRIME,
        is_accurate=False,
    ),
    german(
        book(
            "B0SANDMANN",
            "Der Sandmann",
            "E. T. A. Hoffmann",
            "Greta Voss",
            (1, 31, 16),
            5,
        )
    ),
    german(
        book(
            "B0EFFIBRST",
            "Effi Briest",
            "Theodor Fontane",
            "Greta Voss",
            (9, 58, 37),
            36,
        )
    ),
    german(
        replace(
            book(
                "B0PANAMA11",
                "Der grüne Heinrich",
                "Gottfried Keller",
                "Jonas Lindner",
                (8, 3, 42),
                30,
            ),
            subtitle="Gekürzte Lesung",
        )
    ),
    replace(
        book(
            "B0AROUND80",
            "Around the World in Eighty Days",
            "Jules Verne",
            "Marcel Aubert",
            (7, 9, 52),
            37,
        ),
        series=(place(VOYAGES, "11"),),
    ),
    book("B0BEOWULF1", "Beowulf", None, "Tom Birch", (2, 46, 19), 20),
    book("B0NULLTITL", None, "Unknown", "Nora Fielding", (1, 12, 33), 4),
    replace(
        book(
            "B0ODYSSEY1",
            "The Odyssey",
            ("Homer", "Emily Brook - translator"),
            "Clara Whitfield",
            (11, 22, 8),
            24,
        ),
        isbn=isbn13(41),
    ),
)

_OTHER: Final = (
    replace(
        book(
            "B0WIDEWARS",
            "The War of the Worlds",
            "H. G. Wells",
            "full cast",
            (5, 55, 34),
            27,
            2026,
        ),
        form=Form.WIDEVINE,
        genres=SCIENCE_FICTION,
    ),
    replace(
        book(
            "B0THRJUNGL",
            "The Jungle Book",
            "Rudyard Kipling",
            "Ravi Menon",
            (5, 4, 11),
            14,
        ),
        license_rule=LicenseRule.THROTTLED,
        genres=CHILDREN,
    ),
    replace(
        book(
            "B0LAPSGABL",
            "Anne of Green Gables",
            "L. M. Montgomery",
            "Nora Fielding",
            (9, 46, 26),
            38,
        ),
        rights=Rights.LAPSED,
        license_rule=LicenseRule.NOT_ELIGIBLE,
    ),
    replace(
        book(
            "B0PLUSEMPR",
            "The Emperor's New Clothes",
            "Hans Christian Andersen",
            "Clara Whitfield",
            (0, 7, 38),
            ("The Weavers", "The Loom", "The Procession"),
        ),
        rights=Rights.PLUS,
        genres=CHILDREN,
    ),
    replace(
        book(
            "B0PLUS9999",
            "Treasure Island",
            "Robert Louis Stevenson",
            "Tom Birch",
            (6, 51, 20),
            34,
        ),
        rights=Rights.PLUS_FOREVER,
    ),
    replace(
        book(
            "B0TEMPWIND",
            "The Wind in the Willows",
            "Kenneth Grahame",
            "Philip Ashgrove",
            (6, 17, 39),
            12,
        ),
        rights=Rights.PLUS,
        license_rule=LicenseRule.TEMPORARILY_DENIED,
    ),
    Title(
        asin="B0PREORDYS",
        title="The Lost World",
        authors=("Arthur Conan Doyle",),
        narrators=("Edmund Hartley",),
        runtime_ms=None,
        released_on=date(2027, 3, 2),
        form=Form.NONE,
        rights=Rights.PREORDER,
        license_rule=LicenseRule.NOT_ELIGIBLE,
    ),
    parent("B0PODCLASS", "Evenings with the Classics", "PodcastParent", 4),
    parent("B0PERSTRND", "The Strand, Read Aloud", "Periodical", 0),
    episode(1, "Why Everybody Stops at Chapter Six", 4),
    episode(2, "The Whale in the Room", 27),
    episode(3, "Sisters on the Moor", 31),
    episode(4, "A Walk with Mr. Dickens", 24),
    replace(
        book(
            "B0NOTOWNED",
            "Jane Eyre",
            "Charlotte Brontë",
            "Clara Whitfield",
            (11, 48, 2),
            38,
        ),
        license_rule=LicenseRule.NOT_ELIGIBLE,
    ),
)

# On sale in the United Kingdom only. The first is a book that other countries have
# under another ASIN: the stock number is the same.
BRITISH: Final = (
    replace(
        book(
            "B0PRIDEUK1",
            "Pride and Prejudice",
            "Jane Austen",
            "Clara Whitfield",
            (11, 35, 24),
            61,
            2019,
        ),
        sku_asin="B0PRIDEPRJ",
    ),
    book(
        "B0RAILCHLD",
        "The Railway Children",
        "E. Nesbit",
        "Nora Fielding",
        (5, 31, 44),
        14,
    ),
)

WISHED: Final = (
    Title(
        asin="B0PREWISH1",
        title="The Poison Belt",
        authors=("Arthur Conan Doyle",),
        narrators=("Edmund Hartley",),
        runtime_ms=None,
        released_on=date(2027, 5, 4),
        summary="<p>The sequel, coming next spring.</p>",
        form=Form.NONE,
        rights=Rights.PREORDER,
        license_rule=LicenseRule.NOT_ELIGIBLE,
        series=(place(("B0SERCHALL", "Professor Challenger"), "2"),),
    ),
)

TITLES: Final = (*UNDER_WAY, *FINISHED, *_UNSTARTED, *_OTHER)
