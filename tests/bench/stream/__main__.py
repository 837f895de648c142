"""Measure the media server; one JSON object per line, exit code 1 beyond a limit.

    scripts/bench stream [name ...]

A name is one of the modules beside this one that have a function ``measure``; without
any, all of them are run. A ratio is the median of rounds in which both were measured
in turn: read these, and read times only where the machine has nothing else to do.
"""

import os
import sys

from tests.bench import stream
from tests.bench.measuring import chosen_measures, print_figures
from tests.bench.stream.books import CACHE


def _keep_bytecode() -> None:
    """Have servers start as they do for users: compiled once, not at each start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(CACHE / "bytecode")


def main() -> int:
    """Print the figures that were asked for."""
    measures = chosen_measures(stream)
    _keep_bytecode()
    return print_figures(measures)


if __name__ == "__main__":
    sys.exit(main())
