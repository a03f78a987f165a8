"""Whether the hub works, and what does not."""

from __future__ import annotations

from dataclasses import dataclass

from api.routing import Door, Routes
from api.visitor import Call, Visitor
from camera_hub.health import Health
from registry.online import Online, OnlineQuery, online
from registry.permissions import Permission

routes = Routes("health")
probes = Routes("health", prefix="")


@dataclass(frozen=True, slots=True)
class Alive:
    """That the process answers."""

    status: str


@routes.get("/health", Permission.WATCH_HEALTH)
async def read(call: Call) -> Health:
    """Cameras by state, workers, disk, database, event channel, and faults."""
    return await call.hub.health()


@routes.get("/health/online", Permission.WATCH_HEALTH)
async def read_online(call: Call, query: OnlineQuery) -> Online:
    """The online rate of one's cameras and villages over a span, and since when what is down is down."""
    return await online(call.hub.store, call.scope, query)


@probes.get("/healthz", Door.OPEN)
async def alive(visitor: Visitor) -> Alive:
    """For a supervisor: 200 while the process answers; it tells nothing else."""
    del visitor
    return Alive("ok")
