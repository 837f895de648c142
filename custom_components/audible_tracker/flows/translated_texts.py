"""What dialogs have to say of what they found, in the language of Home Assistant.

A dialog translates its own texts for whoever looks at it, but not what fills them:
that comes from here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..core.errors import CAUSES, TrackerError
from ..core.imports import ImportFormat
from ..core.kinds import BookType
from ..core.store.records import Book, Evidence
from ..core.transfer.records import Difference, RowCandidate, RowOutcome, RowPlan
from ..failures import told_placeholders, troubleshooting_url

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+|~!&-])")
_TITLE_MAX: Final = 120
_BETWEEN: Final = " · "
_OTHER_CAUSE: Final = "other"


class TextKind(StrEnum):
    """Where in the translations a text stands: a list of options below `selector`."""

    BOOK_STATUS = "book_status"
    BOOK_TYPE = "book_type"
    CAUSE = "sync_cause"
    EVIDENCE = "evidence"
    FACT = "title_fact"
    FIELD = "import_field"
    FIRST_SYNC = "first_sync"
    FORMAT = "import_format"
    HEALTH = "account_health"
    LICENSES = "account_licenses"
    LINE = "import_line"
    NOTE = "import_note"
    OUTCOME = "import_outcome"
    REASON = "row_reason"
    SHARED = "account_shared"


class Line(StrEnum):
    """What a list says: of a row, of what stays, of imports, of what is not shown."""

    ROW = "row"
    KEPT = "kept"
    LOOK = "look"
    MORE = "more"
    IMPORT = "import"
    DECISION = "decision"
    OLDER = "older"


# Fields whose values are words of the tracker's own.
_KIND_OF_WORDS: Final[Mapping[str, TextKind]] = {
    "status": TextKind.BOOK_STATUS,
    "reads": TextKind.OUTCOME,
}


@dataclass(frozen=True, slots=True)
class TranslatedTexts:
    """All such texts, loaded at once."""

    _texts: Mapping[str, str]

    @classmethod
    async def async_load(cls, hass: HomeAssistant) -> TranslatedTexts:
        """Load the texts; what is not translated is in English."""
        language = hass.config.language
        return cls(await async_get_translations(hass, language, "selector", {DOMAIN}))

    def of(self, kind: TextKind, key: str, **data: str | int) -> str:
        """Return one text, filled in."""
        text = self._texts[f"component.{DOMAIN}.selector.{kind}.options.{key}"]
        return text.format(**data)

    def evidence(self, pieces: Iterable[Evidence]) -> str:
        """Return what speaks for a book and against it, as one sentence.

        What an older version found and nobody translates any more stays as it was.
        """
        start = f"component.{DOMAIN}.selector.{TextKind.EVIDENCE}.options."
        found = (self._texts.get(f"{start}{one.name}", one.words) for one in pieces)
        return "; ".join(found)

    def cause(self, key: str) -> str:
        """Return why syncs fail, in Markdown, with a link to what helps against it."""
        known = key if key in CAUSES else _OTHER_CAUSE
        return (
            f"{self.of(TextKind.CAUSE, known)} ([`{key}`]({troubleshooting_url(key)}))"
        )

    def format_name(self, import_format: ImportFormat) -> str:
        """Return what a format is called."""
        return self.of(TextKind.FORMAT, import_format)

    def words(self, row: RowPlan) -> str:
        """Return why a row becomes what it becomes, what stays, and all remarks."""
        notes = [self.of(TextKind.NOTE, note.key, **note.data) for note in row.notes]
        notes += [self._kept(one) for one in row.kept]
        if row.outcome is not RowOutcome.REJECTED:
            notes.insert(0, self.of(TextKind.REASON, row.reason))
        return " ".join(notes)

    def _kept(self, kept: Difference) -> str:
        return self.of(
            TextKind.LINE,
            Line.KEPT,
            field=self.of(TextKind.FIELD, kept.field),
            ours=self._value(kept.field, kept.ours),
            theirs=self._value(kept.field, kept.theirs),
        )

    def _value(self, field: str, value: str) -> str:
        """Return a value as it is shown; words of the tracker's own are translated."""
        kind = _KIND_OF_WORDS.get(field)
        if kind is None:
            return value
        return ", ".join(self.of(kind, word) for word in value.split(", "))

    def looked_at(self, rows: Iterable[RowPlan], left_out: int) -> str:
        """Return rows with their reasons, as a list in Markdown; none is no text."""
        lines = [
            self.of(
                TextKind.LINE,
                Line.ROW,
                row=row.number,
                title=marked_down(named(row.title, row.authors)),
                words=marked_down(self.words(row)),
            )
            for row in rows
        ]
        if not lines:
            return ""
        if left_out:
            lines.append(self.of(TextKind.LINE, Line.MORE, count=left_out))
        listed = "\n".join(f"- {line}" for line in lines)
        return f"{self.of(TextKind.LINE, Line.LOOK)}\n\n{listed}"

    def older(self, count: int) -> str:
        """Return how many imports a list leaves out; none is no text."""
        return self.of(TextKind.LINE, Line.OLDER, count=count) if count else ""

    def candidate(self, candidate: RowCandidate, book: Book | None) -> str:
        """Return a book that a row may be: author, type, year, and how like it is."""
        parts = [candidate.title, ", ".join(candidate.authors)]
        if book is not None:
            fields = book.fields
            if fields.book_type is not BookType.UNKNOWN:
                parts.append(self.of(TextKind.BOOK_TYPE, fields.book_type))
            parts.append(str(fields.year or ""))
        parts.append(f"{candidate.confidence:.0%}")
        return _BETWEEN.join(part for part in parts if part)


async def async_sentence(hass: HomeAssistant, err: TrackerError) -> str:
    """Return what an error says, in the language of Home Assistant."""
    language = hass.config.language
    texts = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    text = texts[f"component.{DOMAIN}.exceptions.{err.key}.message"]
    return text.format(**told_placeholders(err))


def named(title: str, authors: Iterable[str]) -> str:
    """Return a book's title with its authors, on one line and not too long."""
    text = _BETWEEN.join(part for part in (title, ", ".join(authors)) if part)
    line = " ".join(text.split())
    return line if len(line) <= _TITLE_MAX else f"{line[: _TITLE_MAX - 1]}…"


def marked_down(text: str) -> str:
    """Return text from a file so that Markdown shows it as it stands."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
