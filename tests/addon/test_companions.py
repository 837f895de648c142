"""Companion PDFs: told, fetched with the download, kept beside the audio."""

import os
from pathlib import Path

import pytest

from audible_server.downloads import companions
from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN
from tests.simulator.faults import Fault, FaultKind
from tests.simulator.hosts.cdn import COMPANION

from .server import Server, error_of


def _with_pdf(shop: Simulator) -> str:
    return next(title.asin for title in shop.shop.titles.values() if title.has_pdf)


async def test_pdf_comes_with_the_download_and_goes_with_it(
    linked: Server, shop: Simulator
) -> None:
    """It is fetched once, lies beside the audio and is the shop's, byte for byte."""
    asin = _with_pdf(shop)
    assert (await linked.book(asin))["has_pdf"]
    await linked.download(asin)
    kept = linked.settings.library_dir / f"{asin}.pdf"
    assert COMPANION == kept.read_bytes()

    async with linked.client.get(f"/api/books/{asin}/pdf") as answer:
        assert (200, "application/pdf") == (answer.status, answer.content_type)
        assert COMPANION == await answer.read()
    assert 1 == len(shop.requests(f"/companion-file/{asin}"))
    async with linked.client.delete(f"/api/books/{asin}/download") as answer:
        assert 200 == answer.status
    assert [] == list(linked.settings.library_dir.iterdir())


async def test_pdf_can_be_read_before_anything_is_downloaded(
    linked: Server, shop: Simulator
) -> None:
    """Who asks for it gets it."""
    asin = _with_pdf(shop)
    assert (200, COMPANION) == await linked.body(f"/api/books/{asin}/pdf")


async def test_title_without_pdf_asks_nobody(linked: Server, shop: Simulator) -> None:
    """That there is none is known from the library."""
    assert not (await linked.book(SHORT_ASIN))["has_pdf"]
    async with linked.client.get(f"/api/books/{SHORT_ASIN}/pdf") as answer:
        assert 404 == answer.status
        assert "pdf_missing" == (await error_of(answer))["code"]
    assert [] == shop.requests(f"/companion-file/{SHORT_ASIN}")


async def test_page_that_comes_instead_is_no_pdf_and_no_failed_download(
    linked: Server, shop: Simulator
) -> None:
    """The book is there all the same."""
    asin = _with_pdf(shop)
    shop.shop.faults.append(Fault(FaultKind.HTML, f"/companion-file/{asin}"))
    assert "downloaded" == (await linked.download(asin))["state"]
    async with linked.client.get(f"/api/books/{asin}/pdf") as answer:
        assert 404 == answer.status
    assert not (linked.settings.library_dir / f"{asin}.pdf").exists()


async def test_pdf_of_somebody_elses_is_never_written_over(
    linked: Server, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one that comes at the last moment; it stays when the title goes."""
    asin = _with_pdf(shop)
    path, written = linked.settings.library_dir / f"{asin}.pdf", companions._written

    def written_late(draft: Path, body: bytes) -> os.stat_result:
        path.write_bytes(b"%PDF-1.4 somebody's own")
        return written(draft, body)

    monkeypatch.setattr(companions, "_written", written_late)
    await linked.download(asin)
    assert b"%PDF-1.4 somebody's own" == path.read_bytes()
    async with linked.client.delete(f"/api/books/{asin}/download") as answer:
        assert 200 == answer.status
    assert [path] == list(linked.settings.library_dir.iterdir())
