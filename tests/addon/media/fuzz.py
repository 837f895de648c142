"""Change real small files in random places, for as long as one likes.

python -m tests.addon.media.fuzz [--seconds S] [--seed N]: uses atheris, which looks for
inputs that reach new code, where it is installed, else plain chance. What breaks is
written to the current folder.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.addon.media.damage import BOOKS
from tests.addon.media.trial import trial

_WORDS = (0, 1, 8, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_MOST_CPU_S = 10.0


def mutated(rng: random.Random, data: bytes) -> bytes:
    """Return a file with a few of its bytes changed, moved, lost or doubled."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 4, 8, rng.randint(1, 200)))
        match rng.randrange(6):
            case 0:
                changed[at : at + 1] = rng.randbytes(1)
            case 1:
                changed[at : at + 4] = rng.choice(_WORDS).to_bytes(4)
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length]
            case 4:
                other = rng.choice(list(BOOKS.values()))
                start = rng.randrange(len(other))
                changed[at : at + length] = other[start : start + length]
            case _:
                changed[at : at + length] = rng.randbytes(length)
    return bytes(changed)


class Target:
    """Tries one input after the other; leaves behind the one that broke something."""

    def __init__(self, folder: Path) -> None:
        """Use a folder for the file under trial."""
        self._path = folder / "book.aaxc"
        self.tried = 0

    def __call__(self, data: bytes) -> None:
        """Try an input; raise whatever is no error of ours, or takes too long."""
        self._path.write_bytes(data)
        started = time.process_time()
        try:
            trial(self._path)
            seconds = time.process_time() - started
            assert seconds < _MOST_CPU_S, f"{seconds:.1f} s"
        except BaseException:
            Path("fuzz-failure.aaxc").write_bytes(data)
            raise
        self.tried += 1


def by_chance(target: Target, *, seconds: float, seed: int) -> None:
    """Try changed files until the time is over."""
    rng = random.Random(seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        target(mutated(rng, rng.choice(list(BOOKS.values()))))


def by_coverage(target: Target, *, seconds: float, seed: int) -> None:
    """Let atheris look for inputs that reach new code; it ends the process."""
    import atheris  # installed by those who want it

    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(BOOKS.values()):
            Path(corpus, str(number)).write_bytes(data)
        limits = [
            f"-max_total_time={int(seconds)}",
            f"-seed={seed}",
            "-rss_limit_mb=512",
        ]
        atheris.Setup([sys.argv[0], *limits, corpus], target)
        atheris.instrument_all()
        atheris.Fuzz()


def main() -> None:
    """Read the arguments, and try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    way = _way()
    with tempfile.TemporaryDirectory() as folder:
        target = Target(Path(folder))
        print(f"fuzz: {way.__name__}, seed {arguments.seed}", flush=True)
        way(target, seconds=arguments.seconds, seed=arguments.seed)
        print(f"fuzz: {target.tried} files, none broke anything")


def _way() -> Callable[..., None]:
    try:
        import atheris  # noqa: F401 - only to see whether it is there
    except ImportError:
        return by_chance
    return by_coverage


if __name__ == "__main__":
    main()
