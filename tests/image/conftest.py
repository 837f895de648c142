"""Fixtures: the image, built once, and containers of it that reach the shop."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.addon.conftest import account, shop, shop_dir
from tests.addon.nginx import free_port
from tests.simulator import Simulator

from .container import IMAGE, Container, build, run

__all__ = ["account", "shop", "shop_dir"]

type NewContainer = Callable[..., Container]


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    """Build the image; it is thrown away with everything made of it."""
    build()
    yield IMAGE
    run("rm", "--all")
    run("rmi", "--force", IMAGE)


@pytest.fixture
def container(image: str, shop: Simulator, tmp_path: Path) -> Iterator[NewContainer]:
    """Return what makes a container in the test's folder; it reaches the shop alone."""
    made = []

    def new(**changes: str) -> Container:
        made.append(run("from", "--pull-never", image))
        folders = tmp_path / "data", tmp_path / "media"
        for folder in folders:
            folder.mkdir(exist_ok=True)
        return Container(
            made[-1],
            *folders,
            port=free_port(),
            variables=shop.environment(),
            files=(str(shop.ca_path),),
            **changes,
        )

    yield new
    for name in made:
        run("rm", name)
