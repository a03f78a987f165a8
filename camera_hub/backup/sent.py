"""What people sent in for cases, in a backup and out of it: evidence that nobody can send a second time.

An upload that came whole goes with all that lies beside it, under `<id>/<file>`; one that is half sent begins anew.
"""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from camera_hub.backup.archive import UPLOADS, Archive, Progress, Writer
from camera_hub.backup.tars import Tars
from camera_hub.durable import sync_folder
from camera_hub.uploads import PICTURE
from registry.errors import Corrupt
from registry.uploads import CLOCK_PHOTO, FILE, FOLDER, Kept

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ENTRY = re.compile(rf"({_ID})/({FILE}|{re.escape(CLOCK_PHOTO)}|{PICTURE})")
_BLOCK = 1 << 20


@dataclass(slots=True)
class Sent:
    """How many uploads were copied, their bytes, and how many were missing or not what was received."""

    uploads: int = 0
    bytes: int = 0
    lost: int = 0


def copy(writer: Writer, data_dir: Path, those: Iterable[Kept], progress: Progress) -> Sent:
    """Copy uploads below `data_dir` into a backup. What is damaged is copied as it is, and counted as lost."""
    done, root = Sent(), data_dir / FOLDER
    with Tars(writer, UPLOADS) as tars:
        for one in those:
            found = {name: tars.add(name, root / name) for name in _names(root, one.id)}
            whole = found.get(f"{one.id}/{FILE}")
            done.uploads += whole is not None
            done.lost += whole is None or whole[1] != one.sha256
            done.bytes += sum(size for size, _ in filter(None, found.values()))
            progress("copying what was sent in", done.bytes, done.bytes)
    return done


def _names(root: Path, upload: UUID) -> list[str]:
    there = (f"{upload}/{file.name}" for file in (root / str(upload)).glob("*"))
    return sorted(name for name in there if _ENTRY.fullmatch(name))


def put_back(archive: Archive, data_dir: Path, progress: Progress) -> dict[UUID, str]:
    """Put the uploads of a verified backup back; the SHA-256 of each. Raises Corrupt for what is no file of one."""
    done, digests = 0, {}
    for name in archive.names(UPLOADS):
        try:
            with tarfile.open(archive.folder / name, "r:") as tar:
                for entry in tar:
                    match = _ENTRY.fullmatch(entry.name)
                    # Links and sparse files are none of ours, and would be followed and blown up.
                    source = tar.extractfile(entry) if match is not None and entry.isreg() else None
                    if match is None or source is None:
                        raise Corrupt(f"{name} holds something that nobody sent in", code="backup_damaged")
                    digest = _write(data_dir / FOLDER / match[1], match[2], source)
                    if match[2] == FILE:
                        digests[UUID(match[1])] = digest
                    done += entry.size
                    progress("restoring what was sent in", done, archive.about.upload_bytes)
        except tarfile.TarError as err:
            raise Corrupt(f"{name} is no archive of what was sent in", code="backup_damaged") from err
    if digests:
        sync_folder(data_dir / FOLDER)
    return digests


def _write(folder: Path, name: str, source: IO[bytes]) -> str:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(folder)
    return digest.hexdigest()


def require(archive: Archive, there: Mapping[UUID, str], those: Iterable[Kept]) -> None:
    """Raise Corrupt where more is lost of what rows name than was when the backup was made."""
    lost = sum(there.get(one.id) != one.sha256 for one in those)
    if lost > archive.about.uploads_lost:
        raise Corrupt(f"{lost} of what people sent in are missing or changed", code="backup_damaged")
