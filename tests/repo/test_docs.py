"""What the pages say exists: links, error keys, scripts, actions, options."""

import json
import re
from pathlib import Path

import audible_core.errors
import pytest
import yaml
from audible_core.errors import TrackerError

from tests.repo.tree import INTEGRATION, ROOT, files_with, name_of

PAGES = [path for path in files_with(".md") if "fixtures" not in path.parts]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


def error_keys() -> set[str]:
    """Return the keys of the whole tree of errors."""
    kinds = [
        kind
        for kind in vars(audible_core.errors).values()
        if isinstance(kind, type) and issubclass(kind, TrackerError)
    ]
    return {kind.key for kind in kinds}


def read(name: str) -> str:
    """Return the text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_resolve(page: Path) -> None:
    """No reader ends at a page that is not there."""
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        address, _, anchor = link.partition("#")
        if "://" in address or address.startswith("mailto:"):
            continue
        target = (page.parent / address).resolve() if address else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)

    assert broken == []


def test_troubleshooting_explains_every_error_key() -> None:
    """Whatever message a user meets, the page has a row for it, and no row for more."""
    rows = re.findall(r"^\| `(\w+)` \|", read("docs/troubleshooting.md"), re.MULTILINE)

    assert sorted(error_keys()) == sorted(rows)


def test_error_keys_of_the_readme_exist() -> None:
    """The first page explains no error that cannot happen."""
    section = read("README.md").partition("## Troubleshooting")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    keys = {key for row in rows for key in CODE.findall(row.split("|")[1])}

    assert keys
    assert set() == keys - error_keys()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_scripts_that_a_page_names_exist(page: Path) -> None:
    """Every command that is written down can be typed."""
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:(?<=[`\s(])|\./)((?:scripts|\.ci)/[\w-]+)", text))

    assert set() == {name for name in named if not (ROOT / name).is_file()}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_folders_and_files_that_a_page_names_exist(page: Path) -> None:
    """A page that sends people into the tree sends them to something."""
    roots = ("custom_components", "addon", "tests", "requirements", "docs", "adr")
    named = {
        code.rstrip("/")
        for code in CODE.findall(page.read_text(encoding="utf-8"))
        if re.fullmatch(r"[\w./-]+", code) and code.startswith(roots) and "/" in code
    }

    assert set() == {name for name in named if not (ROOT / name).exists()}


def test_every_decision_is_listed_and_has_all_sections() -> None:
    """The index is whole, and each page has the form that the index describes."""
    folder = ROOT / "adr"
    pages = sorted(folder.glob("[0-9]*.md"))
    sections = [
        "Context",
        "Options",
        "Decision",
        "Why",
        "Consequences",
        "Revisit when",
    ]

    assert [page.name for page in pages] == re.findall(
        r"\((\d{4}-[\w-]+\.md)\)", read("adr/README.md")
    )
    for number, page in enumerate(pages, start=1):
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {number:04}: ")
        assert re.search(r"^Date: \d{4}-\d\d-\d\d · Status: \w+", text, re.MULTILINE)
        assert sections == re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert len(text.splitlines()) <= 60


def test_actions_page_documents_every_action_and_field() -> None:
    """Each action has a section, and each of its fields a row."""
    actions = yaml.safe_load(read("custom_components/audible_tracker/services.yaml"))
    page = read("docs/actions.md")

    assert sorted(f"audible_tracker.{name}" for name in actions) == sorted(
        re.findall(r"^## `([\w.]+)`$", page, re.MULTILINE)
    )
    for action in actions.values():
        for field in action["fields"]:
            assert f"| `{field}` |" in page


def test_entities_page_documents_every_entity_and_attribute() -> None:
    """Each entity and each of its attributes is explained under its own name."""
    translations = json.loads(
        (INTEGRATION / "translations/en.json").read_text(encoding="utf-8")
    )
    page = read("docs/entities.md")
    entities = [
        entity
        for platform in translations["entity"].values()
        for entity in platform.values()
    ]
    attributes = {
        name for entity in entities for name in entity.get("state_attributes", {})
    }

    assert [one["name"] for one in entities if one["name"] not in page] == []
    assert sorted(name for name in attributes if f"`{name}`" not in page) == []


def test_options_page_documents_every_field_of_the_forms() -> None:
    """Each field that somebody may fill in is explained under its own name."""
    translations = json.loads(
        (INTEGRATION / "translations/en.json").read_text(encoding="utf-8")
    )
    page = read("docs/options.md")
    names = {
        name
        for flow in ("config", "options")
        for step in translations[flow]["step"].values()
        for name in step.get("data", {}).values()
        # What a dialog asks of a row is named as the row is.
        if not name.startswith("{")
    }

    assert sorted(name for name in names if name not in page) == []


def test_options_page_documents_every_setting_of_the_server() -> None:
    """Each setting of the app stands in the table."""
    app = yaml.safe_load(read("addon/config.yaml"))
    page = read("docs/options.md")

    assert sorted(name for name in app["schema"] if f"`{name}`" not in page) == []
