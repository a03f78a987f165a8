"""Reaching a camera: name to address, address to socket, each failure told apart by what was seen."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from typing import Final

from registry.address import is_local
from registry.errors import FieldError, Invalid, Unreachable


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a pull waits, in seconds.

    `keyframe_s` is apart from `stall_s`: cameras with a smart codec send a keyframe every 10 s and more, but packets
    all the time.
    """

    connect_s: float = 5.0
    open_s: float = 10.0
    stall_s: float = 10.0
    keyframe_s: float = 40.0


USUAL: Final = Limits()
_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL}


def resolve(host: str, port: int, *, allow_loopback: bool) -> list[str]:
    """The IP addresses of `host`, those on this machine or its link left out unless allowed.

    Raises Unreachable when nobody knows the name, Invalid when every address is refused.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Unreachable(
            f"nobody knows the host {host}; check the name, or use the camera's IP address",
            code="unknown_host",
            host=host,
        ) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [address for address in addresses if allow_loopback or not is_local(address)]
    if not allowed:
        hint = f"{host} is this machine or its own link; set allow_loopback to allow such addresses"
        raise Invalid(hint, FieldError("url", "loopback", hint), code="url")
    return allowed


def connect(host: str, port: int, *, timeout_s: float, allow_loopback: bool) -> socket.socket:
    """A TCP connection to the first address of `host` that answers. Raises Unreachable; Invalid as `resolve` does."""
    failure: OSError | None = None
    for address in resolve(host, port, allow_loopback=allow_loopback):
        try:
            return socket.create_connection((address, port), timeout=timeout_s)
        except OSError as err:
            failure = err
    raise _unreachable(host, port, failure, timeout_s)


def _unreachable(host: str, port: int, failure: OSError | None, timeout_s: float) -> Unreachable:
    if isinstance(failure, TimeoutError):
        code = "timed_out"
        hint = f"{host} did not answer within {timeout_s:.0f} s; check power, cable and address"
    elif isinstance(failure, ConnectionRefusedError):
        code = "port_closed"
        hint = f"{host} answers, but port {port} is closed; check the port, and that RTSP or HTTP is switched on"
    elif failure is not None and failure.errno in _NO_ROUTE:
        code = "no_route"
        hint = f"there is no route to {host}; check the hub's network and the address"
    else:
        code = "unreachable"
        hint = f"no connection to {host}:{port} ({failure}); check the address"
    return Unreachable(hint, code=code, host=host, port=port)
