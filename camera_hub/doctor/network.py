"""The page's port, who may reach it, and whether cameras answer."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

import psutil

from camera_hub.certificate import Certificate
from camera_hub.doctor.finding import Finding, fault, good, warning
from camera_hub.settings import Settings
from registry import cameras
from registry.errors import HubError, Invalid
from registry.model import Camera
from registry.scope import EVERYTHING
from registry.store import Store

ANSWER_S = 3.0
SAMPLE = 12
_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


async def port(settings: Settings) -> Finding:
    """Whether the page's port can be had; where a hub answers there already, that is it."""
    host, number = settings.host, settings.port
    name = f"{host}:{number}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, number))
        except OSError as err:
            if err.errno == errno.EADDRINUSE:
                return await _taken(settings, name)
            if err.errno in (errno.EACCES, errno.EPERM):
                return fault("port", f"{name} needs root", "choose a `port` above 1023")
            if err.errno == errno.EADDRNOTAVAIL:
                return fault("port", f"this machine has no address {host}", "set `host` to one it has, or 0.0.0.0")
            return fault(
                "port", f"{name} cannot be had: {err.strerror or err}", "see `host` and `port` in the settings"
            )
    return good("port", f"{name} is free")


async def _taken(settings: Settings, name: str) -> Finding:
    owner = _owner(settings.port)
    if await _is_hub(settings):
        return good("port", f"a hub answers on {name} ({owner})")
    return fault("port", f"{name} is taken by {owner}", "end that program, or choose another `port`")


def _owner(number: int) -> str:
    """Who listens on a port, as far as this account may know."""
    try:
        listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    except psutil.AccessDenied:
        return "a program of another account"
    pid = next((one.pid for one in listening if one.laddr.port == number and one.pid), None)
    if pid is None:
        return "a program of another account"
    try:
        return f"{psutil.Process(pid).name()}, process {pid}"
    except psutil.Error:
        return f"process {pid}"


async def _is_hub(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    context = None
    if settings.tls_cert is not None:
        # Whether it is a hub, not which: the certificate is for the name people know it by.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(host, settings.port, ssl=context)
            try:
                writer.write(f"GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
                head = await reader.read(4096)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return False
    return head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))


async def reached_safely(settings: Settings) -> Finding:
    """Whether who reaches the page from elsewhere is protected by TLS."""
    try:
        beyond = not ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        beyond = settings.host != "localhost"
    if settings.tls_cert is not None and settings.tls_key is not None:
        try:
            Certificate(settings.tls_cert, settings.tls_key)
        except Invalid as err:
            return fault("tls", err.hint, "see `tls_cert` and `tls_key` in the settings")
        return good("tls", "the hub speaks TLS itself")
    if beyond and not settings.secure:
        return warning(
            "tls",
            f"the page listens on {settings.host} and sends its cookie without TLS",
            "give a certificate (`tls_cert`, `tls_key`), or put a TLS proxy in front and set `secure_cookies: true`",
        )
    if settings.secure and not settings.trusted_proxies:
        return warning(
            "tls",
            "behind a TLS proxy, but no proxy is trusted: the audit shows the proxy's address for everybody",
            "name the proxy in `trusted_proxies`",
        )
    return good("tls", "only this machine reaches the page" if not beyond else "a TLS proxy stands in front")


async def reach_cameras(settings: Settings) -> list[Finding]:
    """Whether a sample of enabled cameras, of as many devices as may be, accept a connection."""
    if settings.database_url is None and not (settings.data_dir / "hub.db").exists():
        return [good("cameras", "none yet")]  # to open SQLite would make the file
    try:
        store = await Store.open(settings.database)
    except HubError as err:
        return [fault("cameras", f"the registry cannot be asked: {err.hint}", "see `database` above")]
    try:
        known = [one for one in await cameras.list_cameras(store, EVERYTHING) if one.enabled]
    finally:
        await store.close()
    places: dict[tuple[str, int], Camera] = {}
    for camera in known:
        place = _place_of(camera)
        if place is not None:
            places.setdefault(place, camera)
    sample = list(places.items())[:SAMPLE]
    if not sample:
        return [good("cameras", "none with an address is enabled")]
    return list(await asyncio.gather(*(_knock(camera, *place) for place, camera in sample)))


def _place_of(camera: Camera) -> tuple[str, int] | None:
    parts = urlsplit(camera.sub_url or camera.main_url or "")
    known = _PORTS.get(parts.scheme)
    return None if known is None or not parts.hostname else (parts.hostname, parts.port or known)


async def _knock(camera: Camera, host: str, number: int) -> Finding:
    said = f"{camera.name} at {host}:{number}"
    try:
        async with asyncio.timeout(ANSWER_S):
            _, writer = await asyncio.open_connection(host, number)
            writer.transport.abort()
    except (OSError, TimeoutError) as err:
        why = "silence" if isinstance(err, TimeoutError) else err.strerror or str(err)
        return warning("cameras", f"{said}: {why}", "power, cable, address; then camera-hub device test")
    return good("cameras", f"{said} answers")
