"""Blurred copies, made one at a time in a process of their own, and kept until they are taken out or too old.

A copy lies in `drafts/<grant>-<item>-<digits of its digest>`: its clip and the pictures of it that are looked at.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.evidence.blurrer import CLIP, frame_name
from camera_hub.recording.cutting import Order, Source
from camera_hub.recording.files import Name, path_of
from camera_hub.settings import ModelSettings
from registry import recordings
from registry.columns import from_ms, to_ms
from registry.errors import Conflict, HubError, NotFound, TooMany, Unavailable
from registry.evidence import Blur, Draft, drafts
from registry.evidence.drafts import Rendered
from registry.model import Access
from registry.recordings import Segment
from registry.recordings.lawful import Span, within
from registry.store import Store

DRAFTS = "drafts"
LONGEST = timedelta(minutes=10)
"""A copy for others shows what is needed and no more; each second of it takes about one to make."""
RENDER_S = 1500.0
_MS = timedelta(milliseconds=1)
_COMMAND = (sys.executable, "-m", "camera_hub.evidence.blurrer")
_KINDS: dict[str, type[HubError]] = {"recording_none": NotFound}


@dataclass(frozen=True, slots=True)
class Rendering:
    """So far of so much, in milliseconds of the clip."""

    done: int
    total: int


class Blurring:
    """Makes blurred copies of a node's recordings, with the hub's own detector."""

    def __init__(self, store: Store, data_dir: Path, node: str, model: ModelSettings) -> None:
        self._store = store
        self._data_dir = data_dir
        self._node = node
        self._model = model
        self._busy = False

    def clip_of(self, approval_id: UUID, draft: Draft) -> Path:
        """A draft's clip. Raises NotFound where it is gone."""
        return self._file(approval_id, draft, CLIP)

    def frame_of(self, approval_id: UUID, draft: Draft, number: int) -> Path:
        """A picture of a draft. Raises NotFound where there is none."""
        return self._file(approval_id, draft, frame_name(number))

    def _file(self, approval_id: UUID, draft: Draft, name: str) -> Path:
        file = self._folder(approval_id, draft.item, draft.digest) / name
        if not file.is_file():
            raise NotFound("this copy is gone; make it again", code="draft_gone")
        return file

    def _folder(self, approval_id: UUID, item: int, digest: str) -> Path:
        return self._data_dir / DRAFTS / f"{approval_id}-{item}-{digest[:16]}"

    async def render(
        self, access: Access, approval_id: UUID, number: int, boxes: Sequence[Blur]
    ) -> AsyncGenerator[Rendering | Draft, None]:
        """Make one item's copy: how far it is, and at last the draft, which nobody looked at yet.

        Raises as `drafts.grant_of`, `recordings.export`; Conflict (copy_too_long, blur_unable), TooMany, Unavailable.
        """
        asked = await drafts.grant_of(self._store, access, approval_id)
        if number >= len(asked.items):
            raise NotFound("there is no such stretch in what was granted", code="draft_unknown")
        item = asked.items[number]
        if item.ends_at - item.starts_at > LONGEST:
            raise Conflict("a copy for others is at most ten minutes; ask for less", code="copy_too_long")
        if self._busy:
            raise TooMany("another copy is being made; try again in a moment", retry_after_s=10, code="blur_busy")
        self._busy = True
        folder = self._data_dir / DRAFTS / f"{uuid7()}.part"
        try:
            span = item.starts_at, item.ends_at
            found = await recordings.export(self._store, access, item.camera_id, span, item.stream)
            cut = Order(tuple(map(self._source, found.segments)), to_ms(span[0]), to_ms(span[1]), found.name)
            who = access.actor.user
            lines = [f"{access.purpose.case_number} {who.display_name or who.name}", self._said(asked.recipient)]
            order = {
                "order": cut.said(),
                "boxes": [one.model_dump() for one in boxes],
                "lines": lines,
                "model": self._model.model_dump(mode="json"),
                "folder": str(folder),
            }
            await asyncio.to_thread(folder.mkdir, parents=True)
            over: dict[str, Any] = {}
            async for told in self._run(order):
                if "over" in told:
                    over = told["over"]
                else:
                    yield Rendering(min(told["done"], told["total"]), told["total"])
            made = _rendered(over, found.spans, self._node)
            await asyncio.to_thread(_put, folder, self._folder(approval_id, number, made.digest))
            yield await drafts.put(self._store, access, approval_id, item=number, boxes=tuple(boxes), made=made)
        finally:
            self._busy = False
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _said(self, recipient: str) -> str:
        return f"{self._store.clock().astimezone(self._store.tz):%Y-%m-%d %H:%M} 供 {recipient} 使用，不得转发"

    def _source(self, one: Segment) -> Source:
        file = path_of(self._data_dir, Name(one.camera_id, one.stream, one.started_at))
        windows = tuple(((begin - one.started_at) / _MS, (end - one.started_at) / _MS) for begin, end in one.spans)
        return Source(str(file), to_ms(one.started_at), windows)

    async def _run(self, order: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        over = False
        try:
            assert process.stdin is not None  # noqa: S101 - it was asked for
            assert process.stdout is not None  # noqa: S101
            process.stdin.write(json.dumps(order).encode() + b"\n")
            async with asyncio.timeout(RENDER_S):
                await process.stdin.drain()
            while line := await process.stdout.readline():
                told = json.loads(line)
                if (code := told.get("refused")) is not None:
                    raise _KINDS.get(code, Conflict)(told["hint"], code=code, **told["params"])
                over = "over" in told
                yield told
            if not over:
                raise Unavailable("blurring failed; nothing was made", code="blur_failed")
        except (TimeoutError, ConnectionError, ValueError) as err:
            raise Unavailable("blurring failed; nothing was made", code="blur_failed") from err
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
            await process.wait()


def _rendered(over: dict[str, Any], shown: Sequence[Span], node: str) -> Rendered:
    plain = {
        name: over[name] for name in ("frames", "frame_ms", "lasts_ms", "width", "height", "found", "bytes", "digest")
    }
    cut = from_ms(over["from_ms"]), from_ms(over["to_ms"])
    return Rendered(begins_at=cut[0], ends_at=cut[1], spans=within(shown, cut), node=node, **plain)


def _put(folder: Path, to: Path) -> None:
    shutil.rmtree(to, ignore_errors=True)
    folder.replace(to)
