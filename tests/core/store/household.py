"""One reader, one account, and titles, books and links as a sync would write them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audible_core.kinds import BookStatus, BookType, Source
from audible_core.models import Asin, AudibleTitle, Credentials, SeriesPlace
from audible_core.store.accounts import save_account
from audible_core.store.books import add_books
from audible_core.store.database import Store
from audible_core.store.links import save_links
from audible_core.store.readers import add_reader
from audible_core.store.records import (
    AccountId,
    BookFields,
    BookId,
    LinkFields,
    LinkId,
    ReaderId,
)

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Household:
    """Numbers of the reader and the account."""

    store: Store
    reader_id: ReaderId
    account_id: AccountId


async def move_in(store: Store) -> Household:
    """Add a reader and an account."""
    async with store.transaction() as connection:
        reader_id = await add_reader(connection, "Anna", person="person.anna", now=NOW)
        account_id = await save_account(
            connection,
            store.vault,
            Credentials("a registration"),
            customer_id="amzn1.account.TEST",
            marketplace="de",
            name="Anna",
            email="anna@example.invalid",
            reader_id=reader_id,
            now=NOW,
        )
    return Household(store, reader_id, account_id)


def asin(number: int) -> Asin:
    """Return the ASIN of a made-up title."""
    return Asin(f"B{number:09d}")


def title(number: int, **fields: object) -> AudibleTitle:
    """Return a made-up title with everything that Audible may say of one."""
    values: dict[str, object] = {
        "asin": asin(number),
        "title": f"The Lantern Keeper, Night {number}",
        "subtitle": "A Novel",
        "authors": ("Jane Öberg", "John Roe - translator"),
        "narrators": ("A. Reader",),
        "series": (SeriesPlace("Lanterns", f"{number}.5"),),
        "runtime_ms": 36_000_000 + number,
        "language": "german",
        "cover_url": f"https://images.invalid/{number}.jpg",
        "percent_complete": float(number % 100),
        "is_finished": number % 3 == 0,
        "status_changed_at": NOW - number * MINUTE,
        "purchased_at": NOW - DAY,
        "content_type": "Product",
        "content_delivery_type": "SinglePartBook",
        "is_plus": False,
        "is_consumable": True,
        "codecs": ("aax_44_128",),
        "isbn": "9783161484100",
        "sku_lite": f"BK_TEST_{number:06d}",
        "publisher": "Test House",
        "year": 2020,
        "format_type": "unabridged",
    }
    return AudibleTitle(**(values | fields))  # type: ignore[arg-type]


def book(reader_id: ReaderId, name: str, **fields: object) -> BookFields:
    """Return a book with some fields."""
    values: dict[str, object] = {
        "reader_id": reader_id,
        "title": name,
        "authors": ("Jane Öberg",),
        "book_type": BookType.AUDIOBOOK,
        "status": BookStatus.READING,
        "source": Source.AUDIBLE,
    }
    return BookFields(**(values | fields))  # type: ignore[arg-type]


def link(household: Household, number: int, **fields: object) -> LinkFields:
    """Return a link of a made-up title to no book yet."""
    values: dict[str, object] = {
        "reader_id": household.reader_id,
        "asin": asin(number),
        "account_id": household.account_id,
        "book_id": None,
        "audible_title": f"The Lantern Keeper, Night {number}",
    }
    return LinkFields(**(values | fields))  # type: ignore[arg-type]


async def linked_book(household: Household, number: int = 1) -> tuple[LinkId, BookId]:
    """Store a book and a link to it."""
    async with household.store.transaction() as connection:
        name = f"The Lantern Keeper, Night {number}"
        fields = book(household.reader_id, name)
        (book_id,) = await add_books(connection, (fields,), now=NOW)
        fields_of_link = link(household, number, book_id=book_id, match_confidence=0.97)
        links = await save_links(connection, (fields_of_link,), now=NOW)
    return links[household.reader_id, asin(number)], book_id
