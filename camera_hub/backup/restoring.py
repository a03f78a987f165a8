"""Putting a backup into an empty place: verified first, rows in one transaction, the sign of its end last.

`restoring.json` stands in the data directory from the first byte to the last, and no hub or command works beside it.
A restore that was killed leaves the sign; the next one takes away what the first put there and begins anew, or, where
PostgreSQL had committed already, only finishes.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from uuid_utils.compat import uuid7

from camera_hub.backup import sent
from camera_hub.backup.archive import CHANGES, PICTURES, TABLES, Archive, Progress, translated
from camera_hub.durable import sync_folder
from camera_hub.lock import RESTORING, locked
from camera_hub.media import FOLDERS, Media, free_bytes
from camera_hub.settings import Settings
from registry import audit, check, dump, migrate, reached, restored, uploads
from registry.dump import Shape
from registry.errors import Conflict, Corrupt, HubError, Invalid, Unavailable
from registry.model import Actor
from registry.uploads import FOLDER as UPLOADS
from registry.vault import KEY_FILE, Vault, key_from_text, lay_key

_UNFINISHED = "restoring.db"
"""The SQLite database while it is filled; it gets its name when all of it is there."""
_HARMLESS = frozenset({"hub.lock", "workers.lock", KEY_FILE, "anchors", "lost+found", reached.FILE})
"""What a data directory may hold and still count as empty."""
_SPARE_BYTES = 64 << 20
_MOST_PICTURE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. Consents, users and tokens stand as they did then: some may have been ended since."""

    made_at: datetime
    rows: int
    events: int
    pictures: int
    missing: int
    uploads: int
    uploads_lost: int
    has_key: bool
    upgraded_from: str | None
    consents_in_force: int
    users_active: int
    tokens_active: int


class _Sign(BaseModel):
    """What `restoring.json` says."""

    id: UUID
    archive: str


async def restore(
    settings: Settings,
    archive: Archive,
    actor: Actor,
    *,
    key: str | None,
    without_key: bool,
    progress: Progress,
    free: Callable[[Path], int] = free_bytes,
) -> Restored:
    """Put `archive` into the settings' data directory and database, both empty. `key` is the sealing key's text.

    Everything is verified before anything is touched. Raises Conflict when a hub runs there or something is there,
    Corrupt for a damaged backup, one of a newer program, or one whose register or pictures do not hold together,
    Invalid for a key that is not the backup's, Unavailable when disk or database are away or too small.
    """
    text = _key(settings, archive, key, without_key=without_key)
    migrate.refuse_newer(archive.about.schema_revision)
    with locked(settings.data_dir, restoring=True), translated("the backup is restored"):
        before = _unfinished(settings.data_dir)
        same = before is not None and before.archive == archive.name
        sign = before if before is not None and same else _Sign(id=uuid7(), archive=archive.name)
        asked = _is_there(settings) and (same or settings.database_url is not None)
        if asked and await restored.committed(settings.database, str(sign.id)):
            return await _end(settings, archive, text)
        _room(archive, free(settings.data_dir))
        archive.verify(progress)
        _clear(settings.data_dir)
        _write_sign(settings.data_dir, sign)
        try:
            media = Media(settings.data_dir, 0, 0)
            _pictures(archive, media, progress)
            there = sent.put_back(archive, settings.data_dir, progress)
            await _rows(settings, archive, media, there, actor, sign=sign, progress=progress)
        except HubError as err:
            if err.code != "database_away":  # then it may have committed: the next restore finds out
                _clear(settings.data_dir)
                (settings.data_dir / RESTORING).unlink()
            raise
        return await _end(settings, archive, text)


def _key(settings: Settings, archive: Archive, given: str | None, *, without_key: bool) -> str | None:
    """The text of the key to lay into the data directory, or None where there is none to lay."""
    own = settings.data_dir / KEY_FILE
    if given is None and archive.about.has_key:
        given = archive.key()
    configured = settings.key.get_secret_value() if settings.key else None
    found = configured or given or (own.read_text(encoding="ascii", errors="replace") if own.is_file() else None)
    if found is None:
        if without_key:
            return None
        raise Invalid(
            "the backup's sealing key is needed to read the devices' passwords: give it with --key FILE or"
            " HUB_KEY_FILE, or restore --without-key and give every password again",
            code="restore_key",
        )
    if Vault(key_from_text(found)).key_id != archive.about.key_id and not without_key:
        raise Invalid(
            f"this is not the key the backup was sealed with (its id is {archive.about.key_id}); give that one,"
            " or restore --without-key and give every password again",
            code="restore_key",
        )
    return None if configured else found


