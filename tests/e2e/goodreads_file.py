"""A library export of Goodreads, of somebody who has read on paper, and heard a lot."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

_COLUMNS: Final = (
    *("Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN"),
    *("ISBN13", "My Rating", "Average Rating", "Publisher", "Binding"),
    *("Number of Pages", "Year Published", "Original Publication Year", "Date Read"),
    *("Date Added", "Bookshelves", "Bookshelves with positions", "Exclusive Shelf"),
    *("My Review", "Spoiler", "Private Notes", "Read Count", "Owned Copies"),
)
_FIRST_ID: Final = 4_100_001


@dataclass(frozen=True, slots=True)
class ShelfBook:
    """A row; ``days_ago`` it was read, or put on the shelf where it was not."""

    title: str
    author: str
    shelf: str
    days_ago: int
    rating: int = 0
    pages: int | None = None
    binding: str = "Paperback"

    def row(self, book_id: int, today: date) -> dict[str, str]:
        """Return it as Goodreads writes it."""
        given, _, family = self.author.rpartition(" ")
        on = today - timedelta(days=self.days_ago)
        is_read = self.shelf == "read"
        added = on - timedelta(days=21) if is_read else on
        return {
            "Book Id": str(book_id),
            "Title": self.title,
            "Author": self.author,
            "Author l-f": f"{family}, {given}",
            "ISBN": '=""',
            "ISBN13": '=""',
            "My Rating": str(self.rating),
            "Binding": self.binding,
            "Number of Pages": str(self.pages or ""),
            "Date Read": f"{on:%Y/%m/%d}" if is_read else "",
            "Date Added": f"{added:%Y/%m/%d}",
            "Bookshelves": "" if is_read else self.shelf,
            "Exclusive Shelf": self.shelf,
            "Read Count": "1" if is_read else "0",
            "Owned Copies": "0",
        }


HEARD: Final = (
    ShelfBook(
        "The Sign of Four (Sherlock Holmes, #2)", "Arthur Conan Doyle", "read", 11, 5
    ),
    ShelfBook("Siddhartha", "Hermann Hesse", "read", 25, 5, 152),
    ShelfBook("The Picture of Dorian Gray", "Oscar Wilde", "read", 61, 4, 272),
    ShelfBook("The Call of the Wild", "Jack London", "read", 142, 4, 172),
    ShelfBook("A Christmas Carol", "Charles Dickens", "read", 330, 5, 184),
    ShelfBook("Alice's Adventures in Wonderland", "Lewis Carroll", "read", 400, 3, 96),
    ShelfBook("Pride and Prejudice", "Jane Austen", "currently-reading", 12, 0, 279),
    ShelfBook(
        "A Study in Scarlet (Sherlock Holmes, #1)",
        "Arthur Conan Doyle",
        "currently-reading",
        16,
    ),
    ShelfBook("Dracula", "Bram Stoker", "currently-reading", 20, 0, 488),
    ShelfBook("Moby-Dick or, The Whale", "Herman Melville", "to-read", 90, 0, 720),
    ShelfBook("Walden", "Henry David Thoreau", "to-read", 120, 0, 352),
    ShelfBook("Middlemarch", "George Eliot", "to-read", 210, 0, 904),
    ShelfBook("The Secret Garden", "Frances Hodgson Burnett", "to-read", 216, 0, 331),
    ShelfBook("The Odyssey", "Homer", "to-read", 218, 0, 541),
    ShelfBook("Around the World in Eighty Days", "Jules Verne", "to-read", 219, 0, 252),
    ShelfBook("20,000 Leagues Under the Sea", "Jules Verne", "to-read", 220, 0, 394),
    ShelfBook("The War of the Worlds", "H.G. Wells", "to-read", 221, 0, 192),
    ShelfBook("Treasure Island", "Robert Louis Stevenson", "to-read", 222, 0, 311),
    ShelfBook("The Wind in the Willows", "Kenneth Grahame", "to-read", 223, 0, 197),
    ShelfBook("Anne of Green Gables", "L.M. Montgomery", "to-read", 224, 0, 320),
    ShelfBook("The Lost World", "Arthur Conan Doyle", "to-read", 225, 0, 272),
    ShelfBook(
        "The Hound of the Baskervilles (Sherlock Holmes, #5)",
        "Arthur Conan Doyle",
        "to-read",
        230,
    ),
    ShelfBook(
        "The Valley of Fear (Sherlock Holmes, #7)", "Arthur Conan Doyle", "to-read", 231
    ),
    ShelfBook("Effi Briest", "Theodor Fontane", "to-read", 240, 0, 352),
)
"""Books that are in the library at Audible, too."""

READ_ON_PAPER: Final = (
    ShelfBook("Persuasion", "Jane Austen", "read", 34, 5, 249),
    ShelfBook("Wuthering Heights", "Emily Brontë", "read", 83, 4, 464),
    ShelfBook("Great Expectations", "Charles Dickens", "read", 118, 4, 544),
    ShelfBook("The Age of Innocence", "Edith Wharton", "read", 171, 5, 293),
    ShelfBook("Cranford", "Elizabeth Gaskell", "read", 197, 4, 257),
    ShelfBook("A Room with a View", "E. M. Forster", "read", 226, 4, 119),
    ShelfBook("The Woman in White", "Wilkie Collins", "read", 268, 5, 672),
    ShelfBook("Mrs Dalloway", "Virginia Woolf", "read", 301, 4, 194),
    ShelfBook("To the Lighthouse", "Virginia Woolf", "to-read", 64, 0, 209),
)

UNSURE: Final = (
    ShelfBook(
        "Beowulf: A New Verse Translation", "Seamus Heaney", "to-read", 64, 0, 213
    ),
    ShelfBook("Beowulf", "Unknown", "to-read", 65, 0, 129, "Hardcover"),
    ShelfBook("The Jungle Books", "Rudyard Kipling", "to-read", 70, 0, 383),
)
"""Of these nobody can be sure which title they are."""
UNSURE_TITLES: Final = ("Beowulf", "The Jungle Book")
"""What is asked about them when the library comes."""

SHELF: Final = (*HEARD, *READ_ON_PAPER, *UNSURE)


def write_goodreads_file(path: Path, today: date) -> int:
    """Write the export of a day; return how many books are in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, restval="")
        writer.writeheader()
        for number, book in enumerate(SHELF):
            writer.writerow(book.row(_FIRST_ID + number, today))
    return len(SHELF)
