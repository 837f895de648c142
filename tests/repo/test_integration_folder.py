"""What Home Assistant and the Marketplace read from the integration's folder."""

import json
import re
from typing import Any, Final

import pytest
import yaml
from PIL import Image

from tests.repo.tree import INTEGRATION, ROOT, repository_files

MANIFEST: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text())
QUALITY: dict[str, Any] = yaml.safe_load(
    (INTEGRATION / "quality_scale.yaml").read_text()
)

RULES = {
    *("action-setup", "appropriate-polling", "brands", "common-modules"),
    *("config-flow", "config-flow-test-coverage", "dependency-transparency"),
    *("docs-actions", "docs-triggers", "docs-conditions"),
    *("docs-high-level-description", "docs-installation-instructions"),
    *("docs-removal-instructions", "entity-event-setup", "entity-unique-id"),
    *("has-entity-name", "runtime-data", "test-before-configure"),
    *("test-before-setup", "unique-config-entry"),
    *("action-exceptions", "config-entry-unloading"),
    *("docs-configuration-parameters", "docs-installation-parameters"),
    *("entity-unavailable", "integration-owner", "log-when-unavailable"),
    *("parallel-updates", "reauthentication-flow", "test-coverage"),
    *("devices", "diagnostics", "discovery", "discovery-update-info"),
    *("docs-data-update", "docs-examples", "docs-known-limitations"),
    *("docs-supported-devices", "docs-supported-functions"),
    *("docs-troubleshooting", "docs-use-cases", "dynamic-devices"),
    *("entity-category", "entity-device-class", "entity-disabled-by-default"),
    *("entity-translations", "exception-translations", "icon-translations"),
    *("reconfiguration-flow", "repair-issues", "stale-devices"),
    *("async-dependency", "inject-websession", "strict-typing"),
}

# Where each page of the quality scale is: a file, and the headings it needs there.
DOCUMENTATION: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "docs-actions": {"docs/actions.md": ("`audible_tracker.download`",)},
    "docs-conditions": {"docs/conditions.md": ("Conditions",)},
    "docs-configuration-parameters": {
        "docs/options.md": (
            "Integration: Configure → Account",
            "Integration: Configure → App (server)",
        )
    },
    "docs-data-update": {"docs/entities.md": ("When values change",)},
    "docs-examples": {
        "docs/entities.md": ("Example: lights down when the chapter ends the evening",)
    },
    "docs-high-level-description": {"README.md": ("What you get",)},
    "docs-installation-instructions": {"README.md": ("Install in five steps",)},
    "docs-installation-parameters": {"docs/options.md": ("Set-up",)},
    "docs-known-limitations": {"README.md": ("Known limits",)},
    "docs-removal-instructions": {"docs/removal.md": ("Removal",)},
    "docs-supported-devices": {"docs/playing.md": ("Supported players",)},
    "docs-supported-functions": {
        "docs/entities.md": ("Account", "Title under way"),
        "docs/actions.md": (),
    },
    "docs-troubleshooting": {
        "docs/troubleshooting.md": ("Signing in", "Audible", "Playing")
    },
    "docs-triggers": {"docs/triggers.md": ("Triggers",)},
    "docs-use-cases": {"docs/use-cases.md": ("Use cases",)},
}


def status_of(rule: str) -> str:
    """Return the answer to a rule without its comment."""
    answer = QUALITY["rules"][rule]
    return str(answer if isinstance(answer, str) else answer["status"])


def is_written(pages: dict[str, tuple[str, ...]]) -> bool:
    """Return whether every page exists and has its headings."""
    for name, headings in pages.items():
        if ROOT / name not in repository_files():
            return False
        text = (ROOT / name).read_text(encoding="utf-8")
        if not set(headings) <= set(re.findall(r"^#+ (.+)$", text, re.MULTILINE)):
            return False
    return True


def test_manifest_is_in_order() -> None:
    """Domain and name first, the rest by the alphabet; nothing is missing."""
    keys = list(MANIFEST)

    assert keys[:2] == ["domain", "name"]
    assert sorted(keys[2:]) == keys[2:]
    assert set(keys) >= {"codeowners", "documentation", "issue_tracker", "version"}
    assert INTEGRATION.name == MANIFEST["domain"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])


def test_requirements_are_pinned() -> None:
    """Each requirement names one version."""
    assert all("==" in requirement for requirement in MANIFEST["requirements"])


def test_debug_logging_does_not_reach_the_library() -> None:
    """It logs whole answers: what is listened to, and activation bytes."""
    assert "loggers" not in MANIFEST


def test_imported_components_are_dependencies() -> None:
    """What is imported is set up first."""
    pattern = re.compile(r"homeassistant\.components(?:\.| import )(\w+)")
    imported = {
        name
        for path in INTEGRATION.glob("*.py")
        for name in pattern.findall(path.read_text(encoding="utf-8"))
    }
    # Home Assistant loads a platform with its component, so that it is there by then.
    platforms = {path.stem for path in INTEGRATION.glob("*.py")} | {"media_player"}
    known = {*MANIFEST["dependencies"], *MANIFEST.get("after_dependencies", ())}

    assert set() == imported - platforms - known


def test_all_rules_of_the_quality_scale_are_answered() -> None:
    """Fifty-four rules, each done, or exempt for a reason."""
    assert len(RULES) == 54
    assert set(QUALITY["rules"]) == RULES
    for rule, answer in QUALITY["rules"].items():
        assert status_of(rule) in {"done", "exempt"}, rule
        if status_of(rule) == "exempt":
            assert answer["comment"], rule


def test_every_page_of_the_quality_scale_is_in_the_table() -> None:
    """A rule that asks for a page is exempt or has its place below."""
    asked = {rule for rule in RULES if rule.startswith("docs-")}
    exempt = {rule for rule in asked if status_of(rule) == "exempt"}

    assert set(DOCUMENTATION) == asked - exempt


@pytest.mark.parametrize("rule", DOCUMENTATION)
def test_page_is_done_when_it_is_written_and_not_before(rule: str) -> None:
    """The scale says no less and no more than the pages."""
    expected = "done" if is_written(DOCUMENTATION[rule]) else "todo"

    assert expected == status_of(rule)


def test_texts_are_not_in_cores_form() -> None:
    """A custom integration ships translations alone."""
    assert not (INTEGRATION / "strings.json").exists()


def test_brand_images_have_their_sizes() -> None:
    """The icon is a square, twice as large for sharp screens, and transparent."""
    sizes = {"icon.png": (256, 256), "icon@2x.png": (512, 512)}
    for name, size in sizes.items():
        with Image.open(INTEGRATION / "brand" / name) as image:
            assert image.size == size
            assert image.mode == "RGBA"
            assert image.getpixel((0, 0))[3] == 0
