"""All checks in their order, and one that breaks told as such instead of hiding the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from camera_hub.doctor import law, machine, network, place, register, services, sight
from camera_hub.doctor.finding import Finding, fault
from camera_hub.settings import Settings

Check = Callable[[Settings], Awaitable[Finding]]

CHECKS: tuple[Check, ...] = (
    machine.python,
    machine.packages,
    machine.cores,
    machine.memory,
    machine.open_files,
    machine.clock,
    machine.time_zone,
    place.rights,
    place.key,
    place.room,
    place.room_to_record,
    place.inodes,
    place.sync_speed,
    place.socket_path,
    network.port,
    network.reached_safely,
    services.database,
    services.redis,
    register.register,
    law.holidays,
    sight.h264,
    sight.h265,
    sight.model,
)


async def examine(settings: Settings, checks: tuple[Check, ...] = CHECKS) -> AsyncIterator[Finding]:
    """The findings, each as soon as it is known."""
    for check in checks:
        try:
            yield await check(settings)
        except Exception as err:  # noqa: BLE001 - a root: a check that breaks is itself something wrong with the machine
            broke = f"the check itself broke: {type(err).__name__}: {err}"
            yield fault(check.__name__, broke, "report it, with this text")
