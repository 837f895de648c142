"""Who of Home Assistant was here, and when; kept in memory, since a start renews it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Contact:
    """Epoch milliseconds of the last call with the secret, and of the announcement."""

    last_call_at_ms: int | None = None
    announced_at_ms: int | None = None
