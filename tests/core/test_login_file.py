"""Sign-ins that other programs keep in a file: read, or refused with a reason."""

import json
from typing import Any

import pytest
from audible.aescipher import AESCipher
from audible_core.audible.client import AudibleClient
from audible_core.audible.login_file import (
    ACCOUNTS_MAX,
    LOGIN_FILE_BYTES_MAX,
    FoundLogin,
    read_login_file,
)
from audible_core.audible.pace import Pace
from audible_core.errors import (
    LoginFileError,
    LoginFilePasswordError,
    LoginFileSealedError,
    LoginFileUnknownError,
)
from audible_core.models import Account, Credentials

from tests.simulator.login_files import (
    audible_cli_file,
    libation_account,
    libation_file,
)

type SignedIn = tuple[Account, Credentials]


async def has_library(login: FoundLogin) -> bool:
    """Tell whether Audible gives the account's library to a login."""
    pace = Pace(1000)
    async with await AudibleClient.open(login.credentials, pace) as client:
        return bool((await client.fetch_library()).titles)


async def test_file_of_audible_cli_signs_in(signed_in: SignedIn) -> None:
    """The account is the one that signed in, and its library comes."""
    account, credentials = signed_in

    [login] = read_login_file(audible_cli_file(credentials.text))

    assert login.account == account
    assert await has_library(login)


async def test_file_of_libation_signs_in(signed_in: SignedIn) -> None:
    """The same virtual device in the other form, key without its last line break."""
    account, credentials = signed_in

    [login] = read_login_file(libation_file(libation_account(credentials.text)))

    assert login.account.key == account.key
    assert login.account.name == "anna"
    assert await has_library(login)


@pytest.mark.parametrize("style", ["json", "bytes"])
def test_encrypted_file_opens_with_its_password(
    signed_in: SignedIn, style: str
) -> None:
    """Both ways in which audible-cli encrypts; another password opens neither."""
    account, credentials = signed_in
    cipher = AESCipher("a password")
    plain = audible_cli_file(credentials.text).decode()
    data = (
        json.dumps(cipher.to_dict(plain)).encode()
        if style == "json"
        else cipher.to_bytes(plain)
    )

    [login] = read_login_file(data, "a password")

    assert login.account == account
    for password in (None, "", "another"):
        with pytest.raises(LoginFilePasswordError):
            read_login_file(data, password)


def test_login_shows_no_secret(signed_in: SignedIn) -> None:
    """Whoever prints it sees who it is, and no more."""
    _, credentials = signed_in

    [login] = read_login_file(audible_cli_file(credentials.text))

    assert "Atnr" not in repr(login)


def test_accounts_of_libation_that_are_of_no_use_are_left_out(
    signed_in: SignedIn,
) -> None:
    """One good account is enough; the same one twice is one."""
    _, credentials = signed_in
    good = libation_account(credentials.text)
    other = libation_account(credentials.text, LocaleName="pre-amazon - us")
    bad = libation_account(credentials.text, LocaleName="atlantis")

    logins = read_login_file(libation_file(bad, good, good, other, {}))

    assert [login.account.country_code for login in logins] == ["de", "us"]
    assert [
        json.loads(login.credentials.text)["with_username"] for login in logins
    ] == [
        False,
        True,
    ]


def test_number_of_accounts_is_bounded(signed_in: SignedIn) -> None:
    """What comes after many that are of no use is not looked at."""
    _, credentials = signed_in
    many: list[dict[str, Any]] = [{}] * ACCOUNTS_MAX

    with pytest.raises(LoginFileUnknownError):
        read_login_file(libation_file(*many, libation_account(credentials.text)))


def test_account_that_libation_encrypted_says_so(signed_in: SignedIn) -> None:
    """Its key is on another computer: nothing here can open it."""
    _, credentials = signed_in
    sealed = {"Value": "AAAA", "IsEncrypted": True}

    with pytest.raises(LoginFileSealedError):
        read_login_file(
            libation_file(libation_account(credentials.text, RefreshToken=sealed))
        )


@pytest.mark.parametrize(
    "changed",
    [
        {"customer_info": None},
        {"customer_info": {"user_id": "../../etc"}},
        {"device_info": {}},
        {"locale_code": "xx"},
        {"adp_token": "{enc:1}"},
        {"access_token": 7},
        {"refresh_token": "Atna|wrong"},
        {"refresh_token": "Atnr|" + "x" * 50_000},
        {"device_private_key": "no key"},
    ],
)
def test_damaged_file_is_refused(signed_in: SignedIn, changed: dict[str, Any]) -> None:
    """What is missing or of another kind is no sign-in."""
    _, credentials = signed_in

    with pytest.raises(LoginFileUnknownError):
        read_login_file(audible_cli_file(credentials.text, **changed))


@pytest.mark.parametrize(
    ("member", "value", "kept"),
    [
        ("expires", "soon", 0.0),
        ("expires", 1e300, 0.0),
        ("expires", float("nan"), 0.0),
        ("website_cookies", {}, None),
        ("website_cookies", {"a": 1}, None),
        ("website_cookies", ["a"], None),
        ("website_cookies", {"a": "b", "c": 1}, {"a": "b"}),
        ("store_authentication_cookie", {"cookie": 1}, None),
        ("store_authentication_cookie", "cookie", None),
    ],
)
def test_what_can_be_done_without_does_no_harm(
    signed_in: SignedIn, member: str, value: Any, kept: Any
) -> None:
    """A strange cookie or time is left out; the sign-in works without."""
    _, credentials = signed_in

    [login] = read_login_file(audible_cli_file(credentials.text, **{member: value}))

    assert json.loads(login.credentials.text).get(member) == kept


def test_libation_file_without_a_time_is_read(signed_in: SignedIn) -> None:
    """The token is then renewed at once."""
    _, credentials = signed_in
    access = {"TokenValue": json.loads(credentials.text)["access_token"]}

    [login] = read_login_file(
        libation_file(libation_account(credentials.text, ExistingAccessToken=access))
    )

    assert json.loads(login.credentials.text)["expires"] == 0.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"Accounts": []}',
        b'{"Accounts": {}}',
        b'{"Accounts": [1]}',
        b'{"salt": 1, "iv": 2, "ciphertext": 3}',
        b" " * (LOGIN_FILE_BYTES_MAX + 1),
    ],
    ids=range(11),
)
def test_other_file_is_refused(data: bytes) -> None:
    """Whatever is uploaded ends in a sentence."""
    with pytest.raises(LoginFileError):
        read_login_file(data, "password")
