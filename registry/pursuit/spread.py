"""Where somebody may have got over the roads by a time: the vanishing area (消失区域).

Dijkstra over the net in milliseconds, with guards: a camera that was analysed and saw nobody lets nobody pass; one that
was not lets pass from when it was not, one with a hit at the hit's time. Whoever comes before that may wait, so who
comes earlier never gets on later, and the first way to a place is the earliest (Dijkstra's condition).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from registry.geometry import Position, distance, distances
from registry.spans import Ms
from registry.travel.graph import Edge, Graph, Spot
from registry.travel.noding import runs

GUARD_M = 60.0
"""A camera further than this from every road watches none."""
CROSSING_M = 20.0
"""A camera this near a crossing watches all of its roads."""
_Node = tuple[str, int]
"""A junction, a guard or the start."""
START: _Node = ("start", 0)


@dataclass(frozen=True, slots=True)
class Guard:
    """A camera at a road: one may have passed it in the spans `passable` alone."""

    position: Position
    passable: tuple[Ms, ...] = ()

    def opens(self, at_ms: float) -> float:
        """From when on who comes at a moment may pass; infinite: never."""
        return min((max(at_ms, begin) for begin, end in self.passable if at_ms < end), default=math.inf)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of road that may be reached, from one end to the other."""

    path: tuple[Position, ...]
    metres: float


@dataclass(frozen=True, slots=True)
class Spread:
    """What is reached; `came` and `passed` say of each guard when at the earliest, infinite: not.

    `placed`: whether the guard stands at a road at all. `pieces` is None where the start is at no road.
    """

    pieces: tuple[Piece, ...] | None
    came: tuple[float, ...]
    passed: tuple[float, ...]
    placed: tuple[bool, ...]
    ends: tuple[Position, ...]
    """Where one may be beyond: the time ended there, or the road did and no camera."""

    @property
    def metres(self) -> float:
        """All stretches together."""
        return sum(one.metres for one in self.pieces or ())

    def of(self, guards: Sequence[int]) -> Spread:
        """The same past some of the guards alone: right where it does not come to the others."""
        came, passed = (tuple(some[one] for one in guards) for some in (self.came, self.passed))
        return replace(self, came=came, passed=passed, placed=tuple(self.placed[one] for one in guards))


def spread(graph: Graph, start: Position, span: Ms, metres_ms: float, guards: Sequence[Guard]) -> Spread:
    """Where somebody may be at the end of a span who was at `start` when it began, at `metres_ms` metres a ms.

    A guard where he starts does not hold him: he was there.
    """
    here = graph.spot(start)
    placed = tuple(_at_road(graph, one.position) is not None for one in guards)
    if here is None:
        never = (math.inf,) * len(guards)
        return Spread(None, never, never, placed, ())
    net, stands = _net(graph, here, start, guards)
    came, left = _times(net, here, span, metres_ms)
    pieces = tuple(_pieces(net, left, span[1], metres_ms))
    there, on = (tuple(_of(stand, times) for stand in stands) for times in (came, left))
    return Spread(pieces, there, on, placed, tuple(_ends(net, left, span[1], speed=metres_ms)))


def arrivals(graph: Graph, start: Position, span: Ms, metres_ms: float, guards: Sequence[Guard]) -> tuple[float, ...]:
    """`Spread.came` alone, at a small part of the cost."""
    here = graph.spot(start)
    if here is None:
        return (math.inf,) * len(guards)
    net, stands = _net(graph, here, start, guards)
    came, _ = _times(net, here, span, metres_ms)
    return tuple(_of(stand, came) for stand in stands)


