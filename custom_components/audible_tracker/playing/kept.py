"""What is kept of the sessions on disk, so that a restart loses no place."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN, LOGGER
from ..core.playing.session import Session

_SAVE_DELAY_S: Final = 2.0


class KeptSessions:
    """A file with the sessions of each account, and each reader's last speaker."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Read nothing yet."""
        self._file: Store[dict[str, Any]] = Store(
            hass, 1, f"{DOMAIN}.sessions", private=True
        )
        self._sessions: dict[str, list[dict[str, Any]]] = {}
        self._is_loaded = False
        self.last_players: dict[int, str] = {}

    async def async_take(self, entry_id: str) -> list[Session]:
        """Return an account's sessions; what cannot be read is left out."""
        if not self._is_loaded:
            stored = await self._file.async_load() or {}
            self._sessions = stored.get("sessions", {}) | self._sessions
            players = stored.get("last_players", {})
            self.last_players |= {int(one): name for one, name in players.items()}
            self._is_loaded = True
        found = []
        for one in self._sessions.get(entry_id, []):
            try:
                found.append(Session.from_stored(one))
            except KeyError, TypeError, ValueError:
                LOGGER.warning("What was heard on a speaker cannot be read any more")
        return found

    async def async_put(self, entry_id: str, sessions: Iterable[Session]) -> None:
        """Keep an account's sessions, now."""
        self._sessions[entry_id] = [one.to_stored() for one in sessions]
        await self._file.async_save(self._data())

    @callback
    def save_soon(self, entry_id: str, sessions: Iterable[Session]) -> None:
        """Keep an account's sessions, some seconds later."""
        self._sessions[entry_id] = [one.to_stored() for one in sessions]
        self._file.async_delay_save(self._data, _SAVE_DELAY_S)

    async def async_forget(self, entry_id: str) -> None:
        """Forget an account that is removed."""
        if self._sessions.pop(entry_id, None) is not None:
            await self._file.async_save(self._data())

    def _data(self) -> dict[str, Any]:
        players = {str(one): name for one, name in self.last_players.items()}
        return {"sessions": self._sessions, "last_players": players}
