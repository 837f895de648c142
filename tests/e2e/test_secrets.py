"""Secrets, after a whole life: nowhere, in no form, not for a moment."""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import pytest
import pytest_asyncio

from tests.simulator.catalog import DEMO_EMAIL, SHORT_ASIN

from .flows import link_server
from .logs import log_files
from .processes import wait_until
from .secret_search import files_below, find, strings_in, texts
from .tracked_home import TrackedHome
from .tracker_database import key_path, read_keys
from .walk import DOMAIN, demo_shop_now

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

_PUBLIC: Final = ("customer_info", "device_name", "device_type", "locale_code")
"""Parts of a registration that are no secret: who, which kind of device, where."""
_MARK: Final = "pl4nt3d-f0r-th3-s34rch"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def secrets(home: TrackedHome) -> dict[str, str]:
    """Live a whole life; return everything that should stay secret, by its name."""
    folder = home.house.home_process.folder
    old_keys = read_keys(folder)
    await _live(home)
    keys = read_keys(folder)
    assert not set(keys) & set(old_keys), "the keys were not rotated"
    issued = await home.house.shop_control("GET", "/secrets")
    server_keys = home.house.folder / "server" / "keys"
    activation_bytes = demo_shop_now().accounts[DEMO_EMAIL].activation_bytes
    found = {
        **_parts_of(await home.registration()),
        **{f"issued {number}": secret for number, secret in enumerate(issued)},
        **{f"old key {number}": key for number, key in enumerate(old_keys)},
        **{f"key {number}": key for number, key in enumerate(keys)},
        "server key": server_keys.read_text().split()[0],
        "server secret": home.house.server.secret,
        "database password": home.postgres.password,
        "activation bytes": activation_bytes.hex(),
    }
    assert {"refresh_token", "access_token", "adp_token", "device_private_key"} <= {
        name.partition(" ")[0] for name in found
    }
    return found


async def _live(home: TrackedHome) -> None:
    """Do everything that touches a secret: what works, what fails, and a restart."""
    house = home.house
    await link_server(house, home.entry_id)

    async def known() -> bool | None:
        return True if (await house.server_api("GET", "/api/books"))["books"] else None

    await wait_until("the hand-over", known, timeout_s=30)
    await home.home_assistant.call_action(DOMAIN, "download", {"asin": SHORT_ASIN})

    async def downloaded() -> bool | None:
        book = await house.server_api("GET", f"/api/books/{SHORT_ASIN}")
        return True if book["state"] in ("downloaded", "completed") else None

    await wait_until("the download", downloaded, timeout_s=60)
    house.may_log(r"ERROR .* audible_tracker\.sync_book: Audible does not answer")
    await house.shop_control("POST", "/faults", {"kind": "unreachable"})
    try:
        with pytest.raises(RuntimeError, match="does not answer"):
            await home.act("sync_book", {"asin": SHORT_ASIN})
    finally:
        await house.shop_control("DELETE", "/faults")
        # The pause after it would be minutes.
        await home.postgres.execute(
            "UPDATE audible_config SET wait_until = NULL, wait_reason = NULL",
            home.database,
        )
    with pytest.raises(RuntimeError, match="store_access"):
        await home.try_database(home.postgres.url("no_such_database"))
    await home.act("rotate_keys", {})
    await home.restart()
    await home.progress()


def _parts_of(registration: str) -> dict[str, str]:
    """Return every secret text of a registration, by its name."""
    return {
        f"{name} {number}": secret
        for name, value in json.loads(registration).items()
        for number, secret in enumerate(strings_in(_without_public(name, value)))
    }


def _without_public(name: str, value: Any) -> Any:
    if name in _PUBLIC:
        return None
    if isinstance(value, dict):
        return {key: member for key, member in value.items() if key not in _PUBLIC}
    return value


