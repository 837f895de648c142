"""Asking the server beside this program whether it is well, for a container's health.

Imports next to nothing: it is started anew every half minute.
"""

import http.client
import os
import sys
from collections.abc import Mapping

_TIMEOUT_S = 4.0


def main() -> None:
    """End with code 0 if the server answers that it is well, else with 1."""
    sys.exit(0 if is_well(os.environ) else 1)


def is_well(environment: Mapping[str, str]) -> bool:
    """Tell whether the server that this environment describes is well."""
    host = environment.get("AUDIBLE_SERVER_HOST") or "0.0.0.0"  # noqa: S104 - what is meant is seen below
    port = int(environment.get("AUDIBLE_SERVER_PORT") or "8099")
    # A server that listens everywhere is asked here.
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(address, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError, http.client.HTTPException:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
