"""A bookmark as its readers get it, and what is told to make one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from registry.columns import AnyRow
from registry.inputs import Input, Moment, printable_lines
from registry.model import Stream
from registry.tables import bookmarks, cameras, canvass_entries, clip_requests, placements, places, uploads
from registry.tables import cases as case_rows

LONGEST_CLIP_MS = 7 * 86_400_000
"""Nobody is asked for more at once."""
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(printable_lines)]


class BookmarkKind(StrEnum):
    """What was seen: the thing or whoever took it; that nothing was there; or something that leads on."""

    SIGHTING = "sighting"
    NEGATIVE = "negative"
    LEAD = "lead"


class Confidence(StrEnum):
    """How sure its author is; `unknown` where he does not say."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a still is from: the recording, the picture of an event, or what somebody sent in."""

    RECORDING = "recording"
    EVENT = "event"
    UPLOAD = "upload"


class NewBookmark(Input):
    """A moment of a camera, or an event, which tells both, or a moment of an upload the case took.

    `still`: keep its picture.
    """

    camera_id: UUID | None = None
    at: Moment | None = None
    """By the hub's clock, as recordings are dated."""
    stream: Stream = "sub"
    """Whose recording the picture is taken from."""
    event_id: UUID | None = None
    upload_id: UUID | None = None
    clip_ms: Annotated[int, Field(ge=0, le=LONGEST_CLIP_MS)] | None = None
    """Of an upload: milliseconds after its first frame."""
    kind: BookmarkKind
    confidence: Confidence = Confidence.UNKNOWN
    note: Note = ""
    still: bool = True

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        of_camera, of_upload = (self.camera_id, self.at), (self.upload_id, self.clip_ms)
        told = [any(one is not None for one in some) for some in (of_camera, (self.event_id,), of_upload)]
        whole = [all(one is not None for one in some) for some in (of_camera, (self.event_id,), of_upload)]
        if told != whole or told.count(True) != 1:
            raise PydanticCustomError("subject", "name a camera and a moment, an event, or an upload and a moment")
        return self


class NewVersion(Input):
    """What a bookmark says from now on; moment, camera and picture stay. `retracted`: it no longer counts."""

    kind: BookmarkKind
    confidence: Confidence
    note: Note = ""
    retracted: bool = False

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.retracted and not self.note:
            raise PydanticCustomError("note_required", "say in a note why it no longer counts")
        return self


@dataclass(frozen=True, slots=True)
class Subject:
    """What a bookmark is of, by whom it was proved that it lies within the case."""

    camera_id: UUID
    at: datetime
    clock_offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class UploadSubject:
    """A moment of an upload: when that was, its clock tells."""

    upload_id: UUID
    clip_ms: int


