"""Impact assessments (个人信息保护影响评估): of the deployment and of each kind of analysis, looked at every year.

L14, PIPL 55-56, GDPR 35. The document itself lies where the force keeps its documents; here is that it exists, who
approved it, and by when it is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Line, Moment, Name, invalid
from registry.model import Actor
from registry.store import Store
from registry.tables import assessments


class About(StrEnum):
    """What was assessed: the system as it is used here, or one kind of analysis."""

    DEPLOYMENT = "deployment"
    ANALYTIC = "analytic"


class Review(Input):
    """An assessment that was approved: by which document, by whom, when, and when it is due again."""

    document_number: Name
    approved_by: Name
    assessed_at: Moment
    review_at: Moment | None = None
    """Not told: after as long as the policy allows; never later."""


class NewAssessment(Review):
    """A first assessment."""

    about: About
    title: Annotated[Line, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment as last approved; `overdue` says that it should have been looked at again."""

    id: UUID
    about: About
    title: str
    document_number: str
    approved_by: str
    assessed_at: datetime
    review_at: datetime
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    overdue: bool


def _of_row(row: AnyRow, now: datetime) -> Assessment:
    return Assessment(
        id=row.id,
        about=About(row.about),
        title=row.title,
        document_number=row.document_number,
        approved_by=row.approved_by,
        assessed_at=row.assessed_at,
        review_at=row.review_at,
        created_by=row.created_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
        overdue=row.ended_at is None and row.review_at <= now,
    )


def _times(store: Store, new: Review) -> dict[str, datetime]:
    """When it was assessed and is due again. Raises Invalid: in the future, or longer than the policy allows."""
    most = timedelta(days=store.policy.assessments.review_days)
    review = new.review_at or new.assessed_at + most
    if new.assessed_at > store.clock():
        raise invalid("assessed_at", "interval", "an assessment lies behind")
    if not new.assessed_at < review <= new.assessed_at + most:
        raise invalid("review_at", "interval", f"it is due again within {most.days} days")
    return {"assessed_at": new.assessed_at, "review_at": review}


async def create(store: Store, new: NewAssessment, actor: Actor) -> Assessment:
    """Enter an assessment. Raises Invalid for its times."""
    times, identity = _times(store, new), uuid7()
    values = {
        "about": new.about.value,
        "created_by": actor.user.name,
        "created_at": store.clock(),
        **new.model_dump(include={"title", "document_number", "approved_by"}),
        **times,
    }
    async with store.write() as conn:
        await conn.execute(sa.insert(assessments).values(id=identity, **values))
        return await _kept(conn, store, identity, actor, "assessment.create")


async def review(store: Store, assessment_id: UUID, new: Review, actor: Actor) -> Assessment:
    """Enter that it was looked at again; the register keeps what stood before. Raises NotFound, Conflict, Invalid."""
    times = _times(store, new)
    async with store.write() as conn:
        row = await _standing(conn, assessment_id)
        if times["assessed_at"] < row.assessed_at:
            raise invalid("assessed_at", "interval", "a later assessment is entered already")
        values = new.model_dump(include={"document_number", "approved_by"})
        await conn.execute(sa.update(assessments).where(assessments.c.no == row.no).values(**values, **times))
        return await _kept(conn, store, assessment_id, actor, "assessment.review")


async def end(store: Store, assessment_id: UUID, actor: Actor) -> Assessment:
    """Say that what was assessed is not used any more. Raises NotFound, Conflict when that was said."""
    async with store.write() as conn:
        row = await _standing(conn, assessment_id)
        await conn.execute(sa.update(assessments).where(assessments.c.no == row.no).values(ended_at=store.clock()))
        return await _kept(conn, store, assessment_id, actor, "assessment.end")


async def list_assessments(store: Store) -> tuple[Assessment, ...]:
    """All assessments: those that stand first, the one due first at the top."""
    ended = sa.case((assessments.c.ended_at.is_(None), 0), else_=1)
    async with store.read() as conn:
        rows = (await conn.execute(sa.select(assessments).order_by(ended, assessments.c.review_at))).all()
    return tuple(_of_row(row, store.clock()) for row in rows)


async def _standing(conn: AsyncConnection, assessment_id: UUID) -> AnyRow:
    row = (
        await conn.execute(sa.select(assessments).where(assessments.c.id == assessment_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFound("no such assessment", code="assessment_unknown")
    if row.ended_at is not None:
        raise Conflict("what it assessed is not used any more; enter a new one", code="assessment_ended")
    return row


async def _kept(conn: AsyncConnection, store: Store, assessment_id: UUID, actor: Actor, action: str) -> Assessment:
    now = store.clock()
    row = (await conn.execute(sa.select(assessments).where(assessments.c.id == assessment_id))).one()
    detail = audit.describe(
        about=row.about,
        title=row.title,
        document=row.document_number,
        approved_by=row.approved_by,
        assessed=row.assessed_at,
        review=row.review_at,
    )
    await audit.append(conn, actor, action, now=now, detail=detail)
    return _of_row(row, now)
