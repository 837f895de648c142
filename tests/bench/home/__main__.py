"""Measure what Home Assistant pays for the integration; one JSON object per line.

    scripts/bench home [name ...]

A name is ``start``, ``polls`` or ``paint``; without any, all of them are run, after
yardsticks of the machine. The exit code is 1 beyond a limit. The shop is the simulator;
Home Assistant, the database and the browser are real.
"""

import os
import sys

from tests.bench import home
from tests.bench.home.large_house import CACHE
from tests.bench.machine import machine_figures
from tests.bench.measuring import chosen_measures, print_figures


def main() -> int:
    """Print the figures that were asked for."""
    measures = chosen_measures(home)
    # Compiled once, not at each start, as it is for users.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(CACHE / "bytecode")
    return print_figures([machine_figures, *measures])


if __name__ == "__main__":
    sys.exit(main())
