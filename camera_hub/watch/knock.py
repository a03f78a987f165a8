"""Is anybody there? Asked on the event loop, before a thread is spent on a camera.

Nine hundred absent cameras cost a few sockets for seconds; opening each would hold a thread for ten. An RTSP server is
also asked for OPTIONS, which needs no password and counts as no try, so that a box that accepts connections and then
says nothing is found out here too.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from camera_hub.stream.reach import first_refusal, refused
from registry.errors import Unreachable

KNOCK_S = 4.0
PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}

# Name resolution blocks a thread each; the loop's own pool is small and needed for other things.
_RESOLVERS = ThreadPoolExecutor(32, thread_name_prefix="resolve")


async def knock(url: str, *, allow_loopback: bool) -> None:
    """Raise Unreachable unless the host of `url` accepts a connection (and, for RTSP, says something) within KNOCK_S.

    Raises Invalid when it is at an address that is not allowed. Files are always there.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.rpartition("+")[2]
    if scheme == "file":
        return
    host = parts.hostname or ""
    port = parts.port or PORTS[scheme]
    try:
        async with asyncio.timeout(KNOCK_S):
            address = await _resolve(host, port, allow_loopback=allow_loopback)
            reader, writer = await asyncio.open_connection(address, port)
            try:
                if scheme == "rtsp":
                    await _ask_options(reader, writer, host, port)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except TimeoutError:
        raise _unreachable(
            "timed_out", f"{host} did not answer within {KNOCK_S:.0f} s; check power and address"
        ) from None
    except ConnectionRefusedError:
        raise _unreachable("port_closed", f"{host} answers, but port {port} is closed; is RTSP or HTTP on?") from None
    except ConnectionResetError:
        raise _unreachable("hung_up", f"{host}:{port} hung up; is it an RTSP server?") from None
    except OSError as err:
        code = "no_route" if err.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH) else "unreachable"
        raise _unreachable(code, f"no connection to {host}:{port}: {err.strerror or err}; check the address") from None


async def _resolve(host: str, port: int, *, allow_loopback: bool) -> str:
    """The first allowed address of a host."""
    try:
        found = [str(ipaddress.ip_address(host))]
    except ValueError:
        try:
            entries = await asyncio.get_running_loop().run_in_executor(
                _RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (socket.gaierror, UnicodeError):
            hint = f"nobody knows the host {host}; check the name, or use the camera's IP address"
            raise _unreachable("unknown_host", hint) from None
        found = [str(entry[4][0]) for entry in entries]
    why = [refused(address, allow_loopback=allow_loopback) for address in found]
    if None not in why:
        raise first_refusal(host, next(iter(why), None))
    return found[why.index(None)]


async def _ask_options(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    writer.write(f"OPTIONS rtsp://{shown}:{port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
    await writer.drain()
    if not await reader.read(16):
        raise _unreachable("hung_up", f"{host}:{port} hung up; is it an RTSP server?")


def _unreachable(code: str, hint: str) -> Unreachable:
    return Unreachable(hint, code=code)
