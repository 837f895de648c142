"""The app's package: what can be checked without a Supervisor."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from audible_server import __version__
from audible_server.discovery import SERVICE
from audible_server.settings import _DEFAULTS

ADDON = Path(__file__).parents[2] / "addon"
SERVICES = ADDON / "rootfs" / "etc" / "s6-overlay" / "s6-rc.d"
SCRIPTS = sorted(
    path
    for path in (ADDON / "rootfs").rglob("*")
    if path.is_file() and path.read_bytes().startswith(b"#!")
)


def _section(name: str, text: str) -> dict[str, str]:
    """Return the plain members of a top-level member of a simple YAML file."""
    block = re.search(rf"^{name}:\n((?:  .*\n)+)", text, re.MULTILINE)
    assert block is not None
    return dict(re.findall(r"^  (\w+):[ ]*(.*)$", block[1], re.MULTILINE))


CONFIG = (ADDON / "config.yaml").read_text()


def test_options_are_settings_with_the_same_defaults() -> None:
    """What the app offers is what the server understands."""
    options = _section("options", CONFIG)
    schema = _section("schema", CONFIG)

    assert {name: str(_DEFAULTS[name]) for name in options} == options
    assert {*options, "secret"} == set(schema)
    assert set(schema) <= set(_DEFAULTS)


def test_every_option_has_a_text() -> None:
    """Nobody has to guess what an option means."""
    texts = (ADDON / "translations" / "en.yaml").read_text()

    assert set(_section("configuration", texts)) == set(_section("schema", CONFIG))


def test_versions_and_names_agree() -> None:
    """The package, the image and the announcement name the same thing."""
    members: dict[str, Any] = dict(re.findall(r"^(\w+): (.*)$", CONFIG, re.MULTILINE))

    assert f'"{__version__}"' == members["version"]
    assert SERVICE == members["slug"]
    assert f"discovery:\n  - {SERVICE}\n" in CONFIG
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
