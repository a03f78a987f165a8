"""A Redis server of the test session's own, on loopback; what it holds survives its `stop` and `start`."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.services.process import ServiceMissingError, free_port, wait_until


class Redis:
    """A running server. Every write goes to its append-only file, so a restart brings back what was there."""

    def __init__(self) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise ServiceMissingError("redis-server was not found; install it with: apt-get install redis-server")
        self._program = program
        self._home = Path(tempfile.mkdtemp(prefix="hub-redis-"))
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def _answer(self, command: bytes) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(command + b"\r\n")
                return link.recv(64)
        except OSError:
            return b""

    def start(self) -> None:
        """Start the server (again, with the data it had) and wait until it answers."""
        if self._server is not None:
            return
        log = self._home / "server.log"
        options = [
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--dir",
            str(self._home),
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
            "--save",
            "",
        ]
        with log.open("ab") as out:
            self._server = subprocess.Popen(
                [self._program, *options], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        wait_until(lambda: self._answer(b"PING") == b"+PONG\r\n", self._server, log)

    def empty(self) -> None:
        """Forget everything."""
        if self._answer(b"FLUSHALL") != b"+OK\r\n":
            raise ServiceMissingError("Redis does not answer FLUSHALL; did a test leave it stopped?")

    def stop(self) -> None:
        """Kill it, as a machine that goes away does."""
        if self._server is None:
            return
        self._server.kill()
        self._server.wait(20)
        self._server = None

    def close(self) -> None:
        """Stop and remove the data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)
