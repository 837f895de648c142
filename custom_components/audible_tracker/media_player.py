"""A media player for each reader: what they hear, on whichever speaker it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components import media_source
from homeassistant.components.media_player import MediaPlayerEntity
from homeassistant.components.media_player.browse_media import (
    BrowseMedia,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import (
    async_track_state_added_domain,
    async_track_state_removed_domain,
)
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .coordinator import AudibleConfigEntry
from .core.audible.covers import image_type
from .core.errors import TrackerError
from .core.matching.persons import written_by
from .core.models import Asin, AudibleTitle, Chapter
from .core.playing.following import is_passed
from .core.playing.session import Phase, Session
from .core.progress import chapter_index
from .core.store.overview import UnderWay
from .core.store.records import ReaderId
from .core.store.titles import load_some_titles
from .covers import cover_key, covers_of
from .entity import ListeningEnd, ReaderEntity, follow_readers
from .failures import translated_failures
from .playing.audio import async_chapters
from .playing.controls import ReaderControls
from .playing.hearing import is_hearing
from .playing.sessions import sessions_of
from .playing.speaker import Speaker, asked_by, speakers
from .views import cover_path

PARALLEL_UPDATES = 0

PLAYER: Final = EntityDescription(key="player")
_STATES: Final = {
    Phase.STARTING: MediaPlayerState.BUFFERING,
    Phase.PLAYING: MediaPlayerState.PLAYING,
}
_FEATURES: Final = (
    MediaPlayerEntityFeature.PLAY
    | MediaPlayerEntityFeature.PAUSE
    | MediaPlayerEntityFeature.STOP
    | MediaPlayerEntityFeature.SEEK
    | MediaPlayerEntityFeature.NEXT_TRACK
    | MediaPlayerEntityFeature.PREVIOUS_TRACK
    | MediaPlayerEntityFeature.PLAY_MEDIA
    | MediaPlayerEntityFeature.BROWSE_MEDIA
    | MediaPlayerEntityFeature.SEARCH_MEDIA
    | MediaPlayerEntityFeature.SELECT_SOURCE
)
_MS_PER_S: Final = 1_000
_SAME_PLACE_MS: Final = 2_000


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one player for each reader."""
    follow_readers(
        entry,
        async_add_entities,
        lambda reader_id: [ReaderPlayer(hass, entry, reader_id)],
    )


