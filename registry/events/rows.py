"""An event's row with what it refers to, as a reader gets it."""

from __future__ import annotations

import sqlalchemy as sa

from registry.columns import AnyRow
from registry.model import Box, Event, EventKind, Kind, LabelGroup, Mark, Verdict
from registry.tables import cameras, event_marks, events, labels, placements, places

DETAILS = (
    sa.select(
        events,
        cameras.c.id.label("camera_id"),
        cameras.c.name.label("camera_name"),
        cameras.c.kind.label("camera_kind"),
        cameras.c.masked_since,
        placements.c.near_minors,
        places.c.code.label("village_code"),
        places.c.name.label("village_name"),
        labels.c.label,
        labels.c.label_group,
        event_marks.c.verdict.label("mark_verdict"),
        event_marks.c.note.label("mark_note"),
        event_marks.c.marked_by,
        event_marks.c.marked_at,
    )
    .join(cameras, cameras.c.no == events.c.camera_no)
    .join(places, places.c.no == events.c.village_no)
    .join(placements, placements.c.camera_no == cameras.c.no)
    .join(labels, labels.c.no == events.c.label_no)
    .outerjoin(event_marks, event_marks.c.event_no == events.c.no)
)


def to_event(row: AnyRow) -> Event:
    """A row of DETAILS as an event."""
    return Event(
        no=row.no,
        id=row.id,
        revision=row.revision,
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        camera_kind=Kind(row.camera_kind),
        village_code=row.village_code,
        village_name=row.village_name,
        kind=EventKind(row.kind),
        rule_id=row.rule_id,
        rule_name=row.rule_name,
        scene_revision=row.scene_revision,
        label=row.label,
        group=LabelGroup(row.label_group),
        score=row.score,
        box=Box(row.x0, row.y0, row.x1, row.y1),
        path=row.path,
        direction=row.direction,
        started_at=row.started_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
        received_at=row.received_at,
        has_snapshot=row.snapshot is not None,
        snapshot_at=row.snapshot_at,
        has_still=row.still is not None,
        still_at=row.still_at,
        model=row.model,
        clock_offset_ms=row.clock_offset_ms,
        mark=_mark(row),
    )


def _mark(row: AnyRow) -> Mark | None:
    if row.marked_at is None:
        return None
    return Mark(
        verdict=Verdict(row.mark_verdict) if row.mark_verdict is not None else None,
        note=row.mark_note,
        marked_by=row.marked_by,
        marked_at=row.marked_at,
    )
