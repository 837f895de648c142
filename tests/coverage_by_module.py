"""Tells of each module how much of it tests ran: what scripts/coverage ends with.

    python -m tests.coverage_by_module FILE

FILE is what ``coverage combine`` made of the suites' own: much of core is run by the
tests of the integration and of the server. The exit code is 1 where too little was run.
"""

import sys
from pathlib import Path
from typing import Final

from coverage import Coverage

INTEGRATION: Final = Path(__file__).parents[1] / "custom_components/audible_tracker"
MORE_THAN: Final = 95.0
CONFIG_FLOW: Final = {
    "config_flow.py",
    *(f"flows/{name}.py" for name in ("first_sync", "login_file", "reader", "sign_in")),
}
# Alembic runs it when it migrates, under a name of its own.
UNSEEN: Final = ("core/store/migrations",)


def covered(data_file: Path) -> dict[str, float]:
    """Return percent by module."""
    measured = Coverage(data_file=str(data_file))
    measured.load()
    found = {}
    for path in sorted(INTEGRATION.rglob("*.py")):
        name = path.relative_to(INTEGRATION).as_posix()
        if name.startswith(UNSEEN):
            continue
        _, statements, _, missing, _ = measured.analysis2(str(path))
        ran = len(statements) - len(missing)
        found[name] = 100.0 * ran / len(statements) if statements else 100.0
    return found


def is_enough(name: str, percent: float) -> bool:
    """Tell whether a module was run as far as it has to be."""
    if name in CONFIG_FLOW:
        return percent == 100.0
    return percent > MORE_THAN


def main() -> int:
    """Print all that is not run as a whole, the least first; return the exit code."""
    found = covered(Path(sys.argv[1]))
    for name, percent in sorted(found.items(), key=lambda item: item[1]):
        if percent < 100.0:
            mark = " " if is_enough(name, percent) else "!"
            print(f"{mark} {percent:5.1f} %  {name}")
    whole = sum(percent == 100.0 for percent in found.values())
    short = [name for name, percent in found.items() if not is_enough(name, percent)]
    print(f"{len(found)} modules, {whole} of them as a whole, {len(short)} too little")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
