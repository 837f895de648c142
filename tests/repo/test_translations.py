"""What can be shown has an English text, and no text is left over."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from string import Formatter
from typing import Any

import audible_core.errors
import pytest
from audible_core.audible.marketplaces import DOMAINS
from audible_core.errors import (
    AudibleError,
    ExportFileError,
    ImportFileError,
    ImportFileGoneError,
    InvalidValueError,
    KeyFileUnusableError,
    KeyLostError,
    LoginFileError,
    MediaServerError,
    NotInStoreError,
    SignInError,
    SpeakerError,
    StoreAccessError,
    StoreDamagedError,
    StoreDriverError,
    StoreOwnedError,
    StoreRefusedError,
    StoreTooNewError,
    StoreUnavailableError,
    TrackerError,
)
from audible_core.imports import NOTE_SENTENCES, ImportFormat
from audible_core.sync.preview import FirstSyncPreview
from audible_core.transfer.records import REASON_SENTENCES

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

# What a form shows that needs the database and its keys.
OF_DATABASE = (
    InvalidValueError,
    KeyFileUnusableError,
    KeyLostError,
    NotInStoreError,
    StoreAccessError,
    StoreDamagedError,
    StoreDriverError,
    StoreOwnedError,
    StoreRefusedError,
    StoreTooNewError,
    StoreUnavailableError,
)

# What the work of a dialog may fail with.
OF_TRANSFER = (ExportFileError, TrackerError)

CONFIG_FLOW = ("config_flow.py", "flows/sign_in.py", "flows/login_file.py")
OPTIONS_FLOW = (
    "flows/options.py",
    "flows/health.py",
    "flows/imports.py",
    "flows/speaker_test.py",
    "flows/transfers.py",
)

# Steps of a flow that show nothing themselves.
SILENT_STEPS = {"hassio", "reauth"}

# Steps that only tell what goes on meanwhile.
PROGRESS_STEPS = {
    "read_file",
    "write_import",
    "take_back",
    "write_export",
    "speaker_test",
}


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


def steps_of(*modules: str) -> set[str]:
    """Return the steps that the flow of some modules can show."""
    steps = {
        node.name.removeprefix("async_step_")
        for module in modules
        for node in ast.walk(parsed(INTEGRATION / module))
        if isinstance(node, ast.AsyncFunctionDef)
        and node.name.startswith("async_step_")
    }
    return steps - SILENT_STEPS


def abort_reasons() -> set[str]:
    """Return the reasons that stand in the source of the config flow."""
    return {
        node.value.value
        for module in CONFIG_FLOW
        for node in ast.walk(parsed(INTEGRATION / module))
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
        (
            "config",
            {*below(AudibleError), *OF_DATABASE, ImportFileGoneError}
            - {SignInError, LoginFileError},
        ),
        (
            "options",
            {
                *below(MediaServerError),
                *below(ImportFileError),
                *below(SpeakerError),
                *OF_DATABASE,
                *OF_TRANSFER,
            },
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


def test_reader_entry_has_texts() -> None:
    """Its steps, and what can be wrong with the database."""
    texts = TEXTS["config_subentries"]["reader"]

    assert steps_of("flows/reader.py") == set(texts["step"])
    assert {error.key for error in OF_DATABASE} == set(texts["error"])
    assert set(texts["abort"]) == {"already_configured", "not_loaded"}
    for text in texts["step"].values():
        assert set(text["data"]) == set(text["data_description"])


@pytest.mark.parametrize(
    ("section", "modules"),
    [("config", CONFIG_FLOW), ("options", OPTIONS_FLOW)],
)
def test_step_has_texts(section: str, modules: tuple[str, ...]) -> None:
    """Each step has a title; what it asks for has a name and a description."""
    texts = TEXTS[section]["step"]

    assert steps_of(*modules) - PROGRESS_STEPS == set(texts)
    for text in texts.values():
        assert text["title"]
        assert set(text.get("data", {})) == set(text.get("data_description", {}))


def test_work_that_goes_on_says_so() -> None:
    """A dialog tells what it waits for."""
    assert set(TEXTS["options"]["progress"]) == PROGRESS_STEPS
    assert set() == PROGRESS_STEPS - steps_of(*OPTIONS_FLOW)


def test_options_that_cannot_be_shown_say_why() -> None:
    """Without its database an account has no options; the text says what is wrong."""
    texts = TEXTS["options"]["abort"]

    own = {"import_cancelled", "not_loaded", "signing_in"}
    assert {error.key for error in OF_DATABASE} | own == set(texts)
    for error in OF_DATABASE:
        assert set() == placeholders(texts[error.key]) - placeholders(error.message)


def test_abort_reason_has_a_text() -> None:
    """Home Assistant's own reasons, and those of the flow."""
    own = {"already_configured", "already_in_progress"}

    assert abort_reasons() | own == set(TEXTS["config"]["abort"])


@pytest.mark.parametrize(
    ("name", "sentences"),
    [("import_note", NOTE_SENTENCES), ("row_reason", REASON_SENTENCES)],
)
def test_remark_on_a_row_has_a_text(name: str, sentences: Mapping[str, str]) -> None:
    """Each can be translated, with the same placeholders."""
    texts = TEXTS["selector"][name]["options"]

    assert {str(key) for key in sentences} == set(texts)
    for key, sentence in sentences.items():
        assert placeholders(sentence) == placeholders(texts[str(key)])


def test_format_has_a_name() -> None:
    """What a file was recognised as is said by its name."""
    assert set(ImportFormat) == set(TEXTS["selector"]["import_format"]["options"])


def test_count_of_a_first_sync_has_a_line() -> None:
    """What is found is said, whatever it is."""
    names = {field.name for field in fields(FirstSyncPreview)}

    assert names == set(TEXTS["selector"]["first_sync"]["options"])


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
