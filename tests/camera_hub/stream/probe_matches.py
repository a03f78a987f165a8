"""What ONVIF boxes answer to a WS-Discovery probe."""

from __future__ import annotations

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
