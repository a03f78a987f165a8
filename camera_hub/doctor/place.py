"""The data directory and its disk: rights, room, names, how fast a sync is; and the sockets' directory."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from camera_hub.doctor.finding import Finding, fault, good, warning
from camera_hub.lock import RESTORING
from camera_hub.media import free_bytes
from camera_hub.settings import Settings
from camera_hub.unixsocket import runtime_dir
from registry.errors import HubError, Unavailable
from registry.vault import key_from_text

PICTURE_BYTES = 40_000
SYNC_SLOW_MS = 50.0
SYNC_AWAY_MS = 1000.0
_SYNCS = 15
_AFAR = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "vboxsf"})
_FLEETING = frozenset({"tmpfs", "ramfs"})


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that is there: where it would be made."""
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if one.exists())


async def rights(settings: Settings) -> Finding:
    """Whether this account may keep data there, and nothing was left half done."""
    wanted = settings.data_dir.absolute()
    there = _nearest(wanted)
    account = f"chown -R {os.geteuid()} {wanted}, or run as the account that owns it"
    if not there.is_dir():
        return fault("data_dir", f"{there} is no folder", "name another data_dir")
    if not os.access(there, os.W_OK | os.X_OK):
        return fault("data_dir", f"{there} cannot be written by this account", account)
    if there != wanted:
        return good("data_dir", f"{wanted} is not there yet; it can be made")
    return _unusable(wanted, account) or _unsuited(wanted, settings)


def _unusable(wanted: Path, account: str) -> Finding | None:
    if (wanted / RESTORING).exists():
        return fault("data_dir", "a restore was not finished", "run camera-hub restore again")
    for name in ("hub.db", "hub.db-wal", "key", "snapshots", "outbox"):
        if (wanted / name).exists() and not os.access(wanted / name, os.R_OK | os.W_OK):
            return fault("data_dir", f"{wanted / name} cannot be read and written by this account", account)
    return None


def _unsuited(wanted: Path, settings: Settings) -> Finding:
    """What the disk's kind means for what is kept on it."""
    kind = _file_system(wanted)
    if kind in _AFAR and settings.database_url is None:
        return fault(
            "data_dir", f"{wanted} is on {kind}", "SQLite needs a local disk: move data_dir, or use PostgreSQL"
        )
    if kind in _FLEETING:
        return warning("data_dir", f"{wanted} is on {kind}, which a restart empties", "move data_dir to a disk")
    return good("data_dir", f"{wanted} ({kind})")


def _file_system(folder: Path) -> str:
    """The type of the file system a folder is on."""
    mounts = [(Path(one.mountpoint), one.fstype) for one in psutil.disk_partitions(all=True)]
    within = [(len(point.parts), kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(within, default=(0, "unknown"))[1]


async def key(settings: Settings) -> Finding:
    """The sealing key: well formed, and nobody else's to read."""
    file = settings.data_dir / "key"
    try:
        if settings.key is not None:
            key_from_text(settings.key.get_secret_value())
            return good("key", "from the settings")
        if not file.exists():
            return good("key", "made at the first start")
        key_from_text(file.read_text(encoding="ascii"))
    except (HubError, OSError, UnicodeDecodeError) as err:
        said = f"{file if settings.key is None else 'the setting'} holds no key: {err}"
        return fault("key", said, "lay the key's copy back; without it every device's password must be given again")
    if file.stat().st_mode & 0o077:
        return warning("key", f"others on this machine can read {file}", f"chmod 600 {file}")
    return good("key", f"{file}; keep a copy apart from the backups")


async def room(settings: Settings) -> Finding:
    """Free bytes against the least for a picture and against the quota of pictures."""
    free = free_bytes(_nearest(settings.data_dir)) / 1e9
    said = f"{free:.1f} GB free; pictures may take {settings.media_quota_gb:g} GB"
    if free < settings.min_free_gb:
        return fault(
            "disk", f"{said}; below {settings.min_free_gb:g} GB no picture is written", "free some, or move data_dir"
        )
    if free < settings.min_free_gb + settings.media_quota_gb / 10:
        return warning("disk", said, "it fills up soon: free some, or lower media_quota_gb or retention_days")
    return good("disk", said)


async def room_to_record(settings: Settings) -> Finding:
    """The disk's size against the quota of recordings: what the quota allows must fit."""
    disk = os.statvfs(_nearest(settings.data_dir))
    free, size = disk.f_bavail * disk.f_frsize / 1e9, disk.f_blocks * disk.f_frsize / 1e9
    quota = settings.recording.quota_gb
    said = f"{free:.1f} of {size:.1f} GB free; recordings may take {quota:g} GB"
    if quota + settings.media_quota_gb + settings.min_free_gb > size:
        return warning(
            "recordings", said, "more than the disk holds: it stops recording when full; lower recording.quota_gb"
        )
    if free < settings.min_free_gb:
        return fault(
            "recordings",
            f"{said}; below {settings.min_free_gb:g} GB nothing is recorded",
            "free some, or move data_dir",
        )
    return good("recordings", said)


async def inodes(settings: Settings) -> Finding:
    """Free names on the disk: each picture is a file."""
    disk = os.statvfs(_nearest(settings.data_dir))
    if disk.f_files == 0:  # btrfs and others have no such limit
        return good("inodes", "without limit")
    wanted = round(settings.media_quota_gb * 1e9 / PICTURE_BYTES / 10)
    said = f"{disk.f_favail} files may still be made"
    if disk.f_favail < wanted:
        return warning("inodes", said, "the disk runs out of names before bytes: remove small files, or move data_dir")
    return good("inodes", said)


async def sync_speed(settings: Settings) -> Finding:
    """How long the disk takes to make 4 KB safe: each acknowledged event waits for that."""
    block = os.urandom(4096)
    took = []
    try:
        with tempfile.TemporaryFile(dir=_nearest(settings.data_dir)) as file:
            for _ in range(_SYNCS):
                began = time.perf_counter()
                file.write(block)
                file.flush()
                os.fsync(file.fileno())
                took.append((time.perf_counter() - began) * 1000)
    except OSError as err:
        return fault(
            "sync", f"the disk does not take a small file: {err.strerror}", "look at the disk, and at `rights`"
        )
    middle = statistics.median(took)
    said = f"4 KB safe in {middle:.1f} ms (median of {_SYNCS})"
    if middle > SYNC_AWAY_MS:
        return fault("sync", said, "the disk is failing or far away: move data_dir")
    if middle > SYNC_SLOW_MS:
        return warning("sync", said, "slow: about as many commits a second as this allows; a solid-state disk helps")
    return good("sync", said)


async def socket_path(_settings: Settings) -> Finding:
    """Where the hub's sockets go: the path must be short, and the place writable."""
    try:
        folder = runtime_dir()
    except Unavailable as err:
        return fault("sockets", err.hint, "set TMPDIR, or RuntimeDirectory= in the systemd unit, to a short path")
    except OSError as err:
        return fault(
            "sockets", f"no temporary directory can be made: {err.strerror}", "make /tmp writable, or set TMPDIR"
        )
    folder.rmdir()
    return good("sockets", f"in {folder.parent}")
