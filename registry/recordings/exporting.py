"""Segments for a clip to be taken away, what is missing between them, and whether a clip may still be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.errors import HubError, NotFound
from registry.model import Access, Stream
from registry.recordings import lawful
from registry.recordings.lawful import Span, within
from registry.recordings.playing import Segment, play
from registry.recordings.recorded import JOINED_MS
from registry.recordings.timeline import MissingSpan, gaps_of
from registry.store import Store
from registry.tables import cameras

_JOINED = timedelta(milliseconds=JOINED_MS)


@dataclass(frozen=True, slots=True)
class Export:
    """What a clip is cut from, under which row of the register.

    `spans` are the times it may show; `missing` are breaks between them, `cause` empty where no gap is on record.
    """

    audit_no: int
    camera_id: UUID
    name: str
    segments: tuple[Segment, ...]
    spans: tuple[Span, ...]
    missing: tuple[MissingSpan, ...]


async def export(store: Store, access: Access, camera_id: UUID, span: Span, stream: Stream) -> Export:
    """The segments of a span, for a clip; in the register before anything is cut.

    Raises Denied (right, purpose, recording_no_consent; beyond_case or beyond_patrol where any of it is), NotFound
    (camera_unknown, recording_none).
    """
    async with lawful.refused(store, access, "recording.export", (camera_id,), span):
        _require_reach(store, access, span)
    looked = await play(store, access, (camera_id,), span, stream=stream, action="recording.export")
    (found,) = looked.cameras
    if found.refused is not None:
        raise found.refused
    shown = [(max(begin, span[0]), min(end, span[1])) for one in found.segments for begin, end in one.spans]
    if not any(begin < end for begin, end in shown):
        raise NotFound("nothing was recorded then", code="recording_none")
    async with store.read() as conn:
        number = await conn.scalar(sa.select(cameras.c.no).where(cameras.c.id == camera_id))
        known = await gaps_of(conn, number or 0, stream, span)
    spans = tuple(part for one in found.segments for part in one.spans)
    missing = tuple(_explained(one, known) for one in _breaks(shown, span))
    return Export(looked.audit_no, camera_id, found.name, found.segments, spans, missing)


async def fetch(
    store: Store, access: Access, camera_id: UUID, spans: Sequence[Span], *, cut_no: int, digest: str, size: int
) -> None:
    """Write that a clip is taken away, before a byte of it: what left the hub is found again by its digest (L9).

    `cut_no` is the row of the register it was cut under, `digest` the SHA-256 of the file, `size` its bytes. Raises as
    `still`; the row says then that it was refused.
    """
    async with lawful.refused(store, access, "recording.fetch", (camera_id,), _whole(spans)):
        await still(store, access, camera_id, spans)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "recording.fetch",
            now=store.clock(),
            cameras=[camera_id],
            span=_whole(spans),
            purpose=access.purpose,
            detail=audit.describe(cut=cut_no, sha256=digest, bytes=size),
            count=1,
        )


async def still(store: Store, access: Access, camera_id: UUID, spans: Sequence[Span]) -> None:
    """Raise Denied (beyond_case and its like too) or NotFound unless all of these spans of a camera may be seen now."""
    whole = _whole(spans)
    _require_reach(store, access, whole)
    async with store.read() as conn:
        seen = (await lawful.visible(conn, store, access, (camera_id,), whole))[camera_id]
    if isinstance(seen, HubError):
        raise seen
    if not all(within(seen.spans, one) == (one,) for one in spans):
        raise seen.refusal(whole[0])


def _whole(spans: Sequence[Span]) -> Span:
    return min(begin for begin, _ in spans), max(end for _, end in spans)


def _require_reach(store: Store, access: Access, span: Span) -> None:
    reach = lawful.require(store, access)
    if reach.cut(*span) != span:
        raise reach.beyond()


def _breaks(shown: Sequence[Span], span: Span) -> list[Span]:
    """What of the span lies in none of the times shown, in order."""
    found: list[Span] = []
    at = span[0]
    for begin, end in sorted(shown):
        if begin - at > _JOINED:
            found.append((at, begin))
        at = max(at, end)
    if span[1] - at > _JOINED:
        found.append((at, span[1]))
    return found


def _explained(one: Span, known: Sequence[MissingSpan]) -> MissingSpan:
    causes = (gap.cause for gap in known if gap.since < one[1] and gap.until > one[0])
    return MissingSpan(*one, next(causes, ""))
