"""Lines on the map as a net: cut where they cross, joined where one ends at another.

Roads that are drawn by hand, or come from two villages' files, seldom share a point where they meet. So a crossing is a
junction (a flyover is rare in a village; where there is one the net says more than is true), and an end within `JOIN_M`
of another road is joined to it. What ends further off, at a river's bank say, stays apart.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from registry.geometry import DEGREE_M, Position

JOIN_M = 15.0
CELL_M = 500.0
_CM = 0.01
_AT_ONCE = 500_000
"""Pairs of edges compared at once: a county's many millions would not fit into memory."""
_INNER = 0.5 - 1e-9
Flat = tuple[float, float]
"""Metres east and north of the net's origin."""
_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plane:
    """Degrees as metres around a middle; right to a thousandth over a county."""

    lon: float
    lat: float

    def flat(self, position: Position) -> Flat:
        """Metres east and north."""
        east = (position[0] - self.lon) * DEGREE_M * math.cos(math.radians(self.lat))
        return east, (position[1] - self.lat) * DEGREE_M

    def position(self, at: Flat) -> Position:
        """Longitude and latitude, to a centimetre."""
        lon = self.lon + at[0] / (DEGREE_M * math.cos(math.radians(self.lat)))
        return round(lon, 7), round(self.lat + at[1] / DEGREE_M, 7)


