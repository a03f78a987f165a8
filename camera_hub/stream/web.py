"""One GET or POST to a camera's web server: connected by checked address, signed in, never redirected."""

from __future__ import annotations

import http.client
import ssl
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from camera_hub.stream.reach import Limits, connect
from camera_hub.stream.signin import authorization
from registry.errors import Rejected, Stalled, StreamError, Unreachable

PORTS = {"http": 80, "https": 443}
_LARGEST_SOAP = 65_536


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was resolved and checked once, so that the name cannot come to mean another."""

    def __init__(self, parts: SplitResult, limits: Limits, *, allow_loopback: bool) -> None:
        super().__init__(parts.hostname or "", parts.port or PORTS[parts.scheme])
        self._secure = parts.scheme == "https"
        self._limits, self._allow_loopback = limits, allow_loopback

    def connect(self) -> None:
        sock = connect(self.host, self.port, timeout_s=self._limits.connect_s, allow_loopback=self._allow_loopback)
        sock.settimeout(self._limits.stall_s)
        if self._secure:
            # Cameras sign their own certificates; TLS here keeps others on the line from reading, not from posing.
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            sock = context.wrap_socket(sock, server_hostname=self.host)
        self.sock = sock


class Page:
    """An answered GET: read its body with `read1`, then `close` it."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response
        self.content_type = response.headers.get("Content-Type", "")

    def read1(self) -> bytes:
        """Some bytes, or none at the end. Raises OSError (a TimeoutError after the stall limit) and HTTPException."""
        return self._response.read1(1 << 16)

    def close(self) -> None:
        """Release the connection."""
        self._response.close()
        self._connection.close()


def get(url: str, username: str, password: str, *, limits: Limits, allow_loopback: bool) -> Page:
    """GET `url`; a 401 is answered once with basic or digest.

    Raises Unreachable, Rejected, Stalled; Invalid for an address that is refused.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    header: str | None = None
    for signed in (False, True):
        connection = _Connection(parts, limits, allow_loopback=allow_loopback)
        try:
            response = _ask(connection, target, header)
        except (OSError, http.client.HTTPException) as err:
            connection.close()
            raise broken(host, err, limits) from None
        except StreamError:
            connection.close()
            raise
        if response.status == HTTPStatus.OK:
            return Page(connection, response)
        challenges = cast("list[str]", response.headers.get_all("WWW-Authenticate", []))
        response.close()
        connection.close()
        if response.status == HTTPStatus.UNAUTHORIZED and username and not signed:
            header = authorization(challenges, "GET", target, username, password)
            if header is not None:
                continue
        raise _refused(host, response.status, signed=bool(username))
    raise AssertionError("the second answer either returns or raises")


def post(url: str, body: bytes, *, limits: Limits, allow_loopback: bool) -> bytes:
    """What the SOAP service at `url` answers, at most 64 KiB, whatever its status (a fault has one of its own).

    Raises Unreachable, OSError, HTTPException; Invalid for an address that is refused.
    """
    parts = urlsplit(url)
    connection = _Connection(parts, limits, allow_loopback=allow_loopback)
    try:
        connection.request("POST", parts.path, body, {"Content-Type": "application/soap+xml; charset=utf-8"})
        return connection.getresponse().read(_LARGEST_SOAP)
    finally:
        connection.close()


def _ask(connection: _Connection, target: str, header: str | None) -> http.client.HTTPResponse:
    headers = {"Accept": "multipart/x-mixed-replace, image/jpeg", "User-Agent": "camera-hub"}
    connection.request("GET", target, headers=headers if header is None else headers | {"Authorization": header})
    return connection.getresponse()


def _refused(host: str, status: int, *, signed: bool) -> StreamError:
    where: dict[str, Any] = {"host": host, "status": status}
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return rejected(host, signed=signed)
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        hint = f"{host} has no picture at this path ({status}); check the path and the channel number"
        return Unreachable(hint, code="no_such_stream", **where)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        hint = f"{host} sends elsewhere ({status}), which is not followed; enter the address it sends to"
        return Unreachable(hint, code="moved", **where)
    return Unreachable(f"{host} answers {status}; look at the camera", code="refused", **where)


def rejected(host: str, *, signed: bool) -> Rejected:
    """The error for 401 and 403: what to change depends on whether credentials were sent."""
    if signed:
        hint = f"{host} refused the user name or password; correct them, or the camera may lock the account"
        return Rejected(hint, host=host)
    return Rejected(f"{host} wants a user name and password; add them to the device", code="wants_password", host=host)


def broken(host: str, err: Exception, limits: Limits) -> StreamError:
    """What a failed read means: silence is Stalled, anything else a connection that ended."""
    if isinstance(err, TimeoutError):
        return Stalled(
            f"{host} is connected but sent nothing for {limits.stall_s:.0f} s; "
            "if it happens again, restart the camera and look at its network",
            host=host,
        )
    if isinstance(err, ssl.SSLError):
        return Unreachable(f"{host} does not speak TLS here; try http instead of https", code="no_tls", host=host)
    if isinstance(err, http.client.HTTPException) and not isinstance(err, http.client.IncompleteRead | ConnectionError):
        return Unreachable(f"{host} does not speak HTTP at this port; check the port", code="not_http", host=host)
    return Unreachable(f"{host} ended the stream; it may have restarted", code="went_away", host=host)
