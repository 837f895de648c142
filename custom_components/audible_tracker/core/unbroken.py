"""Work that nobody's cancellation leaves half done."""

import asyncio
from collections.abc import Awaitable


async def unbroken[R](work: Awaitable[R]) -> R:
    """Do some work to its end, however often who waits for it is cancelled meanwhile.

    The cancellation comes through afterwards, in place of what the work returned or
    raised.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as err:
            cancelled = err
    if cancelled is not None:
        if not task.cancelled():
            # Asked for, lest it be told of as an error that nobody saw.
            task.exception()
        try:
            raise cancelled
        finally:
            # Its traceback has this frame, and with it whatever the callers hold.
            del cancelled
    return task.result()
