"""To make a pack: what is gathered becomes files, then a manifest over them, then one file in `data_dir/exports`.

Told step by step, so that whoever waits sees how far it is; whoever waits no longer leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.durable import FULL
from camera_hub.evidence import lists, manifest, report, verify
from camera_hub.evidence.writing import Differs, Entry, Pack
from camera_hub.recording.files import Name, path_of
from registry.errors import TooMany, Unavailable
from registry.evidence import Draft, Export, Gathered, Made, Shown, Signer, exports
from registry.evidence.gathering import LeftOut, Whole
from registry.model import Access
from registry.recordings.lawful import Span, joined
from registry.store import Store

EXPORTS = "exports"
_HERE = Path(__file__).parent
_NAME = 40
_VIDEO = {".mp4": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo", ".mkv": "video/x-matroska"}
_BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Step:
    """So many of so many bytes are in it."""

    done: int
    total: int


class Maker:
    """Makes packs of a node's recordings. `room`: bytes that may be written; `picture`: where one lies by its key."""

    def __init__(
        self, store: Store, data_dir: Path, node: str, *, room: Callable[[], int], picture: Callable[[str], Path]
    ) -> None:
        self._store = store
        self._data_dir = data_dir
        self._node = node
        self._room = room
        self._picture = picture
        self._cases: set[UUID] = set()

    def file_of(self, export_id: UUID) -> Path:
        """Where a pack's file is or would be."""
        return self._data_dir / EXPORTS / f"{export_id}.zip"

    async def make(
        self, access: Access, about: Gathered, signer: Signer, extra: Iterable[Entry] = ()
    ) -> AsyncGenerator[Step | Export, None]:
        """Make a pack: the steps, and at last the export.

        `extra` are files beside the recordings: report, stills, blurred clips. Recordings and the hub's own logs go in
        where the grant is for who may have them. Raises Unavailable (disk_full, media_write), TooMany while another
        pack of the case is made: their numbers follow one another.
        """
        case_id = about.case.id
        if case_id in self._cases:
            hint = "another pack of this case is being made; try again when it is there"
            raise TooMany(hint, retry_after_s=10, code="export_busy")
        self._cases.add(case_id)
        try:
            async with aclosing(self._make(access, about, signer, extra)) as steps:
                async for told in steps:
                    yield told
        except OSError as err:
            code, what = ("disk_full", "the disk is full") if err.errno in FULL else ("media_write", str(err.strerror))
            raise Unavailable(f"the pack cannot be made: {what}; see to the disk, then try again", code=code) from err
        finally:
            self._cases.discard(case_id)

    async def _make(
        self, access: Access, about: Gathered, signer: Signer, extra: Iterable[Entry]
    ) -> AsyncGenerator[Step | Export, None]:
        version, before = await exports.next_version(self._store, about)
        name = f"案-{plain(about.case.number)}_v{version}"
        identity, made_at = uuid7(), self._store.clock()
        entries = await asyncio.to_thread(self._entries, about, extra)
        total = sum(size for _, size in entries)
        await asyncio.to_thread(self._check_room, total)
        pack = await asyncio.to_thread(Pack, self.file_of(identity), name)
        left_out = [one for part in about.parts for one in part.left_out]
        inside: list[Entry] = []
        done, whole = 0, False

        def close() -> tuple[int, str, str]:
            told = manifest.build(
                about, left_out, signer, self._store.tz, pack_id=identity, made=made_at, supersedes=before
            )
            told["delivered"] = manifest.delivered(pack.files)
            return pack.finish(told, signer.now.key, signer.sign)

        try:
            for entry, entry_size in entries:
                try:
                    await asyncio.to_thread(pack.add, entry)
                    inside.append(entry)
                except Differs as err:
                    left_out.append(_left_out(entry, str(err)))
                done += entry_size
                yield Step(min(done, total), total)
            if about.asked.master:
                for entry in await asyncio.to_thread(self._papers, about, pack.files, left_out):
                    await asyncio.to_thread(pack.add, entry)
            size, digest, of_manifest = await asyncio.to_thread(close)
            made = Made(
                id=identity,
                name=name,
                node=self._node,
                files=len(pack.files),
                bytes=size,
                digest=digest,
                manifest=of_manifest,
                key=signer.now.fingerprint,
                left_out=len(left_out),
                shown=_shown(inside),
            )
            kept = asyncio.ensure_future(
                exports.record(self._store, access.actor, about, made, version=version, supersedes=before)
            )
            try:
                export = await asyncio.shield(kept)
            finally:  # whoever waits may go away just now: what is on record keeps its file
                await asyncio.wait({kept})
                whole = kept.exception() is None
            yield export
        finally:
            if not whole:
                await asyncio.to_thread(self._forget, pack, identity)

    def _entries(self, about: Gathered, extra: Iterable[Entry]) -> list[tuple[Entry, int]]:
        """All that goes in, with its size; the papers come last. Blocking: a case has some 100,000 rows at the most."""
        own = [*self._masters(about), *self._received(about), *_logs(about), *self._stills(about)]
        inside = own if about.asked.master else []
        return [(one, _size(one)) for one in (*inside, *extra, *_verifiers())]

    def _masters(self, about: Gathered) -> Iterable[Entry]:
        """The recordings as they were written; one that two items ask for goes in once."""
        folders = {one.id: f"{at:02d}_{plain(one.name)}" for at, one in enumerate(about.cameras, start=1)}
        seen = set()
        for part in about.parts:
            for one in part.segments:
                key = Name(one.camera_id, one.stream, one.started_at)
                if key in seen:
                    continue
                seen.add(key)
                path = f"data/video/{folders[one.camera_id]}/{self._stamp(one.started_at)}_{one.stream}.mp4"
                source = path_of(self._data_dir, key)
                shows = ((one.started_at, one.ended_at),)
                yield Entry(path, "master", "video/mp4", source, one.digest, _facts(one, self._at), spans=shows)

    def _received(self, about: Gathered) -> Iterable[Entry]:
        """What people sent in and the case took, as it arrived, each with the photograph of its camera's clock."""
        for number, one in enumerate(about.received, start=1):
            clock, said = one.clock, one.certificate
            facts = {
                "camera": None if one.camera_id is None else str(one.camera_id),
                "from": self._at(one.asked_from),
                "to": self._at(one.asked_to),
                "begins": None if clock.begins_at is None else self._at(clock.begins_at),
                "clock_offset_ms": clock.offset_ms,
                "clock_method": "unknown" if clock.method is None else clock.method.value,
                "given": {"name": one.given_name, "by": said.giver, "device": said.device, "unaltered": said.unaltered},
                "received": self._at(one.received_at),
                "accepted": {"by": one.accepted_by, "at": self._at(one.accepted_at), "verdict": one.verdict.value},
                "codec": one.examined.codec,
            }
            stem, end = f"data/received/{number:02d}_{plain(one.entry_name)}", Path(one.given_name).suffix.lower()
            kind = end if end in _VIDEO else ".bin"
            source = self._data_dir / one.path
            yield Entry(stem + kind, "received", _VIDEO.get(kind, _BYTES), source, "", facts, one.sha256)
            photo = None if said.clock_photo is None else self._data_dir / said.clock_photo
            if photo is not None and photo.is_file():
                yield Entry(f"{stem}_时钟.jpg", "clock", "image/jpeg", photo)

    def copies(
        self, about: Gathered, drafts: Iterable[tuple[Draft, Sequence[Span]]], where: Callable[[Draft], Path]
    ) -> Iterable[Entry]:
        """The blurred clips that somebody looked at, of an outward copy, each with the times it shows."""
        names = {one.id: one.name for one in about.cameras}
        for one, shows in drafts:
            part = about.parts[one.item]
            facts = {
                "camera": str(part.item.camera_id),
                "stream": part.item.stream,
                "from": self._at(one.begins_at),
                "to": self._at(one.ends_at),
                "derived_from": [each.digest for each in part.segments],
                "tool": "camera-hub blur/1",
                "blurred": {"found": one.found, "by_hand": len(one.boxes), "reviewed_by": one.reviewed_by},
            }
            name = f"{one.item + 1:02d}_{plain(names[part.item.camera_id])}_{self._stamp(one.begins_at)}_副本.mp4"
            yield Entry(f"data/clip/{name}", "derived", "video/mp4", where(one), "", facts, spans=shows)

    def _stills(self, about: Gathered) -> Iterable[Entry]:
        """The bookmarks' pictures that may be seen and are here."""
        for number, one in enumerate(about.story.bookmarks, start=1):
            where = about.story.stills.get(one.id)
            if where is None or isinstance(where, str) or not (file := self._picture(where[1])).is_file():
                continue
            taken = one.frame_at or one.at
            facts = {
                "camera": None if one.about is None else str(one.about),
                "upload_sha256": None if one.upload is None else one.upload.sha256,
                "bookmark": str(one.id),
                "at": self._at(taken),
                "frame_pts_us": one.frame_pts,
                "frame_sha256": one.frame_digest,
                "clock_offset_ms": one.clock_offset_ms,
            }
            name = f"data/stills/{number:03d}_{plain(one.camera_name)}_{self._stamp(taken)}.jpg"
            yield Entry(name, "still", "image/jpeg", file, "", facts)

    def _papers(self, about: Gathered, files: Sequence[Mapping[str, Any]], left_out: Sequence[LeftOut]) -> list[Entry]:
        """The report, which shows the stills beside it, and the two official lists of all that is in by now."""
        pictures = {
            one["bookmark"]: f"../{one['path'].removeprefix('data/')}" for one in files if one["role"] == "still"
        }
        tz = self._store.tz
        papers = {
            "报告": report.html(about.story, tz, lambda one: pictures.get(str(one))),
            "电子数据清单": lists.of_data(about, files, tz),
            "调取证据清单": lists.of_taken(about, left_out, tz),
        }
        return [
            Entry(f"data/report/{name}.html", "report", "text/html", text.encode()) for name, text in papers.items()
        ]

    def _at(self, moment: datetime) -> str:
        return moment.astimezone(self._store.tz).isoformat(timespec="milliseconds")

    def _stamp(self, moment: datetime) -> str:
        local = moment.astimezone(self._store.tz)
        return f"{local:%Y%m%d-%H%M%S}-{local.microsecond // 1000:03d}"

    def _check_room(self, total: int) -> None:
        if total > self._room():
            raise Unavailable("too little free disk for this pack; free some space", code="disk_full")

    def _forget(self, pack: Pack, identity: UUID) -> None:
        pack.abandon()
        self.file_of(identity).unlink(missing_ok=True)


