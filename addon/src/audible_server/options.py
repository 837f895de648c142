"""The kinds of options: how each is checked, what is allowed in words and for the app.

A function makes one field of the settings; its rule travels in the field's metadata.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import voluptuous as vol
from audible_core.errors import InvalidValueError
from audible_core.store.engine import parse_address

SECRET_LENGTH_MIN: Final = 16
NAME_FIELDS: Final = (
    "asin",
    "author",
    "authors",
    "language",
    "narrator",
    "publisher",
    "sequence",
    "series",
    "subtitle",
    "title",
    "year",
)
"""What a template of names may say of a title."""

_RULE: Final = "rule"
_MOST_DIGITS: Final = 9
_ADDRESS: Final = re.compile(r"(?:https?://[A-Za-z0-9.:_\[\]-]+/?)?", re.ASCII)
_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class Rule:
    """How one option is checked.

    ``app_type`` is the Supervisor's own notation for it, None for what the app does not
    offer. A hidden value is never repeated.
    """

    default: Any
    check: Callable[[Any], Any]
    allowed: str
    app_type: str | None
    is_hidden: bool = False


def number(default: int, low: int, high: int, *, in_app: bool = True) -> Any:
    """Return an option that is a whole number."""
    check = vol.All(_whole_number, vol.Range(min=low, max=high))
    allowed = f"a whole number from {low} to {high}"
    return _option(
        Rule(default, check, allowed, f"int({low},{high})" if in_app else None)
    )


def flag(*, default: bool) -> Any:
    """Return an option that is on or off."""
    return _option(Rule(default, _flag, "true or false", "bool"))


def one_of(default: str, *, words: tuple[str, ...]) -> Any:
    """Return an option with a closed set of words; capitals make no difference."""
    check = vol.All(_text, vol.Lower, vol.In(words))
    return _option(Rule(default, check, ", ".join(words), f"list({'|'.join(words)})"))


def template(default: str) -> Any:
    """Return an option that is a pattern of names below a folder, with fields."""
    allowed = f"a path with {{{'}, {'.join(NAME_FIELDS)}}}"
    return _option(Rule(default, _template, allowed, "str"))


def text(default: str, *, in_app: bool = True) -> Any:
    """Return an option that is any text but an empty one."""
    return _option(Rule(default, _text, "a text", "str" if in_app else None))


def hidden(pattern: str, allowed: str) -> Any:
    """Return an option that may be left out and is never shown; else it has a form."""
    check = _matching(re.compile(rf"(?:{pattern})?", re.ASCII))
    return _option(Rule("", check, allowed, "password", is_hidden=True))


def database() -> Any:
    """Return an option that is the URL of a database; it may hold a password."""
    allowed = "postgresql://user:password@host/database"
    return _option(Rule("", _database_url, allowed, "password", is_hidden=True))


def address() -> Any:
    """Return an option that is an address of HTTP without a path, or left out."""
    check = vol.All(_matching(_ADDRESS), lambda value: value.rstrip("/"))
    return _option(Rule("", check, "an address such as http://nas:8099", "url"))


def folder(default: str, *, app_type: str | None = None) -> Any:
    """Return an option that is a folder; it is made, and can be written."""
    allowed = "the absolute path of a folder that can be written"
    return _option(Rule(default, vol.All(_text, _writable_folder), allowed, app_type))


def rules_of(settings: type) -> dict[str, Rule]:
    """Return the rule of each option of a class of settings, by its name."""
    return {
        option.name: option.metadata[_RULE]
        for option in fields(settings)
        if _RULE in option.metadata
    }


def checked(rules: Mapping[str, Rule], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given or else the defaults, valid; what has no rule is left out.

    Raises InvalidValueError that names the option, what came and what is allowed.
    """
    schema = vol.Schema(
        {
            vol.Optional(name, default=rule.default): rule.check
            for name, rule in rules.items()
        },
        extra=vol.REMOVE_EXTRA,
    )
    try:
        values: dict[str, Any] = schema(dict(given))
    except vol.MultipleInvalid as err:
        name = str(err.errors[0].path[0])
        raise _invalid(rules[name], name, given.get(name)) from None
    return values


def _invalid(rule: Rule, name: str, given: Any) -> InvalidValueError:
    value = rule.default if given is None else given
    if rule.is_hidden:
        # Its length says enough; the value itself is never repeated.
        is_text = isinstance(value, str)
        value = f"{len(value)} characters" if is_text else f"a {type(value).__name__}"
    return InvalidValueError(field=name, value=value, allowed=rule.allowed)


def _option(rule: Rule) -> Field[Any]:
    made: Field[Any] = field(
        default=rule.default, metadata={_RULE: rule}, repr=not rule.is_hidden
    )
    return made


def _whole_number(value: Any) -> int:
    shown = str(value)
    # Python refuses to read numbers of thousands of digits.
    is_number = shown.isascii() and shown.isdigit() and len(shown) <= _MOST_DIGITS
    if not isinstance(value, (int, str)) or not is_number:
        raise vol.Invalid("no whole number")
    return int(shown)


def _flag(value: Any) -> bool:
    word = str(value).lower()
    if not isinstance(value, (bool, str)) or word not in _YES | _NO:
        raise vol.Invalid("neither on nor off")
    return word in _YES


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise vol.Invalid("no text")
    return value.strip()


def _template(value: Any) -> str:
    """Check names: known fields, at least one that differs between titles."""
    named = _text(value)
    bare = named
    for name in NAME_FIELDS:
        bare = bare.replace(f"{{{name}}}", "")
    is_odd = any(sign in bare for sign in "{}\\\0") or ".." in bare
    is_absolute = named.startswith("/") or named.endswith("/")
    differs = any(f"{{{name}}}" in named for name in ("title", "asin"))
    if is_odd or is_absolute or not differs:
        raise vol.Invalid("no template")
    return named


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            raise vol.Invalid("another form")
        return value

    return check


def _database_url(value: Any) -> str:
    if value == "":
        return ""
    try:
        parse_address(_text(value))
    except InvalidValueError:
        raise vol.Invalid("no URL of a database") from None
    return _text(value)


def _writable_folder(value: str) -> Path:
    path = Path(value)
    if not path.is_absolute() or "\0" in value:
        raise vol.Invalid("no absolute path")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise vol.Invalid("cannot be made") from err
    if not os.access(path, os.W_OK | os.X_OK):
        raise vol.Invalid("cannot be written")
    return path