class Grid:
    """Which straight pieces (x0, y0, x1, y1) lie near a point."""

    def __init__(self, pieces: _Floats) -> None:
        self._pieces = pieces
        corners = np.floor(pieces.reshape(-1, 2, 2) / CELL_M).astype(np.int64)
        low, high = corners.min(axis=1), corners.max(axis=1)
        wide, tall = (high - low + 1).T
        those, number = runs(wide * tall)
        cells = np.column_stack((low[those, 0] + number // tall[those], low[those, 1] + number % tall[those]))
        order = np.lexsort((cells[:, 1], cells[:, 0]))
        keys, first = np.unique(cells[order], axis=0, return_index=True)
        found = np.split(those[order], first[1:])  # of no pieces one, empty
        self._cells = {(x, y): some for (x, y), some in zip(keys.tolist(), found, strict=False)}

    def near(self, at: Flat, within_m: float) -> tuple[_Ints, _Floats, _Floats]:
        """Pieces within so many metres, the nearest first: their numbers, metres, and shares along them (0–1)."""
        found = [
            self._cells[x, y]
            for x in range(_cell(at[0] - within_m), _cell(at[0] + within_m) + 1)
            for y in range(_cell(at[1] - within_m), _cell(at[1] + within_m) + 1)
            if (x, y) in self._cells
        ]
        if not found:
            return np.empty(0, np.int64), np.empty(0), np.empty(0)
        those = np.unique(np.concatenate(found))
        x0, y0, x1, y1 = self._pieces[those].T
        along_x, along_y = x1 - x0, y1 - y0
        square = np.maximum(along_x**2 + along_y**2, _CM**2)
        share = np.clip(((at[0] - x0) * along_x + (at[1] - y0) * along_y) / square, 0, 1)
        metres = np.hypot(x0 + share * along_x - at[0], y0 + share * along_y - at[1])
        order = np.argsort(metres, kind="stable")
        order = order[metres[order] <= within_m]
        return those[order], metres[order], share[order]


def _cell(metres: float) -> int:
    return math.floor(metres / CELL_M)


def runs(counts: _Ints) -> tuple[_Ints, _Ints]:
    """Each number as often as it is counted, and which time it is: 2, 1 are (0, 0, 1) and (0, 1, 0)."""
    every = np.repeat(np.arange(len(counts)), counts)
    return every, np.arange(len(every)) - np.repeat(np.cumsum(counts) - counts, counts)


@dataclass(slots=True)
class Net:
    """Points in metres, and the straight pieces between two of them, by number."""

    plane: Plane
    points: list[Flat] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    _numbers: dict[tuple[int, int], int] = field(default_factory=dict)

    def number(self, at: Flat) -> int:
        """The point there, made where there is none within a centimetre."""
        key = _key(at)
        if key not in self._numbers:
            self._numbers[key] = len(self.points)
            self.points.append(at)
        return self._numbers[key]

    def join(self, one: Flat, other: Flat) -> None:
        """Put a piece between two points, unless they are one."""
        a, b = self.number(one), self.number(other)
        if a != b:
            self.pieces.append((a, b))

    def straight(self) -> _Floats:
        """The pieces as x0, y0, x1, y1."""
        there = np.asarray(self.points, dtype=np.float64).reshape(-1, 2)
        ends = np.asarray(self.pieces, dtype=np.int64).reshape(-1, 2)
        return np.hstack((there[ends[:, 0]], there[ends[:, 1]]))


def _key(at: Flat) -> tuple[int, int]:
    return round(at[0] / _CM), round(at[1] / _CM)


def net_of(lines: Iterable[Sequence[Position]]) -> Net:
    """The net of some lines, each of two positions or more."""
    kept = [line for line in lines if len(line) > 1]
    every = [point for line in kept for point in line]
    plane = Plane(*np.mean(every, axis=0).tolist()) if every else Plane(0.0, 0.0)
    net = Net(plane)
    paths = [[plane.flat(point) for point in line] for line in kept]
    edges = [pair for path in paths for pair in pairwise(path)]
    if not edges:
        return net
    straight = np.asarray(edges, dtype=np.float64).reshape(-1, 4)
    cuts: dict[int, list[tuple[float, Flat]]] = {}
    for one, other, t, u in _crossings(straight):
        (ax, ay), (bx, by) = edges[one]
        meeting = ax + t * (bx - ax), ay + t * (by - ay)
        cuts.setdefault(one, []).append((t, meeting))
        cuts.setdefault(other, []).append((u, meeting))
    for end, joined, share, there in _joins(paths, edges, straight):
        cuts.setdefault(joined, []).append((share, there))
        net.join(end, there)
    for number, (begin, end) in enumerate(edges):
        between = [there for _, there in sorted(cuts.get(number, ()))]
        for a, b in pairwise((begin, *between, end)):
            net.join(a, b)
    return net


def _crossings(edges: _Floats) -> Iterator[tuple[int, int, float, float]]:
    """Pairs of edges that meet, and where along each; swept from west to east."""
    west, east = np.minimum(edges[:, 0], edges[:, 2]), np.maximum(edges[:, 0], edges[:, 2])
    south, north = np.minimum(edges[:, 1], edges[:, 3]), np.maximum(edges[:, 1], edges[:, 3])
    order = np.argsort(west, kind="stable")
    after = np.searchsorted(west[order], east[order], side="right") - np.arange(1, len(edges) + 1)
    upto = np.cumsum(after)
    for part in np.split(np.arange(len(edges)), np.searchsorted(upto, np.arange(_AT_ONCE, upto[-1], _AT_ONCE))):
        at, number = runs(after[part])
        some, rest = order[part[at]], order[part[at] + 1 + number]
        beside = (south[rest] <= north[some]) & (north[rest] >= south[some])
        some, rest = some[beside], rest[beside]
        x0, y0, x1, y1 = edges[some].T
        ox, oy, px, py = edges[rest].T
        turn = (x1 - x0) * (py - oy) - (y1 - y0) * (px - ox)
        flat = np.abs(turn) < 1e-9  # noqa: PLR2004 - side by side: they share an end or nothing
        turn[flat] = 1.0
        t = ((ox - x0) * (py - oy) - (oy - y0) * (px - ox)) / turn
        u = ((ox - x0) * (y1 - y0) - (oy - y0) * (x1 - x0)) / turn
        # Where both only end there they share a point, and are joined already.
        inside = (np.abs(t - 0.5) < _INNER) | (np.abs(u - 0.5) < _INNER)
        meets = ~flat & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1) & inside
        for hit in np.flatnonzero(meets):
            yield int(some[hit]), int(rest[hit]), float(t[hit]), float(u[hit])


def _joins(
    paths: Sequence[Sequence[Flat]], edges: Sequence[tuple[Flat, Flat]], straight: _Floats
) -> Iterator[tuple[Flat, int, float, Flat]]:
    """Ends of lines that stop short of another: the end, the edge it is joined to, where along it, and that point."""
    used = Counter(_key(point) for path in paths for point in path)
    grid = Grid(straight)
    for path in paths:
        for end in (path[0], path[-1]):
            if used[_key(end)] > 1:
                continue
            those, _, shares = grid.near(end, JOIN_M)
            for at, share in zip(those.tolist(), shares.tolist(), strict=True):
                (ax, ay), (bx, by) = edges[at]
                if _key(end) not in {_key((ax, ay)), _key((bx, by))}:
                    yield end, at, share, (ax + share * (bx - ax), ay + share * (by - ay))
                    break
