"""What a module of this bench gives: figures, and how a ratio is taken."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Final

ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """One line; ``limit`` is the most allowed, or the least where ``is_least``."""

    name: str
    value: float
    unit: str
    limit: float | None
    n: int
    is_least: bool = False

    @property
    def is_within(self) -> bool:
        """Tell whether the limit is kept; without one it always is."""
        if self.limit is None:
            return True
        if self.is_least:
            return self.value >= self.limit
        return self.value <= self.limit

    def to_json(self) -> str:
        """Return the line."""
        bound = None if self.limit is None else ">=" if self.is_least else "<="
        return json.dumps(
            {
                "name": self.name,
                "value": float(f"{self.value:.4g}"),
                "unit": self.unit,
                "limit": self.limit,
                "n": self.n,
                "bound": bound,
            }
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure against its base: both medians, and the median of each round's ratio."""

    ours: float
    base: float
    ratio: float
    n: int


def in_turn(
    ours: Callable[[], float], base: Callable[[], float], rounds: int = ROUNDS
) -> Ratio:
    """Measure both in turn, so that a busy minute of the machine meets both."""
    pairs = [(base(), ours()) for _ in range(rounds)]
    return Ratio(
        ours=median(own for _, own in pairs),
        base=median(other for other, _ in pairs),
        ratio=median(own / other for other, own in pairs),
        n=rounds,
    )
