"""Whether an encrypted book decodes with its key, which heads of samples cannot tell.

Where only the IV is wrong, all but the first 16 bytes of each sample come out right,
and a few of these may too. A decoder then loses its way in every second sample.
"""

from typing import Final

from audible_core.errors import DecryptError

from audible_server.media.adts import adts_stream
from audible_server.media.ffmpeg import check_adts_args
from audible_server.media.mp4.decrypt import BLOCK_BYTES
from audible_server.media.process import ToolExitError, fed, feed_all
from audible_server.media.virtual import VirtualM4b

_DECODED_SAMPLES: Final = 48


async def prove_decodes(book: VirtualM4b) -> None:
    """Decode some samples from all over a book; raise DecryptError if many fail.

    Raises MediaToolError where ffmpeg does not start.
    """
    count = len(book.samples)
    samples: list[bytes] = []
    for number in range(0, count, max(1, count // _DECODED_SAMPLES)):
        samples += await book.load_samples(number, number + 1)
    # Shorter ones are not encrypted.
    telling = [sample for sample in samples if len(sample) >= BLOCK_BYTES]
    if not telling:
        return
    try:
        await feed_all(check_adts_args(), fed(adts_stream(telling, book.config)))
    except ToolExitError as err:
        raise DecryptError from err
