"""What can go wrong between the integration and the server."""

from typing import Final

from .base import TrackerError

APP_URL: Final = (
    "https://my.home-assistant.io/redirect/supervisor_add_addon_repository/"
    "?repository_url=https%3A%2F%2Fgithub.com%2Faudible-tracker%2Faudible-tracker"
)


class MediaServerError(TrackerError):
    """Base of what can go wrong between the integration and the server."""


class MediaServerUnreachableError(MediaServerError):
    """Nothing answers at the server's address."""

    key = "media_server_unreachable"
    message = "The server does not answer at {url}."


class MediaServerSecretError(MediaServerError):
    """The server answers, but does not accept the secret."""

    key = "media_server_secret"
    message = "The server does not accept the secret."


class MediaServerVersionError(MediaServerError):
    """The two halves speak different versions."""

    key = "media_server_version"
    message = "The server speaks version {found}, this integration version {expected}."


class MediaServerRefusedError(MediaServerError):
    """The server refused a request; ``code`` is its own error key."""

    key = "media_server_refused"
    message = "The server says: {detail}"

    def __init__(self, *, code: str, detail: str, status: int) -> None:
        """Keep the server's error key and HTTP status."""
        self.code = code
        self.status = status
        super().__init__(detail=detail)


class MediaServerMissingError(MediaServerError):
    """No server is linked; ``url`` is where to get it."""

    key = "media_server_missing"
    message = (
        "Playing needs the Audible Tracker app (add-on), and none is linked: {url}"
    )

    def __init__(self) -> None:
        """Say where it is."""
        super().__init__(url=APP_URL)
