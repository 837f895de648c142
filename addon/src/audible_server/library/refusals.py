"""Pure: what it means when Audible says that an account asks for too many licenses.

It says so too to registrations that it holds for old: those have to be made anew, and
waiting is of no use (audible-api reference, sections 2.5 and 5.4).
"""

from datetime import timedelta
from typing import Final

LATELY: Final = timedelta(days=6)
"""So long ago a license still counts."""

_MANY: Final = 50
"""The fewest licenses that were ever too many."""

_YOUNG: Final = timedelta(days=30)


def is_registration_too_old(
    *, licenses_lately: int, signed_in_at: int | None, now_ms: int
) -> bool:
    """Tell whether only a new sign-in helps.

    ``signed_in_at`` is in epoch milliseconds, or None if that is long ago.
    """
    young_ms = _YOUNG.total_seconds() * 1000
    is_young = signed_in_at is not None and now_ms - signed_in_at < young_ms
    return licenses_lately < _MANY and not is_young