def _sqlite_file(settings: Settings) -> Path | None:
    return settings.data_dir / "hub.db" if settings.database_url is None else None


def _is_there(settings: Settings) -> bool:
    """Whether there is a database to ask; asking SQLite would make one."""
    file = _sqlite_file(settings)
    return file is None or file.exists()


def _unfinished(data_dir: Path) -> _Sign | None:
    """The sign of a restore that was not finished. Raises Conflict where something is kept and no restore began it."""
    file = data_dir / RESTORING
    if file.exists():
        try:
            return _Sign.model_validate_json(file.read_bytes())
        except ValidationError:  # killed while it was written
            return _Sign(id=uuid7(), archive="")
    there = sorted(entry.name for entry in data_dir.iterdir() if entry.name not in _HARMLESS)
    kept = [name for name in there if not _bare(data_dir / name)]
    if kept:
        raise Conflict(
            f"{data_dir} is not empty ({', '.join(kept[:3])}); a restore needs an empty one, so that nothing is"
            " overwritten",
            code="restore_not_empty",
        )
    return None


def _bare(path: Path) -> bool:
    """Whether there is nothing but empty folders."""
    return path.is_dir() and not any(entry.is_file() for entry in path.rglob("*"))


def _write_sign(data_dir: Path, sign: _Sign) -> None:
    with (data_dir / RESTORING).open("w", encoding="utf-8") as out:
        out.write(sign.model_dump_json() + "\n")
        out.flush()
        os.fsync(out.fileno())
    sync_folder(data_dir)


def _room(archive: Archive, free: int) -> None:
    wanted = archive.about.picture_bytes + archive.about.upload_bytes + 3 * archive.about.plain_bytes + _SPARE_BYTES
    if wanted > free:
        raise Unavailable(
            f"the restore may need {wanted / 1e9:.2f} GB and the disk has {free / 1e9:.2f} GB free; use a larger one",
            code="disk_full",
            free_bytes=free,
            wanted_bytes=wanted,
        )


def _clear(data_dir: Path) -> None:
    """Take away what a restore before this one put here; the place was empty when that began."""
    for folder in (*FOLDERS, UPLOADS):
        shutil.rmtree(data_dir / folder, ignore_errors=True)
    for name in ("hub.db", _UNFINISHED):
        for tail in ("", "-journal", "-wal", "-shm"):
            (data_dir / f"{name}{tail}").unlink(missing_ok=True)


def _pictures(archive: Archive, media: Media, progress: Progress) -> None:
    done = 0
    for name in archive.names(PICTURES):
        try:
            with tarfile.open(archive.folder / name, "r:") as tar:
                for entry in tar:
                    # Links and sparse files are none of ours, and would be followed and blown up.
                    source = tar.extractfile(entry) if entry.isreg() and entry.size <= _MOST_PICTURE_BYTES else None
                    if source is None:
                        raise Corrupt(f"{name} holds something that is no picture", code="backup_damaged")
                    media.put(entry.name, source.read())  # refuses a name that is no picture's key
                    done += entry.size
                    progress("restoring pictures", done, archive.about.picture_bytes)
        except tarfile.TarError as err:
            raise Corrupt(f"{name} is no archive of pictures", code="backup_damaged") from err


