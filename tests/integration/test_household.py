"""The database of a house, its keys, and what becomes of an account without them."""

import asyncio
import json
import logging
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant import block_async_io
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.audible_tracker.core.store.accounts import Resealed
from custom_components.audible_tracker.household import household_of
from tests.integration.databases import change, database_path, key_path, rows
from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import Household
from tests.integration.test_discovery import announce
from tests.simulator.catalog import OTHER_EMAIL

SETTINGS = "audible_tracker.household"


@pytest.fixture
def watched_loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Home Assistant watch for calls that block, as it does when it runs."""
    monkeypatch.setattr(block_async_io, "_IN_TESTS", False)
    block_async_io.enable()
    yield
    for call in block_async_io._BLOCKED_CALLS.calls:
        setattr(call.object, call.function, call.original_func)
    block_async_io._BLOCKED_CALLS.calls.clear()


async def test_nothing_blocks_the_loop(
    household: Household, watched_loop: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Files, certificates and late imports are kept off the event loop."""
    entry = await household.sign_up()
    await household.restart(entry)
    await household.hass.config_entries.async_remove(entry.entry_id)

    # The simulated shop lives in the same loop and reads files as it likes.
    ours = [line for line in caplog.messages if "by custom integration" in line]
    assert [] == ours


async def test_database_and_key_are_their_owners_alone(household: Household) -> None:
    """Nobody else on the machine reads them."""
    await household.sign_up()

    files = database_path(household.hass), key_path(household.hass)
    assert [0o600, 0o600] == [stat.S_IMODE(file.stat().st_mode) for file in files]


async def test_database_is_closed_with_the_last_account(household: Household) -> None:
    """As long as one account needs it, it is open."""
    first = await household.sign_up()
    second = await household.sign_up(email=OTHER_EMAIL)
    wal = database_path(household.hass).with_name("audible_tracker.db-wal")

    await household.hass.config_entries.async_unload(first.entry_id)
    assert wal.exists()
    await household.ask_now(household.state("_currently_reading").entity_id)
    assert second.runtime_data.coordinator.last_update_success

    await household.hass.config_entries.async_unload(second.entry_id)
    assert not wal.exists()


async def test_database_that_is_in_use_elsewhere_is_waited_for(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that cannot be used now may be there again later."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    path = database_path(household.hass)
    away = path.with_suffix(".away")
    path.rename(away)
    path.mkdir()

    await household.hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "store_unavailable"
    path.rmdir()
    away.rename(path)
    await household.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("UPDATE audible_schema_version SET version_num = '9999'", "store_too_new"),
        ("UPDATE database_owner SET owner = 'the house next door'", "store_owned"),
    ],
)
async def test_database_that_cannot_be_used_says_why(
    household: Household, statement: str, key: str
) -> None:
    """What does not change by itself is told, and not tried again and again."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    change(household.hass, statement)

    await household.hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == key


async def test_damaged_database_says_so(household: Household) -> None:
    """A file that is no database is left as it is."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    database_path(household.hass).write_bytes(b"no database at all" * 1000)

    await household.hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "store_damaged"


async def test_lost_key_asks_for_a_new_sign_in(household: Household) -> None:
    """Without the key nobody reads the registration; history stays."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    titles = rows(household.hass, "SELECT count(*) FROM audible_titles")
    key_path(household.hass).unlink()
    household.hass.data.pop("audible_tracker.household")

    await household.hass.config_entries.async_setup(entry.entry_id)
    await household.settle()
    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    await household.finish(await household.answer(flow))
    await household.settle()

    assert entry.state is ConfigEntryState.LOADED
    assert rows(household.hass, "SELECT count(*) FROM audible_titles") == titles


async def test_key_file_of_somebody_else_is_never_overwritten(
    household: Household,
) -> None:
    """A file that holds no key is named, and left alone."""
    path = key_path(household.hass)
    path.write_text("a poem\n")

    form = await household.begin()

    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {"base": "key_file_unusable"}
    assert form["description_placeholders"]["path"] == ".audible_tracker.key"
    assert path.read_text() == "a poem\n"


async def test_planted_secrets_are_nowhere(
    household: Household,
    media_server: FakeMediaServer,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Neither in what Home Assistant stores, nor in the database, nor in a log."""
    for name in (None, "sqlalchemy.engine", "aiosqlite", "httpx", "audible"):
        caplog.set_level(logging.DEBUG, logger=name)
    entry = await household.sign_up()
    await announce(household.hass, media_server.url)
    await household.settle()
    secrets = [SECRET, *_secrets_of(await household.credentials(entry))]
    secrets += key_path(household.hass).read_text().split()
    await household_of(household.hass).async_rotate_keys()
    secrets += key_path(household.hass).read_text().split()
    await household.restart(entry)
    await household.hass.config_entries._store.async_save(
        household.hass.config_entries._data_to_save()
    )

    files = [
        path.read_bytes()
        for path in Path(household.hass.config.config_dir).rglob("*")
        if path.is_file() and path != key_path(household.hass)
    ]
    stored = repr(hass_storage).encode() + b"".join(files)
    states = repr([state.as_dict() for state in household.hass.states.async_all()])
    assert b"audible_tracker.household" in stored
    assert len(secrets) > 6
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret not in states
        assert secret not in caplog.text


