"""What a look reaches: one rectangle of places and time, and under maintenance the cameras it is about.

What lies beyond it, but in the user's own villages, is refused with a code that says how to get there; what is not his
to know of at all is not found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from registry import minors
from registry.errors import Denied
from registry.model import PurposeKind
from registry.scope import Scope, in_scope
from registry.tables import cameras, places

_HINTS = {
    PurposeKind.PATROL: "a patrol sees the last hours alone; look under a case",
    PurposeKind.CASE: "the case does not reach there; ask for more, or look under another",
    PurposeKind.MAINTENANCE: "maintenance sees the cameras it was opened for; open it for others",
}
_CODES = {
    PurposeKind.PATROL: "beyond_patrol",
    PurposeKind.CASE: "beyond_case",
    PurposeKind.MAINTENANCE: "beyond_work",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Places (`scope`), from `since` up to but not including `until`, and these cameras alone where they are named.

    `known` is all the user may know of: his own villages, and what the purpose reaches. Where `minors_ask` is not
    0, a reason of so many characters is asked for cameras near minors, and the purpose's is shorter.
    """

    kind: PurposeKind
    scope: Scope
    known: Scope
    since: datetime | None
    until: datetime | None
    cameras: frozenset[UUID] | None
    minors_ask: int = 0

    def covers(self, code: str, camera_id: UUID) -> bool:
        """Whether the camera, in the village `code`, is within it, whenever."""
        return self.scope.covers(code) and (self.cameras is None or camera_id in self.cameras)

    def at(self, moment: datetime) -> bool:
        """Whether the moment is within its time."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)

    def cut(self, since: datetime, until: datetime) -> tuple[datetime, datetime]:
        """The part of a span within its time; it begins where it ends when there is none."""
        begin = since if self.since is None else max(since, self.since)
        end = until if self.until is None else min(until, self.until)
        return begin, max(begin, end)

    def require(self, code: str, camera_id: UUID, moment: datetime) -> None:
        """Raise Denied for what lies beyond it."""
        if not (self.covers(code, camera_id) and self.at(moment)):
            raise self.beyond()

    def beyond(self) -> Denied:
        """What is said of what lies beyond it: beyond_patrol, beyond_case or beyond_work."""
        return Denied(_HINTS[self.kind], code=_CODES[self.kind])

    def unsaid(self) -> Denied:
        """What is said of cameras near minors, whose purpose's reason is too short: minors_reason."""
        return minors.refused(self.minors_ask)

    def places_and_cameras(self) -> Iterable[sa.ColumnElement[bool]]:
        """SQL over `cameras` joined with their `places`: the camera is within it, whenever."""
        yield in_scope(places.c.code, self.scope)
        if self.cameras is not None:
            yield cameras.c.id.in_(self.cameras)

    def times(self, column: sa.ColumnElement[datetime]) -> Iterable[sa.ColumnElement[bool]]:
        """SQL: the moment in `column` is within its time."""
        if self.since is not None:
            yield column >= self.since
        if self.until is not None:
            yield column < self.until
