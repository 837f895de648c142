"""Files of other trackers and tools, and our own export, to rows. Pure: no I/O."""

from .files import ImportFile, open_file, supported_formats
from .rows import (
    NOTE_SENTENCES,
    ImportedBook,
    ImportedRead,
    ImportFormat,
    ImportRow,
    NoteKey,
    RejectedRow,
    RowNote,
)

__all__ = [
    "NOTE_SENTENCES",
    "ImportFile",
    "ImportFormat",
    "ImportRow",
    "ImportedBook",
    "ImportedRead",
    "NoteKey",
    "RejectedRow",
    "RowNote",
    "open_file",
    "supported_formats",
]
