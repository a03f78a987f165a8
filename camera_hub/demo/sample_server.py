"""Sample cameras: a real RTSP server that plays clips for ever, for the demo, the tests and the bench.

GStreamer's server where Debian's Python has its binding: H.264 and H.265, basic and digest, any number of clients.
Otherwise aio-rtsp-toolkit from PyPI (the `demo` extra), which knows no authentication: `has_auth` tells.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self, cast
from urllib.parse import quote

from registry.errors import Unavailable

Auth = Literal["none", "basic", "digest"]
_DEBIAN_PYTHON = Path("/usr/bin/python3")
_ENGINES = {
    "gstreamer": [str(Path(__file__).with_name("gst_server.py"))],
    "aio-rtsp-toolkit": ["-m", "camera_hub.demo.toolkit_server"],
}
_START_S = 20.0
_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Mount:
    """One sample camera: a path such as `/yard`, the clip it plays, and how one signs in."""

    path: str
    clip: Path
    auth: Auth = "none"
    username: str = ""
    password: str = ""


def engine() -> str | None:
    """The RTSP server this machine can run: `gstreamer`, `aio-rtsp-toolkit`, or None."""
    asks = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if _DEBIAN_PYTHON.exists():
        asked = subprocess.run([_DEBIAN_PYTHON, "-c", asks], capture_output=True, check=False, timeout=60)
        if asked.returncode == 0:
            return "gstreamer"
    try:
        import aio_rtsp_toolkit  # noqa: F401, PLC0415 - only whether the extra is installed
    except ImportError:
        return None
    return "aio-rtsp-toolkit"


class SampleServer:
    """A running RTSP server. Use as a context manager, or call `stop`; it also ends when this process does.

    `urls` are by mount path, without credentials. Raises Unavailable when no server can run here, or none started.
    """

    def __init__(self, mounts: Sequence[Mount], *, with_engine: str | None = None, address: str = "127.0.0.1") -> None:
        name = with_engine or engine()
        if name is None:
            raise Unavailable(
                "no RTSP server to play sample cameras: apt-get install gir1.2-gst-rtsp-server-1.0 python3-gi "
                "gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-rtsp, or pip install camera-hub[demo]",
                code="no_rtsp_server",
            )
        self.engine = name
        self.has_auth = name == "gstreamer"
        if not self.has_auth and any(mount.auth != "none" for mount in mounts):
            raise Unavailable("this RTSP server knows no passwords; leave out the mounts that want one", code="no_auth")
        python = _DEBIAN_PYTHON if self.has_auth else Path(sys.executable)
        self._process = subprocess.Popen(
            [python, *_ENGINES[name]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C reaches us first; the server ends when its stdin closes
        )
        ports = self._start({"address": address, "mounts": [asdict(m) | {"clip": str(m.clip)} for m in mounts]})
        self.urls = {m.path: f"rtsp://{address}:{ports[m.auth]}{self._path(m)}" for m in mounts}

    def url_with_credentials(self, mount: Mount) -> str:
        """The mount's URL as an installer would paste it."""
        url = self.urls[mount.path]
        if mount.auth == "none":
            return url
        return url.replace("://", f"://{quote(mount.username, safe='')}:{quote(mount.password, safe='')}@", 1)

    def stop(self) -> None:
        """End the server, its clients see the connection close. Twice is fine."""
        process = self._process
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def kill(self) -> None:
        """End the server as a power cut does: nobody is told."""
        self._process.kill()
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _path(self, mount: Mount) -> str:
        return mount.path if self.has_auth else f"{mount.path}.mp4/play_count_0"

    def _start(self, order: dict[str, object]) -> dict[str, int]:
        orders, answers = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        try:
            orders.write(json.dumps(order) + "\n")
            orders.flush()
            answer = answers.readline()
            return dict(json.loads(answer))
        except (OSError, ValueError) as err:
            self.kill()
            raise Unavailable(f"the RTSP server ({self.engine}) did not start", code="no_rtsp_server") from err
