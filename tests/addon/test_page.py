"""The page: what is sent, what browsers are told, what its functions say."""

import re
import subprocess
from pathlib import Path

import pytest

from .server import Server

WEB = Path(__file__).parents[2] / "addon" / "src" / "audible_server" / "web"
NAMES = sorted(
    path.relative_to(WEB).as_posix()
    for path in WEB.rglob("*.*")
    if path.suffix in {".css", ".html", ".js", ".svg"}
)


@pytest.mark.parametrize("path", ["/", *(f"/web/{name}" for name in NAMES)])
async def test_file_comes_with_its_type_and_safety_headers(
    server: Server, path: str
) -> None:
    """Browsers get the right type, run no foreign code and tell nobody."""
    async with server.stranger.get(path) as answer:
        assert 200 == answer.status
        policy = answer.headers["Content-Security-Policy"]
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

    assert answer.content_type == types.get(Path(path).suffix, "text/html")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nosniff" == answer.headers["X-Content-Type-Options"]


@pytest.mark.parametrize("name", NAMES)
def test_addresses_are_relative(name: str) -> None:
    """Under ingress the page stands below a path of its own."""
    text = (WEB / name).read_text()
    addresses = re.findall(
        r"""(?:src|href|fetch\(|import )\s*=?\s*["'`]([^"'`]*)""", text
    )

    assert [] == [address for address in addresses if address.startswith("/")]
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_page_has_no_inline_script_or_style() -> None:
    """The policy forbids inline code, so there is none."""
    text = (WEB / "index.html").read_text()

    assert re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", text) is None


@pytest.mark.parametrize("name", ["files", "format", "listening"])
def test_pure_functions(name: str) -> None:
    """What the page says and computes is what people expect."""
    tests = Path(__file__).parent / "page" / f"{name}.test.mjs"
    done = subprocess.run(
        ["node", "--test", str(tests)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
