"""The self-check: each thing in order, and each thing broken, in a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from audible_core.models import Asin
from audible_core.vault import Vault
from audible_core.wire import SECRET_HEADER
from cryptography.fernet import Fernet

from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN
from tests.simulator.faults import Fault, FaultKind

from .conftest import StartServer
from .server import SECRET, Server


async def _checks(server: Server) -> dict[str, tuple[str, str]]:
    """Return status and sentence of each check."""
    checks = (await server.json("/api/checks"))["checks"]
    return {check["name"]: (check["status"], check["sentence"]) for check in checks}


async def test_linked_server_with_a_title_is_in_order(linked: Server) -> None:
    """Everything is well, and each line says what was seen."""
    await linked.download(SHORT_ASIN)

    checks = await _checks(linked)

    assert {"ok"} == {status for status, _ in checks.values()}, checks
    assert "its sound is decoded" in checks["sound"][1]
    assert "Fetched 0 min ago." == checks["last_sync"][1]
    assert checks["database"][1].startswith("SQLite answers, schema 0")
    assert "asked 0 min ago" in checks["home"][1]
    assert "ffprobe" in checks["tools"][1]


async def test_new_server_says_what_is_to_be_done(server: Server) -> None:
    """Nothing is broken, but the account is not there yet."""
    checks = await _checks(server)

    assert ["account"] == [
        name for name, (status, _) in checks.items() if status != "ok"
    ]
    assert "link this server" in checks["account"][1]


async def test_strangers_see_nothing(server: Server) -> None:
    """The findings name accounts and titles."""
    async with server.stranger.get("/api/checks") as answer:
        assert 401 == answer.status


async def test_nothing_secret_is_said(linked: Server) -> None:
    """The findings hold no secret and no credentials."""
    text = json.dumps(await _checks(linked))

    assert SECRET not in text
    assert "token" not in text.lower()


async def test_wrong_key_of_a_title_is_found(linked: Server, shop: Simulator) -> None:
    """A file that its key does not open is named, if the shop has no better one."""
    book = await linked.download(SHORT_ASIN)
    shop.shop.faults.append(Fault(FaultKind.HTML, f"/{SHORT_ASIN}/"))
    path = linked.settings.library_dir / f"{SHORT_ASIN}.aaxc"
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 4 :] = bytes(len(damaged) - len(damaged) // 4)
    path.write_bytes(damaged)

    status, sentence = (await _checks(linked))["sound"]

    assert "failed" == status
    assert sentence.startswith(f"{book['title']} does not play: ")


async def test_lost_key_file_is_found(
    linked: Server, start_server: StartServer
) -> None:
    """What is sealed under a lost key cannot be opened; the cure is said."""
    keys = linked.settings.data_dir / "keys"
    keys.write_text(Fernet.generate_key().decode() + "\n")
    again = await start_server()

    status, sentence = (await _checks(again))["keys"]

    assert "failed" == status
    assert "Link the server once more" in sentence


async def test_key_of_a_title_is_opened_too(linked: Server) -> None:
    """Sign-ins may be handed over anew; a license is spent once."""
    await linked.download(SHORT_ASIN)
    status, sentence = (await _checks(linked))["keys"]
    title = (await linked.book(SHORT_ASIN))["title"]
    assert ("ok", True) == (status, title in sentence)
    lost = Vault([Fernet.generate_key().decode()]).seal("{}")
    await linked.services.books.update(Asin(SHORT_ASIN), voucher=lost)

    status, sentence = (await _checks(linked))["keys"]

    assert "failed" == status
    assert sentence.startswith(f"The key of {title} cannot be opened")


async def test_activation_bytes_are_opened_too(linked: Server) -> None:
    """They are sealed beside the sign-in."""
    [account] = await linked.services.accounts.load_all()
    lost = Vault([Fernet.generate_key().decode()]).seal("00")
    await linked.services.accounts._update(account.account_id, activation_bytes=lost)

    assert "failed" == (await _checks(linked))["keys"][0]


async def test_missing_ffmpeg_is_found(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the tool the sentence says so."""
    monkeypatch.setenv("PATH", str(tmp_path))

    status, sentence = (await _checks(server))["tools"]

    assert "failed" == status
    assert "ffmpeg" in sentence


async def test_readable_secret_is_found(server: Server) -> None:
    """A secret that everybody on the machine can read is no secret."""
    path = server.settings.data_dir / "secret"
    path.write_text(SECRET)
    path.chmod(0o644)

    status, sentence = (await _checks(server))["secret"]

    assert "warning" == status
    assert "Others on this machine" in sentence


async def test_library_folder_that_is_gone_is_found(server: Server) -> None:
    """A share that was taken away cannot be written."""
    server.settings.library_dir.rmdir()

    status, sentence = (await _checks(server))["disk"]

    assert "failed" == status
    assert str(server.settings.library_dir) in sentence


async def test_address_for_players_is_tried(
    server: Server, start_server: StartServer, unused_tcp_port: int
) -> None:
    """The address that speakers are given is asked for this very server."""
    good = await start_server(base_url=str(server.client.make_url("")).rstrip("/"))
    bad = await start_server(base_url=f"http://127.0.0.1:{unused_tcp_port}")

    status, sentence = (await _checks(good))["speakers"]
    assert ("ok", True) == (status, sentence.startswith("This server reached itself"))
    status, sentence = (await _checks(bad))["speakers"]
    assert "failed" == status
    assert f"http://127.0.0.1:{unused_tcp_port}" in sentence


async def test_home_assistant_that_never_asked_is_told_apart(
    server: Server, start_server: StartServer
) -> None:
    """Ingress shows the page before Home Assistant was linked."""
    contact = server.services.contact
    supervised = await start_server(is_supervised=True)

    async def home(of: Server) -> Any:
        check = await of.services.self_check.run()
        return next(found for found in check if found.name == "home")

    assert contact.last_call_at_ms is None
    assert "by its address and its secret" in (await home(server)).sentence
    assert "was not told" in (await home(supervised)).sentence
    supervised.services.announcement.host = "a-server"
    assert "accept what it discovered" in (await home(supervised)).sentence
    async with server.stranger.get(
        "/api/books", headers={SECRET_HEADER: SECRET}
    ) as answer:
        assert 200 == answer.status
    assert "ok" == (await home(server)).status
