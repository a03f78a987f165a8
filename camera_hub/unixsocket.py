"""Unix sockets: a private place for them, and who is at their other end."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import tempfile
from pathlib import Path

from registry.errors import Unavailable

MAX_SOCKET_PATH = 107
"""Linux keeps 108 bytes for a socket's path, with the closing zero (unix(7))."""
_PEER = struct.Struct("3i")


def runtime_dir() -> Path:
    """A new private directory with a short path: /run/user/… where it exists, else the temporary directory.

    Raises Unavailable when even that is too long for a socket.
    """
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base is None or not os.access(base, os.W_OK) or len(base) > MAX_SOCKET_PATH - 40:
        base = tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="hub-", dir=base))
    if len(os.fsencode(folder / "events")) > MAX_SOCKET_PATH:
        folder.rmdir()
        raise Unavailable(f"{base} is too long a path for a socket; set TMPDIR to a shorter one", code="socket_path")
    return folder


def same_user(writer: asyncio.StreamWriter) -> bool:
    """Whether the process at the other end of a Unix socket is this process's user's own."""
    peer = writer.get_extra_info("socket")
    _pid, uid, _gid = _PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return bool(uid == os.getuid())
