"""The library: what the shop lists, and what lies in the folder."""

from dataclasses import dataclass
from typing import Self

from audible_core.audible.pace import Pace

from audible_server.composition.ground import Ground
from audible_server.downloads.companions import Companions
from audible_server.downloads.covers import Covers
from audible_server.jobs.probes import asking_for_probes
from audible_server.jobs.scans import ScanJobs
from audible_server.library.catalog import Catalog
from audible_server.library.chapters import Chapters
from audible_server.library.keys import Keys
from audible_server.library.local import LocalFiles
from audible_server.library.shelf import Shelf
from audible_server.library.shop import Shop
from audible_server.media.probe import Prober
from audible_server.scan.scanner import Scanner
from audible_server.scan.watch import Watch
from audible_server.store.chapters import ChapterStore
from audible_server.store.pace import SharedPace
from audible_server.store.probes import DatabaseProbeStore


@dataclass(frozen=True, slots=True)
class Shelves:
    """What knows the titles and their files."""

    shop: Shop
    keys: Keys
    local: LocalFiles
    prober: Prober
    shelf: Shelf
    catalog: Catalog
    chapters: Chapters
    covers: Covers
    companions: Companions
    watch: Watch
    scans: ScanJobs

    @classmethod
    def on(cls, ground: Ground) -> Self:
        """Join them."""
        settings = ground.settings
        shop = Shop(ground.accounts, _pace(ground), ground.events)
        prober = Prober(DatabaseProbeStore(ground.engine))
        local = LocalFiles(
            settings.library_dir, ground.files, follow_links=settings.follow_links
        )
        scanner = _scanner(ground)
        scans = ScanJobs(ground.desk, ground.jobs, scanner)
        return cls(
            shop=shop,
            keys=Keys(ground.books, shop),
            local=local,
            prober=prober,
            shelf=_shelf(ground, local, prober),
            catalog=Catalog(accounts=ground.accounts, books=ground.books, shop=shop),
            chapters=Chapters(
                ChapterStore(ground.engine), shop, prober, settings.library_dir
            ),
            covers=Covers(ground.cdn, settings.data_dir / "covers"),
            companions=Companions(ground.cdn, shop, ground.made, settings.library_dir),
            watch=_watch(ground, scanner, scans),
            scans=scans,
        )


def _pace(ground: Ground) -> Pace:
    """Return how fast Audible may be asked, by all servers together."""
    per_minute = ground.settings.requests_per_minute
    if ground.is_shared:
        return SharedPace(ground.engine, per_minute)
    return Pace(per_minute)


def _shelf(ground: Ground, local: LocalFiles, prober: Prober) -> Shelf:
    return Shelf(
        books=ground.books,
        quarantine=ground.quarantine,
        local=local,
        prober=prober,
        background=ground.background,
        ask_for_probe=asking_for_probes(ground.desk),
    )


def _scanner(ground: Ground) -> Scanner:
    return Scanner(
        library_dir=ground.settings.library_dir,
        files=ground.files,
        books=ground.books,
        follow_links=ground.settings.follow_links,
    )


def _watch(ground: Ground, scanner: Scanner, scans: ScanJobs) -> Watch:
    """Return what sees changes; a server alone loads no queue to scan for itself."""
    return Watch(
        scanner,
        ground.background,
        every_s=ground.settings.scan_every_minutes * 60,
        ask=scans.ask if ground.is_shared else None,
    )
