"""To amend a report: what is learned later is told in the place of what was, and the case follows.

The case's window and places grow with it, and what it holds; nothing of them shrinks, since it may have been looked at.
What the hub called the case by itself follows, too. It is one change of the case, so that of two who edit it at once
the second is told.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases
from registry.cases import Case, CaseChange
from registry.cases.model import MOST_PLACES
from registry.casework import report, reported
from registry.casework.around import Around, around
from registry.casework.items import named
from registry.casework.told import Amendment, Report, Reported
from registry.errors import Conflict
from registry.inputs import invalid
from registry.model import Actor
from registry.recordings.lawful import Span
from registry.recordings.model import RecordPolicy
from registry.scope import of_actor
from registry.store import Store
from registry.travel import Mode, Paces, ways


async def amend(
    store: Store, policy: RecordPolicy, paces: Paces, case_id: UUID, *, new: Amendment, actor: Actor
) -> Reported:
    """Tell a case's facts anew; the versions before stay.

    Raises as `cases.change`, Conflict (report_none) of a case that nobody reported, case_expired, Invalid for a time to
    come or a point in no village.
    """
    now, law = store.clock(), store.policy.cases
    span = report.window(new, now)
    net, within = await ways(store), paces.metres(Mode.VAN, law.reach_minutes)
    async with store.write() as conn:
        row = await cases.open_row(conn, case_id, actor, now)
        before = await reported.newest(conn, row.no)
        if before is None:
            raise Conflict("the case was opened without a report; change the case itself", code="report_none")
        found = await around(conn, net, new.where.position, within, of_actor(actor))
        was = await cases.of_no(conn, row.no, actor, now)
        change = CaseChange(expected_revision=new.expected_revision, **_follows(was, before, new, span, found))
        case = await cases.change_in(conn, store, case_id, change, actor)
        after = report.told(new, actor, now, version=before.version + 1)
        await reported.put(conn, case.no, after)
        await _note(conn, actor, case, span, told=(before, after))
        those = [one.id for one in found.within(case.places)]
        await report.hold(conn, store, case, those=those, span=span, actor=actor)
        return await report.answer(conn, store, policy, case)


def _follows(case: Case, before: Report, new: Amendment, span: Span, found: Around) -> dict[str, Any]:
    """What of the case follows from what is told now."""
    changed: dict[str, Any] = {}
    if case.starts_at is not None and span[0] < case.starts_at:
        changed["starts_at"] = span[0]
    if case.ends_at is not None and span[1] > case.ends_at:
        changed["ends_at"] = span[1]
    if new.where.position != (before.lon, before.lat):
        there = found.places(MOST_PLACES)
        if not there:
            raise invalid("where", "nowhere", "no village is near that point; say where it happened")
        more = [one for one in there if not one.startswith(case.places)] if case.places else []
        if more:
            changed["places"] = (*case.places, *more)[:MOST_PLACES]
    if (case.offence, case.offence_text) == report.called(before) != report.called(new):
        changed["offence"], changed["offence_text"] = report.called(new)
    words = named(before.item, before.manner, before.item_text)
    if case.title.endswith(words):
        title = case.title.removesuffix(words) + named(new.item, new.manner, new.item_text)
        changed |= {"title": title} if title != case.title else {}
    return changed


async def _note(conn: AsyncConnection, actor: Actor, case: Case, span: Span, *, told: tuple[Report, Report]) -> None:
    before, after = told
    names = ("item", "item_text", "lat", "lon", "last_seen_at", "found_at", "certainty", "manner", "note")
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    changed = {name: [old, new] for name, old, new in pairs if old != new}
    detail = audit.describe(case=case.number, version=after.version, changed=changed)
    await audit.append(conn, actor, "case.amend", now=after.reported_at, span=span, detail=detail)
