"""Making a backup of a hub, running or not: rows of one moment first, then the pictures they name.

The moment is one read transaction, so the hub goes on writing. Pictures are files that never change, but a running hub
replaces an open event's picture by a better one and deletes old ones. So a picture that is gone is looked up again:
where the event has another by now, that one and its columns are taken; where it has none, the row loses its own.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, Self

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
from camera_hub.media import STILL, Media, free_bytes
from camera_hub.settings import Settings
from registry import audit, dump, migrate
from registry.dump import Shape
from registry.errors import Conflict, Unavailable
from registry.model import Actor
from registry.store import Store
from registry.vault import Vault

TAR_BYTES = 1 << 30
"""A file of pictures is closed at this size: every file system and copying program takes it."""
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
        _room(await dump.size_bytes(store) + media.used_bytes(), free(writer.partial))
        async with store.write() as conn:
            detail = audit.describe(folder=str(place), with_key=with_key)
            await audit.append(conn, actor, "backup.make", now=store.clock(), detail=detail)
        made_at = store.clock()
        rows, plain = await _tables(store, writer, progress)
        copied = await _pictures(store, media, writer, node, progress)
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
            files=len(writer.files()),
        )
        size = writer.finish(about, place, progress)
    return Made(place, made_at, sum(rows.values()), rows["events"], copied.pictures, size, copied.missing, vault.key_id)


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
        tars = stack.enter_context(_Tars(writer))
        named = _named(writer, f"{TABLES}/{number:02}-events.gz", shape, node)
        while batch := list(islice(named, BATCH)):
            for no, key in batch:
                wanted: str | None = key
                for _ in range(TRIES):
                    size = None if wanted is None else tars.add(media, wanted)
                    if wanted is None or size is not None:
                        break
                    wanted = await _another(store, copied, no, wanted)
                else:
                    raise Unavailable("a picture changes faster than it can be copied; try again", code="backup_race")
                if size:
                    copied.pictures += 1
                    copied.bytes += size
            progress("copying pictures", copied.bytes, max(total, copied.bytes))
        marks, taken = (
            _of_table(writer, node, "patrol_marks", "snapshot"),
            _of_table(writer, node, "placements", "sign"),
        )
        for key in chain(marks, taken):
            if size := tars.add(media, key):
                copied.pictures += 1
                copied.bytes += size
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


def _of_table(writer: Writer, node: str, table: str, column: str) -> Iterator[str]:
    """The picture of each dumped row that has one here: marks on patrol, signs at cameras."""
    number, shape = next((n, s) for n, s in enumerate(dump.shapes(), start=1) if s.name == table)
    picture, on = shape.at(column), shape.at("node")
    for row in islice(read_lines(writer.partial / f"{TABLES}/{number:02}-{table}.gz"), 1, None):
        if row[picture] is not None and row[on] == node:
            yield row[picture]


class _Tars:
    """Pictures into tar files, a new one when the last is full."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._numbers = count(1)
        self._open = ExitStack()
        self._tar: tarfile.TarFile | None = None
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def add(self, media: Media, key: str) -> int | None:
        """Copy one picture; its size, or None when it is gone."""
        try:
            source = media.path(key).open("rb")
        except FileNotFoundError:
            return None
        with source:
            stat = os.fstat(source.fileno())
            entry = tarfile.TarInfo(key)
            entry.size, entry.mtime, entry.mode = stat.st_size, int(stat.st_mtime), 0o640
            self._current().addfile(entry, source)
        return stat.st_size

    def _current(self) -> tarfile.TarFile:
        if self._tar is None or self._file is None or self._file.tell() > TAR_BYTES:
            self._open.close()
            self._file = self._open.enter_context(self._writer.file(f"{PICTURES}/{next(self._numbers):06}.tar"))
            tar = tarfile.TarFile(fileobj=self._file, mode="w", format=tarfile.USTAR_FORMAT)
            self._tar = self._open.enter_context(tar)
        return self._tar
