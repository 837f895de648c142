"""What makes other files of a title."""

from audible_server.composition.ground import Ground
from audible_server.composition.shelves import Shelves
from audible_server.conversion.choices import Choices
from audible_server.conversion.converter import Converter
from audible_server.conversion.sources import ConversionSources
from audible_server.jobs.conversions import ConversionJobs
from audible_server.library.listeners import Listeners


def conversions_on(
    ground: Ground, shelves: Shelves, listeners: Listeners
) -> ConversionJobs:
    """Return the conversions; they may wait while somebody listens."""
    converter = Converter(
        library_dir=ground.settings.library_dir,
        choices=Choices.of(ground.settings),
        books=ground.books,
        files=ground.files,
        made=ground.made,
        room=ground.room,
        sources=ConversionSources(
            local=shelves.local,
            files=ground.files,
            keys=shelves.keys,
        ),
        shelf=shelves.shelf,
        shop=shelves.shop,
        chapters=shelves.chapters,
        covers=shelves.covers,
        prober=shelves.prober,
        is_busy=listeners.is_any,
    )
    return ConversionJobs(
        desk=ground.desk, jobs=ground.jobs, shelf=shelves.shelf, converter=converter
    )
