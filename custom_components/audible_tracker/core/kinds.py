"""Closed sets of the store; the values are in the database and never change."""

from enum import StrEnum


class Source(StrEnum):
    """Where a value came from."""

    AUDIBLE = "audible"
    PLAYER = "player"
    IMPORT = "import"
    USER = "user"


class DateSource(StrEnum):
    """What a start or finish date rests on."""

    HEARD = "heard"
    STATUS = "status"
    IMPORT = "import"
    USER = "user"
    UNKNOWN = "unknown"


class BookStatus(StrEnum):
    """Where a reader stands with a book."""

    TO_READ = "to_read"
    READING = "reading"
    FINISHED = "finished"
    PAUSED = "paused"
    DID_NOT_FINISH = "did_not_finish"


class BookType(StrEnum):
    """What kind of edition a book is."""

    AUDIOBOOK = "audiobook"
    EBOOK = "ebook"
    PRINT = "print"
    UNKNOWN = "unknown"


class ReadOutcome(StrEnum):
    """How one pass through a book stands or ended."""

    UNDER_WAY = "under_way"
    FINISHED = "finished"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


class ConflictType(StrEnum):
    """Why a title needs a human to be linked."""

    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    NO_MATCH = "no_match"
    DUPLICATE_ISBN = "duplicate_isbn"


class Resolution(StrEnum):
    """What a human decided."""

    LINKED = "linked"
    CREATED = "created"
    IGNORED = "ignored"
    NOT_A_BOOK = "not_a_book"
    OBSOLETE = "obsolete"


class SyncType(StrEnum):
    """What was done."""

    LIBRARY = "library"
    DELTA = "delta"
    POSITIONS = "positions"
    STATISTICS = "statistics"
    WISHLIST = "wishlist"
    WRITE_BACK = "write_back"
    IMPORT = "import"
    USER = "user"


class SyncStatus(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    FAILED = "failed"
    REFUSED = "refused"
    UNDONE = "undone"


class GoalKind(StrEnum):
    """What a goal counts."""

    BOOKS = "books"
    HOURS = "hours"
    DAYS = "days"
