"""`reach`: to look, under a case, at places or times beyond the case's own or beyond one's scope."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import cases
from registry.approvals.ask import Ask, Concern
from registry.inputs import Moment, PlaceCode, invalid
from registry.model import Actor
from registry.permissions import Permission
from registry.store import Store
from registry.tables import places

MOST_PLACES = 20


class ReachAsk(Ask):
    """A rectangle: these places, from `starts_at` to `ends_at`, for a case."""

    NEEDS: ClassVar[Permission] = Permission.OPEN_CASE
    kind: Literal["reach"]
    case_id: UUID
    places: Annotated[tuple[PlaceCode, ...], Field(min_length=1, max_length=MOST_PLACES)]
    starts_at: Moment
    ends_at: Moment

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("interval", "ends_at must lie after starts_at")
        return self

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The rectangle's time."""
        return self.starts_at, self.ends_at

    async def concern(self, conn: AsyncConnection, store: Store, actor: Actor) -> Concern:
        """An open case, places that exist, and no longer than the policy lets a grant last."""
        most = store.policy.cases.grant_hours
        if self.hours > most:
            raise invalid("hours", "too_long", f"a grant lasts {most} hours at most")
        if self.ends_at - self.starts_at > timedelta(days=store.policy.cases.longest_days):
            raise invalid("ends_at", "too_long", f"at most {store.policy.cases.longest_days} days at once")
        known = set(await conn.scalars(sa.select(places.c.code).where(places.c.code.in_(self.places))))
        for at, code in enumerate(self.places):
            if code not in known:
                raise invalid(f"places.{at}", "place_unknown", f"no place has the code {code}")
        return Concern(self.places, (await cases.member_row(conn, self.case_id, actor, store.clock())).no)
