"""Audible refuses a sign-in: it is told, and a new one lets the downloads go on."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from audible_core.audible.auth import SignIn, complete_sign_in
from audible_core.models import Asin

from audible_server.library.events import Event
from audible_server.library.refusals import is_registration_too_old
from audible_server.store.clock import now_ms
from audible_server.store.job import JobKind
from tests.simulator import Simulator
from tests.simulator.audio import encrypt_aax
from tests.simulator.catalog import AAX_ASIN, SHORT_ASIN, UNDER_WAY_ASIN

from .conftest import SignedIn, StartServer
from .server import Server, error_of

ASIN, OTHER = Asin(SHORT_ASIN), Asin(UNDER_WAY_ASIN)
DAY_MS = int(timedelta(days=1).total_seconds() * 1000)


async def sign_in_again(shop: Simulator) -> SignedIn:
    """Sign in as somebody whom Home Assistant asks to."""
    sign_in = await asyncio.to_thread(SignIn.begin, "us")
    return await complete_sign_in(sign_in, await shop.sign_in(sign_in.url))


async def _account(server: Server) -> dict[str, Any]:
    answer = await server.json("/api/accounts")
    (account,) = answer["accounts"]
    assert isinstance(account, dict)
    return account


def _licenses(shop: Simulator) -> int:
    return sum(
        request.path.endswith("/licenserequest") for request in shop.requests("/1.0")
    )


async def _is_downloaded(server: Server, asin: Asin) -> bool:
    await server.finished(JobKind.DOWNLOAD, asin)
    return (await server.book(asin))["state"] == "downloaded"


async def test_registration_that_ended_is_told_and_made_good(
    linked: Server, shop: Simulator
) -> None:
    """What it kept from coming comes with the new one, without being asked for."""
    shop.shop.devices[-1].is_revoked = True
    with linked.services.events.subscribe() as subscription:
        book = await linked.download(ASIN)
        events = [await subscription.take()]
        while (event := events[-1]) is not None and event.kind != "account":
            events.append(await subscription.take())
    account = await _account(linked)

    assert ("failed", "audible_auth") == (book["state"], book["error"])
    assert (True, "audible_auth") == (account["needs_sign_in"], account["error"])
    assert Event("account", {"account_id": account["account_id"]}) == event

    await linked.hand_over(*await sign_in_again(shop))
    assert not (await _account(linked))["needs_sign_in"]
    assert await _is_downloaded(linked, ASIN)


async def test_conversions_begin_again_with_the_new_sign_in(
    linked: Server, shop: Simulator, plain_book: Path
) -> None:
    """Of what is still there: the key of an AAX file is the account's."""
    customer = next(iter(shop.shop.accounts.values()))
    library = linked.settings.library_dir
    for asin in (AAX_ASIN, OTHER):
        path = library / f"{asin}.aax"
        encrypt_aax(plain_book, path, activation_bytes=customer.activation_bytes)
    await linked.services.shelf.load_all()
    shop.shop.devices[-1].is_revoked = True
    for asin in (AAX_ASIN, OTHER):
        await _convert(linked, asin)
    jobs = [job for job in await linked.jobs() if job["kind"] == "convert"]
    assert [("failed", "audible_auth")] * 2 == [
        (job["state"], job["error"]) for job in jobs
    ]

    (library / f"{OTHER}.aax").unlink()
    await linked.hand_over(*await sign_in_again(shop))
    await linked.finished(JobKind.CONVERT, AAX_ASIN)
    await linked.finished(JobKind.CONVERT, OTHER)
    jobs = [job for job in await linked.jobs() if job["kind"] == "convert"]
    assert 1 == sum(job["state"] == "done" for job in jobs)
    assert 3 == len(jobs)
    assert 1 == len(list(library.rglob("*.mp3")))


async def _convert(server: Server, asin: str) -> None:
    async with server.client.post(
        f"/api/books/{asin}/convert", json={"format": "mp3"}
    ) as answer:
        assert 202 == answer.status, await answer.text()
    await server.finished(JobKind.CONVERT, asin)


async def test_registration_that_is_too_old_is_asked_with_once(
    linked: Server, shop: Simulator, account: SignedIn
) -> None:
    """Each request counts; the library still comes, the same hand-over is no help."""
    shop.shop.devices[-1].is_throttled = True
    book = await linked.download(ASIN)
    assert ("failed", "license_registration_old") == (book["state"], book["error"])
    assert "Sign in again" in book["error_text"]
    await linked.download(OTHER)
    async with linked.client.get(f"/stream/{OTHER}") as answer:
        assert 403 == answer.status
        assert "license_registration_old" == (await error_of(answer))["code"]
    assert 1 == _licenses(shop)
    await linked.services.catalog.fetch((await _account(linked))["account_id"])
    await linked.hand_over(*account)
    found = await _account(linked)
    assert (True, book["error_text"]) == (found["needs_sign_in"], found["error_text"])

    await linked.hand_over(*await sign_in_again(shop))
    assert not (await _account(linked))["needs_sign_in"]
    assert await _is_downloaded(linked, ASIN)
    assert await _is_downloaded(linked, OTHER)


async def test_new_sign_in_that_is_refused_too_has_to_wait(
    linked: Server, shop: Simulator
) -> None:
    """It cannot be too old: nobody is made to sign in over and over."""
    await linked.hand_over(*await sign_in_again(shop))
    for device in shop.shop.devices:
        device.is_throttled = True
    book = await linked.download(ASIN)

    assert ("failed", "license_throttled") == (book["state"], book["error"])
    assert "Wait two days" in book["error_text"]
    assert not (await _account(linked))["needs_sign_in"]


async def test_sign_in_through_the_server_counts_as_well(
    start_server: StartServer, shop: Simulator, account: SignedIn
) -> None:
    """Who has no Home Assistant signs in at the server; the downloads go on."""
    server, (owner, credentials) = await start_server(), account
    await server.hand_over(replace(owner, account_id=owner.key), credentials)
    shop.shop.devices[-1].is_throttled = True
    await server.download(ASIN)
    async with server.client.post("/api/auth", json={"country_code": "us"}) as answer:
        begun = (await answer.json())["data"]
    landed = await shop.sign_in(begun["url"])
    body = {"sign_in": begun["sign_in"], "landing_url": landed}
    async with server.client.post("/api/auth", json=body) as answer:
        assert 201 == answer.status, await answer.text()

    assert await _is_downloaded(server, ASIN)


async def test_token_that_is_refused_is_told(linked: Server, shop: Simulator) -> None:
    """Asked by hand, it is the same refusal."""
    shop.shop.devices[-1].is_revoked = True
    account_id = (await _account(linked))["account_id"]
    body = {"account_id": account_id}
    async with linked.client.post("/api/refresh-token", json=body) as answer:
        assert 403 == answer.status
    assert (await _account(linked))["needs_sign_in"]


@pytest.mark.parametrize(
    ("licenses_lately", "days_ago", "is_too_old"),
    [
        (0, None, True),
        (49, None, True),
        (50, None, False),
        (0, 29, False),
        (0, 31, True),
    ],
)
def test_few_licenses_and_an_old_sign_in_are_told_from_many(
    licenses_lately: int, days_ago: int | None, is_too_old: bool
) -> None:
    """Both are refused in the same words, and have different cures."""
    now = now_ms()
    assert is_too_old == is_registration_too_old(
        licenses_lately=licenses_lately,
        signed_in_at=None if days_ago is None else now - days_ago * DAY_MS,
        now_ms=now,
    )
