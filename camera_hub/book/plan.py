"""What a book would change, row by row, and what stands in its way; nothing is written here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from camera_hub.book.bad import Bad
from registry.book import Mark, Orders


class Action(StrEnum):
    """What becomes of a row."""

    ADD = "add"
    CHANGE = "change"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A good row: what becomes of it, and which fields of the camera and its device change."""

    row: int
    action: Action
    name: str
    village_code: str
    camera_id: UUID | None
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole book judged against the registry as it stood at `mark`."""

    outcomes: tuple[Outcome, ...]
    bad: tuple[Bad, ...]
    devices_add: int
    devices_change: int
    mark: Mark
    orders: Orders = field(repr=False)

    def count(self, action: Action) -> int:
        """How many rows."""
        return sum(one.action is action for one in self.outcomes)

    @property
    def bad_rows(self) -> int:
        """How many rows have a fault."""
        return len({one.row for one in self.bad})

    def same_as(self, other: Plan) -> bool:
        """Whether both say the same of every row: what somebody agreed to is what would be done now."""
        return (self.outcomes, self.bad) == (other.outcomes, other.bad)

    def faults(self) -> dict[str, int]:
        """How often each fault occurs, the most frequent first."""
        counts = Counter(one.code for one in self.bad)
        return dict(counts.most_common())
