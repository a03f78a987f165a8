"""Fixtures every test may ask for, and the count of what ran and what a missing service skipped.

A test that asks for a service which is not on this machine is skipped with the reason and the remedy;
HUB_REQUIRE_SERVICES=1 turns that into a failure.

- `registry_url`: an empty registry on SQLite, the test's own
- `postgres`: the session's server, with `fresh_url()`, `stop()`, `start()`; `postgres_url`: an empty database of its own
- `redis_server`: the session's server, with `stop()`, `start()`, `url`; `redis_url`: the same, emptied first
- `chromium`: path of the browser; `gst_python`: interpreter with GStreamer's RTSP server; `vtest`: a real recording
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from argon2 import PasswordHasher

from registry import migrate, passwords
from tests.services.postgres import Postgres
from tests.services.process import ServiceMissingError
from tests.services.redis import Redis

GST_PACKAGES = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-rtsp"


def missing(service: str, reason: object) -> NoReturn:
    """Skip the asking test (or fail it, with HUB_REQUIRE_SERVICES=1), naming the service and the remedy."""
    said = f"needs {service}: {reason}"
    if os.environ.get("HUB_REQUIRE_SERVICES") == "1":
        pytest.fail(said, pytrace=False)
    pytest.skip(said)


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry on SQLite with nothing in it, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("registry") / "hub.db"
    asyncio.run(migrate.upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def registry_url(empty_registry: Path, tmp_path: Path) -> str:
    """SQLAlchemy URL of an empty registry, this test's own, in its folder as `hub.db`."""
    return f"sqlite+aiosqlite:///{shutil.copy(empty_registry, tmp_path / 'hub.db')}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL server. A test that stops it starts it again."""
    try:
        server = Postgres()
    except ServiceMissingError as why:
        missing("PostgreSQL", why)
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """SQLAlchemy URL of an empty database, this test's own."""
    postgres.start()
    return postgres.fresh_url()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """The session's Redis server. A test that stops it starts it again."""
    try:
        server = Redis()
    except ServiceMissingError as why:
        missing("Redis", why)
    yield server
    server.close()


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    """URL of the session's Redis, empty."""
    redis_server.start()
    redis_server.empty()
    return redis_server.url


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; start it with --no-sandbox when running as root."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    missing("Chromium", "not found; install it with: apt-get install chromium fonts-wqy-microhei")


@pytest.fixture(scope="session")
def gst_python() -> str:
    """Interpreter that can import GStreamer's RTSP server (Debian's binding belongs to Debian's own Python)."""
    ask = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    if (
        Path("/usr/bin/python3").exists()
        and not subprocess.run(["/usr/bin/python3", "-c", ask], check=False, capture_output=True).returncode
    ):
        return "/usr/bin/python3"
    missing(
        "GStreamer's RTSP server", f"/usr/bin/python3 cannot import it; install it with: apt-get install {GST_PACKAGES}"
    )


@pytest.fixture(scope="session")
def vtest() -> Path:
    """A real recording: pedestrians on a street, 768x576 at 10 fps, 79 s (OpenCV's sample `vtest.avi`)."""
    path = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
    if path.is_file():
        return path
    missing("footage", f"{path} is not there; install it with: apt-get install opencv-doc")


# A hash is meant to cost a tenth of a second, and hundreds of tests make users: theirs are as real, and quick to make.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

# The suite tries the same examples every time, so that red means a change; `HYPOTHESIS_PROFILE=hunt` tries others.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.register_profile("hunt", max_examples=2000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran, how many were skipped, and why."""
    stats = terminalreporter.stats
    ran = sum(len(stats.get(kind, [])) for kind in ("passed", "failed"))
    skipped = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    terminalreporter.section("what ran")
    terminalreporter.line(
        f"{ran} tests ran, {len(stats.get('skipped', []))} were skipped, {len(stats.get('error', []))} could not start"
    )
    for reason, times in skipped.most_common():
        terminalreporter.line(f"  {times} skipped: {reason.splitlines()[0]}")
