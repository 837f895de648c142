"""A limit on guesses of the secret: so many wrong ones in a minute, then none."""

import time
from collections import OrderedDict, deque
from math import ceil
from typing import Final

from audible_core.errors import TooManyGuessesError

_WRONG_MAX: Final = 10
_WINDOW_S: Final = 60.0
_CLIENTS_MAX: Final = 4096


class Guesses:
    """The wrong secrets of the last minute, by address; the oldest address goes."""

    def __init__(self) -> None:
        """Start with none."""
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, client: str | None) -> None:
        """Raise TooManyGuessesError for who was wrong too often, right or not."""
        wrong = self._wrong.get(client or "")
        if wrong is None or len(wrong) < _WRONG_MAX:
            return
        left_s = wrong[0] + _WINDOW_S - time.monotonic()
        if left_s > 0:
            raise TooManyGuessesError(retry_after_s=ceil(left_s))

    def note_wrong(self, client: str | None) -> None:
        """Count a wrong secret."""
        wrong = self._wrong.setdefault(client or "", deque(maxlen=_WRONG_MAX))
        wrong.append(time.monotonic())
        self._wrong.move_to_end(client or "")
        if len(self._wrong) > _CLIENTS_MAX:
            self._wrong.popitem(last=False)
