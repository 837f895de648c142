"""The pace of asking Audible, as several servers on one PostgreSQL share it."""

from pathlib import Path

import pytest
from audible_core.errors import AudiblePaceError
from audible_core.vault import Vault

from audible_server.library.events import Events
from audible_server.library.shop import Shop
from audible_server.store.accounts import AccountStore
from audible_server.store.database import open_database
from audible_server.store.pace import SharedPace


async def test_listener_is_told_of_what_other_servers_asked(
    postgres_url: str, tmp_path: Path
) -> None:
    """Who would wait too long behind the requests of all is told for how long."""
    here, there = [await open_database(postgres_url) for _ in range(2)]
    try:
        accounts = AccountStore(here, Vault.open(tmp_path / "keys"))
        shop = Shop(accounts, SharedPace(here, 1), Events())
        await shop.check_turn()
        other = SharedPace(there, 1)
        await other.wait_turn()
        with pytest.raises(AudiblePaceError) as told:
            await shop.check_turn()
        assert 50 < int(told.value.placeholders["retry_after_s"]) <= 60
    finally:
        await here.dispose()
        await there.dispose()
