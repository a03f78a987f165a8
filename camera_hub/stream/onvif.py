"""Asking a device over ONVIF who it is and where its streams are.

Its clock is asked first, without signing in: WS-UsernameToken is bound to the device's own time. What the device says
of its own address is not believed, as behind an NVR or NAT it is another one: every URL gets the host that was reached,
which also keeps our credentials from being sent elsewhere.

Its answers are a stranger's: no DTD, no entities, nothing loaded from outside, so many bytes and no more. The
descriptions of services (WSDL) are the library's own files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from onvif import ONVIFCamera, ONVIFService
from onvif.exceptions import ONVIFError
from onvif.settings import DEFAULT_SETTINGS
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault, TransportError

from camera_hub.stream.reach import connect
from camera_hub.stream.web import rejected
from registry.address import check_url, split_credentials
from registry.errors import Invalid, Rejected, StreamError, Unreachable, Unsupported

LIMIT_S: Final = 10.0
LARGEST: Final = 2 << 20
"""Bytes of an answer; a recorder of 64 channels describes itself in half a megabyte."""

# The library's are made for boxes one trusts. SOAP 1.2 (part 1, section 5) forbids a DTD.
DEFAULT_SETTINGS.forbid_dtd = DEFAULT_SETTINGS.forbid_entities = DEFAULT_SETTINGS.forbid_external = True
DEFAULT_SETTINGS.xml_huge_tree = False

_NOT_SIGNED = (
    "notauthorized",
    "not authorized",
    "unauthorized",
    "failedauthentication",
    "invalid username",
    "password",
)
_UNICAST: Final = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


@dataclass(frozen=True, slots=True)
class OnvifProfile:
    """One camera of the device (one video source): its largest stream, and its smallest if there are two."""

    source: str
    name: str
    main_url: str
    sub_url: str | None


@dataclass(frozen=True, slots=True)
class OnvifReport:
    """What the device says. `clock_offset_ms` is its clock minus ours (within half a second), None if it tells none."""

    vendor: str
    model: str
    clock_offset_ms: int | None
    profiles: tuple[OnvifProfile, ...]


async def look(
    host: str,
    port: int = 80,
    username: str = "",
    password: str = "",
    *,
    allow_loopback: bool = False,
    limit_s: float = LIMIT_S,
) -> OnvifReport:
    """Ask the device at `host`; URLs come without credentials. At most `limit_s` seconds in all.

    Raises Unreachable, Rejected (ONVIF users are often a list of their own), Unsupported (it speaks something else);
    Invalid for an address that is refused.
    """
    try:
        async with asyncio.timeout(limit_s):
            address = await asyncio.to_thread(_reached, host, port, limit_s, allow_loopback=allow_loopback)
            device = _Device(address, port, username, password)
            try:
                return await _asked(device, host, allow_loopback=allow_loopback)
            finally:
                await device.close()
    except TimeoutError:
        raise Unreachable(
            f"{host}:{port} did not answer ONVIF within {limit_s:.0f} s; check the port, and that ONVIF is switched on",
            code="timed_out",
            host=host,
            port=port,
        ) from None
    except (ONVIFError, ZeepError, aiohttp.ClientError, OSError, AttributeError, TypeError) as err:
        # AttributeError and TypeError: zeep hands out None where an answer lacks what the standard demands.
        raise _told(host, port, err, signed=bool(username)) from None


class _Answer(aiohttp.ClientResponse):
    """An answer of bounded size."""

    async def read(self) -> bytes:
        taken = bytearray()
        async for some in self.content.iter_any():
            taken += some
            if len(taken) > LARGEST:
                self.close()
                raise aiohttp.ClientPayloadError("the answer is too large")
        return bytes(taken)


class _OneAddress(aiohttp.TCPConnector):
    """Connects to the address that was checked, wherever an answer redirects to."""

    def __init__(self, address: str, port: int) -> None:
        super().__init__(ssl=False)
        self._only = (address, port)

    async def connect(self, req: aiohttp.ClientRequest, *rest: Any, **more: Any) -> Any:
        if (req.url.host, req.url.port) != self._only:
            raise aiohttp.ClientPayloadError("it sends elsewhere")
        return await super().connect(req, *rest, **more)


class _Device(ONVIFCamera):  # type: ignore[misc]  # the library has no types
    """The library's device, its requests sent over a session of ours."""

    def __init__(self, address: str, port: int, username: str, password: str) -> None:
        super().__init__(address, port, username, password, adjust_time=True, nat_override=True)
        # Compressed answers could be small and grow without bound; no device needs them.
        self._careful = aiohttp.ClientSession(
            connector=_OneAddress(address, port),
            response_class=_Answer,
            auto_decompress=False,
            headers={"Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=LIMIT_S),
        )

    async def create_onvif_service(self, *what: Any, **more: Any) -> ONVIFService:
        service = await super().create_onvif_service(*what, **more)
        service.transport.session = self._careful
        return service

    async def close(self) -> None:
        await self._careful.close()
        await super().close()


def _reached(host: str, port: int, limit_s: float, *, allow_loopback: bool) -> str:
    with connect(host, port, timeout_s=limit_s / 2, allow_loopback=allow_loopback) as sock:
        return str(sock.getpeername()[0])


async def _asked(device: ONVIFCamera, host: str, *, allow_loopback: bool) -> OnvifReport:
    try:
        await device.update_xaddrs()
    except (AttributeError, ValueError):
        # It tells no time, or an impossible one: sign with ours.
        device.adjust_time = False
        await device.update_xaddrs()
    management = await device.create_devicemgmt_service()
    who = await management.GetDeviceInformation()
    media = await device.create_media_service()
    found: dict[str, list[tuple[int, str, str]]] = {}
    for profile in await media.GetProfiles() or []:
        video, source = profile.VideoEncoderConfiguration, profile.VideoSourceConfiguration
        if video is None or source is None:
            continue
        answer = await media.GetStreamUri({"StreamSetup": _UNICAST, "ProfileToken": profile.token})
        url = _cleaned(answer.Uri, host, allow_loopback=allow_loopback)
        if url is not None:
            size = video.Resolution
            pixels = int(size.Width) * int(size.Height) if size is not None else 0
            found.setdefault(str(source.SourceToken), []).append((pixels, str(profile.Name or profile.token), url))
    return OnvifReport(
        vendor=str(who.Manufacturer or ""),
        model=str(who.Model or ""),
        clock_offset_ms=_milliseconds(device.dt_diff),
        profiles=tuple(_profile(source, streams) for source, streams in found.items()),
    )


def _profile(source: str, streams: Iterable[tuple[int, str, str]]) -> OnvifProfile:
    ordered = sorted(streams, key=lambda stream: -stream[0])
    _, name, main = ordered[0]
    smallest = ordered[-1][2]
    return OnvifProfile(source, name, main, smallest if smallest != main else None)


def _milliseconds(offset: timedelta | None) -> int | None:
    # The device tells whole seconds: on average it is half a second further.
    return None if offset is None else round(offset.total_seconds() * 1000) + 500


def _cleaned(uri: object, host: str, *, allow_loopback: bool) -> str | None:
    """A stream's URL at the host that was reached, without credentials; None when it is none the hub opens."""
    try:
        url, _, _ = split_credentials(str(uri))
        parts = urlsplit(url)
        at = f"[{host}]" if ":" in host else host
        url = parts._replace(netloc=at if parts.port is None else f"{at}:{parts.port}").geturl()
        check_url(url, allow_loopback=allow_loopback)
    except (Invalid, ValueError):
        return None
    return url


def _told(host: str, port: int, err: Exception, *, signed: bool) -> StreamError:
    said = str(err).lower()
    unauthorised = isinstance(err, TransportError) and err.status_code in {401, 403}
    if unauthorised or (isinstance(err, Fault | ONVIFError) and any(word in said for word in _NOT_SIGNED)):
        plain = rejected(host, signed=signed)
        return Rejected(f"{plain.hint}; ONVIF may have its own list of users", code=plain.code, host=host)
    if isinstance(err, aiohttp.ClientConnectionError | OSError):
        return Unreachable(f"{host}:{port} broke off; try again", code="broke_off", host=host, port=port)
    return Unsupported(
        f"{host}:{port} does not answer as ONVIF does; check the port, and that ONVIF is switched on",
        code="not_onvif",
        host=host,
        port=port,
    )
