"""What somebody asks of the speakers of the house, and what comes of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, override

from homeassistant.core import (
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.errors import (
    NothingPlayingError,
    SpeakerSilentError,
    SpeakerUnmovedError,
)
from ..core.models import Chapter
from ..core.playing.choosing import after_jump, form_for
from ..core.playing.following import PlayerState, wrote
from ..core.playing.session import AudioFormat, Phase, Session
from ..core.store.records import LinkFields, ReaderId
from .audio import async_chapters, async_playable
from .followed import FollowedSessions
from .speaker import Speaker
from .starting import Wish, async_begin, async_is_passed

_HEARD_WITHIN: Final = 25
"""Looks, a second apart, before a speaker is called silent."""

_SOUGHT_TIMES: Final = 6
"""Tries, a second apart, until a speaker is at its place."""

_SESSIONS: HassKey[Sessions] = HassKey(f"{DOMAIN}.sessions")


@callback
def sessions_of(hass: HomeAssistant) -> Sessions:
    """Return the sessions of this house."""
    if _SESSIONS not in hass.data:
        hass.data[_SESSIONS] = Sessions(hass)
    return hass.data[_SESSIONS]


class Sessions(FollowedSessions):
    """Begins, moves and ends what is heard on speakers; all else is followed."""

    async def async_play(self, wish: Wish) -> Session:
        """Let a speaker play a title; return the session once it is heard.

        Raises TrackerError, and whatever the media player says.
        """
        speaker = Speaker(self._hass, wish.player)
        speaker.check()
        # What is heard goes on where the title cannot be played.
        book = await async_playable(self._hass, wish.asin)
        await self._async_part(wish.reader_id, wish.player)
        return await self._async_start(await async_begin(self._hass, wish, book))

    @callback
    def expect(self, session: Session) -> None:
        """Follow a speaker that is about to be given a title by somebody else."""
        if (old := self._live.get(session.player)) is not None:
            self._background(self._async_keep_place(old))
        self._renewed.add(session.player)
        self._set(session)

    @override
    async def async_resume(self, session: Session, back_ms: int) -> Session:
        """Let a speaker go on, so far back; anew where it has forgotten the title."""
        session = self._now(session)
        place_ms = max(0, session.place_ms - back_ms)
        speaker = Speaker(self._hass, session.player)
        speaker.check()
        is_paused = speaker.look.state is PlayerState.PAUSED
        has_it = is_paused and session.phase is Phase.PAUSED
        has_it = has_it and session.player in self._renewed
        if not has_it or not (speaker.can_seek or place_ms == session.place_ms):
            return await self._async_start(_again(session, place_ms, speaker))
        self._set(replace(session, asked_at=dt_util.utcnow()))
        if place_ms != session.place_ms:
            self._set(_sought(self._now(session), place_ms))
            await speaker.async_seek(session.form.stream_ms(place_ms))
        await speaker.async_play()
        return await self._async_settled(session.player) or session

    @override
    async def async_reach(self, player: str) -> None:
        """Bring a speaker that is heard to the place of its session.

        Some cannot yet seek when they begin, and some never do that: these get a
        stream that begins at the place.
        """
        speaker = Speaker(self._hass, player)
        for _ in range(_SOUGHT_TIMES):
            session = self._live.get(player)
            if session is None or session.seek_ms is None:
                return
            try:
                await speaker.async_seek(session.form.stream_ms(session.seek_ms))
            except Exception as err:
                LOGGER.debug("%s does not seek: %r", player, err)
            await asyncio.sleep(1)
            await self._async_settled(player)
        session = self._live.get(player)
        if session is not None and session.seek_ms is not None:
            form = replace(
                session.form, audio_format=AudioFormat.MP3, start_ms=session.seek_ms
            )
            again = _again(replace(session, form=form), session.seek_ms, speaker)
            await self._async_start(again)

    async def async_move(self, session: Session, player: str) -> Session:
        """Let another speaker go on where one was, with its speed and its timer.

        Where the reader went on elsewhere meanwhile, it begins there.
        """
        target = Speaker(self._hass, player)
        target.check()
        if not session.is_live and await async_is_passed(
            self._entries[session.entry_id], session
        ):
            return await self.async_play(self._again_on(session, player))
        with self._moving(session):
            return await self._async_carry(session, target)

    async def _async_carry(self, session: Session, target: Speaker) -> Session:
        """End a title on one speaker, and begin it on another."""
        if session.is_live:
            session = await self.async_pause(session)
        await self.async_end(session)
        await self._async_part(session.reader_id, target.entity_id)
        form = form_for(
            target.platform,
            wanted=None,
            speed=session.form.speed,
            start_ms=session.place_ms,
            can_seek=target.can_seek,
        )
        moved = replace(session, player=target.entity_id, form=form, was_playing=False)
        return await self._async_start(_again(moved, session.place_ms, target))

    async def async_seek(
        self, entry: AudibleConfigEntry, session: Session, place_ms: int
    ) -> Session:
        """Go to a place of the book; a sleep timer by chapters goes along."""
        chapters = await async_chapters(self._hass, entry, session.asin)
        return await self._async_go(session, place_ms, chapters)

    async def async_bring(self, link: LinkFields) -> None:
        """Bring the speaker that has a reader's title to its place, if there is one.

        It would go on telling its own. Raises SpeakerUnmovedError, and whatever the
        media player says in words.
        """
        place_ms = link.last_position_ms
        if place_ms is None or (session := self._with_title(link)) is None:
            return
        entry = self._entries[session.entry_id]
        chapters = await async_chapters(self._hass, entry, session.asin)
        # It may have ended meanwhile, or be on another speaker by now.
        if (session := self._with_title(link)) is None:
            return
        knows = replace(session, written_ms=place_ms, written_at=dt_util.utcnow())
        # Nobody looks before it goes: at rest it would tell the place that it leaves.
        self._set(knows)
        await self._async_go(knows, place_ms, chapters)

    def _with_title(self, link: LinkFields) -> Session | None:
        """Return what a reader hears, if it is this title: one has it only once."""
        session = self.of_reader(link.reader_id)
        return session if session is not None and session.asin == link.asin else None

    async def _async_go(
        self, session: Session, place_ms: int, chapters: Sequence[Chapter]
    ) -> Session:
        moved = await self.async_jump(session, place_ms)
        sleep = after_jump(moved.sleep, chapters, place_ms)
        return self.change(moved, sleep=sleep) or moved

    async def async_jump(self, session: Session, place_ms: int) -> Session:
        """Go to a place of the book, on the speaker that plays it."""
        session = self._now(session)
        most = session.runtime_ms
        place_ms = max(0, place_ms if most is None else min(place_ms, most))
        speaker = Speaker(self._hass, session.player)
        is_there = session.phase is not Phase.INTERRUPTED and speaker.look.state in (
            PlayerState.PLAYING,
            PlayerState.PAUSED,
        )
        if is_there and speaker.can_seek:
            await self._async_seek(session, place_ms, speaker)
            return await self._async_settled(session.player) or session
        if session.is_live:
            return await self._async_start(_again(session, place_ms, speaker))
        # It is given the title anew when it goes on.
        self._renewed.discard(session.player)
        now = dt_util.utcnow()
        moved = wrote(replace(session, place_ms=place_ms, place_at=now), place_ms, now)
        self._set(moved)
        await self._async_write(moved, is_rest=True)
        return moved

    async def _async_seek(
        self, session: Session, place_ms: int, speaker: Speaker
    ) -> None:
        """Let a speaker go to a place; one that does not is where it was.

        Raises SpeakerUnmovedError, and whatever the media player says in words.
        """
        self._set(_sought(session, place_ms))
        try:
            await speaker.async_seek(session.form.stream_ms(place_ms))
        except Exception as err:
            self.change(
                session,
                seek_ms=session.seek_ms,
                place_ms=session.place_ms,
                place_at=session.place_at,
                since=session.since,
            )
            if isinstance(err, HomeAssistantError):
                raise
            raise SpeakerUnmovedError(player=speaker.name) from err

    def _now(self, session: Session) -> Session:
        """Return how a session stands; raise NothingPlayingError if it has ended."""
        now = self._live.get(session.player)
        if now is None or now.is_other_than(session):
            raise NothingPlayingError
        return now

    def _again_on(self, session: Session, player: str) -> Wish:
        entry = self._entries[session.entry_id]
        reader_id = ReaderId(session.reader_id)
        return Wish(entry, reader_id, session.asin, player, speed=session.form.speed)

    async def _async_part(self, reader_id: int, player: str) -> None:
        """End what the reader hears elsewhere, and what the speaker plays now."""
        for session in self.all:
            if session.player == player:
                await Speaker(self._hass, player).async_refresh()
                self._look(player)
                await self._async_keep_place(self._live.get(player, session))
                self._drop(session)
            elif session.reader_id == reader_id:
                await self.async_end(session)

    async def _async_start(self, session: Session) -> Session:
        """Give a speaker the title, and wait until it is heard."""
        self._renewed.add(session.player)
        self._set(session)
        content_id = f"media-source://{DOMAIN}/{session.entry_id}/title/{session.asin}"
        speaker = Speaker(self._hass, session.player)
        self._asked.add(session.player)
        try:
            await speaker.async_play_media(content_id)
        except BaseException:
            self._drop(self._live.get(session.player, session))
            raise
        finally:
            self._asked.discard(session.player)
        for _ in range(_HEARD_WITHIN):
            await speaker.async_refresh()
            self._look(session.player)
            found = self._live.get(session.player)
            if found is None:
                break
            if found.phase is not Phase.STARTING:
                return found
            self._heard.clear()
            await _within_a_second(self._heard)
        if (found := self._live.get(session.player)) is not None:
            self._drop(found)
        raise SpeakerSilentError(player=speaker.name)


async def _within_a_second(heard: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(1):
            await heard.wait()
    except TimeoutError:
        return


def _again(session: Session, place_ms: int, speaker: Speaker) -> Session:
    """Return the session as it is before its speaker is given the title anew."""
    form = session.form
    if not speaker.can_seek:
        form = replace(form, start_ms=place_ms)
    return replace(
        session,
        form=form,
        place_ms=place_ms,
        place_at=dt_util.utcnow(),
        since=dt_util.utcnow(),
        phase=Phase.STARTING,
        seek_ms=place_ms if form.stream_ms(place_ms) else None,
        content_id=None,
        other_id=speaker.look.content_id,
    )


def _sought(session: Session, place_ms: int) -> Session:
    now = dt_util.utcnow()
    return replace(
        session, seek_ms=place_ms, place_ms=place_ms, place_at=now, since=now
    )
