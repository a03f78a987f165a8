"""`camera-hub check`: the fsck of rows, files, the audit's chain and the sealed passwords."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.media import Media
from camera_hub.recall.motion.block import Block
from camera_hub.recall.motion.shelf import Shelf as MotionShelf
from camera_hub.recall.stills.dayfile import Album
from camera_hub.recording import verifying
from camera_hub.recording.shelf import Shelf
from camera_hub.uploads import Quarantine, faults_of
from camera_hub.watch.job import NODE
from registry import check, devices
from registry.errors import Corrupt, Unavailable
from registry.recordings.model import Damage
from registry.scope import EVERYTHING

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command to `app`; it belongs to no noun."""
    command(app, "check")(check_)


async def check_(
    desk: Desk,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every recording and upload, and compare its digest: takes hours.")
    ] = False,
) -> Answer:
    """Compare what must fit together: events and pictures, recordings, the motion index, the audit's chain, passwords.

    Exit code 1 when something does not. Run it while the hub is stopped: a running one has pictures on disk whose event
    is on its way, and those are told as orphans. Orphans are no fault; the next start deletes them.
    """
    gigabytes = round(desk.settings.media_quota_gb * 1e9)
    media = Media(desk.settings.data_dir, round(desk.settings.min_free_gb * 1e9), gigabytes)
    keys = await asyncio.to_thread(lambda: list(media.keys()))
    report = await check.compare(desk.store, keys, NODE)
    recorded = await _recorded(desk, deep=deep)
    stills = await asyncio.to_thread(_stills, desk)
    index = await asyncio.to_thread(_motion, desk)
    quarantine = Quarantine(desk.settings.data_dir, 0)
    sent, lost = await faults_of(desk.store, quarantine, NODE, deep=deep)
    unopened = await _unopened(desk)
    faults = [f"the picture {key} is missing" for key in report.missing]
    if report.broken is not None:
        faults.append(f"the audit's chain breaks at row {report.broken.no}: {report.broken.code}")
    faults += [*report.faults, *unopened, *recorded.faults, *stills.faults, *index.faults, *lost]
    clean = report.clean and not (unopened or recorded.faults or stills.faults or index.faults or lost)
    lines = [
        f"{report.events} events, {report.files} pictures, {len(report.orphans)} of them orphans",
        f"{recorded.segments} recorded segments, {recorded.orphans} files without a row",
        f"{stills.pictures} small pictures in {stills.files} files",
        f"{index.days} days of cameras in the motion index, {index.bytes / 1e6:.1f} MB",
        f"{sent} clips that were sent in",
    ]
    lines += [f"  {fault}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"  and {len(faults) - _SHOWN} more; --json lists all")
    lines.append("clean" if clean else f"{len(faults)} faults")
    value = {
        **asdict(report),
        "unopened": unopened,
        "recordings": asdict(recorded),
        "stills": asdict(stills),
        "motion": asdict(index),
        "uploads": {"kept": sent, "faults": lost},
        "clean": clean,
    }
    return Answer(value, "\n".join(lines), status=0 if clean else 1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was found of recordings: closed segments, files without a row, and sentences about what is wrong."""

    segments: int
    orphans: int
    faults: tuple[str, ...]


async def _recorded(desk: Desk, *, deep: bool) -> Recorded:
    """Rows of segments against their files. What is known to be gone is told as a gap, and is no fault here."""
    shelf, seen, faults = Shelf(desk.settings.data_dir), 0, []
    async for checked in verifying.verify(desk.store, shelf, NODE, deep=deep):
        seen += len(checked)
        for one in checked:
            if one.damage is Damage.MISSING and one.row.damage is not Damage.MISSING:
                faults.append(f"the recording {verifying.name_of(one.row).key} is missing")
            elif one.damage is Damage.CORRUPT:
                faults.append(f"the recording {verifying.name_of(one.row).key} is not what was written")
    orphans = [name async for name in verifying.orphans(desk.store, shelf, NODE)]
    return Recorded(seen, len(orphans), tuple(faults))


@dataclass(frozen=True, slots=True)
class Small:
    """What was found of small pictures: how many, in how many files, and sentences about bytes that are none."""

    pictures: int
    files: int
    faults: tuple[str, ...]


def _stills(desk: Desk) -> Small:
    """Every small picture against its checksum. A cut at the end of a file is one picture that was being written."""
    album, pictures, files, faults = Album(desk.settings.data_dir), 0, 0, []
    for day in album.days():
        for file in album.files(day):
            files += 1
            name = f"{file.camera_id}.stills of {day}"
            try:
                read = album.read(day, file.camera_id)
            except Unavailable as err:
                faults.append(f"{name}: {err.hint}")
                continue
            pictures += len(read.stills)
            if read.lost:
                faults.append(f"{name}: {read.lost} bytes are no picture")
    return Small(pictures, files, tuple(faults))


@dataclass(frozen=True, slots=True)
class Indexed:
    """What was found of the motion index: camera-days, their bytes, and sentences about damaged ones."""

    days: int
    bytes: int
    faults: tuple[str, ...]


def _motion(desk: Desk) -> Indexed:
    shelf, days, size, faults = MotionShelf(desk.settings.data_dir, desk.settings.tz), 0, 0, []
    for camera_id in shelf.cameras():
        for day in shelf.days(camera_id):
            days += 1
            size += shelf.size(camera_id, day)
            try:
                held = shelf.read(camera_id, day)
                if isinstance(held, Block):
                    held.verify()
            except Corrupt:
                faults.append(f"the motion index {shelf.key(camera_id, day)} is not what was written")
            except OSError as err:
                faults.append(f"the motion index {shelf.key(camera_id, day)} cannot be read: {err.strerror}")
    return Indexed(days, size, tuple(faults))


async def _unopened(desk: Desk) -> list[str]:
    """Devices whose sealed password the key does not open: another key, or a row edited by hand."""
    faults = []
    for device in await devices.list_devices(desk.store, EVERYTHING):
        if device.has_password:
            try:
                await devices.credentials(desk.store, desk.vault, device.id)
            except Corrupt as err:
                faults.append(f"device {device.id} {device.name}: its password does not open ({err.hint})")
    return faults
