"""A report (报案): what is gone, where and when. It opens the case and holds what cameras in reach recorded.

Both happen in one transaction, so that no case is without its hold. All that is not told has a sensible value.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases, users
from registry.cases import Case, NewCase, Offence
from registry.cases.holding import Origin
from registry.cases.model import MOST_PLACES
from registry.casework import reported
from registry.casework.around import around
from registry.casework.items import Certainty, named, offence
from registry.casework.told import Facts, NewReport, Reach, ReachQuery, Report, Reported
from registry.inputs import invalid, parse
from registry.model import Actor, User
from registry.permissions import Permission, may
from registry.recordings import expiring, holds
from registry.recordings.holds import NewHold
from registry.recordings.lawful import Span
from registry.recordings.model import RecordPolicy
from registry.scope import of, of_actor
from registry.store import Store
from registry.tables import cases as case_rows
from registry.tables import hold_cameras, places
from registry.tables import holds as hold_rows
from registry.tables import users as user_rows
from registry.travel import Mode, Paces, ways

PROVISIONAL = "临"
"""What a number begins with that the hub made, until the force's own is known."""
_SLACK = {Certainty.SURE: timedelta(0), Certainty.ABOUT: timedelta(hours=2), Certainty.GUESS: timedelta(hours=12)}
_AHEAD = timedelta(minutes=10)


async def reach(store: Store, policy: RecordPolicy, paces: Paces, asked: ReachQuery, actor: Actor) -> Reach:
    """What a report would hold, before it is made. Nothing of what cameras saw is told, only until when it is there."""
    net, within = await ways(store), paces.metres(Mode.VAN, store.policy.cases.reach_minutes)
    now = store.clock()
    begin = asked.last_seen_at or (asked.found_at or now) - timedelta(hours=12)
    span = begin, max(asked.found_at or now, begin + timedelta(minutes=1))
    async with store.read() as conn:
        found = await around(conn, net, asked.position, within, of_actor(actor))
        where = found.places(MOST_PLACES)
        those = found.within(where)
        first = await expiring.first_to_go(conn, store, policy, [one.no for one in those], span)
    return Reach(found.village_code, where, len(those), None if first is None else first.goes_at)


async def create(store: Store, policy: RecordPolicy, paces: Paces, new: NewReport, actor: Actor) -> Reported:
    """Report: open the case, keep what was told, and hold what the cameras in reach recorded around that time.

    Raises as `cases.create`, and Invalid for a time to come, a point in no village, or nobody to be responsible.
    """
    now, law = store.clock(), store.policy.cases
    span = window(new, now)
    net, within = await ways(store), paces.metres(Mode.VAN, law.reach_minutes)
    async with store.write() as conn:
        found = await around(conn, net, new.where.position, within, of_actor(actor))
        where = new.places or found.places(MOST_PLACES)
        if not where:
            raise invalid("places", "missing", "no village is near that point; say where it happened")
        number = new.number or await _number(conn, store)
        what, words = called(new)
        opened = NewCase(
            number=number,
            title=new.title or await _title(conn, new, found.village_code or where[0]),
            offence=what,
            offence_text=words,
            places=where,
            starts_at=span[0],
            ends_at=span[1],
            responsible_id=new.responsible_id or await _officer(conn, store, actor, found.village_code or where[0]),
            member_ids=new.member_ids | {actor.user.id},
            expires_at=new.expires_at,
        )
        case = await cases.create_in(conn, store, opened, actor)
        detail = audit.describe(case=number, item=new.item, manner=new.manner, certainty=new.certainty)
        await audit.append(conn, actor, "case.report", now=now, span=span, detail=detail)
        await reported.put(conn, case.no, told(new, actor, now, version=1))
        await hold(conn, store, case, those=[one.id for one in found.within(where)], span=span, actor=actor)
        return await answer(conn, store, policy, case)


def window(facts: Facts, now: datetime) -> Span:
    """Between which times it happened, as sure as it was told. Raises Invalid for a time to come."""
    if facts.found_at > now + _AHEAD:
        raise invalid("found_at", "future", "it cannot have been found missing in the time to come")
    slack = _SLACK[facts.certainty]
    return facts.last_seen_at - slack, facts.found_at + slack


def called(facts: Facts | Report) -> tuple[Offence, str]:
    """The offence it is taken for, and its words where that has no name of its own."""
    what = offence(facts.item, facts.manner)
    return what, named(facts.item, facts.manner, facts.item_text) if what is Offence.OTHER else ""


