"""What the servers share: a free port, the account they run as, and waiting for one to answer."""

from __future__ import annotations

import os
import pwd
import random
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_dice = random.SystemRandom()  # another one's seed would give two processes the same ports


class ServiceMissingError(Exception):
    """A service cannot run on this machine; the text says why and how to get it."""


def free_port() -> int:
    """A loopback TCP port nobody listens on now, and that no other program is given while it is not listened on.

    Linux hands out 32768 and more by itself: to whoever connects anywhere, and to whoever asks for any port.
    """
    while True:
        port = _dice.randrange(15_000, 32_768)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def other_account(*names: str) -> pwd.struct_passwd | None:
    """The first account of `names` that exists, when this process is root; None when servers may run as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceMissingError(f"running as root, and no account of {', '.join(names)} exists to run the server as")


def wait_until(ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path, limit_s: float = 60.0) -> None:
    """Poll `ready` until it is true. Raises ServiceMissingError with the end of the log when the server died or stays silent."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if ready():
            return
        if server.poll() is not None:
            break
        time.sleep(0.02)
    tail = log.read_text(errors="replace")[-800:] if log.exists() else "(no log)"
    raise ServiceMissingError(
        f"the server did not answer within {limit_s:.0f} s (exit status {server.poll()}):\n{tail}"
    )
