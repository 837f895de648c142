"""Where everything is kept: changed by the user, tried before it is used."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType

from tests.core.store.postgres import PostgresServer
from tests.integration.databases import change, key_path, rows
from tests.integration.steps import Household
from tests.integration.test_options_flow import answer, open_options
from tests.simulator.catalog import OTHER_EMAIL, UNDER_WAY_ASIN

SETTINGS = "audible_tracker.household"
PROGRESS = f"{UNDER_WAY_ASIN}_progress"


async def use(household: Household, entry: ConfigEntry, url: str, **more: str) -> Any:
    """Type an address into the form."""
    form = await open_options(household, entry, "database")
    return await answer(household, form, database_url=url, **more)


async def test_accounts_move_to_postgresql_and_back(
    household: Household, postgres_url: str, hass_storage: dict[str, Any]
) -> None:
    """They go along with their sign-in; what was collected is collected anew."""
    entry = await household.sign_up()
    other = await household.sign_up(email=OTHER_EMAIL)
    credentials = await household.credentials(entry)

    done = await use(household, entry, f" {postgres_url} ")

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert (entry.state, other.state) == (ConfigEntryState.LOADED,) * 2
    assert not entry.runtime_data.store.is_file
    assert await household.credentials(entry) == credentials
    assert household.state(PROGRESS).state != "unavailable"
    assert len(household.registered()) == 2
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT count(*) FROM audible_config") == 2
    await connection.close()
    left = "SELECT count(encrypted_credentials) FROM audible_config"
    assert rows(household.hass, left) == [(0,)]
    assert postgres_url not in repr(hass_storage)

    form = await open_options(household, entry, "database")
    present = form["description_placeholders"]["present"]
    assert present.startswith("postgresql://127.0.0.1/")
    await answer(household, form)

    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.store.is_file
    assert await household.credentials(entry) == credentials
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval(left) == 0
    await connection.close()
    assert hass_storage[SETTINGS]["data"]["database_url"] is None


async def test_other_spelling_of_the_same_address_keeps_every_sign_in(
    household: Household, postgres_url: str
) -> None:
    """Two names of one server lead to one database."""
    entry = await household.sign_up()
    await use(household, entry, postgres_url)
    credentials = await household.credentials(entry)
    other = postgres_url.replace("127.0.0.1", "localhost")
    assert other != postgres_url

    done = await use(household, entry, other)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.state is ConfigEntryState.LOADED
    assert await household.credentials(entry) == credentials


async def test_form_that_is_left_as_it_is_changes_nothing(
    household: Household, postgres_url: str
) -> None:
    """What is shown of the address has no password; sent back it keeps the address."""
    entry = await household.sign_up()
    await use(household, entry, postgres_url)
    form = await open_options(household, entry, "database")
    shown = {
        str(key): key.description["suggested_value"]
        for key in form["data_schema"].schema
    }
    assert postgres_url not in shown.values()

    done = await answer(household, form, **shown)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert not entry.runtime_data.store.is_file
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("url", "error", "placeholder"),
    [
        ("mysql://user:word@host/database", "invalid_value", "allowed"),
        ("postgresql://user:word@127.0.0.1", "invalid_value", "allowed"),
        ("an address", "invalid_value", "allowed"),
        ("postgresql://user:word@127.0.0.1:1/database", "store_unavailable", "reason"),
    ],
)
async def test_wrong_address_is_named_at_its_field(
    household: Household, url: str, error: str, placeholder: str
) -> None:
    """The sentence says what is wrong and never repeats the password."""
    entry = await household.sign_up()

    wrong = await use(household, entry, url)

    assert wrong["errors"] == {"database_url": error}
    assert wrong["description_placeholders"][placeholder]
    assert "word" not in repr(wrong["description_placeholders"]).replace(
        wrong["description_placeholders"]["example"], ""
    ).replace("user:password@", "")
    assert entry.runtime_data.store.is_file
    assert entry.state is ConfigEntryState.LOADED


async def test_wrong_password_is_named(
    household: Household, postgres: PostgresServer
) -> None:
    """The server refuses the sign-in."""
    entry = await household.sign_up()
    url = postgres.url("postgres").replace(postgres.password, "guessed")

    wrong = await use(household, entry, url)

    assert wrong["errors"] == {"database_url": "store_access"}


async def test_database_of_another_house_is_taken_over_after_a_question(
    household: Household, postgres_url: str
) -> None:
    """Nobody takes a database by accident, and nobody is locked out of their own."""
    entry = await household.sign_up()
    await use(household, entry, postgres_url)
    await use(household, entry, "")
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("UPDATE database_owner SET owner = 'another house'")

    question = await use(household, entry, postgres_url)

    assert question["step_id"] == "take_over"
    assert question["description_placeholders"]["owner"] == "another house"
    assert entry.runtime_data.store.is_file
    done = await answer(household, question)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert not entry.runtime_data.store.is_file
    owner = await connection.fetchval("SELECT owner FROM database_owner")
    assert owner != "another house"
    await connection.close()


async def test_built_in_database_of_another_house_is_taken_over(
    household: Household,
) -> None:
    """A file that was copied from elsewhere is made one's own in the options."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    change(household.hass, "UPDATE database_owner SET owner = 'another house'")
    await household.hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR

    question = await use(household, entry, "")
    await answer(household, question)

    assert entry.state is ConfigEntryState.LOADED


