"""What is asked of Audible by hand, chapters, and the change of keys."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from cryptography.fernet import Fernet

from audible_server.store.job import JobKind
from audible_server.store.schema import ACCOUNTS
from tests.simulator import Simulator
from tests.simulator.catalog import AAX_ASIN, SHORT_ASIN, TREE_ASIN, UNDER_WAY_ASIN

from .conftest import SignedIn, StartServer
from .server import Server

HAND = "B0BYHAND01"


async def send(
    server: Server, method: str, path: str, body: Any = None, status: int = 200
) -> Any:
    """Return the data of an answer, or its error."""
    async with server.client.request(method, path, json=body) as answer:
        assert status == answer.status, await answer.text()
        content = await answer.json()
        return content["data"] if content["success"] else content["error"]


# --- signing in -------------------------------------------------------------------


async def test_account_is_signed_in_through_the_server(
    server: Server, shop: Simulator
) -> None:
    """A link out, an address in; then the library comes, and nothing secret goes."""
    begun = await send(server, "POST", "/api/auth", {"country_code": "us"})
    landing = await shop.sign_in(begun["url"])
    body = {"sign_in": begun["sign_in"], "landing_url": landing}
    account = await send(server, "POST", "/api/auth", body, 201)
    await server.finished(JobKind.LIBRARY, account["account_id"])

    assert {"account_id", "name", "country_code"} == account.keys()
    assert account["account_id"].endswith("_us")
    [listed] = (await server.json("/api/accounts"))["accounts"]
    assert account["account_id"] == listed["account_id"]
    assert listed["library_fetched_at"] is not None
    assert (await server.book(SHORT_ASIN))["title"]
    for secret in ("serial", "code_verifier", "verifier"):
        assert secret not in begun["sign_in"]

    # The code is of use once.
    error = await send(server, "POST", "/api/auth", body, 422)
    assert "code_rejected" == error["code"]


async def test_sign_in_of_another_server_is_refused(
    server: Server, shop: Simulator
) -> None:
    """Only who made it can read it, and not for ever."""
    foreign = Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
    for sign_in in (foreign, "x"):
        body = {"sign_in": sign_in, "landing_url": "https://www.amazon.com"}
        error = await send(server, "POST", "/api/auth", body, 403)
        assert "sign_in_over" == error["code"]


async def test_old_sign_in_is_over(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour is enough for anybody."""
    monkeypatch.setattr("audible_server.http.asking_audible.SIGN_IN_LIFE_S", -1)
    begun = await send(server, "POST", "/api/auth", {"country_code": "de"})
    body = {"sign_in": begun["sign_in"], "landing_url": "https://www.amazon.de"}
    error = await send(server, "POST", "/api/auth", body, 403)
    assert "sign_in_over" == error["code"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sign_in"),
        ({"country_code": "xx"}, "country_code"),
        ({"country_code": ["us"]}, "country_code"),
        ({"country_code": "us", "sign_in": "x"}, "body"),
        ({"sign_in": "x"}, "landing_url"),
        ({"sign_in": "x", "landing_url": "y" * 8001}, "landing_url"),
        ({"password": "x"}, "body"),
        ([], "body"),
    ],
)
async def test_half_a_sign_in_is_named(server: Server, body: Any, field: str) -> None:
    """There is no place for a password."""
    assert field == (await send(server, "POST", "/api/auth", body, 400))["field"]


async def test_wrong_page_is_named(server: Server) -> None:
    """As in Home Assistant's own dialog."""
    begun = await send(server, "POST", "/api/auth", {"country_code": "us"})
    body = {"sign_in": begun["sign_in"], "landing_url": "https://www.example.com/"}
    error = await send(server, "POST", "/api/auth", body, 422)
    assert "landing_wrong_page" == error["code"]


# --- libraries and places ---------------------------------------------------------


async def test_library_is_fetched_now_but_not_all_the_time(
    linked: Server, account: SignedIn
) -> None:
    """Within the floor it says until when, also in the header."""
    name = account[0].account_id
    async with linked.client.post("/api/library", json={"account_id": name}) as answer:
        assert 429 == answer.status
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        error = (await answer.json())["error"]
        assert ("sync_too_soon", True) == (error["code"], "until" in error)
    assert (
        "sync_too_soon" == (await send(linked, "POST", "/api/library", {}, 429))["code"]
    )

    old = int(datetime.now(UTC).timestamp() * 1000) - 16 * 60 * 1000
    await linked.services.accounts._update(name, library_fetched_at=old)
    [started] = (await send(linked, "POST", "/api/library", {}, 202))["accounts"]
    assert name == started["account_id"]
    assert datetime.fromisoformat(started["next_at"]) > datetime.now(UTC)
    await linked.finished(JobKind.LIBRARY, name)
    assert (
        "sync_too_soon" == (await send(linked, "POST", "/api/library", {}, 429))["code"]
    )


async def test_library_of_nobody(server: Server) -> None:
    """An unknown account is no account."""
    assert {"accounts": []} == await send(server, "POST", "/api/library", {}, 202)
    body = {"account_id": "nobody"}
    error = await send(server, "POST", "/api/library", body, 404)
    assert "unknown_account" == error["code"]


async def test_places_at_audible_are_told(linked: Server, shop: Simulator) -> None:
    """Of one title, or of several in one request; never heard is null, not zero."""
    one = await send(linked, "POST", f"/api/progress/{UNDER_WAY_ASIN}")
    assert one["position_ms"] > 0
    assert 0 < one["percentage"] < 100
    asked = len(shop.requests("/1.0/annotations/lastpositions"))
    body = {"asins": [UNDER_WAY_ASIN, SHORT_ASIN, UNDER_WAY_ASIN]}
    both = (await send(linked, "POST", "/api/progress", body))["progress"]
    assert asked + 1 == len(shop.requests("/1.0/annotations/lastpositions"))
    assert one == both[0]
    assert [UNDER_WAY_ASIN, SHORT_ASIN] == [place["asin"] for place in both]


