"""What is counted since the start."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from aiohttp import web


@dataclass(slots=True)
class Sent:
    """How many bytes of bodies the network has taken, of one kind of answer."""

    size_bytes: int = 0


SENT: Final = web.RequestKey("sent", Sent)
"""Where whoever sends something piece by piece counts each piece."""


KIND: Final = web.RequestKey("kind", str)
"""As which kind of answer a request is counted."""


class Counts:
    """Numbers by kind of answer, status or error; no title is in them."""

    def __init__(self) -> None:
        """Start at zero."""
        self.open: Counter[str] = Counter()
        self.answered: Counter[tuple[str, str]] = Counter()
        self.sent: defaultdict[str, Sent] = defaultdict(Sent)
        self.errors: Counter[str] = Counter()

    def count_as(self, request: web.Request, kind: str) -> None:
        """Count a request as another kind: its handler knows more than its address."""
        self.open[request[KIND]] -= 1
        self.open[kind] += 1
        request[KIND], request[SENT] = kind, self.sent[kind]