def told(new: Facts, actor: Actor, now: datetime, *, version: int) -> Report:
    """What was told, as it is kept."""
    lon, lat = new.where.position
    return Report(
        version=version,
        item=new.item,
        item_text=new.item_text,
        lat=lat,
        lon=lon,
        last_seen_at=new.last_seen_at,
        found_at=new.found_at,
        certainty=new.certainty,
        manner=new.manner,
        note=new.note,
        reported_by=actor.user.name,
        reported_at=now,
    )


async def hold(
    conn: AsyncConnection, store: Store, case: Case, *, those: Sequence[UUID], span: Span, actor: Actor
) -> None:
    """Hold what the cameras recorded in a span and the policy's margin, where no report of the case does so already.

    As many holds as they need, for as long as the policy has it and the case lasts.
    """
    now, law = store.clock(), store.policy.cases
    margin = timedelta(hours=law.margin_hours)
    since, until = span[0] - margin, span[1] + margin
    already = await holds.covered(conn, case.no, Origin.REPORT, span=(since, until), now=now)
    left = [one for one in those if one not in already]
    expires = max(case.expires_at, now + timedelta(days=law.hold_days))
    for at in range(0, len(left), holds.MOST_CAMERAS):
        some = frozenset(left[at : at + holds.MOST_CAMERAS])
        new = parse(NewHold, {"from": since, "to": until, "expires_at": expires, "camera_ids": some})
        await holds.create_in(conn, case, new, actor, now, seen=of_actor(actor), origin=Origin.REPORT)


async def _number(conn: AsyncConnection, store: Store) -> str:
    """The next provisional number of the local day."""
    day = f"{PROVISIONAL}{store.clock().astimezone(store.tz):%Y%m%d}-"
    known = await conn.scalars(sa.select(case_rows.c.number).where(case_rows.c.number.startswith(day)))
    last = max((int(rest) for one in known if (rest := one.removeprefix(day)).isdecimal()), default=0)
    return f"{day}{last + 1:02}"


async def _title(conn: AsyncConnection, new: NewReport, code: str) -> str:
    name = await conn.scalar(sa.select(places.c.name).where(places.c.code == code))
    return f"{name or ''}{named(new.item, new.manner, new.item_text)}"


async def _officer(conn: AsyncConnection, store: Store, actor: Actor, code: str) -> UUID | None:
    """Who is responsible where nobody is named: whoever reports, else an officer of his unit, else one of the place."""
    if may(actor.user, Permission.MANAGE_CASES):
        return actor.user.id
    rows = (await conn.execute(sa.select(user_rows).where(user_rows.c.active).order_by(user_rows.c.name))).all()
    able = [one for one in await users.from_rows(conn, rows, store) if _able(one, code)]
    near = [one for one in able if one.unit and one.unit == actor.user.unit]
    chosen = next(iter((*near, *able)), None)
    return None if chosen is None else chosen.id


def _able(user: User, code: str) -> bool:
    """Whether he may be responsible for a case there."""
    return user.no != 0 and may(user, Permission.MANAGE_CASES) and of(user).covers(code)


async def of_case(store: Store, policy: RecordPolicy, case_id: UUID, actor: Actor) -> Reported | None:
    """What was reported of a case; None of one that was opened otherwise. Raises NotFound."""
    case = await cases.get(store, case_id, actor)
    async with store.read() as conn:
        return None if await reported.newest(conn, case.no) is None else await answer(conn, store, policy, case)


async def answer(conn: AsyncConnection, store: Store, policy: RecordPolicy, case: Case) -> Reported:
    """A case that was reported, as it stands."""
    newest, *earlier = await reported.every(conn, case.no)
    kept = (
        sa.select(hold_cameras.c.camera_no)
        .join(hold_rows, hold_rows.c.no == hold_cameras.c.hold_no)
        .where(hold_rows.c.case_no == case.no, holds.active(store.clock()))
        .distinct()
    )
    held = list(await conn.scalars(kept))
    span = case.starts_at or newest.last_seen_at, case.ends_at or newest.found_at
    first = await expiring.first_to_go(conn, store, policy, held, span)
    goes_at = None if first is None else first.goes_at
    return Reported(case, newest, tuple(earlier), case.number.startswith(PROVISIONAL), len(held), goes_at)
