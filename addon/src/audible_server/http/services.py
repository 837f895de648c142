"""What the request handlers work with; the application puts it together."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from audible_core.vault import Vault

from audible_server.discovery import Announcement
from audible_server.downloads.companions import Companions
from audible_server.downloads.covers import Covers
from audible_server.downloads.downloader import Downloader
from audible_server.downloads.licensing import Licensing
from audible_server.http.counts import Counts
from audible_server.http.crowd import Crowd
from audible_server.http.guesses import Guesses
from audible_server.http.path_signer import PathSigner
from audible_server.http.sessions import SessionTokens
from audible_server.jobs.conversions import ConversionJobs
from audible_server.jobs.desk import Desk
from audible_server.jobs.downloads import DownloadJobs
from audible_server.jobs.libraries import LibraryJobs
from audible_server.jobs.removal import Removal
from audible_server.jobs.scans import ScanJobs
from audible_server.library.catalog import Catalog
from audible_server.library.chapters import Chapters
from audible_server.library.events import Events
from audible_server.library.listeners import Listeners
from audible_server.library.shelf import Shelf
from audible_server.library.shop import Shop
from audible_server.media.limiter import StreamSlots
from audible_server.media.probe import Prober
from audible_server.media.transcode import Workshop
from audible_server.scan.watch import Watch
from audible_server.self_check.contact import Contact
from audible_server.self_check.run import SelfCheck
from audible_server.sources.sources import Sources
from audible_server.store.accounts import AccountStore
from audible_server.store.books import BookStore
from audible_server.store.files import FileStore
from audible_server.store.queries import Queries
from audible_server.store.resealing import KeyChange


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that lives as long as the server."""

    queries: Queries
    key_change: KeyChange
    vault: Vault
    accounts: AccountStore
    books: BookStore
    chapters: Chapters
    shelf: Shelf
    shop: Shop
    catalog: Catalog
    libraries: LibraryJobs
    licensing: Licensing
    downloader: Downloader
    downloads: DownloadJobs
    removal: Removal
    desk: Desk
    sources: Sources
    covers: Covers
    companions: Companions
    events: Events
    self_check: SelfCheck
    contact: Contact
    announcement: Announcement
    workshop: Workshop
    prober: Prober
    files: FileStore
    watch: Watch
    scans: ScanJobs
    listeners: Listeners
    conversions: ConversionJobs

    @property
    def slots(self) -> StreamSlots:
        """Return what limits the transcodes."""
        return self.workshop.slots


SERVICES: Final = web.AppKey("services", Services)
SECRET: Final = web.AppKey("secret", str)
IS_SUPERVISED: Final = web.AppKey("is_supervised", bool)
SESSIONS: Final = web.AppKey("sessions", SessionTokens)
SIGNER: Final = web.AppKey("signer", PathSigner)
GUESSES: Final = web.AppKey("guesses", Guesses)
METRICS: Final = web.AppKey("metrics", Counts)
IS_TRUSTED: Final = web.RequestKey("is_trusted", bool)
"""Set where the request has proved that it knows the secret itself."""
CROWD: Final = web.AppKey("crowd", Crowd)
TURN: Final = web.AppKey("turn", asyncio.Lock)
"""Whose turn it is to have sound decrypted that they do not wait for yet."""
