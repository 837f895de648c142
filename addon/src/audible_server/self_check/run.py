"""All that the self-check looks at, in the order in which it is shown."""

import asyncio
import logging
from functools import partial
from typing import Final

from audible_core.errors import TrackerError
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.discovery import Announcement
from audible_server.self_check import installation, sound, surroundings
from audible_server.self_check.contact import Contact
from audible_server.self_check.report import Check, Finding, Result
from audible_server.settings import Settings
from audible_server.sources.sources import Sources
from audible_server.store.accounts import AccountStore
from audible_server.store.books import BookStore
from audible_server.store.files import FileStore

_LOGGER = logging.getLogger(__name__)
_PATIENCE_S: Final = 20.0


class SelfCheck:
    """Looks at everything at once; one look that fails does not keep the others."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        accounts: AccountStore,
        books: BookStore,
        files: FileStore,
        sources: Sources,
        contact: Contact,
        announcement: Announcement,
    ) -> None:
        """Use what the server itself uses."""
        self._checks = (
            Check("account", "Account", partial(surroundings.accounts, accounts)),
            Check("last_sync", "Library", partial(surroundings.last_sync, accounts)),
            Check("sound", "Decryption", partial(sound.decoded_title, books, sources)),
            Check("tools", "ffmpeg", installation.tools),
            Check("disk", "Disk", partial(installation.disk, settings, files)),
            Check("database", "Database", partial(installation.database, engine)),
            Check("keys", "Keys", partial(installation.keys, accounts, books)),
            Check("secret", "Secret", partial(installation.secret, settings)),
            Check(
                "home",
                "Home Assistant",
                partial(surroundings.home, settings, contact, announcement),
            ),
            Check("speakers", "Speakers", partial(surroundings.speakers, settings)),
        )

    async def run(self) -> tuple[Result, ...]:
        """Return what each look found."""
        return tuple(await asyncio.gather(*map(_result, self._checks)))


async def _result(check: Check) -> Result:
    finding = await _found(check)
    return Result(check.name, check.title, finding.status, finding.sentence)


async def _found(check: Check) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await check.look()
    except TimeoutError:
        return Finding.failed(f"No answer came within {_PATIENCE_S:g} seconds.")
    except TrackerError as err:
        return Finding.failed(str(err))
    except Exception:
        _LOGGER.exception("The check %s failed", check.name)
        return Finding.failed("This could not be looked at; the log says why.")
