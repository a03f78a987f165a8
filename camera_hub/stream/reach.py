"""Reaching a camera: name to address, address to socket, each failure told apart by what was seen."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterable
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
_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()


def confine(networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
    """From now on this process reaches devices and webhooks in these networks only; without any, wherever they are.

    As a firewall does, for the whole process: each that pulls or tells is confined once, by its settings, at its start.
    """
    global _networks  # noqa: PLW0603 - a process has one network, and one rule for it
    _networks = tuple(networks)


def refused(address: str, *, allow_loopback: bool) -> str | None:
    """Why an address that a name or URL stands for may not be connected to: `loopback`, `network`; None when it may."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if is_local(str(ip)):
        return None if allow_loopback else "loopback"
    plain = getattr(ip, "ipv4_mapped", None) or ip
    return None if not _networks or any(plain in network for network in _networks) else "network"


def first_refusal(host: str, code: str | None) -> Invalid:
    """The error for a host none of whose addresses is allowed; `code` says why, as `refused` does."""
    if code == "network":
        hint = f"{host} is in none of the networks that allowed_networks names; add its network, or correct the address"
    else:
        code, hint = "loopback", f"{host} is this machine or its own link; set allow_loopback to allow such addresses"
    return Invalid(hint, FieldError("url", code, hint), code="url")


def resolve(host: str, port: int, *, allow_loopback: bool) -> list[str]:
    """The IP addresses of `host`; those on this machine or its link, or beyond the allowed networks, are left out.

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
    why = {address: refused(address, allow_loopback=allow_loopback) for address in addresses}
    allowed = [address for address in addresses if why[address] is None]
    if not allowed:
        raise first_refusal(host, next(iter(why.values()), None))
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
