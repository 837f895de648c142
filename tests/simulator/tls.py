"""A certificate authority of our own and leaf certificates made on the fly."""

import contextlib
import ipaddress
import os
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Fixed dates: a test may freeze the clock, but OpenSSL always sees the real one.
NOT_BEFORE: Final = datetime(2024, 1, 1, tzinfo=UTC)
NOT_AFTER: Final = datetime(2049, 12, 31, tzinfo=UTC)


class CertificateAuthority:
    """Signs a leaf certificate for every host name that is asked for.

    The authority lives in the state directory, so that a client which has loaded it
    still trusts the shop after a restart.
    """

    def __init__(self, state_dir: Path) -> None:
        """Load the authority from the state directory, or make it there."""
        state_dir.mkdir(parents=True, exist_ok=True)
        self.path = state_dir / "ca.pem"
        pem = _load_or_make(state_dir)
        self._certificate = x509.load_pem_x509_certificate(pem)
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("The stored authority has no elliptic curve key")
        self._key = key
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._contexts: dict[str, ssl.SSLContext] = {}
        public = self._certificate.public_bytes(serialization.Encoding.PEM)
        _write_whole(self.path, public)

    def server_context(self, host: str) -> ssl.SSLContext:
        """Return the TLS settings of a server of that name. Blocks, but not long."""
        if host not in self._contexts:
            self._contexts[host] = self._make_context(host)
        return self._contexts[host]

    def _make_context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        chain = self._leaf(host).public_bytes(serialization.Encoding.PEM)
        with tempfile.NamedTemporaryFile() as file:
            file.write(_key_pem(self._leaf_key) + chain)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _leaf(self, host: str) -> x509.Certificate:
        ca_key = self._key.public_key()
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return (
            _builder(host, self._certificate.subject, self._leaf_key.public_key())
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(_key_usage(is_authority=False), True)
            .add_extension(usages, False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._leaf_key.public_key()),
                False,
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key), False
            )
            .sign(self._key, hashes.SHA256())
        )


def _load_or_make(state_dir: Path) -> bytes:
    path = state_dir / "authority.pem"
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        pem = _key_pem(key) + _authority(key).public_bytes(serialization.Encoding.PEM)
        made = state_dir / f".authority-{os.getpid()}-{os.urandom(4).hex()}"
        made.write_bytes(pem)
        # A link never replaces: of two simulators that start together, one wins.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_bytes()


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    public = key.public_key()
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Simulated shop authority")]
    )
    return (
        _builder("Simulated shop authority", name, public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(_key_usage(is_authority=True), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False
        )
        .sign(key, hashes.SHA256())
    )


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write_whole(path: Path, data: bytes) -> None:
    made = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    made.write_bytes(data)
    made.replace(path)