async def test_rotated_keys_open_everything(
    household: Household,
    media_server: FakeMediaServer,
    hass_storage: dict[str, Any],
) -> None:
    """Accounts and the link to the server are sealed anew, and go on."""
    entry = await household.sign_up()
    await announce(household.hass, media_server.url)
    before = await household.credentials(entry)
    sealed = hass_storage[SETTINGS]["data"]["media_server"]["secret"]

    count = await household_of(household.hass).async_rotate_keys()

    assert count == Resealed(1, 0)
    assert hass_storage[SETTINGS]["data"]["media_server"]["secret"] != sealed
    household.hass.data.pop("audible_tracker.household")
    await household_of(household.hass).async_load()
    assert household.link is not None
    assert household.link.secret == SECRET
    assert await household.credentials(entry) == before


async def test_new_time_zone_counts_its_own_days(household: Household) -> None:
    """The database learns it, so that a day's limit ends at the house's midnight."""
    entry = await household.sign_up()

    await household.hass.config.async_update(time_zone="Asia/Tokyo")
    await household.settle()

    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.store.time_zone.key == "Asia/Tokyo"
    assert rows(household.hass, "SELECT time_zone FROM database_owner") == [
        ("Asia/Tokyo",)
    ]
    await household.hass.config.async_update(time_zone="UTC")
    await household.settle()


async def test_old_sync_logs_go_and_the_ledger_stays(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Logs are removed daily, after as long as the option says."""
    entry = await household.sign_up()
    household.hass.config_entries.async_update_entry(
        entry, options={**entry.options, "log_days": 2}
    )
    first = rows(household.hass, "SELECT min(id) FROM audible_sync_logs")
    ledger = rows(household.hass, "SELECT count(*) FROM audible_progress_history")

    await household.pass_time(freezer, timedelta(days=1, minutes=1))
    assert rows(household.hass, "SELECT min(id) FROM audible_sync_logs") == first
    await household.pass_time(freezer, timedelta(days=1, minutes=1))

    assert rows(household.hass, "SELECT min(id) FROM audible_sync_logs") > first
    assert ledger == rows(
        household.hass, "SELECT count(*) FROM audible_progress_history"
    )


async def test_history_of_a_removed_account_stays(household: Household) -> None:
    """Its keys go, its books stay, and it finds them again."""
    entry = await household.sign_up()
    books = rows(household.hass, "SELECT count(*) FROM books")
    assert books > [(0,)]

    await household.hass.config_entries.async_remove(entry.entry_id)
    await household.settle()
    assert rows(
        household.hass, "SELECT encrypted_credentials, email FROM audible_config"
    ) == [(None, None)]

    again = await household.sign_up()
    assert again.data["account_id"] == entry.data["account_id"]
    assert rows(household.hass, "SELECT count(*) FROM books") == books


def _secrets_of(credentials: str) -> list[str]:
    """Return the tokens and keys of a registration."""
    members = json.loads(credentials)
    names = ("refresh_token", "access_token", "adp_token", "device_private_key")
    return [str(members[name]) for name in names if members.get(name)]


async def test_database_is_opened_off_the_configuration_of_tests(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    """Each test has a folder, and so a database, of its own."""
    assert Path(hass.config.config_dir).is_relative_to(tmp_path)


async def test_who_is_cancelled_holds_the_database_no_longer(
    household: Household,
) -> None:
    """Also one who waits for its turn to let go; the last one closes it."""
    house = household_of(household.hass)
    await house.async_open("holder")
    async with house._lock:
        leaving = asyncio.create_task(house.async_release("holder"))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (None, {}) == (house._store, house._held)
