"""One answer's way through a title's bytes, over whatever sources there are."""

from audible_core.errors import TrackerError

from audible_server.sources.opened import Audio
from audible_server.sources.sources import Sources


class Playback:
    """Goes on from another source of the same bytes when one fails in the middle."""

    def __init__(self, sources: Sources, audio: Audio) -> None:
        """Begin with a source that is open."""
        self._sources = sources
        self._audio = audio

    def read_now(self, start: int, end: int) -> bytes | bytearray | None:
        """Return bytes if nothing has to be waited for, else None."""
        try:
            return self._audio.content.read_now(start, end)
        except TrackerError:
            # Who loads them looks for another source.
            return None

    async def load(self, start: int, end: int) -> bytes | bytearray:
        """Return bytes once they are there.

        Raises TrackerError when no source serves these bytes any more.
        """
        while True:
            try:
                return await self._audio.content.load(start, end)
            except TrackerError as err:
                self._audio = await self._sources.after(self._audio, err)
