"""Everything that can be shown has an English text, and no text is left over."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml

from custom_components.audible_tracker import config_flow, options_flow, sensor
from custom_components.audible_tracker.core import errors
from custom_components.audible_tracker.core.audible.marketplaces import DOMAINS
from custom_components.audible_tracker.media_source import Shelf
from custom_components.audible_tracker.services import AudibleAction
from tests.integration.steps import Household

FOLDER = Path(inspect.getfile(config_flow)).parent
TEXTS: dict[str, Any] = json.loads((FOLDER / "translations" / "en.json").read_text())
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text())
ACTIONS: dict[str, Any] = yaml.safe_load((FOLDER / "services.yaml").read_text())

# Steps of a flow that show nothing themselves.
SILENT_STEPS = {"hassio", "reauth"}


def tree(base: type[errors.TrackerError]) -> Iterator[type[errors.TrackerError]]:
    """Walk an error and all below it."""
    yield base
    for child in base.__subclasses__():
        yield from tree(child)


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk all texts."""
    if isinstance(value, str):
        yield path, value
    else:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)


def steps_of(flow: type) -> set[str]:
    """Return the steps that a flow can show."""
    own = {
        name.removeprefix("async_step_")
        for name in vars(flow)
        if name.startswith("async_step_")
    }
    return own - SILENT_STEPS


def abort_reasons() -> set[str]:
    """Return the reasons that stand in the source of the config flow."""
    calls = (
        node
        for node in ast.walk(ast.parse(inspect.getsource(config_flow)))
        if isinstance(node, ast.Call)
    )
    return {
        keyword.value.value
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "reason" and isinstance(keyword.value, ast.Constant)
    }


@pytest.mark.parametrize("error", list(tree(errors.TrackerError)))
def test_error_has_a_text(error: type[errors.TrackerError]) -> None:
    """Each key of the error tree is an exception's key, with the same placeholders."""
    text = TEXTS["exceptions"][error.key]["message"]

    assert placeholders(text) <= placeholders(error.message)


def test_no_exception_text_is_left_over() -> None:
    """A key that was removed takes its text along."""
    assert set(TEXTS["exceptions"]) == {e.key for e in tree(errors.TrackerError)}


@pytest.mark.parametrize(
    ("section", "known"),
    [
        (
            "config",
            [
                error
                for error in tree(errors.AudibleError)
                if error not in (errors.AudibleError, errors.SignInError)
            ],
        ),
        (
            "options",
            [
                errors.InvalidValueError,
                *(
                    error
                    for error in tree(errors.MediaServerError)
                    if error
                    not in (errors.MediaServerError, errors.MediaServerMissingError)
                ),
            ],
        ),
    ],
)
def test_form_error_has_a_text(
    section: str, known: list[type[errors.TrackerError]]
) -> None:
    """Each error that a form can show has its own text, with its own placeholders."""
    texts = TEXTS[section]["error"]

    assert set(texts) == {error.key for error in known}
    for error in known:
        assert placeholders(texts[error.key]) <= placeholders(error.message)


@pytest.mark.parametrize(
    ("section", "flow"),
    [
        ("config", config_flow.AudibleConfigFlow),
        ("options", options_flow.AudibleOptionsFlow),
    ],
)
def test_step_has_texts(section: str, flow: type) -> None:
    """Each step has a title; what it asks for has a name and a description."""
    texts = TEXTS[section]["step"]

    assert set(texts) == steps_of(flow)
    for text in texts.values():
        assert text["title"]
        assert set(text.get("data", {})) == set(text.get("data_description", {}))


@pytest.mark.parametrize(
    ("section", "step", "schema"),
    [
        ("config", "user", config_flow._country_schema("us")),
        ("config", "reconfigure", config_flow._country_schema("us")),
        ("config", "sign_in", config_flow._LANDING_SCHEMA),
        ("options", "settings", options_flow._SETTINGS_SCHEMA),
        ("options", "media_server", options_flow._MEDIA_SERVER_SCHEMA),
    ],
)
def test_field_has_texts(section: str, step: str, schema: Any) -> None:
    """Each field of a form is named."""
    assert set(TEXTS[section]["step"][step]["data"]) == {
        str(key) for key in schema.schema
    }


def test_abort_reason_has_a_text() -> None:
    """Home Assistant's own reasons, and those of the flow."""
    own = {"already_configured", "already_in_progress"}

    assert set(TEXTS["config"]["abort"]) == abort_reasons() | own


def test_country_has_a_name() -> None:
    """Each shop can be chosen by its name."""
    assert set(TEXTS["selector"]["country_code"]["options"]) == set(DOMAINS)


def test_shelf_has_a_name() -> None:
    """The folders of the media browser are named."""
    assert set(TEXTS["common"]) == set(Shelf)


def test_action_has_texts_and_an_icon() -> None:
    """Actions, their fields, their texts and icons go together."""
    assert set(ACTIONS) == set(AudibleAction) == set(TEXTS["services"])
    assert set(ICONS["services"]) == set(ACTIONS)
    for name, action in ACTIONS.items():
        texts = TEXTS["services"][name]
        assert texts["name"]
        assert texts["description"]
        assert set(texts["fields"]) == set(action["fields"])
        for field in texts["fields"].values():
            assert field["name"]
            assert field["description"]


def test_sensor_has_a_name_and_an_icon() -> None:
    """Each translation key of the platform, and none besides."""
    keys = {
        description.translation_key
        for description in (*sensor._ACCOUNT_SENSORS, sensor._PROGRESS)
    }

    assert set(TEXTS["entity"]["sensor"]) == keys == set(ICONS["entity"]["sensor"])


async def test_attribute_has_a_name(household: Household) -> None:
    """Every attribute of our own that a sensor has is named."""
    await household.sign_up()
    own = {
        "unit_of_measurement",
        "friendly_name",
        "state_class",
        "device_class",
    }

    for key in ("currently_reading", "B0PRIDEPRJ_progress"):
        texts = TEXTS["entity"]["sensor"][key.removeprefix("B0PRIDEPRJ_")]
        attributes = set(map(str, household.state(key).attributes)) - own
        assert set(texts["state_attributes"]) == attributes


def test_texts_are_plain() -> None:
    """No markup but links by placeholder, no address, no blank at an end."""
    for path, text in leaves(TEXTS):
        assert text == text.strip(), path
        assert "<" not in text, path
        assert "://" not in text, path
        assert re.fullmatch(r"[a-z0-9_.]+", path), path


def test_icons_are_of_the_usual_set() -> None:
    """Only Material Design Icons are known to every frontend."""
    assert all(text.startswith("mdi:") for _, text in leaves(ICONS))
