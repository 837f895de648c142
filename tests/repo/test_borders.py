"""The borders between the rooms hold, and the guard at each border is awake."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.tree import ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

CORE = "custom_components/audible_tracker/core"
SERVER = "addon/src/audible_server"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over one copy of the tree."""
    return subprocess.run(
        [str(LINT_IMPORTS), "--config", "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}:{folder / 'addon/src'}"},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    """Return a copy of all that import-linter reads."""
    nothing_compiled = shutil.ignore_patterns("__pycache__")
    for folder in ("custom_components", "addon/src"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=nothing_compiled)
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_borders_hold() -> None:
    """Nobody imports across a border."""
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "statement", "contract"),
    [
        (
            f"{CORE}/progress.py",
            "import homeassistant",
            "core knows nothing of Home Assistant",
        ),
        (
            f"{CORE}/models.py",
            "from homeassistant.core import HomeAssistant",
            "core knows nothing of Home Assistant",
        ),
        (
            f"{SERVER}/settings.py",
            "import homeassistant",
            "the server knows nothing of Home Assistant",
        ),
        (
            f"{SERVER}/settings.py",
            "import custom_components.audible_tracker.core.errors",
            "the server knows nothing of Home Assistant",
        ),
        (f"{CORE}/models.py", "from . import wire", "core layers"),
        (
            f"{CORE}/media_server.py",
            "import audible",
            "only core.audible imports the library audible",
        ),
        (
            f"{CORE}/sync/schedule.py",
            "import sqlalchemy",
            "pure modules do no I/O",
        ),
    ],
)
def test_import_across_a_border_is_refused(
    copied_tree: Path, module: str, statement: str, contract: str
) -> None:
    """One forbidden import breaks the contract that forbids it."""
    with (copied_tree / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{statement}\n")

    result = lint_imports(copied_tree)

    assert result.returncode != 0
    broken = [line for line in result.stdout.splitlines() if "BROKEN" in line]
    assert [line.startswith(contract) for line in broken] == [True]
