"""Where something moved: seconds in which enough cells of a region were on, merged to hits. Blocking: in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.motion.days import HOUR, bounds
from camera_hub.recall.motion.shelf import Held, Shelf
from camera_hub.recall.motion.usual import DAYS, HOURS, NOISY, Usual
from camera_hub.recall.motion.window import Coverage, days_within
from detectors.cells import COLUMNS, ROWS, Rows, count, packed, unpacked
from registry.errors import Corrupt
from registry.motion import Stretch, Unwatched

GAP_S = 5
"""Hits this close are one."""

_Seconds = NDArray[np.int64]


_CLASSES = (0.001, 0.01, 0.05, NOISY)


def rarity(usual: NDArray[np.float32]) -> NDArray[np.intp]:
    """Coarse classes of how often a region moves at an hour, the rarest first: within one, what moved most comes first.

    What nothing is known about may be rare: it stands with the rarest.
    """
    return np.searchsorted(_CLASSES, np.nan_to_num(usual), side="right")


@dataclass(frozen=True, slots=True)
class Asked:
    """A camera, a region of its picture, and in which stretches, in order.

    Of the days before `covered_until` (a second) the cells that `covered` names are left out.
    """

    camera_id: UUID
    rows: Rows
    spans: Sequence[Stretch]
    covered: Rows
    covered_until: int


@dataclass(frozen=True, slots=True)
class Hit:
    """Something moved from a second up to another: in `seconds` of them, in `cells` cells at most at once.

    `usual` is the share of watched seconds in which the region's busiest cell is on at that hour, by the week before;
    None where too little of it was watched.
    """

    camera_id: UUID
    since: int
    until: int
    seconds: int
    cells: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Hits:
    """All hits of a camera in order of time, as columns: a busy month has ten thousand, and few are told."""

    camera_id: UUID
    since: _Seconds
    until: _Seconds
    seconds: _Seconds
    cells: _Seconds
    usual: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.since)

    def first(self, order: Literal["rare", "time"], limit: int) -> list[Hit]:
        """The first hits in an order."""
        chosen = np.arange(len(self))
        if order == "rare":
            chosen = np.lexsort((self.since, -self.seconds, -self.cells, rarity(self.usual)))
        chosen = chosen[:limit]
        columns = (self.since, self.until, self.seconds, self.cells, self.usual)
        return [
            Hit(self.camera_id, since, until, seconds, cells, None if np.isnan(usual) else round(usual, 4))
            for since, until, seconds, cells, usual in zip(*(one[chosen].tolist() for one in columns), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a camera, and how many cells the region has.

    `dark` of them masks cover, in all of the window or a part; `noisy` ones were left out at some hour.
    """

    camera_id: UUID
    hits: Hits
    cells: int
    dark: Rows
    noisy: Rows
    coverage: Coverage


def search(shelf: Shelf, asked: Asked, *, least: int, noisy: bool) -> Found:
    """Look for seconds in which at least `least` cells of the region were on. Days that are damaged are told."""
    coverage = Coverage(list(asked.spans))
    days = days_within((asked.spans[0][0], asked.spans[-1][1]), shelf.tz)
    days = [days[0] - timedelta(days=DAYS - number) for number in range(DAYS)] + days
    usual = Usual(len(days), np.flatnonzero(unpacked(asked.rows).ravel()))
    loaded: list[tuple[date, Held]] = []
    dark = asked.rows & asked.covered
    for number, day in enumerate(days):
        try:
            if (one := shelf.read(asked.camera_id, day)) is None:
                continue
            spans, views = one.spans, one.views
            usual.add(number, one.hours(), spans)
        except (Corrupt, OSError):
            coverage.missing(bounds(day, shelf.tz), Unwatched.DAMAGED)
            continue
        if number >= DAYS:
            loaded.append((day, one))
            coverage.add(bounds(day, shelf.tz)[0], spans)
            for view in views:
                dark = dark | (asked.rows & view.hidden)
    shares = usual.shares()
    quiet = None if noisy else {day: shares[number] for number, day in enumerate(days)}
    seconds, cells, left_out = _seconds(shelf, asked, loaded, quiet, coverage)
    coverage.settle()
    inside = _within(seconds, asked.spans) & (cells >= least)
    hits = _merged(asked.camera_id, seconds[inside], cells[inside], _shares_of(days, shares, shelf))
    return Found(asked.camera_id, hits, count(asked.rows), dark, left_out, coverage)


