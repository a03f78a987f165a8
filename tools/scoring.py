"""Events of a recording against what was labelled in it. Scored strictly: one event finds one thing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from camera_hub.watch.occurrence import Occurrence
from detectors.facts import Box
from detectors.geometry import area

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The wall time of a recording's first moment."""
Moved = tuple[float, tuple[Box, ...]]
"""A frame's stream time and its moving regions."""
IN_SIGHT = 0.005
"""Share of the picture (40 × 40 pixels of 768 × 432): less is a few pixels at the border, which nobody could name."""
NEAR = 0.05


@dataclass
class Told:
    """One event: when it was first told (stream seconds), and all its revisions."""

    opened: float
    revisions: list[Occurrence] = field(default_factory=list)

    @property
    def last(self) -> Occurrence:
        return self.revisions[-1]

    @property
    def start(self) -> float:
        return (self.last.started_at - EPOCH).total_seconds()

    @property
    def end(self) -> float:
        return ((self.last.ended_at or self.last.updated_at) - EPOCH).total_seconds()

    @property
    def going(self) -> tuple[float, float]:
        (x0, y0), (x1, y1) = self.last.path[0], self.last.path[-1]
        return x1 - x0, y1 - y0


@dataclass(frozen=True)
class Thing:
    """One labelled thing: which groups are right for it, when it is in view, which way it goes (-1 up, 1 down)."""

    what: str
    groups: frozenset[str]
    start: float
    end: float
    down: int = 0


@dataclass(frozen=True)
class Truth:
    """What a recording holds: its things, and stretches in which nothing may fire."""

    things: tuple[Thing, ...]
    empty: tuple[tuple[float, float], ...]


def truths(footage: Path) -> dict[str, Truth]:
    """labels.json of the footage folder."""
    labels = json.loads((footage / "labels.json").read_text(encoding="utf-8"))
    result = {}
    for name, entry in labels.items():
        if name.startswith("_"):
            continue
        things = [_thing(i["what"], i["t"]) for i in entry.get("intervals_s", ())]
        if "animals" in entry:
            things += [_thing(a, entry["t"]) for a in entry["animals"]]
        empty = list(entry.get("empty_s", ())) + ([entry["negative_s"]] if "negative_s" in entry else [])
        result[name] = Truth(tuple(things), tuple((a, b) for a, b in empty))
    return result


def _thing(what: str, span: list[float]) -> Thing:
    groups = {"animal"}
    for word, right in (("cyclist", {"person", "two_wheeler"}), ("pedestrian", {"person"}), ("car", {"vehicle"})):
        if word in what or (word == "car" and "hatchback" in what):
            groups = right
            break
    down = {"bottom to top": -1, "top to bottom": 1}.get(what.rsplit(", ", 1)[-1], 0)
    return Thing(what, frozenset(groups), span[0], span[1], down)


@dataclass
class Score:
    """Counts of one recording. `named` things were found under the right group, `found` at least as unknown.

    `delays` are seconds from the labelled beginning to the event, `from_sight` those from the first frame in which
    IN_SIGHT of the picture moved where the event begins; one each for every thing found.
    """

    things: int
    named: int
    found: int
    events: int
    matched: int
    in_empty: int
    outside: int
    delays: list[float]
    from_sight: list[float]


def fits(event: Told, thing: Thing, *, named: bool) -> float:
    """Seconds an event and a thing have in common, 0 when it cannot be that thing."""
    group = event.last.group.value
    if group not in thing.groups and (named or group != "unknown"):
        return 0.0
    if thing.down and event.going[1] * thing.down < 0:
        return 0.0
    shared = min(event.end, thing.end + 0.5) - max(event.start, thing.start - 0.5)
    return shared if shared >= 0.5 * min(event.end - event.start, thing.end - thing.start) else 0.0


def matched(events: list[Told], truth: Truth, *, named: bool) -> list[tuple[Thing, Told]]:
    """Strictly: each event finds one thing at most, each thing is found once."""
    options = sorted(
        ((fits(e, t, named=named), -e.opened, i, j) for i, t in enumerate(truth.things) for j, e in enumerate(events)),
        reverse=True,
    )
    things, used, result = set(), set(), []
    for shared, _, i, j in options:
        if shared > 0 and i not in things and j not in used:
            things.add(i)
            used.add(j)
            result.append((truth.things[i], events[j]))
    return result


def from_sight(event: Told, moved: list[Moved]) -> float | None:
    """Seconds from when IN_SIGHT of the picture first moved where the event begins, until it was told."""
    x, y = event.last.path[0]
    for at, regions in moved:
        if at >= event.start and any(
            area(r) >= IN_SIGHT and r.x0 - NEAR <= x <= r.x1 + NEAR and r.y0 - NEAR <= y <= r.y1 + NEAR for r in regions
        ):
            return max(0.0, event.opened - at)
    return None


def score(events: list[Told], truth: Truth, moved: list[Moved] | None = None) -> Score:
    """Further events of a thing are surplus; `moved` are the moving regions of each frame."""
    pairs = matched(events, truth, named=False)
    return Score(
        things=len(truth.things),
        named=len(matched(events, truth, named=True)),
        found=len(pairs),
        events=len(events),
        matched=sum(any(fits(e, t, named=False) for t in truth.things) for e in events),
        in_empty=sum(any(a <= e.opened < b and e.start > a - 0.5 for a, b in truth.empty) for e in events),
        outside=sum(e.start < t.start - 2 or e.end > t.end + 2 for t, e in pairs),
        delays=[max(0.0, e.opened - max(0.0, t.start)) for t, e in pairs],
        from_sight=[seconds for _, e in pairs if (seconds := from_sight(e, moved or [])) is not None],
    )
