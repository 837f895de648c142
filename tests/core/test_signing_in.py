"""Signing in, staying so and leaving, where Amazon does not do as it should."""

import json
from datetime import timedelta

import pytest
from audible_core.audible.auth import (
    SignIn,
    complete_sign_in,
    is_same_registration,
    refreshed,
    sign_out,
)
from audible_core.audible.client import AudibleClient
from audible_core.audible.pace import Pace
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleResponseError,
    TrackerError,
)
from audible_core.models import Account, Credentials

from tests.core.conftest import PER_MINUTE
from tests.simulator import Simulator
from tests.simulator.faults import Fault, FaultKind

type SignedIn = tuple[Account, Credentials]


def access_token_of(credentials: Credentials) -> str:
    """Return what is sent instead of a signature."""
    return str(json.loads(credentials.text)["access_token"])


async def test_sign_in_goes_on_after_it_was_put_aside(shop: Simulator) -> None:
    """The link that the user opened is that of the sign-in that is read again."""
    begun = SignIn.begin("de")
    landing = await shop.sign_in(begun.url)

    read_again = SignIn.from_text(begun.to_text())

    assert read_again == begun
    account, _ = await complete_sign_in(read_again, landing)
    assert account.name == "Anna Example"


def test_sign_in_under_way_does_not_print_its_secrets() -> None:
    """Who has the verifier and the code has the account."""
    begun = SignIn.begin("de")
    assert begun.code_verifier.decode() not in repr(begun)
    assert begun.serial not in repr(begun).replace(begun.url, "")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.UNREACHABLE, AudibleConnectionError),
        (FaultKind.HTML, AudibleResponseError),
        (FaultKind.EMPTY, AudibleResponseError),
        (FaultKind.RATE_LIMIT, AudibleResponseError),
    ],
)
async def test_amazon_that_is_away_or_odd_is_no_mistake_of_the_user(
    shop: Simulator, kind: FaultKind, error: type[TrackerError]
) -> None:
    """Its code is as good as before: no error says that it was refused."""
    begun = SignIn.begin("de")
    landing = await shop.sign_in(begun.url)
    shop.shop.faults.append(Fault(kind))
    with pytest.raises(error) as caught:
        await complete_sign_in(begun, landing)
    assert type(caught.value) is error
    shop.shop.faults.clear()
    assert (await complete_sign_in(begun, landing))[0].country_code == "de"


@pytest.mark.parametrize(
    ("code", "error"),
    [("ServerError", AudibleConnectionError), ("Unheard", AudibleResponseError)],
)
async def test_refusal_of_amazons_own_doing_is_told_apart(
    shop: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    error: type[TrackerError],
) -> None:
    """Its fault passes; what is not known is no refused code."""
    begun = SignIn.begin("de")
    landing = await shop.sign_in(begun.url)

    def refuse(**_: object) -> None:
        raise Exception({"response": {"error": {"code": code}}})  # noqa: TRY002

    monkeypatch.setattr("audible_core.audible.auth.register", refuse)
    with pytest.raises(error) as caught:
        await complete_sign_in(begun, landing)
    assert type(caught.value) is error


async def test_token_is_made_anew_and_the_registration_stays(
    shop: Simulator, signed_in: SignedIn
) -> None:
    """What comes is good for another hour, and signs as before."""
    _, credentials = signed_in
    shop.shop.advance(timedelta(hours=1).total_seconds())

    fresh = await refreshed(credentials)

    assert access_token_of(fresh) != access_token_of(credentials)
    token = access_token_of(fresh)
    assert shop.shop.device_of_access_token(token) is shop.shop.devices[0]
    assert is_same_registration(credentials, fresh)
    async with await AudibleClient.open(fresh, Pace(PER_MINUTE)) as client:
        assert (await client.fetch_library()).titles


async def test_token_of_a_removed_device_is_not_made_anew(
    shop: Simulator, signed_in: SignedIn
) -> None:
    """Amazon ended the registration: only a new sign-in helps."""
    shop.shop.devices[0].is_revoked = True
    with pytest.raises(AudibleAuthError):
        await refreshed(signed_in[1])


async def test_amazon_that_is_away_has_ended_no_registration(
    shop: Simulator, signed_in: SignedIn
) -> None:
    """Neither where a token is asked for, nor where the device is to go."""
    shop.shop.faults.append(Fault(FaultKind.UNREACHABLE))
    with pytest.raises(AudibleConnectionError):
        await refreshed(signed_in[1])
    with pytest.raises(AudibleConnectionError):
        await sign_out(signed_in[1])
    assert [device.is_revoked for device in shop.shop.devices] == [False]


async def test_each_sign_in_is_a_registration_of_its_own(
    shop: Simulator, signed_in: SignedIn
) -> None:
    """Though it is the same customer; what is damaged is that of nobody."""
    again = SignIn.begin("de")
    _, other = await complete_sign_in(again, await shop.sign_in(again.url))

    assert not is_same_registration(signed_in[1], other)
    for text in ("", "[]", "{}", '{"device_info": null}'):
        assert not is_same_registration(signed_in[1], Credentials(text))
