"""Registers a device at the simulated shop and prints it, as old entries held it.

Runs in the server's environment, where core can be imported.
"""

import argparse
import asyncio
from pathlib import Path

from audible_core.audible.auth import SignIn, complete_sign_in

from tests.simulator.browser import sign_in


async def _register(arguments: argparse.Namespace) -> str:
    begun = SignIn.begin("de")
    landing = await sign_in(
        begun.url,
        proxy_url=arguments.proxy_url,
        ca_path=arguments.ca_path,
        email=arguments.email,
        password=arguments.password,
    )
    _, credentials = await complete_sign_in(begun, landing)
    return credentials.text


def main() -> None:
    """Read the arguments and print the registration."""
    parser = argparse.ArgumentParser()
    for name in ("--proxy-url", "--email", "--password"):
        parser.add_argument(name, required=True)
    parser.add_argument("--ca-path", type=Path, required=True)
    print(asyncio.run(_register(parser.parse_args())))


if __name__ == "__main__":
    main()
