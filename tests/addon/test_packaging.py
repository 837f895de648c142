"""The app's package: what can be checked without a Supervisor."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from audible_server import __version__
from audible_server.discovery import SERVICE
from audible_server.settings import RULES

ADDON = Path(__file__).parents[2] / "addon"
DOCKERFILE = ADDON / "Dockerfile"
COMPOSE: dict[str, Any] = yaml.safe_load((ADDON.parent / "compose.yaml").read_text())

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
    assert f"ARG BUILD_VERSION={__version__}" in DOCKERFILE.read_text()
    assert f"## {__version__}" in (ADDON / "CHANGELOG.md").read_text()


def test_image_runs_the_program_that_the_wheel_installs() -> None:
    """The image has one entry, and it is a script of the package."""
    text = DOCKERFILE.read_text()
    project = tomllib.loads((ADDON.parent / "pyproject.toml").read_text())["project"]
    entry = re.findall(r'^ENTRYPOINT \["([\w-]+)"\]$', text, re.MULTILINE)

    assert list(project["scripts"]) == entry
    assert project["version"] == __version__
    assert f"EXPOSE {CONFIG['ingress_port']}" in text


def test_image_is_built_on_the_base_that_can_be_chosen() -> None:
    """Nothing in the image's recipe names a registry or a mirror."""
    text = DOCKERFILE.read_text()

    assert re.search(r"^ARG BASE_IMAGE=python:3\.14-slim-trixie$", text, re.MULTILINE)
    assert ["${BASE_IMAGE} AS wheels", "${BASE_IMAGE}"] == re.findall(
        r"^FROM (.+)$", text, re.MULTILINE
    )
    assert "://" not in text.replace(CONFIG["url"], "")


def test_app_asks_for_no_right_that_it_does_not_need() -> None:
    """The app has a profile of its own, and neither Core nor the machine at hand."""
    rights = {
        name
        for name in CONFIG
        if name.startswith(("host_", "hassio_", "homeassistant_", "auth_", "docker_"))
        or name in {"privileged", "full_access", "devices", "kernel_modules"}
    }

    assert set() == rights
    assert f"profile {CONFIG['slug']} " in (ADDON / "apparmor.txt").read_text()


def test_folders_of_the_form_are_mapped() -> None:
    """A library folder that may be chosen is one that the app can see."""
    chosen = re.compile(CONFIG["schema"]["library_dir"][6:-1])

    assert ["media", "share"] == [entry["type"] for entry in CONFIG["map"]]
    for entry in CONFIG["map"]:
        assert entry["read_only"] is False
        assert chosen.match(f"/{entry['type']}/audiobooks")
    assert not chosen.match("/data/books")


def test_compose_file_runs_the_same_image_with_few_rights() -> None:
    """Without a Supervisor it is no root, and writes in its own folders alone."""
    server = COMPOSE["services"]["server"]

    assert f"{CONFIG['image']}:{__version__}" == server["image"]
    assert "1000:1000" == server["user"]
    assert server["read_only"]
    assert ["ALL"] == server["cap_drop"]
    assert ["/data", "/media"] == [v.partition(":")[2] for v in server["volumes"]]
    assert str(server["healthcheck"]["test"][3]) in DOCKERFILE.read_text()
    for name in server["environment"]:
        assert name.removeprefix("AUDIBLE_SERVER_").lower() in RULES


def test_compose_file_has_a_database_for_those_who_ask() -> None:
    """PostgreSQL is started by its profile alone, and the server does without it."""
    services = COMPOSE["services"]

    assert ["postgresql"] == services["postgresql"]["profiles"]
    assert not services["server"]["depends_on"]["postgresql"]["required"]
    for service in services.values():
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in COMPOSE["volumes"]
