"""The page's own TLS: a certificate from two files, looked at again while the hub runs.

A renewed certificate (certbot, the county's own CA) is served to every new connection within `LOOK_S`, without a
restart. One that cannot be loaded changes nothing: the old one goes on, and a fault says so.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from camera_hub.faults import Faults
from camera_hub.observe import log
from registry.errors import FieldError, Invalid

LOOK_S = 60.0
SOON = timedelta(days=14)
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all as good. Forward secrecy and authenticated encryption, nothing older."""

_log = log("tls")


def _context(cert: Path, key: Path) -> ssl.SSLContext:
    """Raises OSError (ssl.SSLError is one) for files that cannot be read or do not belong together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(cert, key, password=_no_password)
    return context


def _no_password() -> str:
    # Without this OpenSSL would ask at the terminal.
    raise ssl.SSLError("the key has a password; write it without one, mode 0600")


class Certificate:
    """The certificate at `cert` and `key` (PEM), as it is now. Raises Invalid where it cannot be served."""

    def __init__(self, cert: Path, key: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._cert, self._key, self._clock = cert, key, clock
        try:
            self.context = _context(cert, key)
            self._ends, self._seen = self._read()
        except (OSError, ValueError) as err:
            hint = f"the certificate {cert} with the key {key} cannot be served: {_said(err)}"
            raise Invalid(hint, FieldError("tls_cert", "tls", hint)) from None

    def look(self, faults: Faults) -> None:
        """Serve what is in the files now, where they changed; say what is wrong, and what soon will be."""
        try:
            ends, seen = self._read()
            if seen != self._seen:
                _context(self._cert, self._key)  # both files belong together, before the old ones are let go
                self.context.load_cert_chain(self._cert, self._key, password=_no_password)
                self._ends, self._seen = ends, seen
                _log.info("certificate_renewed", ends=ends.isoformat())
            faults.clear("tls_broken")
        except (OSError, ValueError) as err:
            faults.set("tls_broken", hint=_said(err))
        left = self._ends - self._clock()
        if left < SOON:
            faults.set("tls_expires", days=max(left.days, 0))
        else:
            faults.clear("tls_expires")

    async def keep(self, faults: Faults) -> None:
        """Look once a minute, for ever."""
        while True:
            await asyncio.to_thread(self.look, faults)
            await asyncio.sleep(LOOK_S)

    def _read(self) -> tuple[datetime, tuple[int, ...]]:
        """When the certificate ends, and what tells one pair of files from another."""
        ends = x509.load_pem_x509_certificate(self._cert.read_bytes()).not_valid_after_utc
        marks = [(stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in (self._cert.stat(), self._key.stat())]
        return ends, (*marks[0], *marks[1])


def _said(err: Exception) -> str:
    return getattr(err, "strerror", None) or getattr(err, "reason", None) or str(err)
