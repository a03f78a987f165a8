"""An ONVIF device on a real port: SOAP over HTTP, with a clock of its own and WS-UsernameToken checked against it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self
from xml.etree import ElementTree as ET

from aiohttp import web

S = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
WINDOW = timedelta(seconds=5)


def envelope(body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{S}" '
        'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
        'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error">'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )


FAULT = envelope(
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
    '<s:Reason><s:Text xml:lang="en">Sender not authorized</s:Text></s:Reason></s:Fault>'
)


def profile(token: str, name: str, width: int, height: int, source: str = "src0") -> str:
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{name}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="vsc"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount>'
        f'<tt:SourceToken>{source}</tt:SourceToken><tt:Bounds x="0" y="0" width="{width}" height="{height}"/>'
        "</tt:VideoSourceConfiguration>"
        f'<tt:VideoEncoderConfiguration token="vec{token}"><tt:Name>e</tt:Name><tt:UseCount>1</tt:UseCount>'
        f"<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution><tt:Quality>5</tt:Quality><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
        "</tt:VideoEncoderConfiguration></trt:Profiles>"
    )


class SoapCamera:
    """The device. `offset` is its clock's; `uris` are what it says its streams are, by profile token."""

    def __init__(
        self,
        *,
        offset: timedelta = timedelta(0),
        username: str = "admin",
        password: str = "secret",
        profiles: str | None = None,
        uris: dict[str, str] | None = None,
        tells_time: bool = True,
        answer: Callable[[str], web.Response] | None = None,
    ) -> None:
        self._offset, self._username, self._password = offset, username, password
        self._profiles = profiles or profile("p2", "sub", 640, 360) + profile("p1", "main", 1920, 1080)
        self._uris = uris or {
            "p1": "rtsp://192.168.1.64:8554/Streaming/Channels/101",
            "p2": "rtsp://192.168.1.64:8554/Streaming/Channels/102",
        }
        self._tells_time, self._answer = tells_time, answer
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def _serve(self, request: web.Request) -> web.Response:
        tree = ET.fromstring(await request.text())
        call = next(iter(tree.find(f"{{{S}}}Body"))).tag.rpartition("}")[2]  # type: ignore[arg-type]
        self.asked.append(call)
        if self._answer is not None:
            return self._answer(call)
        if call != "GetSystemDateAndTime" and not self._signed(tree):
            self.refused.append(call)
            return web.Response(text=FAULT, status=400, content_type="application/soap+xml")
        token = tree.find(".//{*}ProfileToken")
        body = getattr(self, f"_{call}")(token.text if token is not None else "")
        return web.Response(text=envelope(body), content_type="application/soap+xml")

    def _signed(self, tree: ET.Element) -> bool:
        token = tree.find(f".//{WSSE}UsernameToken")
        if token is None:
            return False
        nonce, created = token.findtext(f"{WSSE}Nonce") or "", token.findtext(f"{WSU}Created") or ""
        secret = base64.b64decode(nonce) + created.encode() + self._password.encode()
        digest = base64.b64encode(hashlib.sha1(secret).digest()).decode()
        late = abs(datetime.fromisoformat(created) - self.now())
        return (
            token.findtext(f"{WSSE}Username") == self._username
            and token.findtext(f"{WSSE}Password") == digest
            and late < WINDOW
        )

    def _GetSystemDateAndTime(self, _: str) -> str:  # noqa: N802 - ONVIF's names
        now = self.now()
        told = (
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
            f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
        )
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            f"<tt:DaylightSavings>false</tt:DaylightSavings>{told if self._tells_time else ''}"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetServices(self, _: str) -> str:  # noqa: N802
        def service(namespace: str, path: str) -> str:
            # An address that nobody outside the device's own network reaches.
            return (
                f"<tds:Service><tds:Namespace>http://www.onvif.org/ver10/{namespace}/wsdl</tds:Namespace>"
                f"<tds:XAddr>http://192.168.254.254/onvif/{path}</tds:XAddr>"
                "<tds:Version><tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>"
            )

        return f"<tds:GetServicesResponse>{service('device', 'device_service')}{service('media', 'media')}</tds:GetServicesResponse>"

    def _GetDeviceInformation(self, _: str) -> str:  # noqa: N802
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>HIKVISION</tds:Manufacturer><tds:Model>DS-2CD</tds:Model>"
            "<tds:FirmwareVersion>5</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber>"
            "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def _GetProfiles(self, _: str) -> str:  # noqa: N802
        return f"<trt:GetProfilesResponse>{self._profiles}</trt:GetProfilesResponse>"

    def _GetStreamUri(self, token: str) -> str:  # noqa: N802
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{self._uris[token]}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
            "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )
