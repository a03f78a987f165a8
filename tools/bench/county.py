"""A made county for measuring: the shipped places, 1,000 cameras, and events as a month brings them."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from registry import cameras, cases, consents, devices, places, purposes, users
from registry.columns import to_ms
from registry.daytime import second_of_day
from registry.model import Access, Actor, ConsentScope, Kind, Level, PurposeKind, Role
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault

PLACES_CSV = Path("configs/places-220882.csv")
DAYS = 30
SEED = 20261123
LABELS = (
    ("person", "person", 0.46),
    ("car", "vehicle", 0.22),
    ("motorcycle", "two_wheeler", 0.12),
    ("bicycle", "two_wheeler", 0.06),
    ("truck", "vehicle", 0.05),
    ("unknown", "unknown", 0.05),
    ("dog", "animal", 0.03),
    ("cat", "animal", 0.009),
    ("cow", "animal", 0.0008),
    ("sheep", "animal", 0.0002),
)
HOURLY = (1, 1, 1, 1, 2, 6, 12, 16, 14, 12, 12, 12, 12, 11, 11, 12, 14, 16, 14, 10, 7, 5, 3, 2)
"""How events spread over the local hours of a day: a village goes to bed early."""


def url(path: Path) -> str:
    """The registry's URL of a database file."""
    return f"sqlite+aiosqlite:///{path}"


async def _register(store: Store, count: int) -> None:
    """The shipped county's places, `count` cameras (busy villages have more), one in ten of them civilian."""
    await places.load_csv(store, PLACES_CSV, CONSOLE)
    villages = await places.list_places(store, level=Level.VILLAGE)
    rng = random.Random(SEED)
    vault = Vault(bytes(32))
    box = devices.NewDevice(name="bench", host="10.0.0.5", username="admin", password=SecretStr("bench"))
    device = await devices.create(store, vault, box, CONSOLE)
    weights = [1 / (rank + 8) for rank in range(len(villages))]
    for number in range(count):
        village = villages[number] if number < len(villages) else rng.choices(villages, weights)[0]
        kind = Kind.CIVILIAN if number % 10 == 9 else Kind.PUBLIC
        new = cameras.NewCamera(
            device_id=device.id,
            name=f"camera {number}",
            kind=kind,
            village_code=village.code,
            lat=45.0 + rng.random(),
            lon=123.5 + rng.random(),
            sub_url=f"rtsp://10.0.0.5/{number}",
            manager_unit="bench",
            owner_name="owner",
            owner_contact="none",
        )
        camera = await cameras.create(store, vault, new, CONSOLE)
        if kind is Kind.CIVILIAN and number % 20 == 9:
            agreed = consents.NewConsent(
                owner_name="owner",
                scopes=frozenset({ConsentScope.EVENTS}),
                text_version="bench",
                valid_from=store.clock() - timedelta(days=DAYS + 1),
            )
            await consents.create(store, camera.id, agreed, CONSOLE)


async def signed_in(store: Store, name: str, grants: tuple[str, ...]) -> Access:
    """An officer with these grants, looking under a case: a patrol sees one day."""
    new = users.NewUser(name=name, password=SecretStr("bench password"), role=Role.OFFICER, grants=grants)
    actor = Actor(await users.create(store, new, CONSOLE), "127.0.0.1", "bench")
    now = store.clock()
    span = {"starts_at": now - timedelta(days=DAYS), "ends_at": now + timedelta(days=1)}
    new_case = cases.NewCase(number=name, title="bench", places=grants[:20], responsible_id=actor.user.id, **span)
    case = await cases.create(store, new_case, CONSOLE)
    reason = purposes.OpenPurpose(kind=PurposeKind.CASE, case_id=case.id)
    return Access(actor, await purposes.open(store, reason, actor))


def _fill(path: Path, count: int, now: datetime, store: Store) -> None:
    """Write `count` closed events of the last DAYS days straight into the file, in the order they happened."""
    rng = random.Random(SEED)
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;")
    spots = db.execute("SELECT no, village_no FROM cameras ORDER BY no").fetchall()
    busy = [rng.paretovariate(1.2) for _ in spots]
    db.executemany(
        "INSERT INTO labels (label, label_group) VALUES (?, ?)", [(name, group) for name, group, _ in LABELS]
    )
    shares = [share for _, _, share in LABELS]
    day = timedelta(days=1)
    first = (now - DAYS * day).astimezone(store.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = sorted(
        first + rng.randrange(DAYS + 1) * day + timedelta(hours=hour, milliseconds=rng.randrange(3_600_000))
        for hour in rng.choices(range(24), HOURLY, k=round(count * (DAYS + 1) / DAYS * 1.02))
    )
    starts = [at for at in starts if now - DAYS * day <= at <= now][-count:]
    chosen = rng.choices(range(len(spots)), busy, k=len(starts))
    labels = rng.choices(range(1, len(LABELS) + 1), shares, k=len(starts))
    trail = struct.pack("<48H", *(rng.randrange(10_000) for _ in range(48)))

    def rows() -> Iterator[tuple[object, ...]]:
        for at, spot, label in zip(starts, chosen, labels, strict=True):
            ms = to_ms(at)
            own = UUID(int=(ms << 80) | (7 << 76) | (rng.getrandbits(12) << 64) | (2 << 62) | rng.getrandbits(62))
            camera, village = spots[spot]
            score = round(0.3 + 0.69 * rng.random(), 3)
            key = f"snapshots/{at.astimezone(UTC):%Y-%m-%d}/{own}-2.jpg"
            yield (
                own.bytes, 2, camera, village, label, ms, second_of_day(at, store.tz), score, "object", "object",
                "object", 0, 0.1, 0.2, 0.3, 0.4, None, ms + 4000, ms + 4000, ms + 300, key, 2, 40_000, ms + 900, "hub",
                "centernet_mbv3", None, trail,
            )  # fmt: skip

    columns = (
        "id, revision, camera_no, village_no, label_no, started_at, local_second, score, kind, rule_id, rule_name, "
        "scene_revision, x0, y0, x1, y1, direction, updated_at, ended_at, received_at, snapshot, snapshot_revision, "
        "snapshot_bytes, snapshot_at, node, model, clock_offset_ms, path"
    )
    marks = ", ".join("?" * (columns.count(",") + 1))
    db.executemany(f"INSERT INTO events ({columns}) VALUES ({marks})", rows())
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def make(path: Path, events: int, camera_count: int = 1000) -> None:
    """Make the county's database at `path`, with `events` events of the last month."""
    store = await Store.open(url(path), upgrade=True)
    await _register(store, camera_count)
    await asyncio.to_thread(_fill, path, events, store.clock(), store)
    await store.close()