class ReaderPlayer(ReaderEntity, MediaPlayerEntity):
    """What a reader hears: on a speaker of the house, else at Audible."""

    _attr_media_content_type = MediaType.MUSIC

    def __init__(
        self, hass: HomeAssistant, entry: AudibleConfigEntry, reader_id: ReaderId
    ) -> None:
        """Belong to the reader's device."""
        super().__init__(entry, reader_id, PLAYER)
        self._entry = entry
        self._sessions = sessions_of(hass)
        self._controls = ReaderControls(hass, entry, reader_id)
        self._title: AudibleTitle | None = None
        self._chapters: tuple[Chapter, ...] = ()
        self._cover_url: str | None = None
        self._place: tuple[int, datetime] | None = None
        self._end = ListeningEnd(self._update)

    # --- what is shown ----------------------------------------------------------------

    @property
    def _session(self) -> Session | None:
        """Return what is heard here, as long as it was not heard further elsewhere."""
        session = self._sessions.of_reader(self.reader_id)
        if session is None or session.entry_id != self._entry.entry_id:
            return None
        there = self._under_way(session.asin)
        if there and is_passed(session, there.position_ms, there.moved_at):
            return None
        return session

    def _under_way(self, asin: Asin) -> UnderWay | None:
        found = self.shown.under_way if self.shown else ()
        return next((one for one in found if one.title.asin == asin), None)

    @property
    @override
    def state(self) -> MediaPlayerState:
        """Return what the speaker does, or whether a place at Audible moves."""
        if session := self._session:
            return _STATES.get(session.phase, MediaPlayerState.PAUSED)
        shown, account_id = self.shown, self.coordinator.data.account.account_id
        if shown is not None and is_hearing(self.hass, account_id, shown):
            return MediaPlayerState.PLAYING
        return MediaPlayerState.IDLE

    @property
    @override
    def supported_features(self) -> MediaPlayerEntityFeature:
        """Return what can be asked; volume where the speaker has one."""
        session = self._session
        speaker = Speaker(self.hass, session.player) if session else None
        if speaker and speaker.can(MediaPlayerEntityFeature.VOLUME_SET):
            return _FEATURES | MediaPlayerEntityFeature.VOLUME_SET
        return _FEATURES

    @property
    @override
    def volume_level(self) -> float | None:
        """Return how loud the speaker is."""
        session = self._session
        return Speaker(self.hass, session.player).volume if session else None

    @property
    @override
    def source(self) -> str | None:
        """Return the speaker that is heard, or was last."""
        session = self._session
        player = session.player if session else None
        player = player or self._sessions.last_player(self.reader_id)
        return Speaker(self.hass, player).name if player else None

    @property
    @override
    def source_list(self) -> list[str]:
        """Return the speakers of the house."""
        return sorted(set(speakers(self.hass).values()))

    @callback
    def _refresh(self) -> None:
        """Take over what is heard; chapters and title of a new one come later."""
        session, shown = self._session, self.shown
        heard = shown.reading_now if shown else None
        if session is not None:
            heard = self._under_way(session.asin)
        if heard is not None:
            self._title, self._chapters = heard.title, heard.chapters or self._chapters
        asin = session.asin if session else heard.title.asin if heard else None
        if asin is not None and asin != self._attr_media_content_id:
            self._chapters = (heard.chapters or ()) if heard else ()
            self._entry.async_create_background_task(
                self.hass, self._async_learn(asin), f"{DOMAIN} chapters"
            )
        self._attr_media_content_id = asin
        self._show_title(self._title if asin else None)
        self._show_place(session, heard)
        there = heard if session is None else None
        self._end.wait(self.hass, there.moved_at if there else None)

    @override
    async def async_get_media_image(self) -> tuple[bytes | None, str | None]:
        """Return the cover from this house, and of which kind it is."""
        content = await covers_of(self.hass).async_find(self._cover_url)
        return content, image_type(content) if content else None

    def _show_title(self, title: AudibleTitle | None) -> None:
        is_it = title is not None and title.asin == self._attr_media_content_id
        self._attr_media_title = title.name if title and is_it else None
        authors = written_by(title.authors) if title and is_it else ()
        self._attr_media_artist = ", ".join(authors) or None
        series = title.series[0].title if title and is_it and title.series else None
        self._attr_media_album_name = series
        self._cover_url = url = title.cover_url if title and is_it else None
        # What is told is where this house has it; another cover is fetched anew.
        house = cover_path(self._entry.entry_id, title.asin) if title and url else None
        self._attr_media_image_url = house
        self._attr_media_image_hash = cover_key(url) if url else None

    def _show_place(self, session: Session | None, heard: Any) -> None:
        """Show the place; as long as it only passes on, it is not told anew."""
        now = dt_util.utcnow()
        if session is None:
            runtime_ms = heard.title.runtime_ms if heard else None
            place = (heard.position_ms, heard.moved_at) if heard else None
            if place is not None and place[0] is None:
                place = None
        else:
            runtime_ms = session.runtime_ms
            place = (session.place_now(now), now)
            if self._place is not None and self._passes_on(session, place[0], now):
                place = self._place
        self._place = place
        self._attr_media_duration = runtime_ms // _MS_PER_S if runtime_ms else None
        self._attr_media_position = place[0] // _MS_PER_S if place else None
        self._attr_media_position_updated_at = place[1] if place else None
        place_ms = session.place_now(now) if session else place[0] if place else None
        index = None if place_ms is None else chapter_index(self._chapters, place_ms)
        self._attr_media_track = None if index is None else index + 1

    def _passes_on(self, session: Session, place_ms: int, now: datetime) -> bool:
        if self._place is None:
            return False
        told_ms, told_at = self._place
        if session.is_live:
            told_ms += round((now - told_at) / timedelta(milliseconds=1))
        if session.is_live and session.form.speed != 1.0:
            return False
        return abs(told_ms - place_ms) < _SAME_PLACE_MS

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return where it is heard, in which chapter, how fast, and until when."""
        session = self._session
        index = self._attr_media_track
        sleep = session.sleep if session else None
        return {
            "reader": self.shown.reader.name if self.shown else None,
            "asin": self._attr_media_content_id,
            "chapter": self._chapters[index - 1].title if index else None,
            "speaker": session.player if session else None,
            "speed": session.form.speed if session else None,
            "sleeps_at": sleep.ends_at.isoformat() if sleep and sleep.ends_at else None,
        }

    async def _async_learn(self, asin: Asin) -> None:
        """Learn what is not known of a title that nobody is hearing at Audible."""
        runtime = self._entry.runtime_data
        try:
            async with runtime.store.reading() as connection:
                titles = await load_some_titles(connection, runtime.account_id, (asin,))
            chapters = await async_chapters(self.hass, self._entry, asin)
        except TrackerError as err:
            LOGGER.debug("Nothing more is known of a title: %s", err.key)
            return
        if asin == self._attr_media_content_id:
            self._title = titles[0] if titles else self._title
            self._chapters = chapters or self._chapters
            self._update()

    # --- when it changes --------------------------------------------------------------

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the speakers as well."""
        await super().async_added_to_hass()
        self._refresh()
        self.async_on_remove(self._sessions.listen(self._update))
        self.async_on_remove(self._end.stop)
        for track in (async_track_state_added_domain, async_track_state_removed_domain):
            self.async_on_remove(track(self.hass, MEDIA_PLAYER, self._update_sources))

    @override
    def _shown(self) -> tuple[Any, ...]:
        """Return what makes the state: the speakers to choose from, too."""
        return (*super()._shown(), self.supported_features, tuple(self.source_list))

    @callback
    def _update_sources(self, _event: Event[EventStateChangedData]) -> None:
        self._update()

    @callback
    def _update(self) -> None:
        self._handle_coordinator_update()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show what is heard by now."""
        if self.available:
            self._refresh()
        super()._handle_coordinator_update()

    # --- what is asked ----------------------------------------------------------------

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask the speaker in the name of whoever asked this player."""
        with translated_failures(), asked_by(self._context):
            yield

    @override
    async def async_media_play(self) -> None:
        """Go on, on the speaker that played last."""
        with self._asking():
            await self._controls.async_play()

    @override
    async def async_media_pause(self) -> None:
        """Let the speaker pause."""
        with self._asking():
            await self._controls.async_pause()

    @override
    async def async_media_stop(self) -> None:
        """Let the speaker fall silent, and follow it no longer."""
        with self._asking():
            await self._controls.async_stop()

    @override
    async def async_media_seek(self, position: float) -> None:
        """Go to a place of the book."""
        with self._asking():
            await self._controls.async_seek(round(position * _MS_PER_S))

    @override
    async def async_media_next_track(self) -> None:
        """Go to the next chapter."""
        with self._asking():
            await self._controls.async_turn(1)

    @override
    async def async_media_previous_track(self) -> None:
        """Go to the beginning of the chapter, or to the one before."""
        with self._asking():
            await self._controls.async_turn(-1)

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        """Make the speaker so loud."""
        if session := self._session:
            with self._asking():
                await Speaker(self.hass, session.player).async_set_volume(volume)

    @override
    async def async_select_source(self, source: str) -> None:
        """Go on on another speaker."""
        with self._asking():
            await self._controls.async_move(source)

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        """Play a book or a chapter of the media source, on the last speaker."""
        with self._asking():
            await self._controls.async_play_media(media_id)

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        """Show the account's shelves."""
        place = media_content_id or self._root
        return await media_source.async_browse_media(self.hass, place)

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        """Find books of the account."""
        place = query.media_content_id or self._root
        return await media_source.async_search_media(self.hass, place, query)

    @property
    def _root(self) -> str:
        return f"media-source://{DOMAIN}/{self._entry.entry_id}"
