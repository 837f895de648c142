"""The scripts that people and CI type can be run."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.repo.tree import ROOT, name_of, repository_files

SCRIPTS = [
    path
    for path in repository_files()
    if path.parent in (ROOT / "scripts", ROOT / ".ci")
]


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_script_is_executable_and_says_its_language(script: Path) -> None:
    """A script runs by its name alone."""
    first_line = script.read_text(encoding="utf-8").partition("\n")[0]

    assert os.access(script, os.X_OK)
    assert first_line == "#!/usr/bin/env bash"


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_script_is_valid_and_strict(script: Path) -> None:
    """A script parses, stops at the first failure, and works from any folder."""
    result = subprocess.run(
        ["bash", "-n", str(script)], check=False, capture_output=True, text=True
    )
    text = script.read_text(encoding="utf-8")

    assert result.returncode == 0, result.stderr
    assert "set -euo pipefail" in text
    assert 'cd "$(dirname "$0")/.."' in text


def test_ci_runs_the_gate_and_all_suites() -> None:
    """What has to pass before a change lands is in one command."""
    commands = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()

    assert commands[-4:] == [
        "scripts/check",
        "scripts/test",
        "scripts/test --browsers",
        "scripts/test --image",
    ]


WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name_of)
def test_workflow_asks_for_no_right_that_it_does_not_need(workflow: Path) -> None:
    """Rights are given per job, and no job runs for ever; one workflow publishes."""
    content = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    allowed = {"contents": "read"}
    if workflow.stem == "publish":
        allowed |= {"packages": "write", "id-token": "write"}

    assert content["permissions"] == {}
    for job in content["jobs"].values():
        assert job["permissions"].items() <= allowed.items()
        assert 0 < job["timeout-minutes"] <= 60


def test_workflow_runs_the_same_scripts_as_people_do() -> None:
    """What is green at home is green there."""
    text = (ROOT / ".github/workflows/ci.yaml").read_text(encoding="utf-8")

    assert re.findall(r"^ +- run: (scripts/.+)$", text, re.MULTILINE) == [
        "scripts/check",
        "scripts/test",
        "scripts/test --browsers",
        "scripts/test --image",
    ]


def test_every_folder_of_tests_belongs_to_a_suite() -> None:
    """No test lies where no command finds it."""
    text = (ROOT / "scripts/test").read_text(encoding="utf-8")
    suites = tuple(re.findall(r"\btests/\w+", text))
    homeless = [
        name_of(path)
        for path in repository_files()
        if path.name.startswith("test_") and path.suffix in {".py", ".js", ".mjs"}
        if not name_of(path).startswith(tuple(f"{suite}/" for suite in suites))
    ]

    assert homeless == []
