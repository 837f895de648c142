"""Which bytes of a file have come; pure."""

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Self

type Span = tuple[int, int]
"""From a byte to before another one."""


@dataclass(frozen=True, slots=True)
class ByteMap:
    """Spans in order, none touching the next."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote; raise ValueError if it is anything else."""
        have = cls()
        for start, end in json.loads(text):
            if not 0 <= start < end:
                raise ValueError(text[:60])
            have = have.with_span(start, end)
        return have

    def to_text(self) -> str:
        """Return it as text."""
        return json.dumps(self.spans)

    @property
    def total_bytes(self) -> int:
        """Return how many bytes have come."""
        return sum(end - start for start, end in self.spans)

    @property
    def end(self) -> int:
        """Return the place after the last byte that has come."""
        return self.spans[-1][1] if self.spans else 0

    def with_span(self, start: int, end: int) -> Self:
        """Return the map with one more span."""
        if start >= end:
            return self
        low = bisect_left(self.spans, start, key=lambda span: span[1])
        high = bisect_right(self.spans, end, key=lambda span: span[0])
        touched = self.spans[low:high]
        if touched:
            start, end = min(start, touched[0][0]), max(end, touched[-1][1])
        return type(self)((*self.spans[:low], (start, end), *self.spans[high:]))

    def has(self, start: int, end: int) -> bool:
        """Tell whether all of a range has come."""
        gap = self.gap(start, end)
        return gap is None or gap[0] >= end

    def gap(self, start: int, size_bytes: int | None) -> tuple[int, int | None] | None:
        """Return the first missing span from a place on; None if there is none.

        Of a file of unknown size the last one has no end.
        """
        after = bisect_right(self.spans, start, key=lambda span: span[0])
        if after:
            start = max(start, self.spans[after - 1][1])
        if size_bytes is not None and start >= size_bytes:
            return None
        following = self.spans[after][0] if after < len(self.spans) else size_bytes
        if following is None or size_bytes is None:
            return start, following
        return start, min(following, size_bytes)
