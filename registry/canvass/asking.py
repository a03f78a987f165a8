"""To ask somebody for a clip: a link for one camera and one span, which holds for some days and takes some files.

Of the link's secret the hub keeps a hash: whoever reads the database can send nothing in anybody's name.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, cases
from registry.canvass.entries import put
from registry.canvass.links import ARRIVED, ClipRequest, LinkState, Way, link_state, request_of
from registry.canvass.model import EntryState, entry_row
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Moment, Short, invalid
from registry.model import Actor
from registry.store import Store
from registry.tables import cameras, canvass_entries, clip_requests

LONGEST = timedelta(days=7)
MOST_REQUESTS = 20
"""Of one entry."""
_BEFORE_ASKING = (EntryState.TO_VISIT.value, EntryState.NONE.value, EntryState.DECLINED.value)


class NewClipRequest(Input):
    """What to ask for, and how long the link holds."""

    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    way: Way = Way.LINK
    days: Annotated[int, Field(ge=1, le=90)] = 7
    document_number: Short = ""
    """Of the written notice (调取证据通知书), where there is one; without it the giver gives of his own will."""

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.until <= self.since:
            raise PydanticCustomError("interval", "`to` must lie after `from`")
        if self.until - self.since > LONGEST:
            raise PydanticCustomError("interval", "a request spans at most 7 days; ask for what you need")
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and its link's secret: it is told now and never again. The rest goes into its text and its form."""

    request: ClipRequest
    token: str
    case_number: str
    name: str
    unit: str
    officer: str
    """Who hands it over."""


def hash_of(token: str) -> bytes:
    """What is kept of a link's secret."""
    return hashlib.sha256(b"clip link\0" + token.encode()).digest()


async def ask(store: Store, case_id: UUID, entry_id: UUID, new: NewClipRequest, actor: Actor) -> Asked:
    """Ask somebody for a clip.

    Raises NotFound, Invalid for a span beyond the case's or a link that holds too long, Conflict (canvass_asked) for
    too many requests.
    """
    now = store.clock()
    if new.days > store.policy.uploads.link_days:
        raise invalid("days", "too_long", f"a link holds {store.policy.uploads.link_days} days at most")
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        _within(store, case, new)
        entry = await entry_row(conn, case.no, entry_id)
        count = sa.select(sa.func.count()).where(clip_requests.c.entry_no == entry.no)
        if int(await conn.scalar(count) or 0) >= MOST_REQUESTS:
            raise Conflict("he was asked often enough", code="canvass_asked", most=MOST_REQUESTS)
        token = secrets.token_urlsafe(24)
        values = {
            "id": uuid7(),
            "entry_no": entry.no,
            "token_hash": hash_of(token),
            "way": new.way.value,
            "starts_at": new.since,
            "ends_at": new.until,
            "document_number": new.document_number,
            "unit": actor.user.unit,
            "asked_by": actor.user.name,
            "asked_at": now,
            "expires_at": now + timedelta(days=new.days),
        }
        await conn.execute(sa.insert(clip_requests).values(values))
        if entry.state in _BEFORE_ASKING:
            await put(conn, entry, now, state=EntryState.ASKED.value)
        row = await request_row(conn, case.no, values["id"])
        await note(conn, actor, "clip.ask", case, row, now=now)
    return Asked(request_of(row, entry.id, now), token, case.number, entry.name, actor.user.unit, _named(actor))


def _named(actor: Actor) -> str:
    return actor.user.display_name or actor.user.name


def _within(store: Store, case: AnyRow, new: NewClipRequest) -> None:
    """Raise Invalid for a span beyond the case's own: nobody is asked for more than the case is about."""
    margin = timedelta(hours=store.policy.cases.margin_hours)
    if case.starts_at is not None and new.since < case.starts_at - margin:
        raise invalid("from", "beyond_case", "the case begins later")
    if case.ends_at is not None and new.until > case.ends_at + margin:
        raise invalid("to", "beyond_case", "the case ends earlier")


