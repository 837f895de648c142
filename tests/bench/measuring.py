"""What a bench with modules does: each is run, each figure is judged by its limit."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

from tests.bench.figures import Figure

type Measure = Callable[[], Iterator[Figure]]


def chosen_measures(package: ModuleType) -> list[Measure]:
    """Return what the command line names of the package's modules, else all of them.

    Only modules that have a function ``measure`` can be named.
    """
    known = _measures(package)
    name = package.__name__.rpartition(".")[2]
    parser = argparse.ArgumentParser(prog=f"bench {name}")
    parser.add_argument("name", nargs="*", help=f"of: {', '.join(known)}")
    names = parser.parse_args().name or list(known)
    if unknown := set(names) - known.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return [known[name] for name in names]


def print_figures(measures: list[Measure]) -> int:
    """Print each figure as a line of JSON; return 1 if one is beyond its limit."""
    beyond = []
    for measure in measures:
        for figure in measure():
            print(figure.to_json(), flush=True)
            if not figure.is_within:
                beyond.append(figure.name)
    if beyond:
        print(f"bench: beyond the limit: {', '.join(beyond)}", file=sys.stderr)
    return 1 if beyond else 0


def _measures(package: ModuleType) -> dict[str, Measure]:
    found = (
        importlib.import_module(f"{package.__name__}.{name}")
        for _, name, _ in pkgutil.iter_modules(package.__path__)
        if not name.startswith("_")
    )
    return {
        module.__name__.rpartition(".")[2]: module.measure
        for module in found
        if hasattr(module, "measure")
    }
