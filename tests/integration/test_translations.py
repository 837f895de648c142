"""What only the running integration knows to have texts has them.

What can be read from its files alone is looked at in tests/repo/test_translations.py.
"""

import inspect
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker import config_flow
from custom_components.audible_tracker.const import DOMAIN, PLATFORMS
from custom_components.audible_tracker.core.errors import CAUSES, OTHER_CAUSE, THINGS
from custom_components.audible_tracker.core.matching.words import WORDS
from custom_components.audible_tracker.core.models import Account, Credentials
from custom_components.audible_tracker.core.store.records import Reader, ReaderId
from custom_components.audible_tracker.core.sync.matchable import SAME_ASIN
from custom_components.audible_tracker.core.sync.preview import FirstSyncPreview
from custom_components.audible_tracker.failures import troubleshooting_url
from custom_components.audible_tracker.flows import (
    account_options,
    health,
    imports,
    login_file,
    options,
    sign_in,
    speaker_test,
    transfers,
)
from custom_components.audible_tracker.flows.background_steps import ReaderChoice
from custom_components.audible_tracker.flows.first_sync import FirstSync, Registration
from custom_components.audible_tracker.media_source import Shelf
from custom_components.audible_tracker.services import AudibleAction
from tests.integration.steps import Household

YEAR = dt_util.utcnow().year
FOLDER = Path(inspect.getfile(config_flow)).parent
TEXTS: dict[str, Any] = json.loads((FOLDER / "translations" / "en.json").read_text())
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text())
FIRST_SYNC = FirstSync(
    Registration(Account("id", "Anna", "us"), Credentials("")),
    "Anna",
    (),
    FirstSyncPreview(titles=1, books=1, not_books=0, finished=0, under_way=0),
)
ANNA, BEN = (
    Reader(ReaderId(number), name, None, datetime(2026, 1, 1, tzinfo=UTC))
    for number, name in enumerate(("Anna", "Ben"))
)
READERS = ReaderChoice((ANNA, BEN), ANNA)
ROWS = {transfers.field_of(place): {} for place in range(transfers.ROWS_AT_ONCE)}
ACTIONS: dict[str, Any] = yaml.safe_load((FOLDER / "services.yaml").read_text())


@pytest.mark.parametrize(
    ("section", "step", "schema"),
    [
        ("config", "user", config_flow._user_schema("us")),
        ("config", "login", login_file.login_schema({})),
        ("config", "reconfigure", config_flow._country_schema("us")),
        ("config", "sign_in", sign_in._LANDING_SCHEMA),
        ("config", "first_sync", FIRST_SYNC.schema()),
        ("options", "health", health.cure_schema(health.NOTHING)),
        ("options", "settings", account_options.options_schema()),
        ("options", "media_server", options._MEDIA_SERVER_SCHEMA),
        ("options", "speaker", speaker_test.speaker_schema()),
        ("options", "database", options._DATABASE_SCHEMA),
        ("options", "database_locked", options._LOCKED_SCHEMA),
        ("options", "import_file", imports.file_schema(READERS)),
        ("options", "preview", imports.preview_schema(has_unsure=True)),
        ("options", "unsure_rows", transfers.rows_schema(ROWS)),
        ("options", "undo_import", transfers.undo_schema({})),
        ("options", "export_books", transfers.export_schema(READERS)),
    ],
)
def test_field_has_texts(section: str, step: str, schema: Any) -> None:
    """Each field of a form is named."""
    texts = TEXTS[section]["step"][step]
    folded = texts.get("sections", {})
    assert {*texts["data"], *folded} == {str(key) for key in schema.schema}
    for key, field in schema.schema.items():
        if str(key) in folded:
            names = {str(name) for name in field.schema.schema}
            assert set(folded[str(key)]["data"]) == names


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


def test_entity_has_a_name_and_an_icon() -> None:
    """Entities and their icons go together."""
    named = {platform: set(texts) for platform, texts in TEXTS["entity"].items()}

    assert named == {
        platform: set(icons) for platform, icons in ICONS["entity"].items()
    }
    assert set(map(str, PLATFORMS)) == set(named)


# What Home Assistant itself adds to a state.
HOME_ASSISTANTS = {
    *("unit_of_measurement", "friendly_name", "state_class", "device_class"),
    *("options", "entity_picture", "access_token", "icon", "supported_features"),
    *("min", "max", "step", "mode", "last_reset", "restored", "event_types"),
    *("media_title", "media_artist", "media_album_name", "media_track"),
    *("media_position", "media_position_updated_at", "media_duration"),
    *("media_content_id", "media_content_type", "source", "source_list"),
    *("volume_level", "entity_picture_local"),
    *("all_day", "start_time", "end_time", "location", "description", "message"),
}


async def test_entity_that_is_there_has_texts(household: Household) -> None:
    """Every entity is named, and so are its attributes, and nothing besides."""
    await household.sign_up()
    for kind in ("books", "hours", "days"):
        await household.act("set_goal", kind=kind, year=YEAR, target=50)
    await household.settle()

    registry = er.async_get(household.hass)
    seen: dict[str, dict[str, set[str]]] = {}
    for entity in registry.entities.values():
        if entity.platform != DOMAIN:
            continue
        state = household.hass.states.get(entity.entity_id)
        attributes = set(state.attributes) - HOME_ASSISTANTS if state else set()
        assert entity.translation_key is not None
        seen.setdefault(entity.domain, {})[entity.translation_key] = attributes
    for platform, texts in TEXTS["entity"].items():
        assert set(seen[platform]) == set(texts)
        for key, attributes in seen[platform].items():
            assert attributes <= set(texts[key].get("state_attributes", {})), key


def test_evidence_is_said_in_every_language() -> None:
    """The words of the matching are the English ones; the others translate them."""
    said = TEXTS["selector"]["evidence"]["options"]

    assert said == {**WORDS, SAME_ASIN.name: SAME_ASIN.words}


def test_causes_of_failed_syncs_have_texts() -> None:
    """The words of core, of Audible by its name; the other languages translate them."""
    causes = {**CAUSES, "other": OTHER_CAUSE}
    said = TEXTS["selector"]["sync_cause"]["options"]

    assert said == {
        key: f"Audible{it.removeprefix('it')}" for key, it in causes.items()
    }


def test_things_that_errors_are_about_have_texts() -> None:
    """Each thing that is named anywhere, and no other."""
    said = TEXTS["selector"]["stored_thing"]["options"]
    error = r"(?:NotInStore|NothingToUndo|OtherReader)Error\(\s*what=\"([^\"]+)\""
    named = {
        what
        for file in FOLDER.rglob("*.py")
        for what in re.findall(error, file.read_text(encoding="utf-8"))
    }

    assert said == {thing.replace(" ", "_"): thing for thing in THINGS}
    assert named <= set(THINGS)


@pytest.mark.parametrize("key", sorted(CAUSES))
def test_cause_leads_to_where_it_is_explained(key: str) -> None:
    """The link names the section of the page in which the key is."""
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    page, _, anchor = troubleshooting_url(key).partition("#")
    start = f"{manifest['documentation']}/blob/main/"
    assert page.startswith(start)

    text = (FOLDER.parent.parent / page.removeprefix(start)).read_text()
    explained = {
        title.lower().replace(" ", "-"): body
        for title, _, body in (part.partition("\n") for part in text.split("\n## ")[1:])
    }
    assert f"\n| `{key}` |" in explained[anchor]
