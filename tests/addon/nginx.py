"""A real nginx beside the server: its own process and settings, on loopback."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PATIENCE_S: Final = 60.0
_SETTINGS: Final = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    types {{ audio/mp4 m4b m4a; audio/mpeg mp3; }}
    sendfile on;
    keepalive_requests 10000000;
    max_ranges 16;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}
}}
"""


@contextmanager
def running_nginx(root: Path, folder: Path) -> Iterator[int]:
    """Serve the files of a folder with one worker; yield the port.

    `folder` is for nginx's own files. Where it is started by root, its worker still is
    one: the settings name no other user.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    settings = folder / "nginx.conf"
    user = "user root;\n" if Path(folder).owner() == "root" else ""
    settings.write_text(
        user + _SETTINGS.format(folder=folder, root=root, port=port), encoding="ascii"
    )
    process = subprocess.Popen(
        [_program(), "-c", str(settings), "-e", str(folder / "error.log")],
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _program() -> str:
    # Debian puts it where only root looks.
    return shutil.which("nginx") or "/usr/sbin/nginx"


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a program listens; raise RuntimeError if it ends before."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.005)
    message = f"nothing listens on port {port}"
    raise RuntimeError(message)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
