"""What Home Assistant and the Marketplace read from the folder."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from custom_components.audible_tracker import const

FOLDER = Path(inspect.getfile(const)).parent
MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text())
QUALITY: dict[str, Any] = yaml.safe_load((FOLDER / "quality_scale.yaml").read_text())

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


def test_manifest_is_in_order() -> None:
    """Domain and name first, the rest by the alphabet; nothing is missing."""
    keys = list(MANIFEST)

    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert set(keys) >= {"codeowners", "documentation", "issue_tracker", "version"}
    assert MANIFEST["domain"] == const.DOMAIN == FOLDER.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])


def test_requirements_are_pinned() -> None:
    """Each requirement names one version."""
    assert all("==" in requirement for requirement in MANIFEST["requirements"])


def test_imported_components_are_dependencies() -> None:
    """What is imported is set up first."""
    pattern = re.compile(r"homeassistant\.components(?:\.| import )(\w+)")
    imported = {
        name
        for path in FOLDER.glob("*.py")
        for name in pattern.findall(path.read_text())
    }
    platforms = {"diagnostics", "media_player", "sensor"}

    assert imported - platforms <= set(MANIFEST["dependencies"])


def test_all_rules_of_the_quality_scale_are_answered() -> None:
    """Fifty-four rules, each done, to be done, or exempt for a reason."""
    assert len(RULES) == 54
    assert set(QUALITY["rules"]) == RULES
    for rule, answer in QUALITY["rules"].items():
        status = answer if isinstance(answer, str) else answer["status"]
        assert status in {"done", "todo", "exempt"}, rule
        if status != "done":
            assert answer["comment"], rule


def test_texts_are_not_in_cores_form() -> None:
    """A custom integration ships translations alone."""
    assert not (FOLDER / "strings.json").exists()


def test_brand_images_have_their_sizes() -> None:
    """The icon is a square, twice as large for sharp screens, and transparent."""
    sizes = {"icon.png": (256, 256), "icon@2x.png": (512, 512)}
    for name, size in sizes.items():
        with Image.open(FOLDER / "brand" / name) as image:
            assert image.size == size
            assert image.mode == "RGBA"
            assert image.getpixel((0, 0))[3] == 0
