"""A real nginx that reads configs/nginx.conf, in front of a hub: only ports, certificate and upstream are put in."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.services.process import ServiceMissingError, free_port, wait_until

FILE = Path(__file__).parents[2] / "configs" / "nginx.conf"


def program() -> str:
    """The nginx of this machine. Raises ServiceMissingError."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        raise ServiceMissingError("nginx was not found; install it with: apt-get install nginx-light")
    return found


def has_ipv6() -> bool:
    """Whether this machine has an IPv6 loopback to listen on."""
    try:
        with socket.socket(socket.AF_INET6) as listener:
            listener.bind(("::1", 0))
    except OSError:
        return False
    return True


class Nginx:
    """nginx with the example configuration as its only server."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path], upstream_port: int) -> None:
        self._nginx = program()
        self._folder = folder
        self.port, self.plain_port = free_port(), free_port()
        text = FILE.read_text(encoding="utf-8")
        for old, new in (
            ("/etc/ssl/hub/fullchain.pem", str(certificate[0])),
            ("/etc/ssl/hub/privkey.pem", str(certificate[1])),
            ("server 127.0.0.1:8080;", f"server 127.0.0.1:{upstream_port};"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("listen [::]:80;", f"listen [::1]:{self.plain_port};" if has_ipv6() else ""),
            ("listen [::]:443 ssl;", f"listen [::1]:{self.port} ssl;" if has_ipv6() else ""),
        ):
            if old not in text:
                raise AssertionError(f"configs/nginx.conf has no {old!r} any more")
            text = text.replace(old, new)
        account = "user root;" if os.geteuid() == 0 else ""
        kept = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in kept)
        self._conf = folder / "nginx.conf"
        self._conf.write_text(
            f"{account} daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
            f"http {{ access_log off; {temporary}\n{text}\n}}\n",
            encoding="utf-8",
        )
        self._server: subprocess.Popen[bytes] | None = None

    def check(self) -> subprocess.CompletedProcess[str]:
        """`nginx -t`."""
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)

    def _command(self) -> list[str]:
        return [self._nginx, "-c", str(self._conf), "-p", str(self._folder), "-e", "stderr"]

    def start(self) -> None:
        """Serve, until `close`."""
        log = self._folder / "nginx.log"
        with log.open("wb") as out:
            self._server = subprocess.Popen(self._command(), stdout=out, stderr=out)
        wait_until(self._listens, self._server, log)

    def _listens(self) -> bool:
        with socket.socket() as link:
            return link.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        """Stop it."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=10)
