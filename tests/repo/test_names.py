"""Names, versions, sizes and words that hold for the whole repository."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import audible_server
from tests.repo.tree import (
    INTEGRATION,
    OWNER,
    REPOSITORY,
    ROOT,
    TRANSLATIONS,
    files_with,
    name_of,
    parsed,
    repository_files,
    text_files,
)

SIZE_MAX_BYTES = 1500 * 1024
MODULE_MAX_LINES = 400
FUNCTION_MAX_LINES = 60

# Written in two halves, so that this file does not hold what it forbids.
REGISTRY_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "deb.debian" + ".org",
    "security.debian" + ".org",
    "archive.ubuntu" + ".com",
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.}~-])/(?:wor" + r"k|tm" + r"p|roo" + r"t|hom" + r"e/\w+)/"
)
UNFINISHED = re.compile(
    # Home Assistant has a platform of that name.
    r"(?<!Platform\.)\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"
    r"|\bskip" + r"(?:if)?\(|\bxf" + r"ail\b|\bimportor" + r"skip\b"
    r"|\b(?:it|test|describe)\.(?:sk" + r"ip|to" + r"do)\b"
    r"|\bmark\.sk" + r"ip|NotImplemented" + r"Error"
)
BRITISH = re.compile(r"\blicen" + r"ce", re.IGNORECASE)


def found_in_text(pattern: re.Pattern[str], *but: str) -> list[str]:
    """Return file and line of each match outside the named folders and files."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in text_files()
        if not name.startswith(but)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATHS, "cd /wor" + "k/main"),
        (MACHINE_PATHS, 'open("/tm' + 'p/x")'),
        (MACHINE_PATHS, "/hom" + "e/anna/.cache"),
        (UNFINISHED, "# TO" + "DO: later"),
        (UNFINISHED, "@pytest.mark.sk" + "ip"),
        (UNFINISHED, "pytest.sk" + 'ip("no ffmpeg")'),
        (UNFINISHED, "test.to" + 'do("plays")'),
        (UNFINISHED, "raise NotImplemented" + "Error"),
        (BRITISH, "The Licen" + "ce"),
    ],
)
def test_guard_sees_what_it_forbids(pattern: re.Pattern[str], line: str) -> None:
    """Each of the searches below finds what it looks for."""
    assert pattern.search(line)


@pytest.mark.parametrize(
    "line", ["AUDIBLE=.cache/work/x", "$HOME/tmp/x", "https://x.invalid/tmp/x"]
)
def test_guard_lets_relative_paths_pass(line: str) -> None:
    """Only a path from the root of a machine is meant."""
    assert MACHINE_PATHS.search(line) is None


def test_no_second_file_looks_like_an_app_or_an_integration() -> None:
    """The Supervisor and the Marketplace search the whole repository by name."""
    special = {"config.json", "config.yaml", "config.yml", "manifest.json"}

    assert [name_of(path) for path in repository_files() if path.name in special] == [
        "addon/config.yaml",
        "custom_components/audible_tracker/manifest.json",
    ]


def test_owner_is_the_same_everywhere() -> None:
    """The placeholder is replaced once, at publishing, wherever it stands."""
    manifest = json.loads((INTEGRATION / "manifest.json").read_text(encoding="utf-8"))
    app = yaml.safe_load((ROOT / "addon/config.yaml").read_text(encoding="utf-8"))
    store = yaml.safe_load((ROOT / "repository.yaml").read_text(encoding="utf-8"))

    assert manifest["documentation"] == REPOSITORY
    assert manifest["issue_tracker"] == f"{REPOSITORY}/issues"
    assert manifest["codeowners"] == [f"@{OWNER}"]
    assert app["url"] == REPOSITORY
    assert app["image"].startswith(f"ghcr.io/{OWNER}/")
    assert store["url"] == REPOSITORY


def test_links_to_this_project_name_the_owner() -> None:
    """No page leads to somebody else's copy of the project."""
    links = re.compile(r"github\.com/([\w.-]+)/audible[\w-]*", re.IGNORECASE)
    owners = {
        (name, owner)
        for name, text in text_files()
        if name.endswith((".md", ".yaml", ".yml", ".json", ".toml", ".html"))
        for owner in links.findall(text)
    }

    assert set() == {(name, owner) for name, owner in owners if owner != OWNER}


