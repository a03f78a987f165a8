"""`reach`: to look, under a case, at places or times beyond the case's own or beyond one's scope."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.approvals.ask import CaseAsk, Concern
from registry.inputs import Moment, PlaceCode, invalid
from registry.model import Actor
from registry.permissions import Permission
from registry.store import Store
from registry.tables import places

MOST_PLACES = 20


class ReachAsk(CaseAsk):
    """A rectangle: these places, from `starts_at` to `ends_at`, for a case."""

    NEEDS: ClassVar[Permission] = Permission.OPEN_CASE
    kind: Literal["reach"]
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
        number = await self.case_no(conn, store, actor)
        if self.ends_at - self.starts_at > timedelta(days=store.policy.cases.longest_days):
            raise invalid("asked.ends_at", "too_long", f"at most {store.policy.cases.longest_days} days at once")
        known = set(await conn.scalars(sa.select(places.c.code).where(places.c.code.in_(self.places))))
        for at, code in enumerate(self.places):
            if code not in known:
                raise invalid(f"asked.places.{at}", "place_unknown", f"no place has the code {code}")
        return Concern(self.places, number)
