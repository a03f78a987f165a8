"""The hub's own TLS: a real handshake, a renewed certificate, one that is wrong, one that ends soon."""

from __future__ import annotations

import asyncio
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from camera_hub.certificate import Certificate
from camera_hub.faults import Faults
from registry.errors import Invalid

DAY = timedelta(days=1)


def issue(
    folder: Path, name: str = "hub.test", *, days: float = 90, password: bytes | None = None
) -> tuple[Path, Path]:
    """A self-signed certificate for `name` and 127.0.0.1, written over what was there."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + days * DAY)
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    cert, private = folder / "hub.crt", folder / "hub.key"
    cert.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
    stamp = int(datetime.now(UTC).timestamp() * 1e9) + issue.turn  # a file system may date two writes alike
    issue.turn += 1_000_000
    os.utime(cert, ns=(stamp, stamp))
    return cert, private


issue.turn = 0  # type: ignore[attr-defined]


async def served(certificate: Certificate, version: ssl.TLSVersion | None = None) -> tuple[str, str]:
    """Whom a new connection sees, and the protocol it speaks."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=certificate.context)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    if version is not None:
        trusting.minimum_version = trusting.maximum_version = version
    try:
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port, ssl=trusting)
        tls = writer.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True)
        writer.close()
        name = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        return str(name), tls.version()
    finally:
        server.close()


async def test_a_renewed_certificate_is_served_without_a_restart(tmp_path: Path) -> None:
    certificate, faults = Certificate(*issue(tmp_path, "old.test")), Faults()
    assert await served(certificate) == ("old.test", "TLSv1.3")
    issue(tmp_path, "new.test")
    certificate.look(faults)
    assert (await served(certificate))[0] == "new.test"
    assert faults.now() == ()


async def test_one_that_is_wrong_leaves_the_old_and_says_so(tmp_path: Path) -> None:
    certificate, faults = Certificate(*issue(tmp_path, "old.test")), Faults()
    _, key = issue(tmp_path, "new.test")
    stranger = tmp_path / "other"
    stranger.mkdir()
    key.write_bytes(issue(stranger)[1].read_bytes())
    certificate.look(faults)
    assert [fault.code for fault in faults.now()] == ["tls_broken"]
    assert (await served(certificate))[0] == "old.test"
    (tmp_path / "hub.crt").write_text("-----BEGIN NONSENSE-----")
    certificate.look(faults)
    assert [fault.code for fault in faults.now()] == ["tls_broken"]
    issue(tmp_path, "good.test")
    certificate.look(faults)
    assert faults.now() == ()
    assert (await served(certificate))[0] == "good.test"


@pytest.mark.parametrize(("days", "told"), [(13.5, 13), (0.5, 0), (-0.5, 0)])
def test_one_that_ends_soon_is_a_fault(tmp_path: Path, days: float, told: int) -> None:
    certificate, faults = Certificate(*issue(tmp_path, days=days)), Faults()
    certificate.look(faults)
    (fault,) = faults.now()
    assert (fault.code, fault.params) == ("tls_expires", {"days": told})


async def test_only_modern_tls_is_spoken(tmp_path: Path) -> None:
    certificate = Certificate(*issue(tmp_path))
    assert (await served(certificate, ssl.TLSVersion.TLSv1_2))[1] == "TLSv1.2"
    assert certificate.context.minimum_version is ssl.TLSVersion.TLSv1_2
    weak = [one["name"] for one in certificate.context.get_ciphers() if not one["aead"]]
    assert weak == []


def test_files_that_cannot_be_served_are_refused_at_the_start(tmp_path: Path) -> None:
    cert, key = issue(tmp_path, password=b"secret")
    with pytest.raises(Invalid, match="password"):
        Certificate(cert, key)
    with pytest.raises(Invalid, match="No such file"):
        Certificate(cert, tmp_path / "none")
    cert, _ = issue(tmp_path)
    with pytest.raises(Invalid):
        Certificate(cert, cert)
