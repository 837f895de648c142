"""Composition root: every long-lived object is made, joined and ended here."""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web
from audible_core.audible.pace import Pace
from audible_core.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server import __version__
from audible_server.conversion.choices import Choices
from audible_server.conversion.converter import Converter
from audible_server.conversion.sources import ConversionSources
from audible_server.discovery import Announcement
from audible_server.downloads.cdn import Cdn
from audible_server.downloads.covers import Covers
from audible_server.downloads.downloader import Downloader
from audible_server.downloads.licensing import Licensing
from audible_server.downloads.part import Parts
from audible_server.downloads.remote import RemoteShop
from audible_server.http.counts import Counts
from audible_server.http.guesses import Guesses
from audible_server.http.open_streams import Crowd
from audible_server.http.pages import PAGE_FILES, PageFiles
from audible_server.http.path_signer import PathSigner
from audible_server.http.routes import add_routes
from audible_server.http.services import (
    CROWD,
    GUESSES,
    IS_SUPERVISED,
    METRICS,
    SECRET,
    SERVICES,
    SESSIONS,
    SIGNER,
    Services,
)
from audible_server.http.sessions import SessionTokens
from audible_server.jobs.conversions import ConversionJobs
from audible_server.jobs.desk import Desk
from audible_server.jobs.downloads import DownloadJobs, downloading
from audible_server.jobs.libraries import LibraryJobs
from audible_server.jobs.probes import asking_for_probes, probing
from audible_server.jobs.queue import LIMITS, JobQueue, Limit
from audible_server.jobs.removal import Removal
from audible_server.jobs.rules import Policy, Rules
from audible_server.jobs.worker import Worker
from audible_server.library.background import Background
from audible_server.library.catalog import Catalog
from audible_server.library.chapters import Chapters
from audible_server.library.events import Events
from audible_server.library.listeners import Listeners
from audible_server.library.local import LocalFiles
from audible_server.library.presence import new_replica, present
from audible_server.library.relay import Relay
from audible_server.library.scan import Scanner
from audible_server.library.scan_watch import Watch
from audible_server.library.shelf import Shelf
from audible_server.library.shop import Shop
from audible_server.media.limiter import StreamSlots
from audible_server.media.probe import Prober
from audible_server.media.transcode import Workshop
from audible_server.self_check.contact import Contact
from audible_server.self_check.run import SelfCheck
from audible_server.settings import Settings
from audible_server.sources.sources import Sources
from audible_server.store.accounts import AccountStore
from audible_server.store.books import BookStore
from audible_server.store.chapters import ChapterStore
from audible_server.store.database import newest_revision, open_database
from audible_server.store.files import FileStore
from audible_server.store.jobs import Job, JobKind, JobStore, Priority
from audible_server.store.made_files import MadeFileStore
from audible_server.store.pace import SharedPace
from audible_server.store.parts import PartStore
from audible_server.store.probes import DatabaseProbeStore
from audible_server.store.quarantine import Quarantine
from audible_server.store.queries import Queries
from audible_server.store.replicas import Replica, ReplicaStore
from audible_server.store.resealing import KeyChange

_BODY_BYTES_MAX = 1024 * 1024


def build_app(settings: Settings) -> web.Application:
    """Return the application; it opens what it needs when it starts.

    Its start raises TrackerError when the database or the keys cannot be used.
    """
    app = web.Application(client_max_size=_BODY_BYTES_MAX)
    app[SECRET] = settings.secret
    app[IS_SUPERVISED] = settings.is_supervised
    app[SESSIONS] = SessionTokens(settings.secret)
    app[SIGNER] = PathSigner(settings.secret)
    app[GUESSES] = Guesses()
    app[METRICS] = Counts()
    app[CROWD] = Crowd()
    app[PAGE_FILES] = PageFiles.load()
    add_routes(app)

    async def lifetime(app: web.Application) -> AsyncIterator[None]:
        async with _services(settings) as services:
            app[SERVICES] = services
            yield

    app.cleanup_ctx.append(lifetime)
    return app


