"""What of footage is in a pack, as its row keeps it: it leaves while all of that may be seen, not merely some of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.recordings.lawful import Span


@dataclass(frozen=True, slots=True)
class Shown:
    """The times recordings and blurred clips show, by camera, and the bookmarks whose pictures are there."""

    spans: Mapping[UUID, Sequence[Span]]
    stills: Sequence[UUID]

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "spans": {str(camera): kept(those) for camera, those in self.spans.items()},
            "stills": [str(one) for one in self.stills],
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Shown:
        """From what `kept` gave."""
        spans = {UUID(camera): spans_of(those) for camera, those in told["spans"].items()}
        return cls(spans, [UUID(one) for one in told["stills"]])


def kept(spans: Iterable[Span]) -> list[list[str]]:
    """Spans as JSON."""
    return [[begin.isoformat(), end.isoformat()] for begin, end in spans]


def spans_of(told: Iterable[Iterable[str]]) -> list[Span]:
    """From what `kept` gave."""
    return [(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in told]