def _seconds(
    shelf: Shelf,
    asked: Asked,
    loaded: Sequence[tuple[date, Held]],
    quiet: Mapping[date, NDArray[np.float32]] | None,
    coverage: Coverage,
) -> tuple[_Seconds, _Seconds, Rows]:
    """The seconds (since 1970) in which cells of the region were on, how many were, and which cells are noisy."""
    found, many, noise = [], [], np.zeros(ROWS, np.uint32)
    for day, one in loaded:
        begin, end = bounds(day, shelf.tz)
        rows = asked.rows & ~asked.covered if begin < asked.covered_until else asked.rows
        masks = np.broadcast_to(rows, (HOURS + 1, ROWS))
        if quiet is not None and bool((quiet[day] > NOISY).any()):
            masks, left_out = _quiet(asked.rows, rows, quiet[day])
            noise |= left_out
        try:
            grid = _day(one, masks)
        except Corrupt:
            coverage.missing((begin, end), Unwatched.DAMAGED)
            continue
        lit = np.flatnonzero(grid)
        found.append(lit + begin)
        many.append(grid[lit])
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), noise
    return np.concatenate(found), np.concatenate(many).astype(np.int64), noise


def _quiet(region: Rows, rows: Rows, shares: NDArray[np.float32]) -> tuple[NDArray[np.uint32], Rows]:
    """A region's rows by hour of the day without the cells that are noisy then, and which are at any hour."""
    where = np.flatnonzero(unpacked(region).ravel())
    masks = np.empty((HOURS + 1, ROWS), np.uint32)
    left_out = np.zeros(ROWS, np.uint32)
    for hour in range(HOURS):
        noisy = np.zeros(ROWS * COLUMNS, np.bool_)
        noisy[where] = shares[hour] > NOISY
        out = packed(noisy.reshape(ROWS, COLUMNS))
        masks[hour] = rows & ~out
        left_out |= out
    masks[HOURS] = masks[HOURS - 1]
    return masks, left_out


def _day(one: Held, masks: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Of each second of a day, how many cells of the region (its rows, by hour) are on."""
    grid = np.zeros(one.length, np.uint16)
    for number in range(ROWS):
        by_hour = masks[:, number]
        if not by_hour.any():
            continue
        seconds, cells = one.row(number)
        if not len(seconds):
            continue
        same = bool((by_hour == by_hour[0]).all())
        on = np.bitwise_count(cells & (by_hour[0] if same else by_hour[np.minimum(seconds // HOUR, HOURS)]))
        grid[seconds] += on
    return grid


def _within(seconds: _Seconds, spans: Sequence[Stretch]) -> NDArray[np.bool_]:
    """Which seconds lie in stretches that are in order and do not overlap."""
    edges = np.array(spans, np.int64).ravel()
    inside: NDArray[np.bool_] = np.searchsorted(edges, seconds, side="right") % 2 == 1
    return inside


def _shares_of(days: Sequence[date], shares: NDArray[np.float32], shelf: Shelf) -> tuple[_Seconds, NDArray[np.float32]]:
    """When each day begins, and the share of the busiest cell by day and hour."""
    begins = np.array([bounds(day, shelf.tz)[0] for day in days], np.int64)
    busiest = shares.max(axis=2) if shares.shape[2] else np.full(shares.shape[:2], np.nan, np.float32)
    return begins, busiest


def _merged(camera_id: UUID, seconds: _Seconds, cells: _Seconds, usual: tuple[_Seconds, NDArray[np.float32]]) -> Hits:
    if not len(seconds):
        return Hits(camera_id, seconds, seconds, seconds, cells, np.zeros(0, np.float32))
    first = np.concatenate([[0], np.flatnonzero(np.diff(seconds) > GAP_S) + 1])
    last = np.concatenate([first[1:], [len(seconds)]]) - 1
    begins, busiest = usual
    day = np.searchsorted(begins, seconds[first], side="right") - 1
    hour = np.minimum((seconds[first] - begins[day]) // HOUR, HOURS - 1)
    return Hits(
        camera_id,
        seconds[first],
        seconds[last] + 1,
        last - first + 1,
        np.maximum.reduceat(cells, first),
        busiest[day, hour],
    )
