"""Measure the media server; one JSON object per line, exit code 1 beyond a limit.

    scripts/bench stream [name ...]

A name is one of the modules beside this one that have a function ``measure``; without
any, all of them are run. A ratio is the median of rounds in which both were measured
in turn: read these, and read times only where the machine has nothing else to do.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

from tests.bench import stream
from tests.bench.stream.books import CACHE
from tests.bench.stream.figures import Figure

type Measure = Callable[[], Iterator[Figure]]


def measures() -> dict[str, Measure]:
    """Return what can be measured, by name."""
    found = (
        _module(name)
        for _, name, _ in pkgutil.iter_modules(stream.__path__)
        if not name.startswith("_")
    )
    return {
        module.__name__.rpartition(".")[2]: module.measure
        for module in found
        if hasattr(module, "measure")
    }


def _keep_bytecode() -> None:
    """Have servers start as they do for users: compiled once, not at each start."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(CACHE / "bytecode")


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{stream.__name__}.{name}")


def main() -> int:
    """Print the figures that were asked for."""
    known = measures()
    parser = argparse.ArgumentParser(prog="bench stream")
    parser.add_argument("name", nargs="*", help=f"of: {', '.join(known)}")
    names = parser.parse_args().name or list(known)
    if unknown := set(names) - known.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    _keep_bytecode()
    beyond = []
    for name in names:
        for figure in known[name]():
            print(figure.to_json(), flush=True)
            if not figure.is_within:
                beyond.append(figure.name)
    if beyond:
        print(f"bench: beyond the limit: {', '.join(beyond)}", file=sys.stderr)
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
