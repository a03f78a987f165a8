"""Distances over roads, exactly (Dijkstra 1959), from one place to many; and what is said where no road is near.

Everything is in metres: how long that takes is a matter of pace (`pace.Paces`), and who may have gone slower or faster
divides by two of them.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from registry.geometry import Position
from registry.travel.graph import Edge, Graph, Spot
from registry.travel.model import How, Leg, Stretch, straight
from registry.travel.noding import net_of


class Ways:
    """The roads. They never change, so that any thread may ask them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @classmethod
    def of(cls, lines: Iterable[Sequence[Position]]) -> Self:
        """The ways over some lines. Takes a second or so for a county: ask for it in a thread."""
        return cls(Graph(net_of(lines)))

    def __len__(self) -> int:
        """How many roads between two junctions."""
        return len(self.graph.edges)

    def legs(self, start: Position, ends: Sequence[Position], within_m: float = math.inf) -> tuple[Leg, ...]:
        """How far it is from one place to each of some others."""
        reached = self.reach(start, within_m)
        return tuple(reached.leg(end) for end in ends)

    def reach(self, start: Position, within_m: float = math.inf, barriers: Iterable[Position] = ()) -> Reached:
        """What is reached from a place within so many metres, without passing the road at any barrier.

        A barrier at no road bars nothing.
        """
        barred: dict[int, list[float]] = {}
        for one in barriers:
            if (there := self.graph.spot(one)) is not None:
                barred.setdefault(there.edge, []).append(there.along)
        spot = self.graph.spot(start)
        metres = {} if spot is None else _spread(self.graph, spot, within_m, barred)
        return Reached(self.graph, start, spot, within_m, metres, barred)


def _spread(graph: Graph, spot: Spot, within_m: float, barred: Mapping[int, Sequence[float]]) -> dict[int, float]:
    """Metres to each junction that is reached."""
    first, bars = graph.edges[spot.edge], barred.get(spot.edge, ())
    heap = []
    if _free(bars, 0.0, spot.along):
        heap.append((spot.off + spot.along, first.a))
    if _free(bars, spot.along, first.length):
        heap.append((spot.off + first.length - spot.along, first.b))
    heapq.heapify(heap)
    found: dict[int, float] = {}
    while heap:
        far, here = heapq.heappop(heap)
        if here in found or far > within_m:
            continue
        found[here] = far
        for number in graph.at[here]:
            edge = graph.edges[number]
            there = edge.b if edge.a == here else edge.a
            if there not in found and number not in barred:
                heapq.heappush(heap, (far + edge.length, there))
    return found


def _free(bars: Sequence[float], begin: float, end: float) -> bool:
    """Whether no bar lies between two points of an edge."""
    return not any(begin <= bar <= end for bar in bars)


@dataclass(frozen=True, slots=True)
class Reached:
    """What is reached from one place; `spot` is None where it is at no road."""

    graph: Graph
    start: Position
    spot: Spot | None
    within_m: float
    metres: Mapping[int, float]
    barred: Mapping[int, Sequence[float]]

    def leg(self, end: Position) -> Leg:
        """How far it is to a place."""
        there = self.graph.spot(end)
        if self.spot is None or there is None:
            found = straight(self.start, end)
            return found if found.metres is not None and found.metres <= self.within_m else Leg(None, How.BEYOND)
        edge = self.graph.edges[there.edge]
        far = there.off + min(self._ways_to(edge, there), default=math.inf)
        if far <= self.within_m and far < math.inf:
            return Leg(far, How.ROAD)
        part = self.graph.part
        apart = part[edge.a] != part[self.graph.edges[self.spot.edge].a] or self.within_m == math.inf
        return Leg(None, How.UNREACHABLE if apart else How.BEYOND)

    def _ways_to(self, edge: Edge, there: Spot) -> Iterable[float]:
        """Metres along each way to a point of an edge."""
        bars = self.barred.get(there.edge, ())
        if edge.a in self.metres and _free(bars, 0.0, there.along):
            yield self.metres[edge.a] + there.along
        if edge.b in self.metres and _free(bars, there.along, edge.length):
            yield self.metres[edge.b] + edge.length - there.along
        if self.spot is not None and there.edge == self.spot.edge:
            low, high = sorted((there.along, self.spot.along))
            if _free(bars, low, high):
                yield self.spot.off + high - low

    def stretches(self) -> tuple[Stretch, ...]:
        """The roads that are reached, piece by piece; cut where the distance ends, or a barrier stands."""
        found: list[Stretch] = []
        for number, edge in enumerate(self.graph.edges):
            far_a, far_b = self.metres.get(edge.a), self.metres.get(edge.b)
            bars = self.barred.get(number, ())
            if self.spot is not None and self.spot.edge == number:
                found += self._between(edge, (0.0, far_a), (self.spot.along, self.spot.off), bars)
                found += self._between(edge, (self.spot.along, self.spot.off), (edge.length, far_b), bars)
            elif far_a is not None or far_b is not None:
                found += self._between(edge, (0.0, far_a), (edge.length, far_b), bars)
        return tuple(found)

    def _between(
        self, edge: Edge, low: tuple[float, float | None], high: tuple[float, float | None], bars: Sequence[float]
    ) -> Iterable[Stretch]:
        """Part of an edge, entered at its ends, each so many metres along and so far from the start."""
        (begin, far_a), (end, far_b) = low, high
        inside = [bar for bar in bars if begin <= bar <= end]
        up_to, down_to = end, begin
        if inside:
            up_to, down_to = min(inside), max(inside)
        elif far_a is not None and far_b is not None:
            up_to = down_to = min(max((begin + end + far_b - far_a) / 2, begin), end)
        if far_a is not None:
            yield from self._pieces(edge, begin, min(up_to, begin + self.within_m - far_a), begin, far_a)
        if far_b is not None:
            yield from self._pieces(edge, max(down_to, end - self.within_m + far_b), end, end, far_b)

    def _pieces(self, edge: Edge, low: float, high: float, entered: float, far: float) -> Iterable[Stretch]:
        """The straight pieces from `low` to `high` metres along an edge; it is entered `far` metres from the start."""
        if high <= low:
            return
        marks = (low, *(at for at in edge.along if low < at < high), high)
        for a, b in pairwise(marks):
            begin, end = self.graph.position(edge, a), self.graph.position(edge, b)
            yield Stretch(begin, end, far + abs(a - entered), far + abs(b - entered))
