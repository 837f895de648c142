"""What can be shown has an English text, and no text is left over."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Any

import audible_core.errors
import pytest
from audible_core.audible.marketplaces import DOMAINS
from audible_core.errors import (
    AudibleError,
    InvalidValueError,
    MediaServerError,
    MediaServerMissingError,
    SignInError,
    TrackerError,
)

from tests.repo.tree import INTEGRATION, parsed

TEXTS: dict[str, Any] = json.loads(
    (INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8")
)
ICONS: dict[str, Any] = json.loads(
    (INTEGRATION / "icons.json").read_text(encoding="utf-8")
)
ERRORS = sorted(
    {
        kind
        for kind in vars(audible_core.errors).values()
        if isinstance(kind, type) and issubclass(kind, TrackerError)
    },
    key=lambda kind: kind.key,
)

# Steps of a flow that show nothing themselves.
SILENT_STEPS = {"hassio", "reauth"}


def below(base: type[TrackerError]) -> list[type[TrackerError]]:
    """Return the errors of one kind, without the bare kind itself."""
    return [kind for kind in ERRORS if issubclass(kind, base) and kind is not base]


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


def steps_of(module: str) -> set[str]:
    """Return the steps that the flow of a module can show."""
    steps = {
        node.name.removeprefix("async_step_")
        for node in ast.walk(parsed(INTEGRATION / module))
        if isinstance(node, ast.AsyncFunctionDef)
        and node.name.startswith("async_step_")
    }
    return steps - SILENT_STEPS


def abort_reasons() -> set[str]:
    """Return the reasons that stand in the source of the config flow."""
    return {
        node.value.value
        for node in ast.walk(parsed(INTEGRATION / "config_flow.py"))
        if isinstance(node, ast.keyword)
        and node.arg == "reason"
        and isinstance(node.value, ast.Constant)
    }


@pytest.mark.parametrize("error", ERRORS)
def test_error_has_a_text(error: type[TrackerError]) -> None:
    """Each key of the error tree is an exception's key, with the same placeholders."""
    text = TEXTS["exceptions"][error.key]["message"]

    assert set() == placeholders(text) - placeholders(error.message)


def test_no_exception_text_is_left_over() -> None:
    """A key that was removed takes its text along."""
    assert {error.key for error in ERRORS} == set(TEXTS["exceptions"])


@pytest.mark.parametrize(
    ("section", "known"),
    [
        ("config", set(below(AudibleError)) - {SignInError}),
        (
            "options",
            {InvalidValueError, *below(MediaServerError)} - {MediaServerMissingError},
        ),
    ],
)
def test_form_error_has_a_text(
    section: str, known: Iterable[type[TrackerError]]
) -> None:
    """Each error that a form can show has its own text, with its own placeholders."""
    texts = TEXTS[section]["error"]

    assert {error.key for error in known} == set(texts)
    for error in known:
        assert set() == placeholders(texts[error.key]) - placeholders(error.message)


@pytest.mark.parametrize(
    ("section", "module"),
    [("config", "config_flow.py"), ("options", "options_flow.py")],
)
def test_step_has_texts(section: str, module: str) -> None:
    """Each step has a title; what it asks for has a name and a description."""
    texts = TEXTS[section]["step"]

    assert steps_of(module) == set(texts)
    for text in texts.values():
        assert text["title"]
        assert set(text.get("data", {})) == set(text.get("data_description", {}))


def test_abort_reason_has_a_text() -> None:
    """Home Assistant's own reasons, and those of the flow."""
    own = {"already_configured", "already_in_progress"}

    assert abort_reasons() | own == set(TEXTS["config"]["abort"])


def test_country_has_a_name() -> None:
    """Each shop can be chosen by its name."""
    assert set(DOMAINS) == set(TEXTS["selector"]["country_code"]["options"])


def test_texts_are_plain() -> None:
    """No markup but links by placeholder, no address, no blank at an end."""
    for path, text in leaves(TEXTS):
        assert text == text.strip(), path
        assert "<" not in text, path
        assert "://" not in text, path
        assert re.fullmatch(r"[a-z0-9_.]+", path), path


def test_icons_are_of_the_usual_set() -> None:
    """Only Material Design Icons are known to every frontend."""
    assert [text for _, text in leaves(ICONS) if not text.startswith("mdi:")] == []
