"""What brings titles here, and what plays them before they are."""

from dataclasses import dataclass
from functools import partial
from typing import Self

from audible_server.composition.ground import Ground
from audible_server.composition.shelves import Shelves
from audible_server.downloads.downloader import Downloader
from audible_server.downloads.licensing import Licensing
from audible_server.downloads.part import Parts
from audible_server.downloads.remote import RemoteShop
from audible_server.jobs.downloads import DownloadJobs
from audible_server.jobs.removal import Removal
from audible_server.library.listeners import Listeners
from audible_server.sources.sources import Sources
from audible_server.store.job import Priority
from audible_server.store.parts import PartStore


@dataclass(frozen=True, slots=True)
class Playing:
    """Downloads and streams, which share licenses and part files."""

    licensing: Licensing
    downloader: Downloader
    downloads: DownloadJobs
    removal: Removal
    sources: Sources

    @classmethod
    def on(cls, ground: Ground, shelves: Shelves, listeners: Listeners) -> Self:
        """Join them."""
        licensing = Licensing(ground.books, shelves.shop, ground.turns)
        parts = Parts(PartStore(ground.engine), ground.settings.library_dir)
        downloader = Downloader(
            books=ground.books,
            shelf=shelves.shelf,
            quarantine=ground.quarantine,
            made=ground.made,
            room=ground.room,
            licensing=licensing,
            cdn=ground.cdn,
            parts=parts,
        )
        downloads = _downloads(ground, shelves, downloader)
        return cls(
            licensing=licensing,
            downloader=downloader,
            downloads=downloads,
            removal=_removal(ground, shelves, parts, listeners),
            sources=Sources(
                books=ground.books,
                quarantine=ground.quarantine,
                shop=shelves.shop,
                keys=shelves.keys,
                remotes=RemoteShop(ground.cdn, licensing, parts),
                local=shelves.local,
                start_download=partial(downloads.start, priority=Priority.LISTENING),
            ),
        )


def _downloads(
    ground: Ground, shelves: Shelves, downloader: Downloader
) -> DownloadJobs:
    return DownloadJobs(
        desk=ground.desk,
        jobs=ground.jobs,
        books=ground.books,
        shelf=shelves.shelf,
        downloader=downloader,
        rules=ground.rules,
    )


def _removal(
    ground: Ground, shelves: Shelves, parts: Parts, listeners: Listeners
) -> Removal:
    return Removal(
        desk=ground.desk,
        books=ground.books,
        made=ground.made,
        shelf=shelves.shelf,
        parts=parts,
        listeners=listeners,
        library_dir=ground.settings.library_dir,
        rules=ground.rules,
    )
