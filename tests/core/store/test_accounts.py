"""Accounts, readers, and what a day's count of syncs does."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.errors import NotInStoreError, SealError, StoreRefusedError
from audible_core.models import Credentials
from audible_core.store.accounts import (
    AccountSettings,
    change_settings,
    count_requests,
    find_account,
    forget_account,
    load_account,
    load_accounts,
    load_credentials,
    note_sync,
    note_wait,
    save_account,
)
from audible_core.store.database import Store
from audible_core.store.limits import (
    PAUSE_MAX,
    Refusal,
    RefusalReason,
    sync_refusal,
)
from audible_core.store.readers import add_reader, load_readers
from audible_core.store.records import AccountId, TrackedAccount
from audible_core.vault import Vault
from sqlalchemy import text

from tests.core.store.household import DAY, MINUTE, NOW, Household

BERLIN = ZoneInfo("Europe/Berlin")


async def account_of(household: Household) -> TrackedAccount:
    """Read the account back."""
    async with household.store.reading() as connection:
        return await load_account(connection, household.account_id)


async def test_new_account_has_the_defaults(household: Household) -> None:
    """An account syncs by itself, every hour, for its reader."""
    account = await account_of(household)

    assert (
        TrackedAccount(
            account_id=household.account_id,
            customer_id="amzn1.account.TEST",
            marketplace="de",
            name="Anna",
            email="anna@example.invalid",
            default_reader_id=household.reader_id,
            enabled=True,
            auto_sync_progress=True,
            sync_interval_minutes=60,
            last_sync_at=None,
            sync_count_today=0,
            sync_count_on=None,
            wait_until=None,
            wait_reason=None,
            state_token=None,
            created_at=NOW,
        )
        == account
    )


async def test_credentials_come_back_as_they_were(household: Household) -> None:
    """What is sealed can be opened."""
    store = household.store
    async with store.reading() as connection:
        found = await load_credentials(connection, store.vault, household.account_id)

    assert Credentials("a registration") == found


async def test_credentials_of_another_installation_stay_closed(
    household: Household, tmp_path: Path
) -> None:
    """Without its key file a database gives no registration away."""
    stranger = Vault.open(tmp_path / "other keys")

    async with household.store.reading() as connection:
        with pytest.raises(SealError, match="credentials"):
            await load_credentials(connection, stranger, household.account_id)


async def test_signing_in_again_keeps_settings_and_number(household: Household) -> None:
    """The same customer in the same country is the same account."""
    store = household.store
    settings = AccountSettings(True, False, 120)
    async with store.transaction() as connection:
        await change_settings(connection, household.account_id, settings)
        again = await save_account(
            connection,
            store.vault,
            Credentials("again"),
            customer_id="amzn1.account.TEST",
            marketplace="de",
            name="Anna B.",
            email=None,
            reader_id=household.reader_id,
            now=NOW + DAY,
        )
    account = await account_of(household)

    assert household.account_id == again
    assert ("Anna B.", False, 120, NOW) == (
        account.name,
        account.auto_sync_progress,
        account.sync_interval_minutes,
        account.created_at,
    )


async def test_removed_account_keeps_its_row_and_loses_its_keys(
    household: Household,
) -> None:
    """History needs the account, nobody needs its registration."""
    async with household.store.transaction() as connection:
        await forget_account(connection, household.account_id)
    account = await account_of(household)

    assert (False, None) == (account.enabled, account.email)
    async with household.store.reading() as connection:
        with pytest.raises(NotInStoreError):
            await load_credentials(
                connection, household.store.vault, household.account_id
            )


async def test_unknown_account_is_named(store: Store) -> None:
    """A number that is nobody's gives a sentence."""
    async with store.reading() as connection:
        with pytest.raises(NotInStoreError, match="There is no account 7"):
            await load_account(connection, AccountId(7))


