"""The way to Audible: when it closes, and what answers of any status mean."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from audible_core.audible.client import AudibleClient
from audible_core.audible.connection import check_status
from audible_core.audible.pace import Pace
from audible_core.errors import (
    AccountUnloadedError,
    AudibleRateLimitError,
    AudibleResponseError,
)
from audible_core.models import Account, Credentials

from tests.core.conftest import PER_MINUTE
from tests.simulator import Simulator
from tests.simulator.faults import Fault, FaultKind

DAY_S = 24 * 3600


class ToldPace(Pace):
    """A pace that tells when the first turn has come."""

    def __init__(self) -> None:
        """Begin to wait."""
        super().__init__(PER_MINUTE)
        self.has_turn = asyncio.Event()

    async def wait_turn(self) -> None:
        """Let it pass at once."""
        self.has_turn.set()


@pytest.fixture
async def asked(
    signed_in: tuple[Account, Credentials], shop: Simulator
) -> AsyncIterator[tuple[AudibleClient, asyncio.Task[object]]]:
    """Ask a shop that stalls for the library."""
    shop.shop.faults.append(Fault(FaultKind.STALL))
    pace = ToldPace()
    async with await AudibleClient.open(signed_in[1], pace) as client:
        asking: asyncio.Task[object] = asyncio.create_task(client.fetch_library())
        await pace.has_turn.wait()
        yield client, asking


async def test_who_waits_is_told_when_the_account_is_unloaded(
    asked: tuple[AudibleClient, asyncio.Task[object]],
) -> None:
    """At once, though the shop stalls; nothing more is asked afterwards."""
    client, asking = asked
    async with asyncio.timeout(10):
        await client.close()
        with pytest.raises(AccountUnloadedError):
            await asking
    with pytest.raises(AccountUnloadedError):
        await client.fetch_library()


async def test_who_gives_up_is_not_told_of_an_account_that_is_there(
    asked: tuple[AudibleClient, asyncio.Task[object]], shop: Simulator
) -> None:
    """A caller that is cancelled stays so; the client goes on."""
    client, asking = asked
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    shop.shop.faults.clear()
    assert (await client.fetch_library()).titles


async def test_activation_bytes_of_a_sign_in_are_not_asked_for_again(
    signed_in: tuple[Account, Credentials], shop: Simulator
) -> None:
    """Other programs keep them in their file."""
    members = json.loads(signed_in[1].text) | {"activation_bytes": "0a1b2c3d"}
    credentials = Credentials(json.dumps(members))
    async with await AudibleClient.open(credentials, Pace(PER_MINUTE)) as client:
        assert bytes.fromhex("0a1b2c3d") == await client.fetch_activation_bytes()
    assert [] == shop.requests("/license/token")


async def test_activation_bytes_that_are_no_number_are_none(
    signed_in: tuple[Account, Credentials],
) -> None:
    """A file that somebody has edited."""
    members = json.loads(signed_in[1].text) | {"activation_bytes": "no number"}
    credentials = Credentials(json.dumps(members))
    async with await AudibleClient.open(credentials, Pace(PER_MINUTE)) as client:
        with pytest.raises(AudibleResponseError):
            await client.fetch_activation_bytes()


@pytest.mark.parametrize("status", [302, 400, 409])
def test_status_that_nobody_expects_is_an_odd_answer(status: int) -> None:
    """It is named, and no sign-in is lost by it."""
    with pytest.raises(AudibleResponseError, match=str(status)):
        check_status(httpx.Response(status), what="it")


def wait_s(retry_after: str) -> int:
    """Return how long a busy shop is left alone."""
    answer = httpx.Response(429, headers={"Retry-After": retry_after})
    with pytest.raises(AudibleRateLimitError) as caught:
        check_status(answer, what="it")
    return caught.value.retry_after_s


@pytest.mark.parametrize(
    ("retry_after", "expected_s"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("999999", DAY_S),
        ("9" * 5_000, DAY_S),
        ("", 60),
        ("soon", 60),
        ("-5", 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0),
        ("Fri, 21 Oct 2411 07:28:00 GMT", DAY_S),
    ],
)
def test_shop_is_left_alone_as_long_as_it_says(
    retry_after: str, expected_s: int
) -> None:
    """Never longer than a day; a minute where it says nothing that is a time."""
    assert expected_s == wait_s(retry_after)


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_shop_that_names_an_instant_is_left_alone_until_then(zone: str) -> None:
    """A date without a zone is in universal time."""
    until = datetime.now(UTC) + timedelta(minutes=10)
    text = format_datetime(until, usegmt=True).replace("GMT", zone)
    assert 590 <= wait_s(text) <= 600