@dataclass(frozen=True, slots=True)
class Still:
    """A bookmark's picture, a file already on disk on `node`; without a `key`, `why` is the code of why there is none.

    `digest` is SHA-256 of the file. Of an upload's frame `frame_pts` is in microseconds after its first one. Of a
    recording's frame: `frame_at` is when it was shown and `frame_pts` the same
    in microseconds of its segment, which began at `segment_at`; `frame_digest` is SHA-256 over the decoded picture.
    """

    node: str
    source: Source
    key: str | None = None
    size: int = 0
    digest: str | None = None
    why: str = ""
    stream: Stream | None = None
    segment_at: datetime | None = None
    frame_at: datetime | None = None
    frame_pts: int | None = None
    frame_digest: str | None = None
    width: int = 0
    height: int = 0
    clock_offset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedUpload:
    """What was sent in that a bookmark is of, `clip_ms` after its first frame; `sha256` is of the file as it arrived.

    `name` is who was asked and gave it, as the canvass calls him, `lat` and `lon` his place; `camera_id` is set where
    the hub knows the camera. Its clock was `clock_offset_ms` ahead, give or take `clock_uncertainty_ms`.
    """

    id: UUID
    name: str
    camera_id: UUID | None
    giver: str
    device: str
    sha256: str
    clip_ms: int
    clock_offset_ms: int | None
    clock_uncertainty_ms: int | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One version of a bookmark. It counts while nothing supersedes it, unless it is `retracted`.

    `at` is by the hub's clock; the camera's own clock said `clock_offset_ms` more then, null where nobody knows. Of
    what somebody sent in `camera_id` is null, `camera_name` is who gave it, and `upload` tells the rest; when its clock
    is read anew, a version of its own moves it.
    Digests are hexadecimal SHA-256: of the still's file, and of the frame as decoded (see `Still`).
    """

    id: UUID
    case_id: UUID
    camera_id: UUID | None
    camera_name: str
    village_code: str
    village_name: str
    at: datetime
    kind: BookmarkKind
    confidence: Confidence
    note: str
    author: str
    created_at: datetime
    version: int
    supersedes: UUID | None
    superseded_by: UUID | None
    retracted: bool
    event_id: UUID | None
    clock_offset_ms: int | None
    source: Source
    has_still: bool
    still_why: str
    still_digest: str | None
    stream: Stream | None
    segment_at: datetime | None
    frame_at: datetime | None
    frame_pts: int | None
    frame_digest: str | None
    width: int
    height: int
    upload: MarkedUpload | None

    @property
    def about(self) -> UUID | None:
        """The camera it is of, for the register, where the hub knows it."""
        return self.camera_id if self.upload is None else self.upload.camera_id


_GIVEN, _HOME = cameras.alias("given"), places.alias("home")
"""The camera of an upload, where the hub knows it, and its village."""
_OLD, _NEW = bookmarks.alias("old"), bookmarks.alias("newer")
SELECT = (
    sa.select(
        bookmarks,
        case_rows.c.id.label("case_id"),
        cameras.c.id.label("camera_id"),
        sa.func.coalesce(cameras.c.name, canvass_entries.c.name).label("camera_name"),
        cameras.c.kind.label("camera_kind"),
        cameras.c.masked_since,
        placements.c.near_minors,
        sa.func.coalesce(places.c.code, _HOME.c.code, "").label("village_code"),
        sa.func.coalesce(places.c.name, _HOME.c.name, "").label("village_name"),
        uploads.c.id.label("upload_id"),
        uploads.c.giver,
        uploads.c.device,
        uploads.c.sha256,
        uploads.c.clock_offset_ms.label("upload_offset_ms"),
        uploads.c.clock_uncertainty_ms,
        uploads.c.purged_at,
        _GIVEN.c.id.label("given_id"),
        sa.func.coalesce(canvass_entries.c.lat, _GIVEN.c.lat, _HOME.c.lat).label("upload_lat"),
        sa.func.coalesce(canvass_entries.c.lon, _GIVEN.c.lon, _HOME.c.lon).label("upload_lon"),
        _OLD.c.id.label("supersedes"),
        _NEW.c.id.label("superseded_by"),
    )
    .join(case_rows, case_rows.c.no == bookmarks.c.case_no)
    .outerjoin(cameras, cameras.c.no == bookmarks.c.camera_no)
    .outerjoin(places, places.c.no == cameras.c.village_no)
    .outerjoin(placements, placements.c.camera_no == cameras.c.no)
    .outerjoin(uploads, uploads.c.no == bookmarks.c.upload_no)
    .outerjoin(clip_requests, clip_requests.c.no == uploads.c.request_no)
    .outerjoin(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
    .outerjoin(_GIVEN, _GIVEN.c.no == canvass_entries.c.camera_no)
    .outerjoin(_HOME, _HOME.c.no == _GIVEN.c.village_no)
    .outerjoin(_OLD, _OLD.c.no == bookmarks.c.supersedes_no)
    .outerjoin(_NEW, _NEW.c.supersedes_no == bookmarks.c.no)
)


def of_row(row: AnyRow) -> Bookmark:
    """A row of SELECT as a bookmark."""
    return Bookmark(
        id=row.id,
        case_id=row.case_id,
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        village_code=row.village_code,
        village_name=row.village_name,
        at=row.at,
        kind=BookmarkKind(row.kind),
        confidence=Confidence(row.confidence),
        note=row.note,
        author=row.author,
        created_at=row.created_at,
        version=row.version,
        supersedes=row.supersedes,
        superseded_by=row.superseded_by,
        retracted=row.retracted,
        event_id=row.event_id,
        clock_offset_ms=row.clock_offset_ms,
        source=Source(row.source),
        has_still=row.still is not None,
        still_why=row.still_why,
        still_digest=row.still_digest,
        stream=row.stream,
        segment_at=row.segment_at,
        frame_at=row.frame_at,
        frame_pts=row.frame_pts,
        frame_digest=row.frame_digest,
        width=row.width,
        height=row.height,
        upload=None if row.upload_id is None else _upload(row),
    )


def _upload(row: AnyRow) -> MarkedUpload:
    return MarkedUpload(
        id=row.upload_id,
        name=row.camera_name,
        camera_id=row.given_id,
        giver=row.giver,
        device=row.device,
        sha256=row.sha256,
        clip_ms=row.clip_ms,
        clock_offset_ms=row.upload_offset_ms,
        clock_uncertainty_ms=row.clock_uncertainty_ms,
        lat=row.upload_lat,
        lon=row.upload_lon,
    )