async def test_readers_of_an_account_and_all_readers(household: Household) -> None:
    """A reader who is fed by no account is a reader all the same."""
    async with household.store.transaction() as connection:
        await add_reader(connection, "Benjamin", person="person.ben", now=NOW)
        of_account = await load_readers(connection, account_id=household.account_id)
        everybody = await load_readers(connection)

    assert ["Anna"] == [reader.name for reader in of_account]
    assert [("Anna", "person.anna"), ("Benjamin", "person.ben")] == [
        (reader.name, reader.person) for reader in everybody
    ]


async def test_two_readers_of_one_name_are_refused(household: Household) -> None:
    """The error names the rule and not the value."""
    with pytest.raises(StoreRefusedError) as caught:
        async with household.store.transaction() as connection:
            await add_reader(connection, "Anna", person=None, now=NOW)

    assert "Anna" not in str(caught.value)


async def test_count_begins_anew_on_another_day(household: Household) -> None:
    """Counting is one statement; the database itself starts a new day."""
    first, second = date(2026, 11, 20), date(2026, 11, 21)
    counts = []
    for number, day in ((1, first), (3, first), (2, second), (1, second)):
        async with household.store.transaction() as connection:
            await count_requests(connection, household.account_id, number, today=day)
        account = await account_of(household)
        counts.append((account.sync_count_today, account.sync_count_on))

    assert [(1, first), (4, first), (2, second), (3, second)] == counts


async def test_noted_sync_ends_a_wait(household: Household) -> None:
    """A sync that went through shows that Audible answers again."""
    async with household.store.transaction() as connection:
        await note_wait(
            connection, household.account_id, until=NOW + MINUTE, reason="throttled"
        )
    waiting = await account_of(household)
    async with household.store.transaction() as connection:
        await note_sync(
            connection,
            household.account_id,
            at=NOW,
            today=NOW.date(),
            state_token="token",
        )
    account = await account_of(household)

    assert (NOW + MINUTE, "throttled") == (waiting.wait_until, waiting.wait_reason)
    assert (None, None, NOW, "token", 1) == (
        account.wait_until,
        account.wait_reason,
        account.last_sync_at,
        account.state_token,
        account.sync_count_today,
    )


SITUATIONS: list[tuple[str, dict[str, object], bool, Refusal | None]] = [
    ("never synced", {}, True, None),
    ("disabled", {"enabled": False}, False, Refusal(RefusalReason.DISABLED)),
    (
        "not by itself",
        {"auto_sync_progress": False},
        True,
        Refusal(RefusalReason.AUTO_SYNC_OFF),
    ),
    ("by hand", {"auto_sync_progress": False}, False, None),
    (
        "told to wait",
        {"wait_until": NOW + MINUTE},
        False,
        Refusal(RefusalReason.WAITING, NOW + MINUTE),
    ),
    ("wait is over", {"wait_until": NOW}, True, None),
    (
        "just synced",
        {"last_sync_at": NOW - 14 * MINUTE},
        False,
        Refusal(RefusalReason.TOO_SOON, NOW + MINUTE),
    ),
    ("clock set back", {"last_sync_at": NOW + 300 * DAY}, True, None),
    ("quarter of an hour ago", {"last_sync_at": NOW - 15 * MINUTE}, True, None),
    (
        "told to wait",
        {"wait_until": NOW + PAUSE_MAX},
        True,
        Refusal(RefusalReason.WAITING, NOW + PAUSE_MAX),
    ),
    (
        "told to wait by a clock that was far ahead",
        {"wait_until": NOW + PAUSE_MAX + MINUTE},
        True,
        None,
    ),
    (
        "too often today",
        {"sync_count_today": 600, "sync_count_on": date(2026, 11, 20)},
        True,
        Refusal(RefusalReason.DAILY_LIMIT, NOW.replace(hour=23, minute=0)),
    ),
    (
        "often today",
        {"sync_count_today": 599, "sync_count_on": date(2026, 11, 20)},
        True,
        None,
    ),
    (
        "too often yesterday",
        {"sync_count_today": 600, "sync_count_on": date(2026, 11, 19)},
        True,
        None,
    ),
]


