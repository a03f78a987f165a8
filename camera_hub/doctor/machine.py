"""The machine and the program on it: Python, packages, processors, memory, limits, clock."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psutil
from packaging.requirements import InvalidRequirement, Requirement

from camera_hub.doctor.finding import Finding, fault, good, warning
from camera_hub.settings import Settings

OLDEST_PYTHON = (3, 11)
WORKER_BYTES = 450_000_000
"""A worker with the bundled model and a share of 100 cameras; measured with tools/bench."""
HUB_BYTES = 250_000_000
FILES_LEAST = 512
FILES_WELL = 4096
BORN = datetime(2026, 11, 1, tzinfo=UTC)
"""No right clock shows a time before the program was written."""

_TIME_ERROR = 5
_RIVALS = {
    "onvif-zeep": "onvif-zeep-async (both install the module `onvif`)",
    "opencv-python": "opencv-python-headless (both install the module `cv2`)",
    "opencv-contrib-python": "opencv-python-headless (both install the module `cv2`)",
}


async def python(_settings: Settings) -> Finding:
    """The interpreter: new enough, 64 bits, Linux."""
    said = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        return fault("python", said, "install Python 3.11 or newer and make the virtual environment anew")
    if platform.system() != "Linux" or sys.maxsize < 2**32:
        return fault("python", said, "the hub needs a 64-bit Linux")
    return good("python", said)


async def packages(_settings: Settings) -> Finding:
    """What the program needs is installed in a version it knows, and nothing that stands in its way."""
    wrong = []
    for line in metadata.requires("camera-hub") or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            wrong.append(f"{wanted.name} {version} is not {wanted.specifier}")
    rivals = [f"{name} stands in the way of {rival}" for name, rival in _RIVALS.items() if _installed(name)]
    if wrong or rivals:
        return fault("packages", "; ".join([*wrong, *rivals]), "install the hub again into a fresh virtual environment")
    return good("packages", f"camera-hub {metadata.version('camera-hub')} and all it needs")


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


async def cores(settings: Settings) -> Finding:
    """Processors this process may use, against the workers; and instructions the detector wants."""
    usable = len(os.sched_getaffinity(0))
    said = f"{usable} cores for {settings.workers} workers"
    if settings.workers > usable:
        return warning("cores", said, f"set `workers` to {usable}: more only wait for each other")
    flags = _cpu_flags()
    if flags and "avx2" not in flags:
        return warning("cores", f"{said}; no AVX2", "the detector takes several times longer: lower `detector_rate`")
    return good("cores", said)


def _cpu_flags(file: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """x86's feature names; empty elsewhere, where NEON is always there."""
    try:
        lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


async def memory(settings: Settings) -> Finding:
    """Memory that is free, or may be freed, against what hub and workers take."""
    there = psutil.virtual_memory()
    needed = HUB_BYTES + settings.workers * WORKER_BYTES
    limit = min(there.total, _memory_limit() or there.total)
    said = (
        f"{limit / 1e9:.1f} GB, {there.available / 1e9:.1f} GB free; hub and workers take about {needed / 1e9:.1f} GB"
    )
    if needed > limit:
        return fault("memory", said, "set fewer `workers`, or give the machine (or its container) more memory")
    if needed > there.available:
        return warning("memory", said, "if the hub does not run now, something else takes the memory: end it")
    return good("memory", said)


def _memory_limit(file: Path = Path("/sys/fs/cgroup/memory.max")) -> int | None:
    """The container's or unit's limit (cgroup v2)."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such limit, or "max"
        return None


async def open_files(_settings: Settings) -> Finding:
    """How many files and connections a process may hold: each pull and each viewer takes some."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    said = f"{soft} open files a process (hard limit {hard})"
    todo = f"ulimit -n {FILES_WELL}, LimitNOFILE= in the systemd unit, or ulimits in the compose file"
    if soft < FILES_LEAST:
        return fault("open_files", said, todo)
    return good("open_files", said) if soft >= FILES_WELL else warning("open_files", said, todo)


async def clock(_settings: Settings) -> Finding:
    """The wall clock: plausible, kept by NTP, and not jumping."""
    wall, steady = time.time(), time.monotonic()
    now = datetime.fromtimestamp(wall, UTC)
    todo = (
        "systemctl enable --now chrony (or systemd-timesyncd) with a server this machine reaches; events are evidence"
    )
    if now < BORN:
        return fault("clock", f"it shows {now:%Y-%m-%d %H:%M} UTC, before this program was written", todo)
    state = _kernel_clock()
    jump = abs((time.time() - wall) - (time.monotonic() - steady))
    if jump > 1:
        return fault("clock", f"it jumped by {jump:.1f} s while it was looked at", todo)
    if state == _TIME_ERROR:
        return warning("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, and nothing keeps it right", todo)
    return good("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC" + (", kept by NTP" if state is not None else ""))


def _kernel_clock() -> int | None:
    """The kernel's word on the clock, adjtimex(2): 5 is "not synchronised". None where it may not be asked."""
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))  # modes = 0: only asks
    except (OSError, AttributeError):
        return None
    return int(state) if state >= 0 else None


async def time_zone(settings: Settings) -> Finding:
    """The villages' local time, from the zone data of this machine."""
    try:
        local = datetime.now(ZoneInfo(settings.timezone))
    except ZoneInfoNotFoundError:
        return fault("time_zone", f"no data for {settings.timezone}", "pip install --force-reinstall tzdata")
    return good("time_zone", f"{settings.timezone}: {local:%H:%M}, UTC{local:%z}")