async def test_settings_without_a_database_say_why(
    household: Household,
) -> None:
    """The account's own settings are in the database: without it there are none."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    change(household.hass, "UPDATE database_owner SET owner = 'another house'")

    result = await open_options(household, entry, "settings")

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "store_owned")


async def test_database_server_that_is_away_is_waited_for(
    household: Household, postgres_url: str
) -> None:
    """Home Assistant starts before its database does."""
    entry = await household.sign_up()
    await use(household, entry, postgres_url)
    await household.hass.config_entries.async_unload(entry.entry_id)
    name = postgres_url.rsplit("/", 1)[-1]
    admin = await asyncpg.connect(postgres_url.replace(name, "postgres"))
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')

    await household.hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "store_unavailable"
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await admin.close()
    await household.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_keys_move_to_another_file(
    household: Household, tmp_path: Path, hass_storage: dict[str, Any]
) -> None:
    """What was sealed is still opened, and the old file is gone."""
    entry = await household.sign_up()
    credentials = await household.credentials(entry)
    elsewhere = tmp_path / "keys" / "tracker"
    elsewhere.parent.mkdir()

    done = await use(household, entry, "", key_path=str(elsewhere))

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert elsewhere.exists()
    assert not key_path(household.hass).exists()
    assert await household.credentials(entry) == credentials
    await household.hass.config_entries.async_unload(entry.entry_id)
    household.hass.data.pop("audible_tracker.household")
    await household.hass.config_entries.async_setup(entry.entry_id)
    await household.settle()
    assert entry.state is ConfigEntryState.LOADED

    await use(household, entry, "")
    assert key_path(household.hass).exists()
    assert not elsewhere.exists()
    assert hass_storage[SETTINGS]["data"]["key_path"] is None


async def test_key_file_that_cannot_be_is_named(
    household: Household, tmp_path: Path
) -> None:
    """A folder that is not there, a file that holds something else."""
    entry = await household.sign_up()
    poem = tmp_path / "poem"
    poem.write_text("no key\n")

    for path in (tmp_path / "nowhere" / "keys", poem, tmp_path):
        wrong = await use(household, entry, "", key_path=str(path))
        assert wrong["errors"] == {"key_path": "invalid_value"}

    assert poem.read_text() == "no key\n"
    assert key_path(household.hass).exists()
    assert entry.state is ConfigEntryState.LOADED


async def test_sync_goes_on_while_the_database_is_changed(
    household: Household, postgres_url: str
) -> None:
    """Whoever still uses the old database ends in it, in peace."""
    entry = await household.sign_up()
    coordinator = entry.runtime_data.coordinator

    await asyncio.gather(
        coordinator.async_refresh(), use(household, entry, postgres_url)
    )
    await household.settle()

    assert entry.state is ConfigEntryState.LOADED
    assert rows(household.hass, "SELECT count(*) FROM audible_titles") > [(0,)]