async def _rows(
    settings: Settings,
    archive: Archive,
    media: Media,
    there: Mapping[UUID, str],
    actor: Actor,
    *,
    sign: _Sign,
    progress: Progress,
) -> None:
    """All rows, proved and put on record, in one transaction."""
    file = _sqlite_file(settings)
    url = settings.database if file is None else f"sqlite+aiosqlite:///{file.with_name(_UNFINISHED).absolute()}"
    about = archive.about
    async with dump.filling(url, about.schema_revision) as conn:
        shapes = []
        names = archive.names(TABLES)
        changes = _changes(archive)
        for number, name in enumerate(names):
            shape, rows = _table(archive, name)
            shapes.append(shape)
            progress(f"restoring {shape.name}", number, len(names))
            rows = _changed(shape, rows, changes) if shape.name == "events" else rows
            written = 0
            while batch := list(islice(rows, shape.batch)):
                written += await dump.write_rows(conn, shape, batch)
            if written != about.rows.get(shape.name):
                raise Corrupt(f"{name} has {written} rows, not {about.rows.get(shape.name)}", code="backup_damaged")
        if sorted(shape.name for shape in shapes) != sorted(about.rows):
            raise Corrupt("tables are missing from the backup, or there twice", code="backup_damaged")
        await dump.finish(conn, shapes)
        await restored.settle(conn, datetime.now(UTC))
        report = await check.compare_in(conn, media.keys(), about.node)
        if report.broken is not None:
            raise Corrupt(
                f"the register's chain breaks at row {report.broken.no}: the backup was made of a register that was"
                " edited; keep it as evidence and restore an earlier one",
                code="audit_broken",
                no=report.broken.no,
            )
        if len(report.missing) > about.missing:
            raise Corrupt(f"{len(report.missing)} pictures are missing", code="backup_damaged")
        sent.require(archive, there, await uploads.kept_in(conn, about.node))
        detail = audit.describe(
            restore=str(sign.id), made_at=about.made_at.isoformat(), made_by=about.made_by, source=str(archive.folder)
        )
        await audit.append(conn, actor, "backup.restore", now=datetime.now(UTC), detail=detail)
    if file is not None:
        file.with_name(_UNFINISHED).rename(file)
        sync_folder(file.parent)


def _changes(archive: Archive) -> dict[int, dict[str, Any]]:
    """The picture columns that take the place of a row's, by the event's number."""
    found: dict[int, dict[str, Any]] = {}
    for line in archive.lines(CHANGES):
        match line:
            case [int() as no, dict() as columns]:
                found[no] = columns
            case _:
                raise Corrupt(f"{CHANGES} has a line of another form", code="backup_damaged")
    return found


def _table(archive: Archive, name: str) -> tuple[Shape, Iterator[list[object]]]:
    """A table's shape and the rows that follow it."""
    lines = archive.lines(name)
    try:
        head = next(lines)
        shape = Shape(str(head["table"]), tuple((str(column), str(sort)) for column, sort in head["columns"]))
    except (StopIteration, KeyError, TypeError, ValueError) as err:
        raise Corrupt(f"{name} does not say which table it is", code="backup_damaged") from err
    return shape, lines


def _changed(shape: Shape, rows: Iterator[list[object]], changes: dict[int, dict[str, Any]]) -> Iterator[list[object]]:
    """Events with the pictures that were copied, where they are not those of the row."""
    no = shape.at("no")
    for row in rows:
        number = row[no] if isinstance(row, list) and len(row) == len(shape.columns) else None
        if not isinstance(number, int):
            raise Corrupt("an event has another form than its columns", code="backup_rows")
        for column, value in changes.get(number, {}).items():
            row[shape.at(column)] = value
        yield row


async def _end(settings: Settings, archive: Archive, key: str | None) -> Restored:
    """Lay the key beside, take the sign away, and say what was put back."""
    if key is not None and not (settings.data_dir / KEY_FILE).exists():
        lay_key(settings.data_dir, key_from_text(key))
    (settings.data_dir / RESTORING).unlink(missing_ok=True)
    sync_folder(settings.data_dir)
    about = archive.about
    standing = await restored.standing(settings.database)
    return Restored(
        made_at=about.made_at,
        rows=sum(about.rows.values()),
        events=about.rows.get("events", 0),
        pictures=about.pictures,
        missing=about.missing,
        uploads=about.uploads,
        uploads_lost=about.uploads_lost,
        has_key=key is not None or settings.key is not None,
        upgraded_from=restored.upgraded_from(about.schema_revision),
        consents_in_force=standing.consents,
        users_active=standing.users,
        tokens_active=standing.tokens,
    )
