"""WebSocket commands of the cards; docs/cards.md describes them."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import WebSocketCommandHandler
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.core import HomeAssistant, callback

from ..actions.calls import Action
from ..const import DOMAIN
from .conflicts import CONFLICTS
from .feeds import Feed
from .shelf import SHELF
from .statistics import STATISTICS
from .tracker import BOOK, BOOKS

FEEDS: Final[Mapping[str, Action]] = {
    "book": BOOK,
    "books": BOOKS,
    "conflicts": CONFLICTS,
    "shelf": SHELF,
    "statistics": STATISTICS,
}
"""What can be subscribed to, as ``audible_tracker/<name>/subscribe``."""


@callback
def async_setup_commands(hass: HomeAssistant) -> None:
    """Register a command for each feed."""
    for name, question in FEEDS.items():
        websocket_api.async_register_command(hass, _command(name, question))


def _command(name: str, question: Action) -> WebSocketCommandHandler:
    fields: dict[Any, Any] = {
        probatio.Required("type"): f"{DOMAIN}/{name}/subscribe",
        **question.fields,
    }

    @async_response
    async def subscribe(
        hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]
    ) -> None:
        await Feed(hass, connection, message, question).async_begin()

    return websocket_command(fields)(subscribe)
