"""Random changes of small real files: an error with a sentence, or played in full."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.addon.media import fuzz
from tests.addon.media.damage import BOOKS
from tests.addon.media.fuzz import Target, mutated
from tests.repo.tree import ROOT

WORD = st.sampled_from([0, 1, 7, 8, 2**16, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(
    0, 2**32 - 1
)


@st.composite
def changed_files(draw: st.DrawFn) -> bytes:
    """Return a book of some kind after a few changes."""
    data = bytearray(draw(st.sampled_from(list(BOOKS.values()))))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 64))
        match draw(st.sampled_from(["word", "bytes", "gone", "twice", "cut"])):
            case "word":
                data[at : at + 4] = draw(WORD).to_bytes(4)
            case "bytes":
                data[at : at + length] = draw(st.binary(max_size=64))
            case "gone":
                del data[at : at + length]
            case "twice":
                data[at:at] = data[at : at + length]
            case _:
                del data[at:]
    return bytes(data)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    return Target(tmp_path_factory.mktemp("fuzz"))


@given(changed_files())
def test_no_change_is_more_than_an_error(target: Target, data: bytes) -> None:
    """Whatever hypothesis thinks of."""
    target(data)


def test_the_fuzzer_runs() -> None:
    """The target that people run for hours runs for a moment, by the same words."""
    argv = [sys.executable, "-m", "tests.addon.media.fuzz", "--seconds", "2"]
    done = subprocess.run(
        [*argv, "--seed", "5"], check=False, capture_output=True, text=True, cwd=ROOT
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert done.stdout.startswith("fuzz: by_")
    assert "none broke anything" in done.stdout or "Done" in done.stderr


def test_the_fuzzer_keeps_what_breaks(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault is raised, and the file that shows it is there afterwards."""

    def fail(path: Path) -> str:
        raise ZeroDivisionError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "trial", fail)
    with pytest.raises(ZeroDivisionError):
        target(b"what broke it")

    assert b"what broke it" == (tmp_path / "fuzz-failure.aaxc").read_bytes()


def test_chance_is_the_same_for_the_same_seed() -> None:
    """What was found can be found again."""
    data = BOOKS["fragments"]
    assert mutated(random.Random(4), data) == mutated(random.Random(4), data)
    assert data != mutated(random.Random(4), data)
