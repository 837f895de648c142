"""Which runtime requirements need a compiler; called by scripts/check-wheels.

The record states for each requirement on which machines it installs without one.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.repo.tree import INTEGRATION, ROOT

RECORD: Final = ROOT / "requirements/wheels.json"
RUNTIME: Final = ROOT / "requirements/server-runtime"
MACHINES: Final = tuple(
    f"{libc} {machine}"
    for libc in ("manylinux", "musllinux")
    for machine in ("aarch64", "x86_64")
)
PYTHON: Final = (3, 14)

_LOCKED: Final = re.compile(r"^([\w.-]+)==([^\s\\;]+)", re.MULTILINE)
_LINUX: Final = re.compile(r"(manylinux|musllinux)\w*?_(aarch64|x86_64)$")


def locked_requirements() -> dict[str, str]:
    """Return name and version of all that the server installs."""
    text = RUNTIME.with_suffix(".txt").read_text(encoding="utf-8")
    return {canonicalize_name(name): found for name, found in _LOCKED.findall(text)}


def manifest_requirements() -> tuple[str, ...]:
    """Return what Home Assistant installs for the integration, as written."""
    manifest = json.loads((INTEGRATION / "manifest.json").read_text(encoding="utf-8"))
    return tuple(manifest["requirements"])


def form_of(package: Mapping[str, Any], built: Path) -> dict[str, Any]:
    """Return the record of one package of a lock file.

    ``form`` is "pure" (one wheel for all), "pure source" (nothing is compiled when it
    is built), "compiled", or "compiled or pure" (faster where there is a wheel for the
    machine, and works everywhere); ``machines`` are those it installs on without a
    compiler.
    """
    tags = tags_of(package)
    has_pure = any(tag.platform == "any" and suits_python(tag) for tag in tags)
    machines = machines_of(tags)
    if has_pure:
        form = "compiled or pure" if machines else "pure"
    elif not tags and is_pure_when_built(package, built):
        form = "pure source"
    else:
        form = "compiled"
    found = machines if form == "compiled" else list(MACHINES)
    return {"version": package["version"], "form": form, "machines": found}


def tags_of(package: Mapping[str, Any]) -> list[Tag]:
    """Return what all the wheels of a package say they fit."""
    names = (
        unquote(urlsplit(wheel["url"]).path.rpartition("/")[2])
        for wheel in package.get("wheels", ())
    )
    return [tag for name in names for tag in parse_wheel_filename(name)[3]]


def machines_of(tags: Iterable[Tag]) -> list[str]:
    """Return the machines for which one of the tags fits our Python."""
    found = set()
    for tag in tags:
        linux = _LINUX.fullmatch(tag.platform)
        if linux and suits_python(tag):
            found.add(f"{linux[1]} {linux[2]}")
    return sorted(found)


def suits_python(tag: Tag) -> bool:
    """Return whether the usual CPython 3.14 loads such a wheel."""
    if tag.abi == "none":
        return tag.interpreter in {"py3", "cp314", "py314"}
    if tag.abi == "abi3":
        return (3, int(tag.interpreter.removeprefix("cp3"))) <= PYTHON
    return tag.abi == "cp314"


def is_pure_when_built(package: Mapping[str, Any], built: Path) -> bool:
    """Return whether the source gave a wheel without compiled code."""
    stem = f"{package['name'].replace('-', '_')}-{package['version']}"
    wheel_facts = built / f"{stem}.dist-info/WHEEL"
    if not wheel_facts.is_file():
        return False
    return "Root-Is-Purelib: true" in wheel_facts.read_text(encoding="utf-8")


def packages_of(lock: Path) -> list[dict[str, Any]]:
    """Return the packages of a lock file that we really install."""
    wanted = locked_requirements().keys() | {
        canonicalize_name(text.partition("==")[0]) for text in manifest_requirements()
    }
    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]
    return [package for package in packages if package["name"] in wanted]


def write_record(lock: Path, built: Path) -> int:
    """Write the record; return 1 and say so if a machine would need a compiler."""
    packages = {
        package["name"]: form_of(package, built) for package in packages_of(lock)
    }
    record = {"python": "cp314", "machines": list(MACHINES), "packages": packages}
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    incomplete = {
        name: sorted(set(MACHINES) - set(package["machines"]))
        for name, package in packages.items()
        if package["machines"] != list(MACHINES)
    }
    for name, machines in incomplete.items():
        print(f"check-wheels: {name} has no wheel for {', '.join(machines)}")
    forms = [package["form"] for package in packages.values()]
    print(
        f"check-wheels: {len(forms)} requirements, {forms.count('compiled')} compiled, "
        f"{forms.count('pure source')} as source, {len(incomplete)} incomplete"
    )
    return 1 if incomplete else 0


def main(arguments: list[str]) -> int:
    """Do one of the steps of scripts/check-wheels."""
    match arguments:
        case ["inputs"]:
            print(RUNTIME.with_suffix(".in").read_text(encoding="utf-8"))
            print("\n".join(manifest_requirements()))
            return 0
        case ["sources", lock]:
            for package in packages_of(Path(lock)):
                if not package.get("wheels"):
                    print(f"{package['name']}=={package['version']}")
            return 0
        case ["record", lock, built]:
            return write_record(Path(lock), Path(built))
    print("usage: wheels inputs | sources LOCK | record LOCK BUILT", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
