"""The wheel holds exactly what is on disk, and core imports itself relatively."""

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.repo.tree import CORE, ROOT, SERVER, name_of, parsed, repository_files

PACKAGES = {"audible_core": CORE, "audible_server": SERVER}


@pytest.fixture(scope="module")
def setuptools_settings() -> dict[str, Any]:
    """Return what pyproject.toml tells setuptools."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    settings: dict[str, Any] = project["tool"]["setuptools"]
    return settings


def test_package_list_names_every_folder_of_modules(
    setuptools_settings: dict[str, Any],
) -> None:
    """No folder with modules is forgotten, and none that is gone is listed."""
    expected = {
        ".".join((name, *path.parent.relative_to(folder).parts))
        for name, folder in PACKAGES.items()
        for path in repository_files()
        if path.suffix == ".py" and path.is_relative_to(folder)
    }

    assert sorted(expected) == sorted(setuptools_settings["packages"])


def test_package_folders_lead_to_the_shared_core(
    setuptools_settings: dict[str, Any],
) -> None:
    """The server's audible_core is the integration's core, not a copy."""
    expected = {name: name_of(folder) for name, folder in PACKAGES.items()}

    assert expected == setuptools_settings["package-dir"]


def test_wheel_holds_every_file_of_both_packages(tmp_path: Path) -> None:
    """Templates, scripts and markers travel with the modules."""
    source = tmp_path / "source"
    wanted = set()
    for name, folder in PACKAGES.items():
        for path in repository_files():
            if path.is_relative_to(folder):
                copy_into(source, path)
                wanted.add(f"{name}/{path.relative_to(folder).as_posix()}")
    copy_into(source, ROOT / "pyproject.toml")
    copy_into(source, ROOT / "LICENSE")

    subprocess.run(
        [
            sys.executable,
            "-c",
            "import setuptools.build_meta as b; b.build_wheel('..')",
        ],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert wanted == packed


def copy_into(target: Path, path: Path) -> None:
    """Copy one file of the repository below another root."""
    copy = target / path.relative_to(ROOT)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, copy)


def test_core_imports_itself_relatively() -> None:
    """Core works under both of its names only if it never says either."""
    own = {path.stem for path in CORE.glob("*.py")}
    own |= {path.name for path in CORE.iterdir() if path.is_dir()}
    own |= {"custom_components", "audible_core"}
    own -= {"audible", "__init__", "__pycache__"}

    wrong = [
        f"{name_of(path)}: {module}"
        for path in sorted(CORE.rglob("*.py"))
        for node in ast.walk(parsed(path))
        for module in absolute_imports(node)
        if module.split(".")[0] in own
    ]

    assert wrong == []


def absolute_imports(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports by their full name."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


def test_relative_imports_of_core_stay_inside_core() -> None:
    """A relative import that climbs out would find nothing in the server's wheel."""
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in sorted(CORE.rglob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and node.level > len(path.parent.relative_to(CORE).parts) + 1
    ]

    assert wrong == []
