"""Who calls an action or follows a feed, and whose reading is shown to them."""

from dataclasses import dataclass
from typing import Final

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant

from ..core.errors import ReadingHiddenError
from ..core.store.records import ReaderId
from ..persons import readers_of_others, readers_of_user

AUTOMATION: Final = "automation"
"""Who did it, where no person called."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user of the house, or an automation, which no user stands behind."""

    hass: HomeAssistant
    user_id: str | None

    @classmethod
    def of(cls, hass: HomeAssistant, context: Context | None) -> Caller:
        """Return who did something."""
        return cls(hass, context.user_id if context is not None else None)

    async def async_name(self) -> str:
        """Return what the caller is called."""
        if self.user_id is None:
            return AUTOMATION
        user = await self._async_user()
        return (user.name if user is not None else None) or "user"

    async def async_is_admin(self) -> bool:
        """Tell whether an administrator called."""
        user = await self._async_user()
        return user is not None and user.is_admin

    def own_readers(self) -> frozenset[ReaderId]:
        """Return the readers who are the caller."""
        return readers_of_user(self.hass, self.user_id)

    async def async_hidden(self) -> frozenset[ReaderId]:
        """Return whose reading is not shown to the caller.

        To administrators and to automations all of it is.
        """
        if self.user_id is None or await self.async_is_admin():
            return frozenset()
        return readers_of_others(self.hass, self.user_id)

    async def async_check(self, reader_id: ReaderId) -> None:
        """Refuse what is a reader's who is hidden; raise ReadingHiddenError."""
        if reader_id in await self.async_hidden():
            raise ReadingHiddenError

    async def async_check_all(self) -> None:
        """Refuse what is everybody's where somebody is hidden."""
        if await self.async_hidden():
            raise ReadingHiddenError

    async def _async_user(self) -> User | None:
        if self.user_id is None:
            return None
        return await self.hass.auth.async_get_user(self.user_id)
