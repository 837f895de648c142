"""What is counted since the start."""

from collections import Counter


class Counts:
    """Numbers by kind of answer, status or error; no title is in them."""

    def __init__(self) -> None:
        """Start at zero."""
        self.open: Counter[str] = Counter()
        self.answered: Counter[tuple[str, str]] = Counter()
        self.bytes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