def _net(graph: Graph, here: Spot, start: Position, guards: Sequence[Guard]) -> tuple[_Net, list[_Stand | None]]:
    stands = [_stand(graph, start, one, at) for at, one in enumerate(guards)]
    return _Net(graph, _marks(graph, here, stands), guards, _crossings(stands)), stands


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a guard stands: on an edge, or at its `crossing`."""

    guard: int
    spot: Spot
    crossing: int | None

    @property
    def node(self) -> _Node:
        return ("guard", self.guard) if self.crossing is None else ("junction", self.crossing)


def _of(stand: _Stand | None, times: Mapping[_Node, float]) -> float:
    return math.inf if stand is None else times.get(stand.node, math.inf)


def _at_road(graph: Graph, position: Position) -> Spot | None:
    spot = graph.spot(position)
    return spot if spot is not None and spot.off <= GUARD_M else None


def _stand(graph: Graph, start: Position, guard: Guard, number: int) -> _Stand | None:
    """Where a guard stands; None off the roads, and where he starts."""
    spot = _at_road(graph, guard.position)
    if spot is None or distance(start, guard.position) <= CROSSING_M:
        return None
    edge = graph.edges[spot.edge]
    ends = sorted(((spot.along, edge.a), (edge.length - spot.along, edge.b)))
    crossing = ends[0][1] if ends[0][0] <= CROSSING_M else None
    return _Stand(number, spot, crossing)


_Marks = Mapping[int, Sequence[tuple[float, _Node]]]
"""By edge: everything that stands on it, its ends too, in order along it. Edges that hold nothing are left out."""


@dataclass(frozen=True, slots=True)
class _Net:
    graph: Graph
    marks: _Marks
    guards: Sequence[Guard]
    crossings: Mapping[int, Sequence[int]]
    """By junction: the guards that stand there."""

    def leaves(self, node: _Node, at: float) -> float:
        """From when on who comes to a place at a moment may go on from it."""
        kind, number = node
        there = (number,) if kind == "guard" else self.crossings.get(number, ()) if kind == "junction" else ()
        return max((self.guards[one].opens(at) for one in there), default=at)


def _crossings(stands: Iterable[_Stand | None]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one in stands:
        if one is not None and one.crossing is not None:
            found.setdefault(one.crossing, []).append(one.guard)
    return found


def _marks(graph: Graph, start: Spot, stands: Iterable[_Stand | None]) -> _Marks:
    on: dict[int, list[tuple[float, _Node]]] = {start.edge: [(start.along, START)]}
    for one in stands:
        if one is not None and one.crossing is None:
            on.setdefault(one.spot.edge, []).append((one.spot.along, one.node))
    return {number: _with_ends(graph.edges[number], inner) for number, inner in on.items()}


def _with_ends(edge: Edge, inner: Iterable[tuple[float, _Node]]) -> list[tuple[float, _Node]]:
    return [(0.0, ("junction", edge.a)), *sorted(inner), (edge.length, ("junction", edge.b))]


def _beside(marks: _Marks) -> Mapping[_Node, Sequence[tuple[float, _Node]]]:
    """From everything that stands on an edge: what comes next on either side."""
    found: dict[_Node, list[tuple[float, _Node]]] = {}
    for line in marks.values():
        for (low, one), (high, other) in pairwise(line):
            found.setdefault(one, []).append((high - low, other))
            found.setdefault(other, []).append((high - low, one))
    return found


def _times(net: _Net, here: Spot, span: Ms, speed: float) -> tuple[dict[_Node, float], dict[_Node, float]]:
    """When each place is reached at the earliest, and when it is left."""
    graph, beside = net.graph, _beside(net.marks)
    came: dict[_Node, float] = {}
    left: dict[_Node, float] = {}
    heap: list[tuple[float, _Node]] = [(span[0] + here.off / speed, START)]
    while heap:
        at, node = heapq.heappop(heap)
        if node in came or at > span[1]:
            continue
        came[node] = at
        goes = net.leaves(node, at)
        if goes > span[1]:
            continue
        left[node] = goes
        onward = list(beside.get(node, ()))
        if node[0] == "junction":
            for number in graph.at[node[1]]:
                if number not in net.marks:
                    edge = graph.edges[number]
                    onward.append((edge.length, ("junction", edge.b if edge.a == node[1] else edge.a)))
        for metres, there in onward:
            if there not in came:
                heapq.heappush(heap, (goes + metres / speed, there))
    return came, left


def _pieces(net: _Net, left: Mapping[_Node, float], end: int, speed: float) -> Iterator[Piece]:
    """The parts of each road that are reached from its marks."""
    for number, edge in enumerate(net.graph.edges):
        for (low, one), (high, other) in pairwise(net.marks.get(number) or _with_ends(edge, ())):
            up = low + max(0.0, (end - left.get(one, math.inf)) * speed)
            down = high - max(0.0, (end - left.get(other, math.inf)) * speed)
            parts = [(low, high)] if up >= down else [(low, up), (down, high)]
            for a, b in parts:
                if b - a > 0.5:  # noqa: PLR2004 - half a metre is nothing on a map
                    yield Piece(net.graph.line(edge, a, b), b - a)


def _ends(net: _Net, left: Mapping[_Node, float], end: int, *, speed: float) -> Iterator[Position]:
    """Where the area is open: mid-road when the time ended, and at ends of roads that were reached in time."""
    for number, edge in enumerate(net.graph.edges):
        for (low, one), (high, other) in pairwise(net.marks.get(number) or _with_ends(edge, ())):
            up = (end - left.get(one, math.inf)) * speed
            down = (end - left.get(other, math.inf)) * speed
            if max(up, 0.0) + max(down, 0.0) < high - low:
                yield from (net.graph.position(edge, at) for at in _stops(low, high, up, down))
        for node, at in ((edge.a, 0.0), (edge.b, edge.length)):
            if len(net.graph.at[node]) == 1 and ("junction", node) in left:
                yield net.graph.position(edge, at)


def _stops(low: float, high: float, up: float, down: float) -> Iterator[float]:
    if 0 <= up < high - low:
        yield low + up
    if 0 <= down < high - low:
        yield high - down


SECTORS = 8
_STEP_M = 25.0
_Floats = NDArray[np.float64]


def sectors_of(centre: Position, there: ArrayLike) -> NDArray[np.int64]:
    """In which eighth of the compass places lie, seen from a centre: 0 is north, 2 east."""
    east, north = (np.asarray(there, dtype=np.float64).reshape(-1, 2) - centre).T
    bearing = np.degrees(np.arctan2(east * math.cos(math.radians(centre[1])), north)) % 360
    found: NDArray[np.int64] = np.rint(bearing / (360 / SECTORS)).astype(np.int64) % SECTORS
    return found


@dataclass(frozen=True, slots=True)
class Sector:
    """An eighth of the compass: how much road of it may be reached, and how far off."""

    metres: float
    farthest_m: float


def sectors(centre: Position, pieces: Sequence[Piece]) -> tuple[Sector, ...]:
    """The pieces by direction from a centre, from north by east."""
    there, metres = _steps(pieces)
    at, far = sectors_of(centre, there), distances(centre, there)
    farthest = np.zeros(SECTORS)
    np.maximum.at(farthest, at, far)
    every = np.bincount(at, metres, SECTORS)
    return tuple(Sector(round(m, 1), round(f, 1)) for m, f in zip(every.tolist(), farthest.tolist(), strict=True))


def _steps(pieces: Sequence[Piece]) -> tuple[_Floats, _Floats]:
    """The middles of steps of at most `_STEP_M` along the pieces, and the metres of each."""
    straight = [pair for piece in pieces for pair in pairwise(piece.path)]
    begin, end = np.asarray(straight, dtype=np.float64).reshape(-1, 2, 2).transpose(1, 0, 2)
    metres = distances(begin, end)
    count = np.maximum(1, np.ceil(metres / _STEP_M)).astype(np.int64)
    of, number = runs(count)
    share = (number + 0.5) / count[of]
    return begin[of] + (end - begin)[of] * share[:, None], (metres / count)[of]