@pytest.mark.parametrize(
    ("changed", "is_automatic", "expected"),
    [situation[1:] for situation in SITUATIONS],
    ids=[situation[0] for situation in SITUATIONS],
)
async def test_limits_say_the_same_in_python_and_in_the_database(
    household: Household,
    changed: dict[str, object],
    is_automatic: bool,
    expected: Refusal | None,
) -> None:
    """One rule, whoever asks: the program, or a person with a database client."""
    account = replace(await account_of(household), **changed)  # type: ignore[arg-type]

    refusal = sync_refusal(
        account, now=NOW, time_zone=BERLIN, is_automatic=is_automatic
    )

    assert expected == refusal
    if "postgresql" in repr(household.store):
        asked = await asked_in_database(household, account, is_automatic=is_automatic)
        reason = str(expected.reason) if expected is not None else None
        assert (reason, expected is None) == asked


async def asked_in_database(
    household: Household, account: TrackedAccount, *, is_automatic: bool
) -> tuple[str | None, bool]:
    """Write the situation down and ask both functions."""
    from audible_core.store.schema import ACCOUNTS

    names = (
        "enabled",
        "auto_sync_progress",
        "last_sync_at",
        "sync_count_today",
        "sync_count_on",
        "wait_until",
    )
    question = text(
        "SELECT audible_sync_refusal(:account, :automatic, :now), "
        "audible_can_sync(:account, :automatic, :now)"
    )
    async with household.store.transaction() as connection:
        values = {name: getattr(account, name) for name in names}
        await connection.execute(ACCOUNTS.update().values(values))
        answer = await connection.execute(
            question,
            {
                "account": account.account_id,
                "automatic": is_automatic,
                "now": round(NOW.timestamp() * 1000),
            },
        )
        reason, may = answer.one()
    return reason, may


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        # The night in which summer time ends is an hour longer.
        ("2026-10-24T23:30:00+00:00", "2026-10-25T23:00:00+00:00"),
        ("2026-03-28T22:30:00+00:00", "2026-03-28T23:00:00+00:00"),
    ],
)
def test_blocked_day_ends_at_local_midnight(now: str, midnight: str) -> None:
    """Also in the nights in which clocks change."""
    from datetime import datetime

    at = datetime.fromisoformat(now)
    account = TrackedAccount(
        account_id=AccountId(1),
        customer_id="c",
        marketplace="de",
        name="n",
        email=None,
        default_reader_id=1,  # type: ignore[arg-type]
        enabled=True,
        auto_sync_progress=True,
        sync_interval_minutes=60,
        last_sync_at=None,
        sync_count_today=600,
        sync_count_on=at.astimezone(BERLIN).date(),
        wait_until=None,
        wait_reason=None,
        state_token=None,
        created_at=at - timedelta(days=3),
    )

    refusal = sync_refusal(account, now=at, time_zone=BERLIN, is_automatic=True)

    expected = datetime.fromisoformat(midnight)
    assert Refusal(RefusalReason.DAILY_LIMIT, expected) == refusal
    assert (
        sync_refusal(account, now=expected, time_zone=BERLIN, is_automatic=True) is None
    )


async def test_all_accounts_are_listed(household: Household) -> None:
    """In the order in which they were added."""
    async with household.store.reading() as connection:
        accounts = await load_accounts(connection)

    assert [household.account_id] == [account.account_id for account in accounts]


async def test_account_is_found_by_customer_and_marketplace(
    household: Household,
) -> None:
    """One customer may have an account in each of several countries."""
    customer_id = "amzn1.account.TEST"
    async with household.store.reading() as connection:
        found = await find_account(
            connection, customer_id=customer_id, marketplace="de"
        )
        elsewhere = await find_account(
            connection, customer_id=customer_id, marketplace="us"
        )

    assert found is not None
    assert household.account_id == found.account_id
    assert elsewhere is None