@asynccontextmanager
async def _services(settings: Settings) -> AsyncGenerator[Services]:
    vault = await asyncio.to_thread(Vault.open, settings.data_dir / "keys")
    engine = await open_database(settings.database_target)
    me = new_replica(__version__, await asyncio.to_thread(newest_revision))
    try:
        async with (
            _known(engine, me),
            _running(settings, engine, vault, me) as services,
        ):
            yield services
    finally:
        await engine.dispose()


@asynccontextmanager
async def _known(engine: AsyncEngine, me: Replica) -> AsyncGenerator[None]:
    """Let other servers know of this one; a file has one program."""
    if not _is_shared(engine):
        yield
        return
    async with present(ReplicaStore(engine), me, _stop):
        yield


def _is_shared(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "postgresql"


def _stop() -> None:
    """End the program as its supervisor would."""
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def _relayed(
    engine: AsyncEngine, me: Replica, events: Events
) -> AsyncGenerator[None]:
    """Let events reach the pages of other servers."""
    if not _is_shared(engine):
        yield
        return
    async with Relay(engine, events, me.replica_id).running():
        yield


@asynccontextmanager
async def _running(
    settings: Settings, engine: AsyncEngine, vault: Vault, me: Replica
) -> AsyncGenerator[Services]:
    cdn = await Cdn.open()
    background = Background()
    services = _joined(settings, engine, vault, cdn, background)
    queue = _queue_of(engine, services)
    try:
        async with _relayed(engine, me, services.events):
            await services.conversions.converter.clean()
            await services.shelf.load_all()
            await services.downloads.resume()
            await queue.start()
            services.watch.start()
            background.start("libraries", services.libraries.watch())
            yield services
            await background.close()
            await queue.close()
    finally:
        await services.workshop.close()
        await background.close()
        await queue.close()
        await cdn.close()


async def _follow_download(services: Services, job: Job) -> None:
    await services.downloads.follow(job)
    await services.conversions.follow_download(job)


def _queue_of(engine: AsyncEngine, services: Services) -> JobQueue:
    """Join what asks for jobs with what does them."""
    store, desk = JobStore(engine), services.desk
    handlers = {
        JobKind.DOWNLOAD: downloading(services.downloads, services.removal),
        JobKind.LIBRARY: services.libraries.run,
        JobKind.CONVERT: services.conversions.run,
        JobKind.PROBE: probing(services.shelf),
    }
    worker = Worker(store, handlers, desk.tell)
    limits = {kind: LIMITS[kind] for kind in handlers} | {
        # The shop sees one customer, however many servers there are.
        JobKind.DOWNLOAD: Limit(services.settings.downloads_at_once, is_shared=True)
    }
    queue = JobQueue(engine, store, worker, limits)
    desk.join(queue, {JobKind.DOWNLOAD: partial(_follow_download, services)})
    return queue


def _joined(
    settings: Settings,
    engine: AsyncEngine,
    vault: Vault,
    cdn: Cdn,
    background: Background,
) -> Services:
    """Make what needs no ending, and join it."""
    accounts, books = AccountStore(engine, vault), BookStore(engine, vault)
    shop = Shop(accounts, _pace(engine, settings.requests_per_minute))
    events = Events()
    desk = Desk(JobStore(engine), events)
    files, prober = FileStore(engine), Prober(DatabaseProbeStore(engine))
    local = LocalFiles(settings.library_dir, files, follow_links=settings.follow_links)
    shelf, downloader, downloads, removal, sources = _playing(
        engine,
        desk,
        rules=_rules(settings),
        books=books,
        shop=shop,
        cdn=cdn,
        local=local,
        prober=prober,
        background=background,
    )
    known_of = Contact(), Announcement()
    catalog = Catalog(accounts=accounts, books=books, shop=shop)
    covers, listeners = Covers(cdn, settings.data_dir / "covers"), Listeners()
    conversions = _conversions(
        settings, desk, books, files, local, shelf, shop, covers, prober, listeners
    )
    return Services(
        settings=settings,
        accounts=accounts,
        books=books,
        queries=Queries.on(engine),
        key_change=KeyChange(engine, vault),
        vault=vault,
        chapters=Chapters(ChapterStore(engine), shop, prober, settings.library_dir),
        shelf=shelf,
        shop=shop,
        catalog=catalog,
        libraries=LibraryJobs(
            desk, catalog, accounts, downloads, Policy(settings.downloads)
        ),
        downloader=downloader,
        downloads=downloads,
        removal=removal,
        desk=desk,
        sources=sources,
        covers=covers,
        events=events,
        self_check=_self_check(settings, engine, accounts, books, sources, *known_of),
        contact=known_of[0],
        announcement=known_of[1],
        workshop=Workshop(StreamSlots(settings.transcode_slots)),
        prober=prober,
        files=files,
        watch=_watch(settings, files, books, background),
        listeners=listeners,
        conversions=conversions,
    )


def _self_check(  # noqa: PLR0917 - in the order of the class itself
    settings: Settings,
    engine: AsyncEngine,
    accounts: AccountStore,
    books: BookStore,
    sources: Sources,
    contact: Contact,
    announcement: Announcement,
) -> SelfCheck:
    return SelfCheck(
        settings=settings,
        engine=engine,
        accounts=accounts,
        books=books,
        sources=sources,
        contact=contact,
        announcement=announcement,
    )


def _conversions(  # noqa: PLR0917 - each is of another kind
    settings: Settings,
    desk: Desk,
    books: BookStore,
    files: FileStore,
    local: LocalFiles,
    shelf: Shelf,
    shop: Shop,
    covers: Covers,
    prober: Prober,
    listeners: Listeners,
) -> ConversionJobs:
    converter = Converter(
        library_dir=settings.library_dir,
        choices=Choices.of(settings),
        books=books,
        files=files,
        sources=ConversionSources(local=local, files=files, books=books, shop=shop),
        shelf=shelf,
        shop=shop,
        covers=covers,
        prober=prober,
        is_busy=listeners.is_any,
    )
    return ConversionJobs(desk=desk, shelf=shelf, converter=converter)


def _watch(
    settings: Settings, files: FileStore, books: BookStore, background: Background
) -> Watch:
    scanner = Scanner(
        library_dir=settings.library_dir,
        files=files,
        books=books,
        follow_links=settings.follow_links,
    )
    return Watch(scanner, background, every_s=settings.scan_every_minutes * 60)


def _playing(
    engine: AsyncEngine,
    desk: Desk,
    *,
    rules: Rules,
    books: BookStore,
    shop: Shop,
    cdn: Cdn,
    local: LocalFiles,
    prober: Prober,
    background: Background,
) -> tuple[Shelf, Downloader, DownloadJobs, Removal, Sources]:
    """Make what brings titles here, and what plays them before they are."""
    quarantine = Quarantine(engine)
    shelf = Shelf(
        books=books,
        quarantine=quarantine,
        local=local,
        prober=prober,
        background=background,
        ask_for_probe=asking_for_probes(desk),
    )
    licensing = Licensing(books, shop)
    parts = Parts(PartStore(engine), local.library_dir)
    downloader = Downloader(
        books=books,
        shelf=shelf,
        quarantine=quarantine,
        licensing=licensing,
        cdn=cdn,
        parts=parts,
    )
    made = MadeFileStore(engine)
    downloads = DownloadJobs(
        desk=desk,
        jobs=JobStore(engine),
        books=books,
        shelf=shelf,
        downloader=downloader,
        made=made,
        library_dir=local.library_dir,
        rules=rules,
    )
    removal = Removal(
        desk=desk,
        books=books,
        made=made,
        shelf=shelf,
        parts=parts,
        library_dir=local.library_dir,
        rules=rules,
    )
    sources = Sources(
        books=books,
        quarantine=quarantine,
        shop=shop,
        remotes=RemoteShop(cdn, licensing, parts),
        local=local,
        start_download=partial(downloads.start, priority=Priority.LISTENING),
    )
    return shelf, downloader, downloads, removal, sources


def _rules(settings: Settings) -> Rules:
    return Rules(
        policy=Policy(settings.downloads),
        per_day=settings.downloads_per_day,
        floor_bytes=settings.free_space_gib * 2**30,
        keep_newest=settings.keep_newest,
        removes_finished=settings.remove_finished,
    )


def _pace(engine: AsyncEngine, per_minute: int) -> Pace:
    """Return how fast Audible may be asked, by all servers together."""
    return SharedPace(engine, per_minute) if _is_shared(engine) else Pace(per_minute)
