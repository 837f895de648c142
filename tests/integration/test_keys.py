"""A key file that is missing, another one, or damaged: said as it is, nothing lost."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.audible_tracker.core.store.accounts import Resealed
from custom_components.audible_tracker.household import household_of
from tests.integration.databases import change, key_path, rows
from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import Household
from tests.integration.test_database_options import SETTINGS, use
from tests.integration.test_discovery import announce
from tests.integration.test_options_flow import answer, open_options
from tests.simulator.catalog import OTHER_EMAIL

OTHER_KEY = Fernet.generate_key().decode()


async def start_anew(hass: HomeAssistant, entry: ConfigEntry, key: str | None) -> None:
    """Start with what is in the key file now; None is no file."""
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("audible_tracker.household", None)
    if key is None:
        key_path(hass).unlink()
    else:
        key_path(hass).write_text(key)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("key", [None, OTHER_KEY])
async def test_sign_in_of_another_key_is_asked_for_with_the_reason(
    household: Household, key: str | None
) -> None:
    """The form names the key file, and the right one put back needs no sign-in."""
    entry = await household.sign_up()
    right = key_path(household.hass).read_text()

    await start_anew(household.hass, entry, key)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "key_lost"
    assert entry.error_reason_translation_placeholders == {
        "path": ".audible_tracker.key"
    }
    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["step_id"] == "reauth_key_lost"
    key_path(household.hass).write_text(right)
    await household.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("key", ["a poem\n", "", "two\nwords\n"])
async def test_file_that_is_no_key_file_is_named(
    household: Household, key: str
) -> None:
    """Not overwritten, no sign-in asked for; deleted, there is a new one."""
    entry = await household.sign_up()

    await start_anew(household.hass, entry, key)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "key_file_unusable"
    assert entry.error_reason_translation_placeholders == {
        "path": ".audible_tracker.key"
    }
    assert household.hass.config_entries.flow.async_progress() == []
    same = await use(household, entry, "")
    assert same["errors"] == {"key_path": "key_file_unusable"}
    assert key_path(household.hass).read_text() == key
    key_path(household.hass).unlink()
    await household.hass.config_entries.async_reload(entry.entry_id)
    assert entry.error_reason_translation_key == "key_lost"


@pytest.fixture
async def locked(
    household: Household,
    media_server: FakeMediaServer,
    postgres_url: str,
) -> tuple[ConfigEntry, str]:
    """Return an account on PostgreSQL whose key was exchanged, and the right key."""
    entry = await household.sign_up()
    await announce(household.hass, media_server.url)
    await use(household, entry, postgres_url)
    await household.settle()
    right = key_path(household.hass).read_text()
    await start_anew(household.hass, entry, OTHER_KEY)
    assert entry.error_reason_translation_key == "key_lost"
    assert household.hass.config_entries.flow.async_progress() == []
    return entry, right


async def test_untouched_form_gives_nothing_up(
    household: Household, locked: tuple[ConfigEntry, str], hass_storage: dict[str, Any]
) -> None:
    """The address that nobody can read stays, with the link and the key file."""
    entry, right = locked
    stored = dict(hass_storage[SETTINGS]["data"])

    form = await open_options(household, entry, "database")
    assert form["step_id"] == "database_locked"
    assert form["description_placeholders"]["path"] == ".audible_tracker.key"
    refused = await answer(household, form, **form["data_schema"]({}))

    assert refused["errors"] == {"database_url": "key_lost"}
    assert hass_storage[SETTINGS]["data"] == stored
    key_path(household.hass).write_text(right)
    await household.hass.config_entries.async_reload(entry.entry_id)
    await household.settle()
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.runtime_data.store.is_file
    assert household.link is not None
    assert household.link.secret == SECRET


async def test_right_key_file_that_is_named_opens_everything(
    household: Household, locked: tuple[ConfigEntry, str], tmp_path: Path
) -> None:
    """No address has to be typed; the present key file is never deleted."""
    entry, right = locked
    backup = tmp_path / "backup"
    backup.write_text(right)

    form = await open_options(household, entry, "database")
    done = await answer(household, form, key_path=str(backup))
    await household.settle()

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.runtime_data.store.is_file
    assert household.link is not None
    assert key_path(household.hass).read_text() == OTHER_KEY


async def test_built_in_database_is_used_where_that_is_said(
    household: Household, locked: tuple[ConfigEntry, str], hass_storage: dict[str, Any]
) -> None:
    """The box gives the address up; the link to the server stays as it is."""
    entry, _ = locked
    link = hass_storage[SETTINGS]["data"]["media_server"]

    form = await open_options(household, entry, "database")
    done = await answer(household, form, built_in=True)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert hass_storage[SETTINGS]["data"]["database_url"] is None
    assert hass_storage[SETTINGS]["data"]["media_server"] == link


async def test_address_that_is_typed_again_finds_everything(
    household: Household, locked: tuple[ConfigEntry, str], postgres_url: str
) -> None:
    """Only the sign-in is lost with the key."""
    entry, _ = locked

    form = await open_options(household, entry, "database")
    await answer(household, form, database_url=postgres_url)
    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_key_lost"
    await household.finish(await household.answer(flow))
    await household.settle()

    assert entry.state is ConfigEntryState.LOADED
    assert not entry.runtime_data.store.is_file


async def test_rotation_leaves_out_what_no_key_opens(household: Household) -> None:
    """One account's damaged sign-in keeps nobody else from a new key."""
    await household.sign_up()
    other = await household.sign_up(email=OTHER_EMAIL)
    change(
        household.hass,
        "UPDATE audible_config SET encrypted_credentials = 'x' WHERE id = 1",
    )
    old = key_path(household.hass).read_text()

    resealed = await household_of(household.hass).async_rotate_keys()

    assert resealed == Resealed(accounts=1, unreadable=1)
    [new] = key_path(household.hass).read_text().split()
    assert new not in old
    assert await household.credentials(other)
    assert rows(
        household.hass, "SELECT encrypted_credentials FROM audible_config WHERE id = 1"
    ) == [("x",)]


@pytest.mark.parametrize("path", ["www/keys", "www/../www/keys", "./www/deep/keys"])
async def test_keys_are_never_kept_where_everybody_can_read_them(
    household: Household, path: str
) -> None:
    """Home Assistant serves the folder www without a sign-in."""
    entry = await household.sign_up()

    wrong = await use(household, entry, "", key_path=path)

    assert wrong["errors"] == {"key_path": "invalid_value"}
    assert key_path(household.hass).exists()
    assert not Path(household.hass.config.path("www", "keys")).exists()
