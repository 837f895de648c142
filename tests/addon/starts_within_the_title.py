"""A hook of schemathesis: no document can say how long a title is."""

from typing import Any, Final

import schemathesis

LENGTH_MS: Final = 60_000


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Begin where there is still something to hear."""
    start_ms = (case.query or {}).get("start_ms")
    if isinstance(start_ms, int) and start_ms >= LENGTH_MS:
        case.query["start_ms"] = start_ms % LENGTH_MS
