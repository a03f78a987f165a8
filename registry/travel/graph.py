"""A net of roads as junctions and the roads between them, and where on it a place stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from registry.geometry import Position
from registry.travel.noding import Grid, Net

SNAP_M = 500.0
"""Whoever is further than this from every road is not on the net."""
MOST_SPOTS = 50_000
"""So many are kept, then all are found anew: places come from whoever asks."""
_THROUGH = 2
"""So many pieces touch at a point that is no junction."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A road between two junctions: the points along it, with their metres from its first."""

    a: int
    b: int
    points: tuple[int, ...]
    along: tuple[float, ...]

    @property
    def length(self) -> float:
        """Metres."""
        return self.along[-1]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a place stands on the net: `off` metres from the edge, `along` metres from the edge's first junction."""

    edge: int
    along: float
    off: float


class Graph:
    """The net's edges, by junction (`at`), and which junctions hang together (`part`). It never changes."""

    def __init__(self, net: Net) -> None:
        self._net = net
        pieces = net.straight()
        self._grid = Grid(pieces)
        self._lengths: list[float] = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).tolist()
        self._of_piece = [(0, 0.0, 0.0)] * len(net.pieces)
        self._spots: dict[Position, Spot | None] = {}
        self._places: dict[int, Position] = {}
        self.edges: list[Edge] = []
        self.at: dict[int, list[int]] = {}
        self._chain()
        self.part = self._parts()

    def spot(self, position: Position) -> Spot | None:
        """Where a place stands; None where no road is near. It is kept: cameras do not move about."""
        if position not in self._spots:
            if len(self._spots) >= MOST_SPOTS:
                self._spots.clear()
            those, metres, shares = self._grid.near(self._net.plane.flat(position), SNAP_M)
            found = None
            if len(those):
                piece = int(those[0])
                edge, begin, sign = self._of_piece[piece]
                found = Spot(edge, begin + sign * float(shares[0]) * self._lengths[piece], float(metres[0]))
            self._spots[position] = found
            return found
        return self._spots[position]

    def line(self, edge: Edge, low: float, high: float) -> tuple[Position, ...]:
        """The shape of an edge from so many metres along it up to so many."""
        within = range(bisect_right(edge.along, low), bisect_left(edge.along, high))
        return (
            self.position(edge, low),
            *(self._place(edge.points[at]) for at in within),
            self.position(edge, high),
        )

    def position(self, edge: Edge, along: float) -> Position:
        """The position so many metres along an edge."""
        at = bisect_left(edge.along, along)
        if at < len(edge.along) and edge.along[at] == along:
            return self._place(edge.points[at])
        at = min(max(at, 1), len(edge.along) - 1)
        (x0, y0), (x1, y1) = self._net.points[edge.points[at - 1]], self._net.points[edge.points[at]]
        share = (along - edge.along[at - 1]) / (edge.along[at] - edge.along[at - 1])
        return self._net.plane.position((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))

    def _place(self, point: int) -> Position:
        """The position of a point of the net. It is kept: pieces of road meet there."""
        if point not in self._places:
            self._places[point] = self._net.plane.position(self._net.points[point])
        return self._places[point]

    def _chain(self) -> None:
        """Pieces between two junctions become one edge: shapes of roads cost nothing afterwards."""
        touching: dict[int, list[int]] = {}
        for at, (a, b) in enumerate(self._net.pieces):
            touching.setdefault(a, []).append(at)
            touching.setdefault(b, []).append(at)
        done = [False] * len(self._net.pieces)
        junctions = [one for one, pieces in touching.items() if len(pieces) != _THROUGH]
        # What is left after the junctions are rings, which begin anywhere.
        for begin in (*junctions, *touching):
            for first in touching[begin]:
                if not done[first]:
                    self._follow(begin, first, touching, done)

    def _follow(self, begin: int, first: int, touching: dict[int, list[int]], done: list[bool]) -> None:
        """One edge: from a junction along a piece up to the next junction."""
        number, here, piece, far = len(self.edges), begin, first, 0.0
        points, along = [begin], [0.0]
        while True:
            done[piece] = True
            a, b = self._net.pieces[piece]
            length = self._lengths[piece]
            self._of_piece[piece] = (number, far, 1.0) if a == here else (number, far + length, -1.0)
            here, far = (b if a == here else a), far + length
            points.append(here)
            along.append(far)
            onward = [one for one in touching[here] if not done[one]]
            if here == begin or len(touching[here]) != _THROUGH or not onward:
                break
            piece = onward[0]
        self.edges.append(Edge(begin, here, tuple(points), tuple(along)))
        self.at.setdefault(begin, []).append(number)
        self.at.setdefault(here, []).append(number)

    def _parts(self) -> dict[int, int]:
        part: dict[int, int] = {}
        for begin in self.at:
            if begin in part:
                continue
            part[begin] = begin
            waiting = [begin]
            while waiting:
                for number in self.at[waiting.pop()]:
                    for there in (self.edges[number].a, self.edges[number].b):
                        if there not in part:
                            part[there] = begin
                            waiting.append(there)
        return part
