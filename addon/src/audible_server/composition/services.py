"""All parts joined, for whoever answers requests."""

from audible_server.composition.converting import conversions_on
from audible_server.composition.ground import Ground
from audible_server.composition.playing import Playing
from audible_server.composition.shelves import Shelves
from audible_server.discovery import Announcement
from audible_server.http.services import Services
from audible_server.jobs.libraries import LibraryJobs
from audible_server.library.listeners import Listeners
from audible_server.media.limiter import StreamSlots
from audible_server.media.transcode import Workshop
from audible_server.self_check.contact import Contact
from audible_server.self_check.run import SelfCheck
from audible_server.sources.sources import Sources
from audible_server.store.queries import Queries
from audible_server.store.resealing import KeyChange


def services_on(ground: Ground) -> Services:
    """Make what needs no ending but the workshop's, and join it."""
    shelves = Shelves.on(ground)
    contact, announcement, listeners = Contact(), Announcement(), Listeners()
    playing = Playing.on(ground, shelves, listeners)
    return Services(
        accounts=ground.accounts,
        books=ground.books,
        files=ground.files,
        events=ground.events,
        desk=ground.desk,
        vault=ground.vault,
        queries=Queries.on(ground.engine),
        key_change=KeyChange(ground.engine, ground.vault),
        shop=shelves.shop,
        shelf=shelves.shelf,
        prober=shelves.prober,
        catalog=shelves.catalog,
        chapters=shelves.chapters,
        covers=shelves.covers,
        companions=shelves.companions,
        watch=shelves.watch,
        scans=shelves.scans,
        licensing=playing.licensing,
        downloader=playing.downloader,
        downloads=playing.downloads,
        removal=playing.removal,
        sources=playing.sources,
        libraries=_libraries(ground, shelves, playing),
        conversions=conversions_on(ground, shelves, listeners),
        self_check=_self_check(ground, playing.sources, contact, announcement),
        contact=contact,
        announcement=announcement,
        listeners=listeners,
        workshop=Workshop(StreamSlots(ground.settings.transcode_slots)),
    )


def _libraries(ground: Ground, shelves: Shelves, playing: Playing) -> LibraryJobs:
    return LibraryJobs(
        ground.desk,
        shelves.catalog,
        ground.accounts,
        playing.downloads,
        ground.rules.policy,
    )


def _self_check(
    ground: Ground, sources: Sources, contact: Contact, announcement: Announcement
) -> SelfCheck:
    return SelfCheck(
        settings=ground.settings,
        engine=ground.engine,
        accounts=ground.accounts,
        books=ground.books,
        files=ground.files,
        sources=sources,
        contact=contact,
        announcement=announcement,
    )
