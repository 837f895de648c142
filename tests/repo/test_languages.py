"""Every language says what English says: all of it, in its order."""

import json
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any, Final

import pytest
import yaml

from tests.repo.tree import LANGUAGES, ROOT, TRANSLATIONS, name_of

FILES: Final = [
    (folder / f"en{suffix}", folder / f"{language}{suffix}")
    for folder, suffix in zip(TRANSLATIONS, (".json", ".yaml"), strict=True)
    for language in LANGUAGES
]
LINK: Final = re.compile(r"\]\(([^)]*)\)|`([^`]*)`|(\w+://[\w.:@/-]+\w)")


def texts(name: str) -> dict[str, str]:
    """Return all texts of a file by their path, in its order."""
    text = (ROOT / name).read_text(encoding="utf-8")
    read = json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
    return dict(leaves(read))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk all texts."""
    if isinstance(value, str):
        yield path, value
    else:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)


def placeholders(text: str) -> list[str]:
    """Return the names in braces, sorted: they may move in a sentence."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


def fixed(text: str) -> list[tuple[str, ...]]:
    """Return what no language changes: where links lead, code, addresses."""
    return sorted(LINK.findall(text))


REGISTRATION: Final = {
    "en": "registration",
    "de": "Registrierung",
    "fr": "enregistrement",
    "it": "registrazione",
    "es": "registro",
    "pt-BR": "registro",
    "ja": "登録",
}
"""What Audible gives licenses to. To sign in, and what is kept of that, is another."""

OF_A_REGISTRATION: Final = (
    "config.step.reauth_registration_old.description",
    "entity.sensor.sync_health.state.license_refused",
    "exceptions.license_registration_old.message",
    "issues.sync_license_refused.title",
    "selector.account_health.options.license_refused",
    "selector.sync_cause.options.license_registration_old",
    "selector.sync_cause.options.license_throttled",
)


@pytest.fixture(params=FILES, ids=lambda pair: name_of(pair[1]))
def pair(request: pytest.FixtureRequest) -> tuple[dict[str, str], dict[str, str]]:
    """Return the English texts, and those of another language."""
    english, other = request.param
    return texts(name_of(english)), texts(name_of(other))


def test_languages_are_these() -> None:
    """No file of another name is left, which nothing would keep complete."""
    for folder in TRANSLATIONS:
        assert {path.stem for path in folder.iterdir()} == {"en", *LANGUAGES}


def test_language_has_every_text(pair: tuple[dict[str, str], dict[str, str]]) -> None:
    """Nothing is missing or left over, and all stands where English has it."""
    english, other = pair

    assert set() == set(english) ^ set(other)
    assert list(english) == list(other)


def test_text_has_the_same_placeholders(
    pair: tuple[dict[str, str], dict[str, str]],
) -> None:
    """What is filled in, linked to or typed is the same in each language."""
    english, other = pair
    differ = [
        path
        for path, text in english.items()
        if placeholders(text) != placeholders(other[path])
        or fixed(text) != fixed(other[path])
    ]

    assert differ == []


def test_text_is_plain(pair: tuple[dict[str, str], dict[str, str]]) -> None:
    """None is empty, has markup, or an apostrophe that would quote a placeholder."""
    for path, text in pair[1].items():
        assert text.strip(), path
        assert text == text.strip(), path
        assert "<" not in text, path
        assert "'{" not in text, path
        assert "''" not in text, path


def test_no_sentence_is_left_in_english(
    pair: tuple[dict[str, str], dict[str, str]],
) -> None:
    """A name may be the same in two languages, a sentence is not."""
    english, other = pair

    assert [
        path
        for path, text in english.items()
        if text.endswith(".") and text == other[path]
    ] == []


def test_registration_has_one_word_in_each_language() -> None:
    """A sentence and its cause are read together: both name the same thing."""
    assert set(REGISTRATION) == {"en", *LANGUAGES}
    for language, word in REGISTRATION.items():
        said = texts(f"{TRANSLATIONS[0].relative_to(ROOT)}/{language}.json")
        for path in OF_A_REGISTRATION:
            assert word in said[path], (language, path)
