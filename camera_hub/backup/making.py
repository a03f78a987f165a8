"""Making a backup of a hub, running or not: rows of one moment first, then the pictures and uploads they name.

The moment is one read transaction, so the hub goes on writing. Pictures are files that never change, but a running hub
replaces an open event's picture by a better one and deletes old ones. So a picture that is gone is looked up again:
where the event has another by now, that one and its columns are taken; where it has none, the row loses its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from uuid import UUID

from camera_hub.backup import sent
from camera_hub.backup.archive import (
    CHANGES,
    FORMAT,
    KEY,
    PICTURES,
    TABLES,
    About,
    Progress,
    Writer,
    read_lines,
    translated,
    writing,
)
from camera_hub.backup.sent import Sent
from camera_hub.backup.tars import Tars
from camera_hub.media import STILL, Media, free_bytes
from camera_hub.settings import Settings
from registry import audit, dump, migrate, uploads
from registry.dump import Shape
from registry.errors import Conflict, Unavailable
from registry.model import Actor
from registry.store import Store
from registry.uploads import Kept
from registry.vault import Vault

BATCH = 500
TRIES = 20
"""A picture replaced this often in the milliseconds between asking for its name and opening it is beyond belief."""
_SPARE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    folder: Path
    made_at: datetime
    rows: int
    events: int
    pictures: int
    bytes: int
    missing: int
    """Pictures that were gone before: `camera-hub check` names them."""
    uploads: int
    uploads_lost: int
    """What people sent in and is not in it as it was received: left out, or lost before."""
    key_id: str


@dataclass(slots=True)
class _Copied:
    """What the pictures came to. `changes`: picture columns by an event's number, where they are others by now."""

    pictures: int
    bytes: int
    changes: dict[int, dict[str, object]]
    missing: int


async def make(
    settings: Settings,
    store: Store,
    vault: Vault,
    place: Path,
    *,
    actor: Actor,
    key: bytes,
    node: str,
    program: str,
    with_key: bool,
    with_uploads: bool = True,
    progress: Progress,
    free: Callable[[Path], int] = free_bytes,
) -> Made:
    """Back the hub up into the new folder `place`. `key` is the text of the sealing key's file, for `with_key`.

    The look at everything is on record before a byte leaves. Raises Conflict when `place` is taken or inside the data
    directory, Unavailable when the disk is too small or a part is away; nothing is left behind then.
    """
    media = Media(settings.data_dir, 0, 0)
    place = _outside(place, settings.data_dir)
    with writing(place) as writer, translated("the backup is written"):
        waiting = sum(one.bytes for one in await uploads.kept(store, node)) if with_uploads else 0
        _room(await dump.size_bytes(store) + media.used_bytes() + waiting, free(writer.partial))
        async with store.write() as conn:
            detail = audit.describe(folder=str(place), with_key=with_key, with_uploads=with_uploads)
            await audit.append(conn, actor, "backup.make", now=store.clock(), detail=detail)
        made_at = store.clock()
        rows, plain = await _tables(store, writer, progress)
        copied = await _pictures(store, media, writer, node, progress)
        those = list(_received(writer, node))
        given = Sent(lost=len(those))
        if with_uploads:
            given = await asyncio.to_thread(sent.copy, writer, settings.data_dir, those, progress)
        with writer.lines(CHANGES) as write:
            for no, columns in copied.changes.items():
                write([no, columns])
        if with_key:
            with writer.file(KEY) as out:
                os.fchmod(out.fileno(), 0o600)
                out.write(key)
        about = About(
            format=FORMAT,
            made_at=made_at,
            made_by=f"{actor.user.name} {actor.address}".strip(),
            program=program,
            database="sqlite" if settings.database.startswith("sqlite") else "postgresql",
            schema_revision=migrate.head(),
            node=node,
            timezone=settings.timezone,
            key_id=vault.key_id,
            has_key=with_key,
            rows=rows,
            pictures=copied.pictures,
            picture_bytes=copied.bytes,
            plain_bytes=plain,
            missing=copied.missing,
            uploads=given.uploads,
            upload_bytes=given.bytes,
            uploads_lost=given.lost,
            files=len(writer.files()),
        )
        size = writer.finish(about, place, progress)
    return Made(
        folder=place,
        made_at=made_at,
        rows=sum(rows.values()),
        events=rows["events"],
        pictures=copied.pictures,
        bytes=size,
        missing=copied.missing,
        uploads=given.uploads,
        uploads_lost=given.lost,
        key_id=vault.key_id,
    )


def _outside(place: Path, data_dir: Path) -> Path:
    """The place with its whole name, whatever links or dots lead there."""
    place = place.resolve()
    if place.is_relative_to(data_dir.resolve()):
        hint = "a backup inside the data directory would be lost with it; name another folder"
        raise Conflict(hint, code="backup_inside")
    return place


