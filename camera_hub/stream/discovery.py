"""Finding ONVIF boxes in the hub's own networks: WS-Discovery 1.1 by one multicast question (OASIS 2009, section 5).

Multicast stays in the local network: a village behind a router is searched from a machine that stands in it. Whatever
answers is believed as little as possible: its address is the one its packet came from, its texts are cut and printable,
and at most `MOST` are listened to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import psutil

from camera_hub.stream import soap
from registry.address import check_url, is_local
from registry.errors import Invalid

GROUP: Final = "239.255.255.250"
PORT: Final = 3702
MOST: Final = 1_000
MOST_A_HOST: Final = 64
"""An NVR may answer for each of its cameras; one that makes up more leaves the others their room."""
_LONGEST = 64
_ASK_AGAIN_S = (0.0, 0.3, 1.0)
"""UDP loses packets, and SOAP-over-UDP (section 3) therefore sends a question more than once."""
_SCOPES = "onvif://www.onvif.org/"
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:MessageID>urn:uuid:{id}</a:MessageID>'
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>"
    "<s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A box that answered: where it is, and what it says of itself (each text may be empty)."""

    endpoint: str
    host: str
    port: int
    name: str
    hardware: str
    location: str
    onvif_url: str


def own_addresses(*, allow_loopback: bool = False) -> list[str]:
    """This machine's IPv4 addresses a search goes out from: of networks that are up, the machine itself left out."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        one.address
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for one in addresses
        if one.family == socket.AF_INET and (allow_loopback or not is_local(one.address))
    ]


async def find(
    seconds: float, addresses: Sequence[str], *, allow_loopback: bool = False, group: tuple[str, int] = (GROUP, PORT)
) -> AsyncGenerator[Found, None]:
    """Ask from each of `addresses` and yield every box once, as it answers, for `seconds`."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue(MOST)
    question = _PROBE.format(id=uuid4()).encode()
    seen: set[str] = set()
    hosts: Counter[str] = Counter()
    with ExitStack() as opened:
        ears = [ear for one in addresses if (ear := _ear(one)) is not None]
        for ear in ears:
            opened.callback(ear.close)
            loop.add_reader(ear, _hear, ear, heard)
            opened.callback(loop.remove_reader, ear)
        for wait in _ASK_AGAIN_S:
            opened.callback(loop.call_later(wait, _ask, ears, question, group).cancel)
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            try:
                raw, sender = await asyncio.wait_for(heard.get(), left)
            except TimeoutError:
                return
            for box in answered(raw, sender, allow_loopback=allow_loopback):
                # A box in two networks, or asked three times, answers as often.
                if box.endpoint not in seen and hosts[sender] < MOST_A_HOST:
                    seen.add(box.endpoint)
                    hosts[sender] += 1
                    yield box
                if len(seen) >= MOST:
                    return


def _ear(address: str) -> socket.socket | None:
    """A socket that asks from one address; None where its network does no multicast."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        ear.bind((address, 0))
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    except OSError:
        ear.close()
        return None
    return ear


def _ask(ears: Sequence[socket.socket], question: bytes, group: tuple[str, int]) -> None:
    for ear in ears:
        try:
            ear.sendto(question, group)
        except OSError:
            # No route out of this network: the others are asked all the same.
            continue


def _hear(ear: socket.socket, heard: asyncio.Queue[tuple[bytes, str]]) -> None:
    try:
        raw, sender = ear.recvfrom(soap.LONGEST)
        heard.put_nowait((raw, str(sender[0])))
    except (OSError, asyncio.QueueFull):
        # Nothing there after all, an ICMP error, or a flood.
        return


def answered(raw: bytes, sender: str, *, allow_loopback: bool = False) -> Iterator[Found]:
    """The boxes a datagram from `sender` tells of; none where it is no answer, or one nobody could use."""
    told: dict[str, str] = {}
    try:
        if is_local(sender) and not allow_loopback:
            return
        for name, text in soap.texts(raw):
            if name == "ProbeMatch":
                yield _found(told, sender, allow_loopback=allow_loopback)
                told = {}
            elif name in ("Address", "Scopes", "XAddrs"):
                told[name] = text
    except (ValueError, Invalid):
        return


def _found(told: dict[str, str], sender: str, *, allow_loopback: bool) -> Found:
    """One match. Its address is the sender's: what it says of itself may be a network we are not in, or not its own."""
    port, path = 80, "/onvif/device_service"
    for told_of in told.get("XAddrs", "").split()[:8]:
        parts = urlsplit(told_of)
        if parts.scheme == "http" and _is_ipv4(parts.hostname):
            port, path = parts.port or 80, parts.path or path
            break
    url = f"http://{sender}:{port}{path}"
    check_url(url, allow_loopback=allow_loopback)
    scopes: dict[str, str] = {}
    for scope in told.get("Scopes", "").split():
        kind, _, value = scope.removeprefix(_SCOPES).partition("/")
        if scope.startswith(_SCOPES) and kind in ("name", "hardware", "location"):
            scopes.setdefault(kind, _plain(unquote(value.strip("/"))))
    return Found(
        endpoint=told.get("Address", "")[:200] or f"{sender}:{port}",
        host=sender,
        port=port,
        name=scopes.get("name", ""),
        hardware=scopes.get("hardware", ""),
        location=scopes.get("location", ""),
        onvif_url=url,
    )


def _is_ipv4(host: str | None) -> bool:
    try:
        return isinstance(ipaddress.ip_address(host or ""), ipaddress.IPv4Address)
    except ValueError:
        return False


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:_LONGEST].strip()
