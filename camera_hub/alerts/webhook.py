"""One signed POST to a webhook: to a checked address, over verified TLS, never redirected.

Signature, so that a receiver knows who sent it and that it is fresh (the scheme of Stripe's webhooks):
`X-Hub-Signature: t=<Unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>" with the target's secret>`.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from camera_hub.stream.reach import connect
from registry.errors import HubError, Invalid

CONNECT_S = 5.0
ANSWER_S = 10.0
_PORTS = {"http": 80, "https": 443}
_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Tried:
    """How one try to tell somebody went. `final`: another try would end the same. `status` is the HTTP status."""

    ok: bool
    error: str = ""
    status: int | None = None
    final: bool = False


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was resolved and checked once; TLS is verified against the name."""

    def __init__(self, parts: SplitResult, *, allow_loopback: bool) -> None:
        super().__init__(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        self._secure, self._allow_loopback = parts.scheme == "https", allow_loopback
        self._end: threading.Timer | None = None

    def connect(self) -> None:
        sock = connect(self.host, self.port, timeout_s=CONNECT_S, allow_loopback=self._allow_loopback)
        sock.settimeout(ANSWER_S)
        if self._secure:
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = sock
        # The timeout is for each read: one that answers byte by byte never meets it, one that is silent meets it first.
        self._end = threading.Timer(ANSWER_S + 1, _cut, [sock])
        self._end.daemon = True
        self._end.start()
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()

    def close(self) -> None:
        if self._end is not None:
            self._end.cancel()
        super().close()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed meanwhile
        # The plain socket's own: TLS's would take its state from under the thread that reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def said(err: Exception) -> str:
    """A failure in a few words for the log of deliveries."""
    if isinstance(err, HubError):
        return err.code
    if isinstance(err, ssl.SSLCertVerificationError):
        return f"certificate: {err.verify_message}"
    if isinstance(err, TimeoutError):
        return "no answer in time"
    return getattr(err, "strerror", None) or type(err).__name__


def sign(secret: str, body: bytes, unix_s: int) -> str:
    """The signature header of a body sent at that second."""
    mac = hmac.new(secret.encode(), f"{unix_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={unix_s},v1={mac}"


def post(url: str, body: bytes, secret: str, *, delivery: str, unix_s: int, allow_loopback: bool) -> Tried:
    """POST a JSON body. Blocks for at most about 15 s; nothing of the answer but its status is read."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "camera-hub",
        "X-Hub-Delivery": delivery,
        "X-Hub-Signature": sign(secret, body, unix_s),
    }
    connection = _Connection(parts, allow_loopback=allow_loopback)
    try:
        connection.request("POST", target, body=body, headers=headers)
        status = connection.getresponse().status
    except (HubError, OSError, http.client.HTTPException) as err:
        return Tried(ok=False, error=said(err), final=isinstance(err, Invalid))
    finally:
        connection.close()
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Tried(ok=True, status=status)
    refused = status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _AGAIN
    return Tried(ok=False, error=f"HTTP {status}", status=status, final=refused)
