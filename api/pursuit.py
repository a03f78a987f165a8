"""A case's trail: who passed its cameras, what officers decided of them, links between sightings, the clue map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from uuid import UUID

from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Look
from registry import pursuit
from registry.permissions import Permission
from registry.pursuit import (
    Block,
    ClueMap,
    Decided,
    Gate,
    Hop,
    HopQuery,
    Hops,
    KeepMap,
    KeptMap,
    MapQuery,
    NewBlock,
    NewDecision,
    NewLink,
    OldMap,
    Passer,
    SightingLink,
    Strip,
    StripQuery,
)

routes = Routes("pursuit")
PAGING = ("skip", "limit")
_PASSER = tuple(field.name for field in fields(Passer))
_STRIP = tuple(field.name for field in fields(Strip) if field.name != "candidates")
_HOP = tuple(field.name for field in fields(Hop) if field.name != "passers")
_HOPS = tuple(field.name for field in fields(Hops) if field.name != "hops")


@dataclass(frozen=True, slots=True)
class ShownPasser(Passer):
    """A passer with the address of its picture, null without; it holds a ticket, as an event's from a list does."""

    snapshot_url: str | None


@dataclass(frozen=True, slots=True)
class ShownStrip(Strip):
    """One camera's passers, with the addresses of their pictures."""

    candidates: tuple[ShownPasser, ...]


@dataclass(frozen=True, slots=True)
class ShownHop(Hop):
    """A camera around, with the addresses of its passers' pictures."""

    passers: tuple[ShownPasser, ...]


@dataclass(frozen=True, slots=True)
class ShownHops(Hops):
    """The cameras around a sighting, with the addresses of their passers' pictures."""

    hops: tuple[ShownHop, ...]


@dataclass(frozen=True, slots=True)
class Maps:
    """The maps a case keeps, the newest first."""

    maps: tuple[KeptMap, ...]


@dataclass(frozen=True, slots=True)
class Gates:
    """Cameras of a case, those of entrances first."""

    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided in a case, the newest first."""

    decisions: tuple[Decided, ...]


@routes.get(
    "/cases/{case_id}/candidates",
    Permission.WORK_CASES,
    needs=Needs.PURPOSE,
    without=PAGING,
    errors=(409,),
    costly=True,
)
async def gates(look: Look, case_id: UUID, query: StripQuery) -> Gates:
    """The case's cameras, those of entrances first, with how many passed each in the case's time."""
    return Gates(await pursuit.gates(look.hub.store, look.access, case_id, query, index=look.hub.passing))


@routes.get(
    "/cases/{case_id}/candidates/{camera_id}", Permission.WORK_CASES, needs=Needs.PURPOSE, errors=(409,), costly=True
)
async def strip(look: Look, case_id: UUID, camera_id: UUID, query: StripQuery) -> ShownStrip:
    """Everybody and everything that passed one camera, in time order; what a filter hides is counted under it.

    What moved and was no event is there too, known by its time alone.

    There is no search for who looks alike: passers are told apart by time, place, direction and label alone.
    """
    found = await pursuit.strip(look.hub.store, look.access, case_id, camera_id, query, index=look.hub.passing)
    told = {name: getattr(found, name) for name in _STRIP}
    return ShownStrip(**told, candidates=_shown(look, found.audit_no, found.candidates))


def _shown(look: Look, audit_no: int, some: Iterable[Passer]) -> tuple[ShownPasser, ...]:
    """Passers with the addresses of their pictures, under the row of the list they are from."""
    tickets, session = look.request.app[TICKETS], look.actor.session_id

    def url(one: Passer) -> str | None:
        if not one.has_snapshot or one.event_id is None:
            return None
        return f"/api/v1/events/{one.event_id}/snapshot?ticket={tickets.make(audit_no, one.event_id, session)}"

    return tuple(ShownPasser(**{name: getattr(one, name) for name in _PASSER}, snapshot_url=url(one)) for one in some)


@routes.post("/cases/{case_id}/decisions", Permission.WORK_CASES, needs=Needs.PURPOSE)
async def decide(look: Look, case_id: UUID, body: NewDecision) -> Decided:
    """Keep, drop or star a passer, or say that it is open again; what was decided before stays on record."""
    return await pursuit.decide(look.hub.store, look.access, case_id, body, index=look.hub.passing)


@routes.get("/cases/{case_id}/decisions", Permission.WORK_CASES, needs=Needs.PURPOSE, errors=(409,))
async def decisions(look: Look, case_id: UUID) -> Decisions:
    """Everything that was decided of passers in a case, by whom and when."""
    return Decisions(await pursuit.log(look.hub.store, look.access, case_id))


@routes.get("/cases/{case_id}/hops", Permission.WORK_CASES, needs=Needs.PURPOSE, errors=(409,), costly=True)
async def hops(look: Look, case_id: UUID, query: HopQuery) -> ShownHops:
    """From a sighting: when it should have passed each camera around, forwards or backwards, and who did.

    Beside each count stands how many would have passed by chance; a camera that was down says `unknown`.
    """
    found = await pursuit.hops(look.hub.store, look.access, case_id, query, index=look.hub.passing)
    shown = tuple(
        ShownHop(**{name: getattr(one, name) for name in _HOP}, passers=_shown(look, found.audit_no, one.passers))
        for one in found.hops
    )
    return ShownHops(**{name: getattr(found, name) for name in _HOPS}, hops=shown)


@routes.post("/cases/{case_id}/links", Permission.WORK_CASES, needs=Needs.PURPOSE)
async def link(look: Look, case_id: UUID, body: NewLink) -> SightingLink:
    """SightingLink a sighting to a later one, possible or confirmed, or take that back; what was said before stays."""
    return await pursuit.link(look.hub.store, look.access, case_id, body)


@routes.post("/cases/{case_id}/blocks", Permission.WORK_CASES, needs=Needs.PURPOSE)
async def block(look: Look, case_id: UUID, body: NewBlock) -> Block:
    """Say that a road cannot be passed as far as this case goes, or can again."""
    return await pursuit.block(look.hub.store, look.access, case_id, body)


@routes.get("/cases/{case_id}/cluemap", Permission.WORK_CASES, needs=Needs.PURPOSE, errors=(409,), costly=True)
async def clue_map(look: Look, case_id: UUID, query: MapQuery) -> ClueMap:
    """Sightings in time, links, and the vanishing area after the last sighting, as things stand."""
    return await pursuit.clue_map(look.hub.store, look.access, case_id, query, index=look.hub.passing)


@routes.get("/cases/{case_id}/cluemaps", Permission.WORK_CASES, needs=Needs.PURPOSE, errors=(409,))
async def kept_maps(look: Look, case_id: UUID) -> Maps:
    """The maps that were kept in a case."""
    return Maps(await pursuit.list_kept(look.hub.store, look.access, case_id))


@routes.post("/cases/{case_id}/cluemaps", Permission.WORK_CASES, needs=Needs.PURPOSE, costly=True)
async def keep_map(look: Look, case_id: UUID, body: KeepMap) -> OldMap:
    """Keep the map as things stand, with all that it is made of."""
    return await pursuit.keep(look.hub.store, look.access, case_id, body, index=look.hub.passing)


@routes.get(
    "/cases/{case_id}/cluemaps/{map_id}", Permission.WORK_CASES, needs=Needs.PURPOSE, errors=(409,), costly=True
)
async def kept_map(look: Look, case_id: UUID, map_id: UUID) -> OldMap:
    """A kept map, made again from what it was made of then; the same digest is the same map."""
    return await pursuit.again(look.hub.store, look.access, case_id, map_id)
