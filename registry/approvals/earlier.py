"""`earlier`: to see, under a case, what a camera recorded before a mask was drawn over part of its picture (L10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import cases
from registry.approvals.ask import Ask, Concern
from registry.errors import NotFound
from registry.inputs import Moment, invalid
from registry.model import Actor
from registry.permissions import Permission
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, places

LONGEST = timedelta(days=31)


class EarlierAsk(Ask):
    """One camera's time, for a case."""

    NEEDS: ClassVar[Permission] = Permission.SEE_RECORDINGS
    kind: Literal["earlier"]
    case_id: UUID
    camera_id: UUID
    starts_at: Moment
    ends_at: Moment

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if not self.starts_at < self.ends_at <= self.starts_at + LONGEST:
            raise PydanticCustomError("interval", "ends_at must lie after starts_at, by at most 31 days")
        return self

    @property
    def cameras(self) -> tuple[UUID, ...]:
        """The camera."""
        return (self.camera_id,)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The time asked for."""
        return self.starts_at, self.ends_at

    async def concern(self, conn: AsyncConnection, store: Store, actor: Actor) -> Concern:
        """An open case, a camera in one's villages, and no longer than the policy lets a grant last."""
        most = store.policy.cases.grant_hours
        if self.hours > most:
            raise invalid("asked.hours", "too_long", f"a grant lasts {most} hours at most")
        scope = of_actor(actor)
        wanted = sa.select(places.c.code).join(cameras, cameras.c.village_no == places.c.no)
        code = await conn.scalar(wanted.where(cameras.c.id == self.camera_id, in_scope(places.c.code, scope)))
        if code is None:
            raise NotFound("no such camera", code="camera_unknown")
        return Concern((code,), (await cases.member_row(conn, self.case_id, actor, store.clock())).no)
