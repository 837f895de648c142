"""The app's package: what can be checked without a Supervisor."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from audible_server import __version__
from audible_server.discovery import SERVICE
from audible_server.settings import RULES

ADDON = Path(__file__).parents[2] / "addon"
SERVICES = ADDON / "rootfs" / "etc" / "s6-overlay" / "s6-rc.d"
SCRIPTS = sorted(
    path
    for path in (ADDON / "rootfs").rglob("*")
    if path.is_file() and path.read_bytes().startswith(b"#!")
)


CONFIG: dict[str, Any] = yaml.safe_load((ADDON / "config.yaml").read_text())
OFFERED = {name: rule for name, rule in RULES.items() if rule.app_type}
TRANSLATIONS = sorted((ADDON / "translations").glob("*.yaml"))


def _rows(page: Path, column: int) -> dict[str, str]:
    """Return a page's rows that begin with a name, and what stands in one column."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.read_text().splitlines()
        if re.match(r"\| `\w+` \|", line)
    ]
    return {row[0].strip("`"): row[column].strip("`") for row in rows}


def test_form_offers_the_settings_with_their_ranges() -> None:
    """What the app's form takes is what the server understands."""
    expected = {
        name: f"{rule.app_type}{'' if name in CONFIG['options'] else '?'}"
        for name, rule in OFFERED.items()
    }

    assert expected == CONFIG["schema"]


def test_form_shows_the_defaults_of_the_settings() -> None:
    """A default that differs between machines is not written into the form."""
    assert {name: OFFERED[name].default for name in CONFIG["options"]} == CONFIG[
        "options"
    ]


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda path: path.stem)
def test_every_option_has_a_name_and_a_text(page: Path) -> None:
    """Nobody has to guess what an option or a port means, in any language."""
    texts = yaml.safe_load(page.read_text())

    assert sorted(OFFERED) == sorted(texts["configuration"])
    assert all(text["name"] for text in texts["configuration"].values())
    assert all(text["description"] for text in texts["configuration"].values())
    assert sorted(CONFIG["ports"]) == sorted(texts["network"])


@pytest.mark.parametrize(
    ("page", "column"), [("addon/DOCS.md", 2), ("docs/options.md", 1)]
)
def test_page_has_a_row_with_the_default_of_each_option(page: str, column: int) -> None:
    """Both tables tell what holds when nothing is chosen."""
    rows = _rows(ADDON.parent / page, column)

    assert set() == set(OFFERED) - set(rows)
    for name, value in CONFIG["options"].items():
        assert _shown(value) == rows[name], name


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_versions_and_names_agree() -> None:
    """The package, the image and the announcement name the same thing."""
    assert __version__ == CONFIG["version"]
    assert SERVICE == CONFIG["slug"]
    assert [SERVICE] == CONFIG["discovery"]
    assert f"ARG BUILD_VERSION={__version__}" in (ADDON / "Dockerfile").read_text()
    assert f"## {__version__}" in (ADDON / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("name", ["audible-server", "discovery"])
def test_service_is_complete(name: str) -> None:
    """Each service has a type, is started, and waits for what it needs."""
    folder = SERVICES / name
    kind = (folder / "type").read_text().strip()
    started_by = {"longrun": "run", "oneshot": "up"}[kind]

    assert (folder / started_by).is_file()
    assert any((folder / "dependencies.d").iterdir())
    assert (SERVICES / "user" / "contents.d" / name).is_file()


def test_one_shot_runs_a_script_that_exists() -> None:
    """The line of the one-shot service leads to a script."""
    line = (SERVICES / "discovery" / "up").read_text().strip()

    assert (ADDON / "rootfs" / line.removeprefix("/")) in SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_is_executable_and_well_formed(script: Path) -> None:
    """A script that cannot start would only be noticed on somebody's machine."""
    assert script.stat().st_mode & 0o111
    assert 0 == subprocess.run(["sh", "-n", str(script)], check=False).returncode


@pytest.mark.parametrize(
    ("code", "signal", "expected"),
    [("0", "0", "0"), ("2", "0", "2"), ("256", "9", "137"), ("256", "15", None)],
)
def test_end_of_the_server_ends_the_container_unless_it_was_stopped(
    tmp_path: Path, code: str, signal: str, expected: str | None
) -> None:
    """The Supervisor sees the exit code of a server that ended by itself."""
    text = (SERVICES / "audible-server" / "finish").read_text()
    script = tmp_path / "finish"
    result = tmp_path / "exitcode"
    text = text.replace("/run/s6-linux-init-container-results/exitcode", str(result))
    script.write_text(text.replace("/run/s6/basedir/bin/halt", "true"))
    subprocess.run(["sh", str(script), code, signal], check=True)

    assert expected == (result.read_text().strip() if result.exists() else None)
