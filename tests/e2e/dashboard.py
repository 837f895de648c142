"""The ready-made dashboard, made as its owner makes it."""

from typing import Any, Final

from .home_assistant import HomeAssistant

DASHBOARD: Final = "audio-books"
STRATEGY: Final = {"strategy": {"type": "custom:audible-tracker"}}
"""All that the dashboard's configuration says."""


async def create_dashboard(home: HomeAssistant) -> None:
    """Add a dashboard of the integration's own making."""
    command = {
        "type": "lovelace/dashboards/create",
        "url_path": DASHBOARD,
        "title": "Audiobooks",
        "icon": "mdi:headphones",
        "mode": "storage",
    }
    await home.websocket(command)
    await show(home, STRATEGY)


async def show(home: HomeAssistant, config: dict[str, Any]) -> None:
    """Give the dashboard another configuration."""
    command = {"type": "lovelace/config/save", "url_path": DASHBOARD, "config": config}
    await home.websocket(command)


async def open_first(home: HomeAssistant) -> None:
    """Let everybody see the dashboard first who opens Home Assistant."""
    command = {
        "type": "frontend/set_system_data",
        "key": "core",
        "value": {"default_panel": DASHBOARD},
    }
    await home.websocket(command)
