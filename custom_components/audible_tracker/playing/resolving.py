"""The address of a title for whoever asks: a speaker, or a browser."""

from homeassistant.components.media_source import PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..coordinator import AudibleConfigEntry
from ..core.errors import InvalidValueError, NotInStoreError
from ..core.models import Asin
from ..core.playing.session import AudioForm, Phase
from ..core.store.accounts import load_account
from ..core.store.links import load_link_states
from ..core.store.records import LinkFields
from ..core.sync.readers import listener_of
from ..core.wire import ServerBook
from .audio import async_address, async_chapters, async_playable
from .sessions import sessions_of
from .speaker import speakers
from .starting import Wish, async_begin, resume_place

_MS_PER_S = 1_000


async def async_resolve(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    asin: Asin,
    *,
    chapter: int | None,
    player: str | None,
) -> PlayMedia:
    """Return a title's address for a player, at the reader's place or at a chapter's.

    A media player is followed from then on, and sent to the place as soon as it is
    heard. A browser gets the place with the address. Raises TrackerError.
    """
    book = await async_playable(hass, asin)
    start_ms = await _async_start_ms(hass, entry, asin, chapter)
    if player is None or player not in speakers(hass):
        address, mime_type = await async_address(
            hass, entry.entry_id, book, AudioForm()
        )
        place_ms = start_ms
        if place_ms is None:
            link = await _async_listener(entry, asin)
            place_ms = await resume_place(
                hass, entry, link, book.runtime_ms, dt_util.utcnow()
            )
        place_s = place_ms // _MS_PER_S
        return PlayMedia(f"{address}#t={place_s}" if place_s else address, mime_type)
    form = await _async_form(hass, entry, book, player, start_ms)
    return PlayMedia(*await async_address(hass, entry.entry_id, book, form))


async def _async_form(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    book: ServerBook,
    player: str,
    start_ms: int | None,
) -> AudioForm:
    """Return the form that the player was promised, or begin to follow it."""
    asin = Asin(book.asin)
    sessions = sessions_of(hass)
    session = sessions.on(player)
    if session is not None and session.phase is Phase.STARTING and session.asin == asin:
        return session.form
    link = await _async_listener(entry, asin)
    wish = Wish(entry, link.reader_id, asin, player, start_ms=start_ms)
    session = await async_begin(hass, wish, book)
    sessions.expect(session)
    return session.form


async def _async_start_ms(
    hass: HomeAssistant, entry: AudibleConfigEntry, asin: Asin, chapter: int | None
) -> int | None:
    if chapter is None:
        return None
    chapters = await async_chapters(hass, entry, asin)
    if not 1 <= chapter <= len(chapters):
        raise InvalidValueError(
            field="chapter", value=chapter, allowed=f"1 to {len(chapters)}"
        )
    return chapters[chapter - 1].start_ms


async def _async_listener(entry: AudibleConfigEntry, asin: Asin) -> LinkFields:
    """Return whose listening the account's place of a title is."""
    runtime = entry.runtime_data
    async with runtime.store.reading() as connection:
        account = await load_account(connection, runtime.account_id)
        states = await load_link_states(connection, runtime.account_id, (asin,))
    listener = listener_of(states, account)
    if listener is None:
        raise NotInStoreError(what="title", number=asin)
    return listener.link.fields
