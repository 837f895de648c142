"""A home of version 0.1.0, whose entry holds its secrets itself, meets this version."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from .conftest import FOLDER
from .home_assistant import REPOSITORY
from .household import SERVER_PYTHON, Household, MediaServer, Shop, running_household
from .processes import wait_until
from .secret_search import files_below, find
from .tracker_database import count_rows, key_path
from .walk import DOMAIN, our_states

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

_OLD_HOME: Final = REPOSITORY / "tests" / "fixtures" / "skeleton-home"
_ENTRY_ID: Final = "01M7YBFBTA3012G4H9RGSXQYXJ"
_RENAMED: Final = "sensor.what_anna_hears"


@dataclass(slots=True)
class OldHome:
    """The home after its first start with this version."""

    house: Household
    secrets: dict[str, str] = field(default_factory=dict)

    async def entry(self) -> dict[str, Any]:
        """Return what is stored of the entry, once it has been written."""
        path = self.house.home_process.folder / ".storage" / "core.config_entries"

        async def written() -> dict[str, Any] | None:
            entries = json.loads(path.read_text())["data"]["entries"]
            [entry] = [entry for entry in entries if entry["domain"] == DOMAIN]
            return entry if "credentials" not in entry["data"] else None

        return await wait_until("the migrated entry", written, timeout_s=30)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def old_home() -> AsyncIterator[OldHome]:
    """Lay the old home out with fresh plain secrets, and start it."""
    secrets: dict[str, str] = {}

    async def lay_out(folder: Path, shop: Shop, server: MediaServer) -> None:
        registration = await _register(shop)
        secrets["registration"] = registration
        secrets["refresh token"] = json.loads(registration)["refresh_token"]
        secrets["private key"] = json.loads(registration)["device_private_key"]
        secrets["server secret"] = server.secret
        for path in _OLD_HOME.glob("*.json"):
            text = path.read_text()
            for name, value in (
                ("@credentials", registration),
                ("@server_url", server.url),
                ("@server_secret", server.secret),
            ):
                text = text.replace(f'"{name}"', json.dumps(value))
            (folder / ".storage" / path.stem).write_text(text)
        plain = files_below(folder)
        assert {one.partition(" in ")[0] for one in find(plain, secrets)} == {*secrets}

    async with running_household(FOLDER / "upgrade", lay_out=lay_out) as house:
        yield OldHome(house, secrets)


async def _register(shop: Shop) -> str:
    process = await asyncio.create_subprocess_exec(
        *(str(SERVER_PYTHON), "-m", "tests.e2e.registration"),
        *("--proxy-url", shop.proxy_url, "--ca-path", str(shop.ca_path)),
        *("--email", shop.email, "--password", shop.password),
        cwd=REPOSITORY,
        env=shop.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode().strip()


async def test_the_old_entry_starts_and_syncs(old_home: OldHome) -> None:
    """Nobody signs in again: the entry loads, and its library is in the database."""
    client = old_home.house.home_assistant

    async def loaded() -> dict[str, Any] | None:
        command = {"type": "config_entries/get", "domain": DOMAIN}
        [entry] = await client.websocket(command)
        return entry if entry["state"] == "loaded" else None

    entry = await wait_until("the entry", loaded, timeout_s=30)
    assert entry["entry_id"] == _ENTRY_ID
    assert count_rows(old_home.house.home_process.folder, "audible_titles") == 43


async def test_entities_keep_their_ids(old_home: OldHome) -> None:
    """Automations go on: also the entity that a user had renamed is still that one."""
    registry = json.loads((_OLD_HOME / "core.entity_registry.json").read_text())
    expected = {entity["entity_id"] for entity in registry["data"]["entities"]}
    states = await our_states(old_home.house)
    assert expected <= {*states}
    assert states[_RENAMED] == "Pride and Prejudice"
    assert not any(name.endswith("_2") for name in states)


async def test_the_entry_holds_ids_and_keeps_its_options(old_home: OldHome) -> None:
    """The interval moved into the database, with the account it belongs to."""
    entry = await old_home.entry()
    assert entry["version"] == 2
    assert {*entry["data"]} == {"customer_id", "account_id", "name", "country_code"}
    assert entry["options"] == {"under_way_days": 60}
    folder = old_home.house.home_process.folder
    assert count_rows(folder, "audible_config", "sync_interval_minutes = 90") == 1


async def test_the_server_knows_the_account_by_its_new_name(old_home: OldHome) -> None:
    """The link moved too: the server gets the account again, under its country."""

    async def known() -> list[str] | None:
        answer = await old_home.house.server_api("GET", "/api/accounts")
        return [account["account_id"] for account in answer["accounts"]] or None

    [account_id] = await wait_until("the hand-over", known, timeout_s=30)
    assert account_id.endswith("_de")


async def test_no_plain_secret_is_left(old_home: OldHome) -> None:
    """Neither the entry nor the old file of the account nor a log holds one."""
    await old_home.entry()
    house = old_home.house
    keys = (key_path(house.home_process.folder), house.folder / "server" / "keys")
    assert find(files_below(house.folder, but=keys), old_home.secrets) == []
    storage = house.home_process.folder / ".storage"
    assert not (storage / f"{DOMAIN}.{_ENTRY_ID}").exists()
