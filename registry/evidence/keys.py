"""The key that evidence packs are signed with (Ed25519): made once, sealed, followed by others.

A new key is signed by the one before, so that whoever knows an old fingerprint can tell that the new key follows. What
was signed stays checkable whatever becomes of a key: packs carry its public part.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.model import Actor
from registry.store import Store
from registry.tables import evidence_keys
from registry.vault import Vault

NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class EvidenceKey:
    """A key's public part as hex, its fingerprint (SHA-256), since when it signs, and by which key it was named."""

    key: str
    fingerprint: str
    made_at: datetime
    previous: str | None
    signature: str | None


@dataclass(frozen=True)
class Signer:
    """The key that signs now, and all before it, the first one first. Its repr shows no secret."""

    now: EvidenceKey
    before: tuple[EvidenceKey, ...]
    _secret: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"Signer({self.now.fingerprint})"

    def sign(self, message: bytes) -> str:
        """The signature, as hex."""
        return self._secret.sign(message).hex()


def binding(key: str) -> str:
    """What the sealed private part is bound to."""
    return f"evidence:{key}"


def statement(key: str, previous: str, at: str) -> bytes:
    """What the holder of `previous` signs to say that `key` follows it, as the verifiers read it."""
    told = {"at": at, "format": "vep-key/1", "key": key, "previous": previous}
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def told_at(key: EvidenceKey) -> str:
    """When a key was made, as its statement says it."""
    return key.made_at.isoformat(timespec="milliseconds")


async def listed(store: Store) -> tuple[EvidenceKey, ...]:
    """All keys there were, the first one first."""
    async with store.read() as conn:
        return tuple(_key(row) for row in await conn.execute(sa.select(evidence_keys).order_by(evidence_keys.c.no)))


async def ensure(store: Store, vault: Vault, actor: Actor) -> EvidenceKey:
    """The key that signs now, its public part; made where there is none yet, on record."""
    async with store.read() as conn:
        rows = await _rows(conn)
    if not rows:
        async with store.write() as conn:
            if not await _rows(conn):
                await _make(conn, store, vault, actor, None)
            rows = await _rows(conn)
    return _key(rows[-1])


async def signer(store: Store, vault: Vault, actor: Actor) -> Signer:
    """The key that signs; made where there is none yet. Raises Corrupt where it cannot be unsealed: see `rotate`."""
    await ensure(store, vault, actor)
    async with store.read() as conn:
        return _signer(await _rows(conn), vault)


async def rotate(store: Store, vault: Vault, actor: Actor, *, lost: bool = False) -> EvidenceKey:
    """Let a new key sign from now on, named by the one before; by none where that is `lost`: its print is told anew.

    Raises Corrupt where the key before cannot be unsealed and is not said to be lost.
    """
    before = None if lost else await signer(store, vault, actor)
    async with store.write() as conn:
        return await _make(conn, store, vault, actor, before)


async def _rows(conn: AsyncConnection) -> list[AnyRow]:
    return list((await conn.execute(sa.select(evidence_keys).order_by(evidence_keys.c.no))).all())


def _signer(rows: list[AnyRow], vault: Vault) -> Signer:
    last = rows[-1]
    secret = vault.unseal(last.secret_sealed, binding(last.key))
    keys = _chain([_key(row) for row in rows])
    return Signer(keys[-1], keys[:-1], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)))


def _chain(keys: list[EvidenceKey]) -> tuple[EvidenceKey, ...]:
    """The newest key and those it follows from: where one was lost, the chain begins anew."""
    begin = max(at for at, one in enumerate(keys) if one.previous is None)
    return tuple(keys[begin:])


async def _make(conn: AsyncConnection, store: Store, vault: Vault, actor: Actor, before: Signer | None) -> EvidenceKey:
    now, secret = store.clock(), Ed25519PrivateKey.generate()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as the database keeps it
    key = secret.public_key().public_bytes_raw().hex()
    values: dict[str, object] = {
        "name": _fingerprint(key)[:NAME_DIGITS],
        "key": key,
        "secret_sealed": vault.seal(secret.private_bytes_raw().hex(), binding(key)),
        "made_at": now,
    }
    if before is not None:
        said = statement(key, before.now.key, now.isoformat(timespec="milliseconds"))
        values |= {"previous": before.now.key, "signature": before.sign(said)}
    row = (await conn.execute(sa.insert(evidence_keys).values(values).returning(evidence_keys))).one()
    made = _key(row)
    detail = audit.describe(key=made.fingerprint, previous=before.now.fingerprint if before else None)
    await audit.append(conn, actor, "evidence.key", now=now, detail=detail)
    return made


def _key(row: AnyRow) -> EvidenceKey:
    return EvidenceKey(row.key, _fingerprint(row.key), row.made_at, row.previous, row.signature)


def _fingerprint(key: str) -> str:
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()
