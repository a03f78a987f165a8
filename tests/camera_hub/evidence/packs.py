"""A small pack, made as the hub makes one, and unpacked."""

from __future__ import annotations

import hashlib
import random
import zipfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from camera_hub.evidence.verify import link
from camera_hub.evidence.writing import Entry, Pack

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OLDER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def public(secret: Ed25519PrivateKey) -> str:
    return secret.public_key().public_bytes_raw().hex()


def print_of(secret: Ed25519PrivateKey) -> str:
    return hashlib.sha256(bytes.fromhex(public(secret))).hexdigest()


def chain() -> list[dict[str, str]]:
    at = "2026-11-01T00:00:00.000+00:00"
    said = link(public(SECRET), public(OLDER), at)
    return [{"at": at, "key": public(SECRET), "previous": public(OLDER), "sig": OLDER.sign(said).hex()}]


MANIFEST: dict[str, Any] = {
    "format": "vep/1",
    "pack_id": "0199f7b0-0000-7000-8000-000000000001",
    "supersedes": None,
    "made": "2026-11-29T08:00:00.000+08:00",
    "made_by": {"id": "1", "name": "王强", "unit": "月亮泡派出所"},
    "case": {"no": "案-2026-0001", "window": {"from": "a", "to": "b"}},
    "cameras": [{"id": "c", "lat": "45.507000", "clock": {"offset_ms": 37000, "method": "hub"}}],
    "requested": [{"camera": "c", "from": "a", "to": "b"}],
    "gaps": [{"camera": "c", "from": "a", "to": "b", "reason": "unreachable"}],
    "not_included": [{"camera": "d", "why": "recording_no_consent"}],
    "audit_head": {"seq": 7, "hash": "0" * 64},
    "keys": chain(),
}


def entries(large: int = 0) -> list[Entry]:
    dice = random.Random(1)
    made = [
        Entry("data/video/01_村口/20261128-220000-000_sub.mp4", "master", "video/mp4", dice.randbytes(5000)),
        Entry("data/log/queries.jsonl", "log", "application/jsonl", b'{"no":1}\n'),
        Entry("data/report/报告.html", "report", "text/html", "<p>报告</p>".encode()),
        Entry("verify/verify.py", "verifier", "text/x-python", b"pass\n"),
        Entry("data/empty.txt", "log", "text/plain", b""),
    ]
    if large:
        made.append(Entry("data/video/large.mp4", "master", "video/mp4", dice.randbytes(large)))
    return made


def zipped(folder: Path, *, large: int = 0, manifest: dict[str, Any] | None = None, extra: Any = ()) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pack.zip"
    pack = Pack(file, "案-1_v1")
    for entry in [*entries(large), *extra]:
        pack.add(entry)
    pack.finish(MANIFEST if manifest is None else manifest, public(SECRET), lambda raw: SECRET.sign(raw).hex())
    return file


def unpacked(folder: Path, **more: Any) -> Path:
    with zipfile.ZipFile(zipped(folder, **more)) as opened:
        opened.extractall(folder)
    return folder / "案-1_v1"


def files_of(root: Path) -> list[Path]:
    return sorted(one for one in root.rglob("*") if one.is_file())
