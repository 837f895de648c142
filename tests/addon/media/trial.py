"""What becomes of a file that may be damaged: served in full, or one clear error.

As a program it tries every file of a folder in a process that may not grow:
python -m tests.addon.media.trial FOLDER
"""

import json
import resource
import sys
import time
from pathlib import Path

from audible_core.errors import TrackerError

from audible_server.media.adts import adts_stream
from audible_server.media.hls import Segments, playlist, timestamp_tag
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.mp4_maker import KEY

GROWTH_BYTES = 200 * 1024 * 1024
# Of a sparse file of gigabytes only some places are read.
_READ_BYTES = 8 * 1024 * 1024
_TRIED_SEGMENTS = 40


def trial(path: Path) -> str:
    """Play a file in every way; return the key of the error, or "served".

    Anything but an error of ours is a fault of the server, and raised.
    """
    try:
        book = VirtualM4b.open(path, KEY)
        _read(book)
        _play(book)
    except TrackerError as err:
        return err.key if str(err).endswith(".") else f"no sentence: {err}"
    return "served"


def _read(book: VirtualM4b) -> None:
    size = book.size_bytes
    low, high = book.samples.extent
    for place in {0, low, high - _READ_BYTES, size - _READ_BYTES}:
        start = max(0, place)
        end = min(size, start + _READ_BYTES)
        assert end - start == len(book.read(start, end))


def _play(book: VirtualM4b) -> None:
    assert 0 <= book.duration_ms < 1_000 * 3_600_000
    assert 0 <= book.times.sample_at_ms(book.duration_ms // 2) <= len(book.samples)
    segments = Segments.of(book.times)
    playlist(segments.durations_s(), ".aac")
    step = 1 + len(segments) // _TRIED_SEGMENTS
    for number in range(0, len(segments), step):
        timestamp_tag(segments.start_s(number))
        adts_stream(book.read_samples(*segments.span(number)), book.config)


def main() -> None:
    """Print one JSON object for each file: its name, what became of it, how long."""
    # Threads and libraries have taken their part by now; a book may take no more.
    taken = int(Path("/proc/self/statm").read_text().split()[0])
    limit = taken * resource.getpagesize() + GROWTH_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # From here on the kernel remembers the most memory that was used.
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak_bytes()
    for path in sorted(Path(sys.argv[1]).iterdir()):
        started = time.process_time()
        outcome = trial(path)
        seconds = time.process_time() - started
        line = {"name": path.name, "outcome": outcome, "cpu_s": round(seconds, 3)}
        grown = _peak_bytes() - before
        print(json.dumps(line | {"grown_bytes": grown}), flush=True)


def _peak_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
