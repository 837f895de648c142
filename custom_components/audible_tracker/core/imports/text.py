"""Pure: a file's bytes to text, whatever wrote them; this never fails."""

import codecs
import re
from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES: Final = 2000
_LONE_BYTE: Final = re.compile("[\udc80-\udcff]")
_LETTER: Final = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")


def _one_byte_letter(value: int) -> str:
    return bytes([value]).decode("cp1252", "replace")


_ONE_BYTE: Final = {
    0xDC00 + value: _one_byte_letter(value) for value in range(128, 256)
}


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text. ``has_lone_bytes``: single bytes in it are no UTF-8.

    Those stand in ``text`` as lone surrogates until ``mend`` turns them into letters,
    so that the cell that holds one can be named.
    """

    text: str
    encoding: str
    has_lone_bytes: bool = False


def decode(content: bytes) -> FileText:
    """Return the text: by byte-order mark, else UTF-16 by its look, else UTF-8.

    Bytes that are no UTF-8 are read as Windows-1252, the whole file if it has no letter
    in UTF-8, else one by one.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = content[len(mark) :].decode(encoding, "replace")
            return FileText(_without_nulls(text), encoding)
    if utf_16 := _utf_16_by_look(content[:_SAMPLE_BYTES]):
        return FileText(_without_nulls(content.decode(utf_16, "replace")), utf_16)
    text = _without_nulls(content.decode("utf-8", "surrogateescape"))
    if text.isascii() or _LONE_BYTE.search(text) is None:
        return FileText(text, "utf-8")
    if _LETTER.search(text) is None:
        return FileText(mend(text), "windows-1252")
    return FileText(text, "utf-8", has_lone_bytes=True)


def mend(text: str) -> str:
    """Return the text with lone bytes read as Windows-1252."""
    return text.translate(_ONE_BYTE)


def storable(text: str) -> str:
    """Return the text without what no database takes: lone surrogates and NUL."""
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _without_nulls(text)


def _without_nulls(text: str) -> str:
    return text.replace("\0", "") if "\0" in text else text


def _utf_16_by_look(sample: bytes) -> str | None:
    """Tell UTF-16 without a mark: every second byte of Western text is zero."""
    half = len(sample) // 2
    if half < 2:
        return None
    if sample[1::2].count(0) > half * 0.6 and sample[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if sample[::2].count(0) > half * 0.6 and sample[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None
