"""Where segments lie on a node's disk: one file each, found by camera, stream and start, never by a stored path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from registry.errors import NotFound
from registry.model import Stream

RECORDINGS = "recordings"
_KEY = re.compile(
    rf"{RECORDINGS}/(\d{{4}}-\d{{2}}-\d{{2}})/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/(sub|main)-(\d{{12,15}})\.mp4"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Name:
    """What names a segment, here and in the registry. `started_at` is aware, to the millisecond."""

    camera_id: UUID
    stream: Stream
    started_at: datetime

    @property
    def key(self) -> str:
        """The file's address on its node: `recordings/<UTC day>/<camera id>/<stream>-<ms since 1970>.mp4`."""
        day = self.started_at.astimezone(UTC).date().isoformat()
        return f"{RECORDINGS}/{day}/{self.camera_id}/{self.stream}-{self.milliseconds}.mp4"

    @property
    def milliseconds(self) -> int:
        """The start in ms since 1970."""
        return (self.started_at - _EPOCH) // timedelta(milliseconds=1)

    @classmethod
    def read(cls, key: str) -> Name:
        """The name that a key says. Raises NotFound for anything that is not a key of ours."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise NotFound("no such segment", code="segment_unknown")
        stream: Stream = "sub" if match[3] == "sub" else "main"
        name = cls(UUID(match[2]), stream, _EPOCH + timedelta(milliseconds=int(match[4])))
        if name.key != key:
            raise NotFound("no such segment", code="segment_unknown")
        return name


def path_of(data_dir: Path, name: Name) -> Path:
    """Where a segment's file is or would be."""
    return data_dir / name.key
