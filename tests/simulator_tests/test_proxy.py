"""The proxy and its certificates."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509

from tests.simulator import Simulator, running_simulator
from tests.simulator.markets import MARKETS, HostKind, host_kind

from .phone import Phone

ROOT = Path(__file__).parents[2]
PREFIXES = (
    "www.amazon.",
    "api.amazon.",
    "api.audible.",
    "www.audible.",
    "cds.audible.",
)
OTHERS = (
    "cde-ta-g7g.amazon.com",
    "d1simulatedbooks.cloudfront.net",
    "m.media-amazon.com",
)


async def test_every_host_name_ends_tls(guest: Phone) -> None:
    """All host names of the shop answer, each with a certificate of its own."""
    hosts = [prefix + market.domain for market in MARKETS for prefix in PREFIXES]
    hosts += OTHERS
    replies = [await guest.send("GET", f"https://{host}/none") for host in hosts]
    assert {404, 403} >= {reply.status for reply in replies}
    assert [(host, 200) for host in hosts] == guest.simulator.proxy.connects


@pytest.mark.parametrize(
    "host", ["example.com", "www.amazon.xx", "amazon.com", "127.0.0.1"]
)
async def test_world_outside_does_not_exist(guest: Phone, host: str) -> None:
    """A machine without internet reaches nobody else."""
    with pytest.raises(aiohttp.ClientHttpProxyError) as failure:
        await guest.send("GET", f"https://{host}/")
    assert 502 == failure.value.status


async def test_plain_requests_are_refused(guest: Phone) -> None:
    """The proxy carries no plain HTTP."""
    reply = await guest.send("GET", "http://www.amazon.de/")
    assert 502 == reply.status


async def test_connection_is_kept_alive(phone: Phone) -> None:
    """Several requests to a host share one tunnel."""
    for _ in range(3):
        await phone.api("GET", "/1.0/library", num_results=1)
    connects = phone.simulator.proxy.connects
    assert 1 == connects.count(("api.audible.de", 200))


async def test_endless_head_is_cut(simulator: Simulator) -> None:
    """Who never ends his request is hung up on."""
    host, port = "127.0.0.1", int(simulator.proxy_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"CONNECT " + b"x" * 20_000)
    assert b"" == await reader.read()
    writer.close()


def test_kinds_of_hosts() -> None:
    """A host name tells what it is for; a foreign one tells nothing."""
    known = ("api.audible.co.uk", "dx.cloudfront.net", "www.amazon.com.au")
    expected = [HostKind.AUDIBLE_API, HostKind.CDN, HostKind.AMAZON_SITE, None]
    assert expected == [host_kind(host) for host in (*known, "www.amazon.com.evil")]


async def test_authority_has_what_python_checks(simulator: Simulator) -> None:
    """The authority carries key identifiers and a key usage."""
    certificate = x509.load_pem_x509_certificate(simulator.ca_path.read_bytes())
    kinds = {type(extension.value) for extension in certificate.extensions}
    needed = {
        x509.SubjectKeyIdentifier,
        x509.AuthorityKeyIdentifier,
        x509.KeyUsage,
        x509.BasicConstraints,
    }
    assert needed <= kinds


async def test_authority_outlives_a_restart(tmp_path: Path) -> None:
    """Who has loaded the authority still trusts the shop after its restart."""
    seen = []
    for _ in range(2):
        async with running_simulator(tmp_path) as simulator:
            seen.append(simulator.ca_path.read_bytes())
    assert seen[0] == seen[1]


async def test_environment_leads_to_the_shop(simulator: Simulator) -> None:
    """Proxy and authority are all a program needs to know."""
    assert {
        "HTTPS_PROXY": simulator.proxy_url,
        "https_proxy": simulator.proxy_url,
        "SSL_CERT_FILE": str(simulator.ca_path),
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    } == simulator.environment()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_program_says_when_it_is_ready_and_ends_cleanly(
    state_dir: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """The command line writes where it listens, and ends on a signal with 0."""
    ready = tmp_path / "ready.json"
    arguments = ["--state-dir", str(state_dir), "--ready-file", str(ready)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.simulator", *arguments),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(20):
            printed = await process.stdout.readuntil(b"}\n")
            process.send_signal(number)
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    written = json.loads(ready.read_text())
    names = ["proxy_url", "control_url", "ca_path", "email", "password"]
    assert (0, names, written) == (code, list(written), json.loads(printed))