def _room(wanted: int, free: int) -> None:
    if wanted + _SPARE_BYTES > free:
        raise Unavailable(
            f"the backup may need {wanted / 1e9:.2f} GB and its disk has {free / 1e9:.2f} GB free; use another disk",
            code="disk_full",
            free_bytes=free,
            wanted_bytes=wanted,
        )


async def _tables(store: Store, writer: Writer, progress: Progress) -> tuple[dict[str, int], int]:
    """Every table, read in one transaction; rows by table, and bytes before compression."""
    rows: dict[str, int] = {}
    plain = 0
    shapes = dump.shapes()
    # Our own file errors are told inside: those that reach the transaction count as the database's.
    async with store.read() as conn:
        with translated("the backup is written"):
            for number, shape in enumerate(shapes, start=1):
                rows[shape.name] = 0
                with writer.lines(f"{TABLES}/{number:02}-{shape.name}.gz") as write:
                    write({"table": shape.name, "columns": shape.columns})
                    async for batch in dump.read_rows(conn, shape):
                        plain += sum(map(write, batch))
                        rows[shape.name] += len(batch)
                        progress(f"reading {shape.name}", number - 1, len(shapes))
    progress("reading", len(shapes), len(shapes))
    return rows, plain


async def _pictures(store: Store, media: Media, writer: Writer, node: str, progress: Progress) -> _Copied:
    """The pictures that dumped rows name on this node."""
    number, shape = next((n, s) for n, s in enumerate(dump.shapes(), start=1) if s.name == "events")
    copied = _Copied(0, 0, {}, 0)
    total = media.used_bytes()
    with ExitStack() as stack:
        tars = stack.enter_context(Tars(writer, PICTURES))
        named = _named(writer, f"{TABLES}/{number:02}-events.gz", shape, node)
        while batch := list(islice(named, BATCH)):
            for no, key in batch:
                wanted: str | None = key
                for _ in range(TRIES):
                    added = None if wanted is None else tars.add(wanted, media.path(wanted))
                    if wanted is None or added is not None:
                        break
                    wanted = await _another(store, copied, no, wanted)
                else:
                    raise Unavailable("a picture changes faster than it can be copied; try again", code="backup_race")
                if added:
                    copied.pictures += 1
                    copied.bytes += added[0]
            progress("copying pictures", copied.bytes, max(total, copied.bytes))
        others = (("patrol_marks", "snapshot"), ("placements", "sign"), ("bookmarks", "still"))
        for key in dict.fromkeys(chain.from_iterable(_of_table(writer, node, *one) for one in others)):
            if (kept := tars.add(key, media.path(key))) is not None:
                copied.pictures += 1
                copied.bytes += kept[0]
            else:
                copied.missing += 1
    return copied


async def _another(store: Store, copied: _Copied, no: int, gone: str) -> str | None:
    """The key to try now that the file of `gone` is not there; None when there is none to be had."""
    now = (await dump.pictures_now(store, [no])).get(no)
    if now is not None and gone in (now["snapshot"], now["still"]):
        copied.missing += 1  # the row still names it: it was lost before, and the copy is no better
        return None
    changed = copied.changes.setdefault(no, {})
    if gone.endswith(STILL):  # there is one for an event, or none any more
        changed.update(still=None, still_bytes=0)
        return None
    if now is None or now["snapshot"] is None:
        changed.update(snapshot=None, snapshot_bytes=0)
        return None
    changed.update((name, value) for name, value in now.items() if name.startswith("snapshot"))
    return str(now["snapshot"])


def _named(writer: Writer, name: str, shape: Shape, node: str) -> Iterator[tuple[int, str]]:
    """Number and pictures of each dumped event that has any here."""
    no, on, pictures = shape.at("no"), shape.at("node"), (shape.at("snapshot"), shape.at("still"))
    for row in islice(read_lines(writer.partial / name), 1, None):
        for picture in pictures:
            if row[picture] is not None and row[on] == node:
                yield row[no], row[picture]


def _received(writer: Writer, node: str) -> Iterator[Kept]:
    """The dumped rows of uploads that came whole to this node and are kept."""
    number, shape = next((n, s) for n, s in enumerate(dump.shapes(), start=1) if s.name == "uploads")
    names = ("id", "bytes", "sha256", "node", "purged_at")
    at = [shape.at(name) for name in names]
    for row in islice(read_lines(writer.partial / f"{TABLES}/{number:02}-uploads.gz"), 1, None):
        identity, size, digest, on, purged = (row[one] for one in at)
        if digest is not None and purged is None and on == node:
            yield Kept(UUID(identity), size, digest)


def _of_table(writer: Writer, node: str, table: str, column: str) -> Iterator[str]:
    """The picture of each dumped row that has one here: marks on patrol, signs at cameras, bookmarks."""
    number, shape = next((n, s) for n, s in enumerate(dump.shapes(), start=1) if s.name == table)
    picture, on = shape.at(column), shape.at("node")
    for row in islice(read_lines(writer.partial / f"{TABLES}/{number:02}-{table}.gz"), 1, None):
        if row[picture] is not None and row[on] == node:
            yield row[picture]