REQUESTS = (
    sa.select(
        clip_requests,
        ARRIVED,
        canvass_entries.c.id.label("entry_id"),
        canvass_entries.c.name.label("entry_name"),
        canvass_entries.c.case_no,
        cameras.c.id.label("camera_id"),
    )
    .join(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
    .outerjoin(cameras, cameras.c.no == canvass_entries.c.camera_no)
)


async def request_row(conn: AsyncConnection, case_no: int, request_id: object) -> AnyRow:
    """A request's row, locked. Raises NotFound for one of another case."""
    wanted = REQUESTS.where(clip_requests.c.id == request_id, canvass_entries.c.case_no == case_no)
    row = (await conn.execute(wanted.with_for_update(of=clip_requests))).one_or_none()
    if row is None:
        raise NotFound("no such request in this case", code="clip_request_unknown")
    return row


async def renew(store: Store, case_id: UUID, request_id: UUID, days: int, actor: Actor) -> Asked:
    """A new link in place of the old, which is void from now on. Raises NotFound, Conflict (clip_link_used)."""
    now = store.clock()
    if not 1 <= days <= store.policy.uploads.link_days:
        raise invalid("days", "too_long", f"a link holds {store.policy.uploads.link_days} days at most")
    async with store.write() as conn:
        case, row = await _usable(conn, case_id, request_id, actor, now)
        token = secrets.token_urlsafe(24)
        values = {
            "token_hash": hash_of(token),
            "expires_at": now + timedelta(days=days),
            "revoked_at": None,
            "revoked_by": "",
        }
        await conn.execute(sa.update(clip_requests).where(clip_requests.c.no == row.no).values(values))
        row = await request_row(conn, case.no, request_id)
        await note(conn, actor, "clip.renew", case, row, now=now)
    return Asked(request_of(row, row.entry_id, now), token, case.number, row.entry_name, row.unit, _named(actor))


async def revoke(store: Store, case_id: UUID, request_id: UUID, actor: Actor) -> ClipRequest:
    """Make a link void; doing it twice changes nothing. Raises NotFound, Conflict (clip_link_used)."""
    now = store.clock()
    async with store.write() as conn:
        case, row = await _usable(conn, case_id, request_id, actor, now)
        if row.revoked_at is None:
            values = {"revoked_at": now, "revoked_by": actor.user.name}
            await conn.execute(sa.update(clip_requests).where(clip_requests.c.no == row.no).values(values))
            row = await request_row(conn, case.no, request_id)
            await note(conn, actor, "clip.revoke", case, row, now=now)
    return request_of(row, row.entry_id, now)


async def shown(store: Store, case_id: UUID, request_id: UUID, token: str, actor: Actor) -> Asked:
    """A request with the link its asker still holds, to be printed. Raises NotFound, Conflict (clip_link_replaced)."""
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        row = await request_row(conn, case.no, request_id)
        if not secrets.compare_digest(bytes(row.token_hash), hash_of(token)):
            raise Conflict("this is not the request's link any more; make a new one", code="clip_link_replaced")
        await note(conn, actor, "clip.print", case, row, now=now)
    return Asked(request_of(row, row.entry_id, now), token, case.number, row.entry_name, row.unit, _named(actor))


async def _usable(
    conn: AsyncConnection, case_id: UUID, request_id: UUID, actor: Actor, now: datetime
) -> tuple[AnyRow, AnyRow]:
    case = await cases.member_row(conn, case_id, actor, now)
    row = await request_row(conn, case.no, request_id)
    if link_state(row, now) is LinkState.USED:
        raise Conflict("as many files came as a link takes; make another request", code="clip_link_used")
    return case, row


async def note(conn: AsyncConnection, actor: Actor, action: str, case: AnyRow, row: AnyRow, *, now: datetime) -> None:
    """A request's row in the register."""
    about = [] if row.camera_id is None else [row.camera_id]
    detail = audit.describe(
        case=case.number,
        request=row.id,
        name=row.entry_name,
        way=row.way,
        document=row.document_number,
        expires=row.expires_at,
    )
    await audit.append(conn, actor, action, now=now, cameras=about, span=(row.starts_at, row.ends_at), detail=detail)
