"""Asking Audible again when the network, or Audible, is not there for a moment."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from audible_core.errors import AudibleConnectionError, AudibleRateLimitError

_LOGGER = logging.getLogger(__name__)
RETRY_WAITS_S: Final = (1.0, 5.0, 15.0, 60.0)


async def patiently[T](ask: Callable[[], Awaitable[T]], waits_s: Sequence[float]) -> T:
    """Return an answer of Audible; ask again after each wait while none comes.

    Waits longer where Audible says so. A refusal is an answer, and is raised at once;
    after the last wait so is what kept the answer from coming.
    """
    for wait_s in waits_s:
        try:
            return await ask()
        except AudibleConnectionError as err:
            pause_s, reason = wait_s, err.key
        except AudibleRateLimitError as err:
            pause_s, reason = max(wait_s, err.retry_after_s), err.key
        _LOGGER.info("Audible is asked again in %g s (%s)", pause_s, reason)
        await asyncio.sleep(pause_s)
    return await ask()