async def _places(home: TrackedHome) -> dict[str, bytes]:
    """Return everything that somebody may get to see, by where it is."""
    house, client = home.house, home.home_assistant
    diagnostics = f"/api/diagnostics/config_entry/{home.entry_id}"
    entries = {"type": "config_entries/get", "domain": DOMAIN}
    options = await client.start_options(home.entry_id)
    form = await client.continue_options(
        options["flow_id"], {"next_step_id": "database"}
    )
    keys = (key_path(house.home_process.folder), house.folder / "server" / "keys")
    return {
        **files_below(house.folder, but=keys),
        "arguments of processes": b"\n".join(home.arguments),
        "events": "\n".join(home.told).encode(),
        "states": texts(await client.states()),
        "config entries": texts(await client.websocket(entries)),
        "devices": texts(
            await client.websocket({"type": "config/device_registry/list"})
        ),
        "diagnostics": texts(await client.rest("GET", diagnostics)),
        "options": texts(form),
        "answers of actions": texts(
            [await home.act(name, {}) for name in ("get_status", "list_conflicts")]
        ),
        "PostgreSQL": (
            await asyncio.to_thread(home.postgres.dump, home.database)
        ).encode(),
    }


async def test_the_search_finds_what_is_planted_in_each_kind_of_place(
    home: TrackedHome, secrets: Mapping[str, str]
) -> None:
    """A plain text in a file, a log, an argument, a state, an event: all are found."""
    client, folder = home.home_assistant, home.house.folder
    await home.act("add_book", {"title": f"{_MARK} in a book"})
    await client.rest("POST", "/api/states/sensor.planted", _state())
    await client.rest("POST", "/api/events/planted", {"mark": _MARK})
    await client.rest(
        "POST",
        "/api/services/system_log/write",
        {"message": _MARK, "level": "debug", "logger": f"custom_components.{DOMAIN}"},
    )
    await client.websocket(
        {
            "type": "config_entries/update",
            "entry_id": home.entry_id,
            "title": f"{_MARK} as a title",
        }
    )
    for name in ("home/planted.db.v1.backup", "server/planted.db", "logs/planted.log"):
        (folder / name).write_text(f'{{"mark": "{_MARK}"}}')
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import time; time.sleep(0.5)", _MARK)
    )
    await process.wait()

    async def saved() -> bool | None:
        entries = folder / "home" / ".storage" / "core.config_entries"
        return True if _MARK in entries.read_text() else None

    await wait_until("the saved title", saved, timeout_s=15)
    found = {
        place.partition(" in ")[2] for place in find(await _places(home), _marks())
    }
    assert {
        "home/planted.db.v1.backup",
        "server/planted.db",
        "logs/planted.log",
        "logs/home-assistant.log",
        "home/.storage/core.config_entries",
        "home/home-assistant_v2.db-wal",
        "arguments of processes",
        "events",
        "states",
        "config entries",
        "PostgreSQL",
    } <= found


def _state() -> dict[str, Any]:
    return {"state": "planted", "attributes": {"deep": {"mark": _MARK}}}


def _marks() -> dict[str, str]:
    return {"mark": _MARK}


async def test_the_search_finds_what_was_sealed_once_it_is_opened(
    home: TrackedHome, secrets: Mapping[str, str]
) -> None:
    """Every secret is found where it is plain: in the registration and the key file."""
    folder = home.house.home_process.folder
    registration = await home.registration()
    plain = {
        "registration": registration.encode(),
        "key file": key_path(folder).read_bytes(),
    }
    found = {one.partition(" in ")[0] for one in find(plain, secrets)}
    expected = {*_parts_of(registration), "key 0"}
    assert {name for name in expected if len(secrets[name]) >= 8} <= found


async def test_no_secret_is_anywhere(
    home: TrackedHome, secrets: Mapping[str, str]
) -> None:
    """Not in a file, a log at DEBUG, an argument, a state, an event, a diagnosis."""
    places = await _places(home)
    names = {path.name for path in log_files(home.house.folder)}
    assert {"server.log", "home-assistant.log"} <= names
    assert {"home/audible_tracker.db", "home/.storage/core.config_entries"} <= {*places}
    assert b"sync_logs" in places["diagnostics"]
    assert find(places, secrets) == []
