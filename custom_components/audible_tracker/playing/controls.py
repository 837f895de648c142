"""What a reader's own media player does with the speaker that is heard."""

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..coordinator import AudibleConfigEntry
from ..core.decisions.links import find_link
from ..core.errors import (
    InvalidValueError,
    MissingValueError,
    NoChaptersError,
    NothingPlayingError,
    NothingUnderWayError,
)
from ..core.models import Asin
from ..core.playing.choosing import (
    next_chapter_ms,
    previous_chapter_ms,
    resume_ms,
)
from ..core.playing.session import Session
from ..core.store.records import ReaderId
from ..media_places import Place
from .audio import async_chapters
from .sessions import sessions_of
from .speaker import speakers
from .starting import Wish, async_is_passed

_SOURCE_PREFIX = "media-source://audible_tracker/"


class ReaderControls:
    """Every method raises TrackerError, and whatever the speaker says."""

    def __init__(
        self, hass: HomeAssistant, entry: AudibleConfigEntry, reader_id: ReaderId
    ) -> None:
        """Act for one reader of an account."""
        self._hass = hass
        self._entry = entry
        self._reader_id = reader_id
        self._sessions = sessions_of(hass)

    async def async_play(self) -> None:
        """Go on with what rests, else begin with what the reader is reading.

        What rests is left where the reader went on elsewhere meanwhile.
        """
        session = self._sessions.of_reader(self._reader_id)
        if session is None:
            await self._async_begin(self._reading_now(), self._last_player())
            return
        if session.is_live:
            return
        if await async_is_passed(self._entry, session):
            await self._async_begin(
                session.asin, session.player, speed=session.form.speed
            )
            return
        chapters = await async_chapters(self._hass, self._entry, session.asin)
        place_ms = resume_ms(
            session.place_ms, chapters, paused=dt_util.utcnow() - session.since
        )
        await self._sessions.async_resume(session, session.place_ms - place_ms)

    async def async_pause(self) -> None:
        """Let the speaker pause."""
        await self._sessions.async_pause(self._heard())

    async def async_stop(self) -> None:
        """Let the speaker fall silent, and follow it no longer."""
        await self._sessions.async_end(self._heard())

    async def async_seek(self, place_ms: int) -> None:
        """Go to a place of the book; a sleep timer by chapters goes along."""
        await self._sessions.async_seek(self._entry, self._heard(), place_ms)

    async def async_turn(self, chapters: int) -> None:
        """Go a chapter ahead or back."""
        session = self._heard()
        known = await async_chapters(self._hass, self._entry, session.asin)
        if not known:
            raise NoChaptersError(title=session.title)
        place_ms = session.place_now(dt_util.utcnow())
        if chapters < 0:
            await self.async_seek(previous_chapter_ms(known, place_ms))
        elif (next_ms := next_chapter_ms(known, place_ms)) is not None:
            await self.async_seek(next_ms)

    async def async_move(self, name: str) -> None:
        """Go on on a speaker, by its name."""
        found = [one for one, known in speakers(self._hass).items() if known == name]
        if not found:
            allowed = ", ".join(sorted(speakers(self._hass).values()))
            raise InvalidValueError(field="source", value=name, allowed=allowed)
        session = self._sessions.of_reader(self._reader_id)
        if session is None:
            await self._async_begin(self._reading_now(), found[0])
        elif session.player != found[0]:
            await self._sessions.async_move(session, found[0])

    async def async_play_media(self, media_id: str) -> None:
        """Play a book or a chapter of the media source, on the last speaker."""
        place = Place.parse(media_id.removeprefix(_SOURCE_PREFIX))
        if place.asin is None:
            raise InvalidValueError(
                field="media_content_id", value=media_id, allowed="a book"
            )
        start_ms = None
        if place.chapter is not None:
            known = await async_chapters(self._hass, self._entry, place.asin)
            if not 1 <= place.chapter <= len(known):
                raise NoChaptersError(title=place.asin)
            start_ms = known[place.chapter - 1].start_ms
        async with self._entry.runtime_data.store.reading() as connection:
            await find_link(connection, self._reader_id, place.asin)
        session = self._sessions.of_reader(self._reader_id)
        player = session.player if session else self._last_player()
        await self._async_begin(place.asin, player, start_ms)

    async def _async_begin(
        self,
        asin: Asin,
        player: str,
        start_ms: int | None = None,
        speed: float = 1.0,
    ) -> None:
        wish = Wish(
            self._entry, self._reader_id, asin, player, start_ms=start_ms, speed=speed
        )
        await self._sessions.async_play(wish)

    def _heard(self) -> Session:
        session = self._sessions.of_reader(self._reader_id)
        if session is None:
            raise NothingPlayingError
        return session

    def _last_player(self) -> str:
        player = self._sessions.last_player(self._reader_id)
        if player is None:
            allowed = ", ".join(sorted(speakers(self._hass))) or "a media player"
            raise MissingValueError(field=ATTR_ENTITY_ID, allowed=allowed)
        return player

    def _reading_now(self) -> Asin:
        shown = self._entry.runtime_data.coordinator.data.reader(self._reader_id)
        if shown is None or shown.reading_now is None:
            name = shown.reader.name if shown else str(self._reader_id)
            raise NothingUnderWayError(reader=name)
        return shown.reading_now.title.asin
