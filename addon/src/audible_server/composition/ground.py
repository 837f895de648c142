"""What every part stands on: the settings, the database with its tables, the desk."""

from dataclasses import dataclass
from typing import Self

from audible_core.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.downloads.cdn import Cdn
from audible_server.jobs.desk import Desk
from audible_server.jobs.rules import Policy, Rules
from audible_server.library.background import Background
from audible_server.library.events import Events
from audible_server.library.room import Room
from audible_server.settings import Settings
from audible_server.store.accounts import AccountStore
from audible_server.store.books import BookStore
from audible_server.store.files import FileStore
from audible_server.store.jobs import JobStore
from audible_server.store.made_files import MadeFileStore
from audible_server.store.quarantine import Quarantine
from audible_server.store.turns import Turns


@dataclass(frozen=True, slots=True)
class Ground:
    """What is made first, and ended by whoever made it."""

    settings: Settings
    engine: AsyncEngine
    vault: Vault
    cdn: Cdn
    background: Background
    accounts: AccountStore
    books: BookStore
    files: FileStore
    jobs: JobStore
    made: MadeFileStore
    quarantine: Quarantine
    turns: Turns
    room: Room
    events: Events
    desk: Desk

    @classmethod
    def on(
        cls, settings: Settings, engine: AsyncEngine, vault: Vault, cdn: Cdn
    ) -> Self:
        """Open nothing: the engine and the client are open."""
        events, jobs, turns = Events(), JobStore(engine), Turns(engine)
        books = BookStore(engine, vault)
        return cls(
            settings=settings,
            engine=engine,
            vault=vault,
            cdn=cdn,
            background=Background(),
            accounts=AccountStore(engine, vault),
            books=books,
            files=FileStore(engine),
            jobs=jobs,
            made=MadeFileStore(engine),
            quarantine=Quarantine(engine),
            turns=turns,
            room=Room(
                settings.library_dir,
                books,
                turns,
                floor_bytes=settings.free_space_gib * 2**30,
                converts=settings.convert != "off",
            ),
            events=events,
            desk=Desk(jobs, events),
        )

    @property
    def is_shared(self) -> bool:
        """Tell whether other servers may work on the same database."""
        return self.engine.dialect.name == "postgresql"

    @property
    def rules(self) -> Rules:
        """Return what the owner chose for downloads."""
        return Rules(
            policy=Policy(self.settings.downloads),
            per_day=self.settings.downloads_per_day,
            keep_newest=self.settings.keep_newest,
            removes_finished=self.settings.remove_finished,
        )
