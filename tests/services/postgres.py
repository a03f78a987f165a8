"""A PostgreSQL server of the test session's own: loopback TCP, a random port, data in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

from tests.services.process import ServiceMissingError, free_port, other_account, wait_until

INSTALL = "install it with: apt-get install postgresql (its programs in /usr/lib/postgresql/*/bin or on PATH)"


def _programs() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not versions:
        raise ServiceMissingError(f"PostgreSQL's initdb was not found; {INSTALL}")
    return versions[-1].parent


class Postgres:
    """A running server. `fresh_url` makes a database; `stop` and `start` take it away and bring it back.

    fsync is off: the tests ask about SQL and faults, not about the disk. As root it runs as `postgres` or `nobody`,
    since PostgreSQL refuses to run as root.
    """

    def __init__(self) -> None:
        self._bin = _programs()
        self._account = other_account("postgres", "nobody")
        self._home = Path(tempfile.mkdtemp(prefix="hub-pg-", dir="/tmp"))  # pytest's own folders are closed to others
        if self._account:
            os.chown(self._home, self._account.pw_uid, self._account.pw_gid)
        self.port = free_port()
        self._numbers = count(1)
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self._run(
                "initdb",
                "-D",
                str(self._home / "data"),
                "-U",
                "hub",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C.UTF-8",
            )
            self.start()
        except BaseException:
            self.close()
            raise

    def _spawn(self, program: str, *args: str, log: Path) -> subprocess.Popen[bytes]:
        owner = (
            {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []} if self._account else {}
        )
        with log.open("ab") as out:
            return subprocess.Popen(
                [str(self._bin / program), *args],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                **owner,
            )

    def _run(self, program: str, *args: str) -> None:
        log = self._home / f"{program}.log"
        status = self._spawn(program, *args, log=log).wait(60)
        if status:
            raise ServiceMissingError(f"{program} failed with {status}: {log.read_text(errors='replace')[-800:]}")

    def fresh_url(self, like: str = "") -> str:
        """SQLAlchemy URL (asyncpg) of a new database: empty, or a copy of the one at `like`, to which nobody is connected."""
        name = f"hub{next(self._numbers)}"
        copied = ("-T", like.rsplit("/", 1)[1]) if like else ()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "hub", *copied, name)
        return f"postgresql+asyncpg://hub@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start the server (again, with the data it had) and wait until it answers."""
        if self._server is not None:
            return
        log = self._home / "server.log"
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._home),
            "fsync": "off",
            "max_connections": "60",
        }
        self._server = self._spawn(
            "postgres", "-D", str(self._home / "data"), *(f"-c{k}={v}" for k, v in options.items()), log=log
        )
        ask = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ask, check=False).returncode == 0, self._server, log)

    def stop(self) -> None:
        """Stop at once, dropping every connection, as a machine that goes away does."""
        if self._server is None:
            return
        self._server.send_signal(3)  # SIGQUIT: PostgreSQL's immediate shutdown
        self._server.wait(20)
        self._server = None

    def close(self) -> None:
        """Stop and remove the data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)
