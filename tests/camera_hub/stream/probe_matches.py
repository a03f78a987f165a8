"""ONVIF boxes that answer a WS-Discovery probe, and what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/HIKVISION%20DS-2CD "
    "onvif://www.onvif.org/hardware/DS-2CD onvif://www.onvif.org/location/%E6%9D%91%E5%8F%A3 "
)


def match(
    endpoint: str = "urn:uuid:1", xaddrs: str = "http://10.9.9.9:8000/onvif/device_service", scopes: str = SCOPES
) -> str:
    return (
        "<d:ProbeMatch><a:EndpointReference><a:Address>" + endpoint + "</a:Address></a:EndpointReference>"
        "<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>" + scopes + "</d:Scopes>"
        "<d:XAddrs>" + xaddrs + "</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
    )


def answer(*matches: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header>'
        "<a:RelatesTo>urn:uuid:x</a:RelatesTo></s:Header><s:Body><d:ProbeMatches>"
        + "".join(matches)
        + "</d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()


class Box(asyncio.DatagramProtocol):
    """Answers probes with what it is told to, as often as it is asked."""

    def __init__(self, says: Callable[[], list[bytes]]) -> None:
        self._says = says
        self.asked: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data)
        for one in self._says():
            self._transport.sendto(one, addr)  # type: ignore[attr-defined]
