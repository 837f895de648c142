"""The cards' own arithmetic and words, and the library that both halves draw with."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WWW = ROOT / "custom_components" / "audible_tracker" / "www"
PAGE = ROOT / "addon" / "src" / "audible_server" / "web"
VENDORED = ("lit.js", "lit.d.ts", "lit.LICENSE")


@pytest.mark.parametrize("name", ["figures", "subscription", "words"])
def test_pure_functions(name: str) -> None:
    """What the cards say and compute is what people expect."""
    tests = Path(__file__).parent / "cards" / f"{name}.test.mjs"
    done = subprocess.run(
        ["node", "--test", str(tests)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", VENDORED)
def test_both_halves_draw_with_the_same_library(name: str) -> None:
    """Each half is installed without the other, so each has its copy of one file."""
    ours = (WWW / "vendor" / name).read_bytes()

    assert (PAGE / "vendor" / name).read_bytes() == ours


def test_modules_are_short_and_import_their_neighbors_only() -> None:
    """One version in the path renews all: nothing is fetched from elsewhere."""
    for path in WWW.rglob("*.js"):
        if "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 400, path.name
        for line in text.splitlines():
            if line.startswith(("import ", "} from ")):
                assert '"./' in line or '"../' in line, line
