"""The thread through the server: account, library, download, listen."""

from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN

from .server import Server


async def test_owned_title_is_downloaded_and_streams_as_the_plain_book(
    linked: Server, shop: Simulator
) -> None:
    """A title that the account owns can be heard as if it had never been encrypted."""
    book = await linked.download(SHORT_ASIN)

    assert "downloaded" == book["state"], book
    assert book["is_downloaded"]
    status, body = await linked.body(f"/stream/{SHORT_ASIN}")
    assert 200 == status
    encrypted = (linked.settings.library_dir / f"{SHORT_ASIN}.aaxc").read_bytes()
    assert len(encrypted) == len(body)
    assert encrypted != body