def _shown(inside: Iterable[Entry]) -> Shown:
    """What of footage is in a pack of these files."""
    spans: dict[UUID, list[Span]] = {}
    stills = []
    for one in inside:
        if one.spans:
            spans.setdefault(UUID(one.facts["camera"]), []).extend(one.spans)
        if one.role == "still":
            stills.append(UUID(one.facts["bookmark"]))
    return Shown({camera: joined(those) for camera, those in spans.items()}, stills)


def plain(text: str) -> str:
    """A text as part of a file's name on any system."""
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in unicodedata.normalize("NFC", text))
    return kept[:_NAME] or "_"


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as JSON lines."""
    return b"".join(verify.canonical(dict(row)) + b"\n" for row in rows)


def _facts(one: Whole, at: Any) -> dict[str, Any]:
    return {
        "camera": str(one.camera_id),
        "stream": one.stream,
        "from": at(one.started_at),
        "to": at(one.ended_at),
        "codec": one.codec,
        "width": one.width,
        "height": one.height,
        "masked": one.masked,
        "damage": one.damage,
        "clock_offset_ms": one.clock_offset_ms,
        "recorded_blake2b256": one.digest,
    }


def _left_out(entry: Entry, why: str) -> LeftOut:
    facts = entry.facts
    begin, end = (datetime.fromisoformat(facts[name]) for name in ("from", "to"))
    camera = facts.get("camera")
    return LeftOut(None if camera is None else UUID(camera), begin, end, why)


def _logs(about: Gathered) -> list[Entry]:
    asked = json.loads(about.asked.model_dump_json())
    said = {"asked": asked, "reason": about.reason, "decision": about.decision, "approval": str(about.approval_id)}
    return [
        Entry("data/log/queries.jsonl", "log", "application/jsonl", lines(about.story.rows)),
        Entry("data/log/custody.jsonl", "log", "application/jsonl", lines(about.steps)),
        Entry("data/log/approval.json", "log", "application/json", verify.canonical(said)),
    ]


def _verifiers() -> list[Entry]:
    return [
        Entry("verify/verify.py", "verifier", "text/x-python", _HERE / "verify.py"),
        Entry("verify/verify.html", "verifier", "text/html", _HERE / "verify.html"),
        Entry("verify/说明.txt", "verifier", "text/plain", _HERE / "readme.txt"),
    ]


def _size(entry: Entry) -> int:
    if isinstance(entry.source, bytes):
        return len(entry.source)
    try:
        return entry.source.stat().st_size
    except FileNotFoundError:
        return 0
