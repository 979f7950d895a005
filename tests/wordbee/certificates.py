"""A certificate authority for the tests, and servers' certificates of every kind for loopback."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wbtui.domain.clock import SystemClock

DAY = datetime.timedelta(days=1)
LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


class Authority:
    """Signs certificates; who trusts `file` trusts them."""

    def __init__(self, folder: Path, name: str = "wbtui tests") -> None:
        self._folder = folder / name.replace(" ", "-")
        self._folder.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._now = SystemClock().now()
        authority = x509.BasicConstraints(ca=True, path_length=0)
        built = (
            self._certificate(self._name, self._key, self._now + DAY)
            .add_extension(authority, True)
            .add_extension(_signs_certificates(), True)
        )
        self.file = self._folder / "authority.pem"
        self.file.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self, host: x509.GeneralName = LOOPBACK, *, days: int = 1) -> ssl.SSLContext:
        """Return what a server speaks TLS with, as `host`, until so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = self._certificate(_named("127.0.0.1"), key, self._now + days * DAY)
        signed = built.add_extension(x509.SubjectAlternativeName([host]), False).sign(
            self._key, hashes.SHA256()
        )
        both = self._folder / f"{signed.serial_number}.pem"
        both.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - 30 * DAY)
            .not_valid_after(until)
            # Python 3.13 trusts no chain without them
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False)
        )


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
