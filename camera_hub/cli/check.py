"""`camera-hub check`: the fsck of rows, files, the audit's chain and the sealed passwords."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.media import Media
from camera_hub.watch.job import NODE
from registry import check, devices
from registry.errors import Corrupt
from registry.scope import EVERYTHING

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command to `app`; it belongs to no noun."""
    command(app, "check")(check_)


async def check_(desk: Desk) -> Answer:
    """Compare what must fit together: events and their pictures, the audit's chain, scenes, sealed passwords.

    Exit code 1 when something does not. Run it while the hub is stopped: a running one has pictures on disk whose event
    is on its way, and those are told as orphans. Orphans are no fault; the next start deletes them.
    """
    gigabytes = round(desk.settings.media_quota_gb * 1e9)
    media = Media(desk.settings.data_dir, round(desk.settings.min_free_gb * 1e9), gigabytes)
    keys = await asyncio.to_thread(lambda: list(media.keys()))
    report = await check.compare(desk.store, keys, NODE)
    unopened = await _unopened(desk)
    faults = [f"the picture {key} is missing" for key in report.missing]
    if report.broken is not None:
        faults.append(f"the audit's chain breaks at row {report.broken.no}: {report.broken.code}")
    faults += [*report.faults, *unopened]
    clean = report.clean and not unopened
    lines = [f"{report.events} events, {report.files} pictures, {len(report.orphans)} of them orphans"]
    lines += [f"  {fault}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"  and {len(faults) - _SHOWN} more; --json lists all")
    lines.append("clean" if clean else f"{len(faults)} faults")
    value = {**asdict(report), "unopened": unopened, "clean": clean}
    return Answer(value, "\n".join(lines), status=0 if clean else 1)


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