def test_marketplace_links_name_the_owner() -> None:
    """The install buttons carry the owner and the address of this repository."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    coded = REPOSITORY.replace(":", "%3A").replace("/", "%2F")

    assert f"hacs_repository/?owner={OWNER}&repository={OWNER}&" in text
    assert f"supervisor_add_addon_repository/?repository_url={coded}" in text


def test_versions_agree() -> None:
    """Both halves of one release carry one number."""
    manifest = json.loads((INTEGRATION / "manifest.json").read_text(encoding="utf-8"))
    app = yaml.safe_load((ROOT / "addon/config.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert [audible_server.__version__] * 3 == [
        manifest["version"],
        app["version"],
        project["project"]["version"],
    ]


def test_oldest_home_assistant_is_said_the_same_everywhere() -> None:
    """The Marketplace asks for what the tests run on."""
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    app = yaml.safe_load((ROOT / "addon/config.yaml").read_text(encoding="utf-8"))

    assert hacs == {"name": "Audible Tracker", "homeassistant": "2026.10.0"}
    assert app.get("homeassistant", hacs["homeassistant"]) == hacs["homeassistant"]


@pytest.mark.parametrize("host", REGISTRY_HOSTS)
def test_no_package_registry_is_written_down(host: str) -> None:
    """Packages come from wherever the machine is configured to look."""
    assert found_in_text(re.compile(re.escape(host))) == []


def test_no_path_of_one_machine_is_written_down() -> None:
    """Everything works from any folder; only the image knows its own folders."""
    assert found_in_text(MACHINE_PATHS, "addon/Dockerfile") == []


def test_nothing_is_left_unfinished() -> None:
    """What is here is done, and no test is left out."""
    assert found_in_text(UNFINISHED, "tests/fixtures/") == []


def test_spelling_is_american() -> None:
    """One spelling, so that one search finds everything; French has its own."""
    french = [name_of(folder / "fr.") for folder in TRANSLATIONS]

    assert found_in_text(BRITISH, "tests/fixtures/", "LICENSE", *french) == []


def test_no_file_is_large() -> None:
    """The Supervisor clones the whole repository onto every user's machine."""
    large = {
        name_of(path): path.stat().st_size
        for path in repository_files()
        if path.stat().st_size >= SIZE_MAX_BYTES
    }

    assert large == {}


def test_modules_are_short() -> None:
    """A module has one concern and fits in one head."""
    long = {
        name_of(path): lines
        for path in files_with(".py")
        if not name_of(path).startswith("tests/")
        if (lines := len(path.read_text(encoding="utf-8").splitlines()))
        >= MODULE_MAX_LINES
    }

    assert long == {}


def test_functions_are_short() -> None:
    """A function that does not fit on a screen is two functions."""
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in files_with(".py")
        if not name_of(path).startswith("tests/")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno and node.end_lineno - node.lineno >= FUNCTION_MAX_LINES
    ]

    assert long == []


def test_uv_lock_is_ignored() -> None:
    """The lock that names download addresses never lands in a commit."""
    result = subprocess.run(
        ["git", "check-ignore", "-q", "uv.lock"], cwd=ROOT, check=False
    )

    assert result.returncode == 0


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=name_of
)
def test_lock_has_versions_and_hashes_and_no_addresses(lock: Path) -> None:
    """Each requirement is one version with at least one hash."""
    text = lock.read_text(encoding="utf-8")
    blocks = [
        block
        for block in re.split(r"^(?=[\w-])", text, flags=re.MULTILINE)
        if block.strip() and not block.startswith("#")
    ]

    assert blocks
    assert [
        block.splitlines()[0]
        for block in blocks
        if not re.match(r"[\w.-]+(\[[\w,]+\])?==\S+", block)
        or "--hash=sha256:" not in block
    ] == []
    assert "://" not in text


def test_javascript_lock_has_hashes_and_no_addresses() -> None:
    """The same rule for the one JavaScript tool."""
    text = (ROOT / "requirements/javascript/package-lock.json").read_text(
        encoding="utf-8"
    )
    packages = json.loads(text)["packages"]

    assert "://" not in text
    assert [
        name
        for name, package in packages.items()
        if name and not package["integrity"].startswith("sha512-")
    ] == []
