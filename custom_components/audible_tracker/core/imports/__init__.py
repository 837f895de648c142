"""Files of other trackers and tools, and our own export, to rows. Pure: no I/O."""

from .files import ImportFile, detect_format, open_file, supported_formats
from .rows import (
    NOTE_SENTENCES,
    BookType,
    ImportedBook,
    ImportedRead,
    ImportFormat,
    ImportRow,
    NoteKey,
    ReadOutcome,
    ReadStatus,
    RejectedRow,
    RowNote,
)

__all__ = [
    "NOTE_SENTENCES",
    "BookType",
    "ImportFile",
    "ImportFormat",
    "ImportRow",
    "ImportedBook",
    "ImportedRead",
    "NoteKey",
    "ReadOutcome",
    "ReadStatus",
    "RejectedRow",
    "RowNote",
    "detect_format",
    "open_file",
    "supported_formats",
]
