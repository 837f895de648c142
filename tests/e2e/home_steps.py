"""Steps: the tracker before the account, the speaker, the dashboard, the listener."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from tests.simulator.catalog import FORMER_EMAIL, FORMER_PASSWORD

from .dashboard import create_dashboard, open_first
from .flows import sign_in_by_rest
from .goodreads_file import write_goodreads_file
from .listener import listen
from .store_steps import act
from .tracker_database import count_rows, let_a_year_be_known
from .walk import Walk, expect

KITCHEN: Final = "media_player.kitchen"
_FILE: Final = "imports/goodreads_before.csv"
_GOALS: Final = (("books", 24), ("days", 250))


async def import_before_sign_in(walk: Walk) -> str:
    """Import a Goodreads file with a former account, which is then removed again."""
    home, folder = walk.house.home_assistant, walk.house.home_process.folder
    former = await sign_in_by_rest(
        walk.house, email=FORMER_EMAIL, password=FORMER_PASSWORD
    )
    written = write_goodreads_file(folder / _FILE, datetime.now(UTC).date())
    done = await act(walk, "import_books", {"path": _FILE})
    expect(done["books_made"] == written, f"of {written} books: {done}")
    for kind, target in _GOALS:
        await act(walk, "set_goal", {"kind": kind, "target": target})
    await home.rest("DELETE", f"/api/config/config_entries/entry/{former}")
    expect(count_rows(folder, "books") == written, "books went with the account")
    return f"{written} books of a Goodreads file, and no account any more"


async def put_a_speaker_into_the_kitchen(walk: Walk) -> str:
    """Add a player that takes all and sounds nowhere, by its own integration."""
    home = walk.house.home_assistant
    step = await home.start_flow("mpd")
    where = {"host": "127.0.0.1", "port": walk.speaker.port}
    done = await home.continue_flow(step["flow_id"], where)
    expect(done["type"] == "create_entry", f"the player is answered with {done}")
    entries = await home.websocket({"type": "config/entity_registry/list"})
    [player] = [entry for entry in entries if entry["platform"] == "mpd"]
    named = {"entity_id": player["entity_id"], "new_entity_id": KITCHEN}
    await home.websocket({"type": "config/entity_registry/update", **named})
    named = {"device_id": player["device_id"], "name_by_user": "Kitchen"}
    await home.websocket({"type": "config/device_registry/update", **named})
    return f"{KITCHEN}, a Music Player Daemon"


async def make_the_dashboard(walk: Walk) -> str:
    """Make the integration's own dashboard, and let everybody see it first."""
    home = walk.house.home_assistant
    await create_dashboard(home)
    await open_first(home)
    return "one line of configuration, shown first"


async def begin_to_listen(walk: Walk) -> str:
    """Let somebody listen in the background; days of the past are known by then."""
    let_a_year_be_known(walk.house.home_process.folder)
    walk.listener = asyncio.ensure_future(listen(walk.house))
    return "somebody listens, an hour a minute"