async def test_places_that_nobody_can_tell(server: Server, plain_book: Path) -> None:
    """A title without account, or an unknown one."""
    copyfile(plain_book, server.settings.library_dir / f"{HAND}.m4b")
    await server.services.shelf.load_all()
    error = await send(server, "POST", f"/api/progress/{HAND}", status=409)
    assert "no_account" == error["code"]
    error = await send(server, "POST", "/api/progress/B0UNKNOWN1", status=404)
    assert "unknown_book" == error["code"]


@pytest.mark.parametrize(
    "asins", [None, [], "B0SHRTLAW1", ["x"], [1], ["B0SHRTLAW1"] * 101]
)
async def test_wrong_list_of_titles_is_named(server: Server, asins: Any) -> None:
    """Nothing is asked of Audible."""
    body = {"asins": asins}
    assert "asins" == (await send(server, "POST", "/api/progress", body, 400))["field"]


async def test_token_is_renewed_and_kept(linked: Server, account: SignedIn) -> None:
    """It proves that the registration holds; the new one is used afterwards."""
    name = account[0].account_id
    before = await linked.services.accounts.load_credentials(name)
    body = {"account_id": name}
    assert body == await send(linked, "POST", "/api/refresh-token", body)
    after = await linked.services.accounts.load_credentials(name)
    assert before != after
    assert await send(linked, "POST", f"/api/progress/{UNDER_WAY_ASIN}")


async def test_ended_registration_is_told(
    linked: Server, account: SignedIn, shop: Simulator
) -> None:
    """Sign in again is all that helps."""
    for device in shop.shop.devices:
        device.is_revoked = True
    body = {"account_id": account[0].account_id}
    error = await send(linked, "POST", "/api/refresh-token", body, 403)
    assert "audible_auth" == error["code"]
    body = {"account_id": "nobody"}
    error = await send(linked, "POST", "/api/refresh-token", body, 404)
    assert "unknown_account" == error["code"]


# --- chapters ---------------------------------------------------------------------


async def test_chapters_have_audibles_names_and_are_asked_for_once(
    linked: Server, shop: Simulator
) -> None:
    """They hold without internet from then on; no license is spent."""
    path = f"/api/books/{TREE_ASIN}/chapters"
    first = await linked.json(path)
    asked = len(shop.requests(f"/1.0/content/{TREE_ASIN}/metadata"))
    assert first == await linked.json(path)
    assert asked == len(shop.requests(f"/1.0/content/{TREE_ASIN}/metadata")) == 1
    assert [] == shop.requests(f"/1.0/content/{TREE_ASIN}/licenserequest")

    assert ("audible", True) == (first["source"], first["is_accurate"])
    assert len(first["chapters"]) > 1
    ends = [one["start_ms"] + one["length_ms"] for one in first["chapters"]]
    assert ends[:-1] == [one["start_ms"] for one in first["chapters"]][1:]


async def test_without_an_account_the_file_tells(
    server: Server, plain_book: Path
) -> None:
    """A book put there by hand has what its file says."""
    copyfile(plain_book, server.settings.library_dir / f"{HAND}.m4b")
    await server.services.shelf.load_all()
    found = await server.json(f"/api/books/{HAND}/chapters")
    assert "file" == found["source"]
    assert ["One"] == [chapter["title"] for chapter in found["chapters"]]

    copyfile(plain_book, server.settings.library_dir / "B0BYHAND02.mp3")
    await server.json("/api/books/B0UNKNOWN1/chapters", 404)


# --- keys -------------------------------------------------------------------------


async def test_keys_are_changed_and_everything_still_opens(
    linked: Server, account: SignedIn, start_server: StartServer
) -> None:
    """All that is sealed is sealed anew; the old key opens nothing any more."""
    await linked.download(SHORT_ASIN)
    await linked.download(AAX_ASIN)
    keys = linked.settings.data_dir / "keys"
    old = keys.read_text()
    count = (await send(linked, "POST", "/api/keys/rotate"))["resealed"]
    new = keys.read_text()

    assert count >= 3
    assert 1 == len(new.split())
    assert set(old.split()).isdisjoint(new.split())
    assert 0o600 == keys.stat().st_mode & 0o777
    await linked.client.server.close()
    server = await start_server()
    for asin in (SHORT_ASIN, AAX_ASIN):
        assert 200 == (await server.body(f"/stream/{asin}"))[0]
    name = account[0].account_id
    assert account[1] == await server.services.accounts.load_credentials(name)


async def test_what_cannot_be_opened_keeps_the_keys(
    linked: Server, account: SignedIn
) -> None:
    """All or nothing: a damaged row changes no row, and no key is lost."""
    keys = linked.settings.data_dir / "keys"
    old = keys.read_text()
    async with linked.services.accounts._engine.begin() as connection:
        values = {"activation_bytes": "damaged"}
        await connection.execute(ACCOUNTS.update().values(values))
    error = await send(linked, "POST", "/api/keys/rotate", status=500)
    assert "seal_broken" == error["code"]
    # The new one stays beside it: somebody may have sealed with it.
    assert keys.read_text().endswith(old)
    name = account[0].account_id
    assert account[1] == await linked.services.accounts.load_credentials(name)


async def test_two_at_once_change_the_keys_one_after_the_other(linked: Server) -> None:
    """Nothing is lost in between."""
    await asyncio.gather(*(send(linked, "POST", "/api/keys/rotate") for _ in range(3)))
    [account] = await linked.services.accounts.load_all()
    assert await linked.services.accounts.load_credentials(account.account_id)
