"""When somebody with the secret was here; in memory, since each start begins anew."""

from dataclasses import dataclass


@dataclass(slots=True)
class Contact:
    """Epoch milliseconds of the last call with the secret."""

    last_call_at_ms: int | None = None
