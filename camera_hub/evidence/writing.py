"""A pack as it is written: one .zip without compression, bit by bit, under another name until it is whole.

A recording is first compared with the digest its recorder took when the file was closed; what differs does not go in.
Blocking: call from threads.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from camera_hub.durable import sync_folder
from camera_hub.evidence.verify import BAG, BAGIT, CHUNK, MANIFEST, SIGNATURE, SUMS, canonical, fingerprint, sums
from registry.recordings.lawful import Span

_BLOCK = 1 << 20
_DATED = (2020, 1, 1, 0, 0, 0)
"""Times inside the .zip say nothing; the manifest does."""
_PLAIN = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to go in: its path, what it is, from where, and what the manifest says of it besides.

    `digest` is the BLAKE2b-256 it must have, or `arrived` its SHA-256, as hex; empty where none was taken before.
    `spans` are the times of its camera that it shows.
    """

    path: str
    role: str
    media_type: str
    source: Path | bytes
    digest: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    arrived: str = ""
    spans: Sequence[Span] = ()


class Differs(Exception):
    """A recording is not what its recorder wrote, or it is gone."""


class Pack:
    """A pack being written to `file`; `abandon` unless `finish` was called."""

    def __init__(self, file: Path, name: str) -> None:
        self._file = file
        self._part = file.with_suffix(".part")
        self._name = name
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._zip = zipfile.ZipFile(self._part, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.files: list[dict[str, Any]] = []

    def add(self, entry: Entry) -> None:
        """Write a file. Raises Differs where its bytes are not those that were recorded, OSError."""
        if isinstance(entry.source, Path) and entry.digest:
            _compare(entry.source, hashlib.blake2b(digest_size=32), entry.digest)
        if isinstance(entry.source, Path) and entry.arrived:
            _compare(entry.source, hashlib.sha256(), entry.arrived)
        told = self._write(entry.path, entry.source)
        facts = {key: value for key, value in entry.facts.items() if value is not None}
        self.files.append({**told, "role": entry.role, "media_type": entry.media_type, **facts})

    def finish(self, manifest: Mapping[str, Any], key: str, sign: Callable[[bytes], str]) -> tuple[int, str, str]:
        """Sign and close it: its bytes and SHA-256, and the manifest's SHA-256. `key` is the public one, as hex."""
        files = sorted(self.files, key=lambda one: str(one["path"]))
        raw = canonical({**manifest, "files": files})
        print_ = fingerprint(bytes.fromhex(key))
        told = {"alg": "Ed25519", "key": key, "key_id": print_[:16], "sig": sign(raw)}
        for name, content in ((MANIFEST, raw), (SIGNATURE, canonical(told)), (SUMS, sums(files)), (BAG, BAGIT)):
            self._write(name, content)
        self._zip.close()
        with self._part.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            size = os.fstat(opened.fileno()).st_size
            os.fsync(opened.fileno())
        self._part.replace(self._file)
        sync_folder(self._file.parent)
        return size, digest, hashlib.sha256(raw).hexdigest()

    def abandon(self) -> None:
        """Leave nothing behind."""
        opened, self._zip.fp = self._zip.fp, None  # what zipfile would still write at its end is not wanted
        if opened is not None:
            opened.close()
        self._part.unlink(missing_ok=True)

    def _write(self, path: str, source: Path | bytes) -> dict[str, Any]:
        about = zipfile.ZipInfo(f"{self._name}/{path}", _DATED)
        about.external_attr = _PLAIN
        whole, size = hashlib.sha256(), 0
        part, chunks = hashlib.sha256(), []
        with self._zip.open(about, "w", force_zip64=True) as out:
            for block in _blocks(source):
                out.write(block)
                whole.update(block)
                part.update(block)
                size += len(block)
                if size % CHUNK == 0:
                    chunks.append(part.hexdigest())
                    part = hashlib.sha256()
        if size % CHUNK:
            chunks.append(part.hexdigest())
        told: dict[str, Any] = {"path": path, "bytes": size, "sha256": whole.hexdigest()}
        return told if size <= CHUNK else {**told, "chunk": CHUNK, "chunks": chunks}


def _blocks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        return (source[at : at + _BLOCK] for at in range(0, len(source), _BLOCK))
    return _read(source)


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:  # buffered: a read is short at the end alone, so that chunks are whole
        while block := opened.read(_BLOCK):
            yield block


def _compare(file: Path, found: Any, digest: str) -> None:
    try:
        for block in _read(file):
            found.update(block)
    except FileNotFoundError as err:
        raise Differs("segment_missing") from err
    if found.hexdigest() != digest:
        raise Differs("digest_differs")
