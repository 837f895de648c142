"""Home Assistant OS has no compiler: every requirement installs there without one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from tests.repo.tree import ROOT
from tests.repo.wheels import (
    MACHINES,
    RECORD,
    form_of,
    locked_requirements,
    manifest_requirements,
)

# These ship compiled code and nothing else.
COMPILED = [
    "asyncpg",
    "cffi",
    "cryptography",
    "greenlet",
    "markupsafe",
    "numpy",
    "pillow",
    "pydantic-core",
    "rapidfuzz",
    "uvloop",
]
# These ship compiled code for speed and plain Python besides.
COMPILED_OR_PURE = [
    "aiohttp",
    "frozenlist",
    "multidict",
    "propcache",
    "sqlalchemy",
    "yarl",
]
# These have no wheel at all; their source is plain Python.
PURE_SOURCE = ["pbkdf2", "pyaes"]


@pytest.fixture(scope="module")
def packages() -> dict[str, dict[str, Any]]:
    """Return the committed record of scripts/check-wheels."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = record["packages"]
    return found


def test_record_is_about_what_is_locked(packages: dict[str, dict[str, Any]]) -> None:
    """A new lock asks for a new record: scripts/check-wheels makes it."""
    recorded = {name: package["version"] for name, package in packages.items()}
    pinned = (text.split("==") for text in manifest_requirements())
    of_integration = {canonicalize_name(name): version for name, version in pinned}

    assert of_integration | locked_requirements() == recorded


def test_record_holds_what_the_integration_requires(
    packages: dict[str, dict[str, Any]],
) -> None:
    """Home Assistant installs a version that was checked."""
    pinned = [text.partition("==") for text in manifest_requirements()]

    assert [version for _, _, version in pinned] == [
        packages[canonicalize_name(name)]["version"] for name, _, _ in pinned
    ]


def test_every_requirement_installs_on_every_machine(
    packages: dict[str, dict[str, Any]],
) -> None:
    """Alpine and Debian, Intel and ARM: a wheel for each, or plain Python."""
    incomplete = {
        name: package["machines"]
        for name, package in packages.items()
        if package["machines"] != list(MACHINES)
    }

    assert incomplete == {}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("compiled", COMPILED),
        ("compiled or pure", COMPILED_OR_PURE),
        ("pure source", PURE_SOURCE),
    ],
)
def test_requirements_that_are_not_plain_wheels_are_known(
    packages: dict[str, dict[str, Any]], form: str, expected: list[str]
) -> None:
    """Another one with compiled code is a decision, not an accident."""
    assert expected == sorted(
        name for name, package in packages.items() if package["form"] == form
    )


def test_image_builds_nothing_but_plain_source() -> None:
    """The image takes wheels, and source for those alone that have no wheel."""
    dockerfile = (ROOT / "addon/Dockerfile").read_text(encoding="utf-8")
    from_source = re.findall(r"--no-binary[ =]([\w,-]+)", dockerfile)

    assert "--only-binary :all:" in dockerfile
    assert PURE_SOURCE == sorted(",".join(from_source).split(","))


@pytest.mark.parametrize(
    ("wheels", "form", "machines"),
    [
        (["x-1-py3-none-any.whl"], "pure", list(MACHINES)),
        (
            ["x-1-cp311-abi3-musllinux_1_2_x86_64.whl"],
            "compiled",
            ["musllinux x86_64"],
        ),
        (["x-1-cp313-cp313-manylinux_2_28_x86_64.whl"], "compiled", []),
        (["x-1-cp314-cp314t-manylinux_2_28_x86_64.whl"], "compiled", []),
        (
            ["x-1-cp314-cp314-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"],
            "compiled",
            ["manylinux aarch64"],
        ),
        (
            ["x-1-py3-none-any.whl", "x-1-cp314-cp314-musllinux_1_2_x86_64.whl"],
            "compiled or pure",
            list(MACHINES),
        ),
        ([], "compiled", []),
    ],
)
def test_names_of_wheels_are_read_rightly(
    tmp_path: Path, wheels: list[str], form: str, machines: list[str]
) -> None:
    """A wheel of another Python, or of one without the lock, does not count."""
    package = {
        "name": "x",
        "version": "1",
        "wheels": [{"url": f"https://files.invalid/{name}"} for name in wheels],
    }

    assert {"version": "1", "form": form, "machines": machines} == form_of(
        package, tmp_path
    )
