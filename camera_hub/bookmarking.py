"""A bookmark with its picture: the very frame that was shown, of a recording or an upload, or an event's picture.

The picture is kept before the bookmark's row names it. A bookmark is worth more than its picture: where there is none
to be had, or none may be seen, the bookmark is kept and says why.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.media import Media, bookmark_key
from camera_hub.recording.decoders import Decoders, Frame
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reading import Footage
from registry import bookmarks, events, recordings
from registry.bookmarks import Bookmark, NewBookmark, Source, Still, Subject, UploadSubject
from registry.errors import HubError, NotFound, Unavailable
from registry.events.lookup import Picture
from registry.model import Access, Event, Stream
from registry.recordings.playing import Segment
from registry.store import Store
from registry.uploads import FILE, FOLDER

ASKED_FOR_NONE = ""
REORDER_MS = 500
"""With B-frames a frame is shown later than it is decoded: so far before its time the decoding begins."""
NEAR = timedelta(seconds=10)
"""A frame shown longer ago than this is not what was seen at a moment; some cameras send one in a few seconds."""
MOST_BYTES = 48 << 20
"""A group of pictures larger than this is not sent to a decoder."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Bookmarking:
    """Keeps bookmarks and their pictures on `node`."""

    store: Store
    media: Media
    decoders: Decoders
    data_dir: Path
    node: str

    async def add(self, access: Access, case_id: UUID, new: NewBookmark) -> Bookmark:
        """Keep a bookmark. Raises as `registry.bookmarks.add`, and as `events.get` for one of an event."""
        event = None if new.event_id is None else await events.get(self.store, access, new.event_id)
        of = _subject(new, event)
        await bookmarks.require(self.store, access, case_id, of)
        source = Source.EVENT if event else Source.RECORDING if isinstance(of, Subject) else Source.UPLOAD
        still = Still(self.node, source, why=ASKED_FOR_NONE)
        if new.still:
            try:
                if isinstance(of, UploadSubject):
                    still = await self._put(*await self._moment(of))
                elif event is None:
                    still = await self._put(*await self._frame(access, of, new.stream))
                else:
                    still = await self._put(*await self._of(access, event))
            except HubError as refused:
                still = Still(self.node, source, why=refused.code)
        try:
            return await bookmarks.add(self.store, access, case_id, new, of=of, still=still)
        except HubError:
            if still.key is not None:
                await asyncio.to_thread(self.media.delete, [still.key])
            raise

    async def _put(self, still: Still, jpeg: bytes) -> Still:
        key = bookmark_key(uuid7(), self.store.clock())
        await asyncio.to_thread(self.media.put, key, jpeg)
        return replace(still, key=key, size=len(jpeg), digest=hashlib.sha256(jpeg).hexdigest())

    async def _of(self, access: Access, event: Event) -> tuple[Still, bytes]:
        """A copy of the event's best picture: events go after their time, what a case marked stays."""
        picture: Picture = "still" if event.has_still else "snapshot"
        node, key = await events.snapshot_of(self.store, access, event.id, picture=picture)
        if node != self.node:
            raise NotFound("this picture lies on another machine", code="snapshot_missing")
        try:
            jpeg = await asyncio.to_thread(self.media.path(key).read_bytes)
        except FileNotFoundError as gone:
            raise NotFound("the picture is gone; the event stays", code="snapshot_missing") from gone
        shown = event.still_at if picture == "still" else event.snapshot_at
        return Still(self.node, Source.EVENT, frame_at=shown), jpeg

    async def _frame(self, access: Access, of: Subject, stream: Stream) -> tuple[Still, bytes]:
        one = await recordings.segment_at(self.store, access, of.camera_id, stream, of.at)
        if one.node != self.node:
            raise NotFound("this file lies on another machine", code="segment_missing")
        at_ms = (of.at - one.started_at) / _MS
        frame = await self.decoders.frame(
            await asyncio.to_thread(_group, self._path(one), one, at_ms), round(at_ms * 1000)
        )
        at = one.started_at + timedelta(microseconds=frame.pts_us)
        if not at - NEAR <= of.at <= at + NEAR:
            raise NotFound("no frame was recorded at that moment", code="segment_unknown")
        return self._still(one, frame, at), frame.jpeg

    async def _moment(self, of: UploadSubject) -> tuple[Still, bytes]:
        file = self.data_dir / FOLDER / str(of.upload_id) / FILE
        if not await asyncio.to_thread(file.is_file):
            raise NotFound("the file is not on this machine", code="upload_missing")
        frame = await self.decoders.moment(file, of.clip_ms)
        still = Still(
            self.node,
            Source.UPLOAD,
            frame_pts=frame.pts_us,
            frame_digest=frame.digest,
            width=frame.width,
            height=frame.height,
        )
        return still, frame.jpeg

    def _path(self, one: Segment) -> Path:
        return path_of(self.data_dir, Name(one.camera_id, one.stream, one.started_at))

    def _still(self, one: Segment, frame: Frame, at: datetime) -> Still:
        return Still(
            self.node,
            Source.RECORDING,
            stream=one.stream,
            segment_at=one.started_at,
            frame_at=at,
            frame_pts=frame.pts_us,
            frame_digest=frame.digest,
            width=frame.width,
            height=frame.height,
            clock_offset_ms=one.clock_offset_ms,
        )


def _subject(new: NewBookmark, event: Event | None) -> Subject | UploadSubject:
    if event is not None:
        return Subject(event.camera_id, event.still_at or event.snapshot_at or event.started_at, event.clock_offset_ms)
    if new.upload_id is not None and new.clip_ms is not None:
        return UploadSubject(new.upload_id, new.clip_ms)
    if new.camera_id is None or new.at is None:
        raise ValueError("neither an event nor a camera or an upload and a moment")  # its validator lets none through
    return Subject(new.camera_id, new.at)


def _group(file: Path, one: Segment, at_ms: float) -> bytes:
    """What must be decoded to see the frame of a moment, of what may be seen: from a keyframe before it up to it."""
    footage = Footage(file)
    windows = [((begin - one.started_at) / _MS, (end - one.started_at) / _MS) for begin, end in one.spans]
    seen = [part for part in footage.chosen(windows, max(at_ms - REORDER_MS, 0)) if footage.ms(part.at) <= at_ms]
    if not seen:
        raise NotFound("nothing of this segment may be shown", code="segment_unknown")
    extract = footage.whole(seen)
    try:
        if extract.size > MOST_BYTES:
            raise Unavailable("this group of pictures is too large to be decoded here", code="segment_damaged")
        return extract.all()
    finally:
        extract.close()
