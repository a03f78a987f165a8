"""A database of the first schema, written by SQL as the first version wrote it, upgraded: everything reads on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import (
    audit,
    cameras,
    check,
    consents,
    devices,
    events,
    migrate,
    places,
    purposes,
    scenes,
    signin,
    tokens,
    users,
)
from registry.columns import Id, Instant, Trail
from registry.errors import Unavailable
from registry.events import EventQuery
from registry.model import Access, Actor, PurposeKind, Role
from registry.scope import EVERYTHING
from registry.signin import Tried
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault

NOW = datetime.now(UTC).replace(microsecond=0)
VILLAGE = "220882100200"
PASSWORD = "a long enough password"
TOKEN = "hub_" + "t" * 43
SCENE = {
    "masks": [],
    "zones": [{"id": "gate", "name": "Gate", "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}],
    "lines": [],
    "rules": [],
}
_TYPES: dict[type, sa.types.TypeEngine[Any]] = {
    UUID: Id(),
    datetime: Instant(),
    tuple: Trail(),
    dict: sa.JSON(),
    list: sa.JSON(),
}


async def insert(conn: AsyncConnection, table: str, **values: Any) -> None:
    """One row by SQL that names what the first schema has, and nothing of this program's tables."""
    columns = [sa.column(name, _TYPES.get(type(value))) for name, value in values.items()]
    await conn.execute(sa.insert(sa.table(table, *columns)).values(values))


class Old:
    """What the first version left behind."""

    def __init__(self, vault: Vault) -> None:
        self.device, self.camera, self.civil, self.event, self.consent = (uuid7() for _ in range(5))
        self.key = f"snapshots/{NOW:%Y-%m-%d}/{self.event}-2.jpg"
        self.sealed = vault.seal("camera secret", devices.binding(self.device, "10.0.0.5"))

    async def write(self, conn: AsyncConnection) -> None:
        for code, name, level in (
            ("220882", "大安市", "county"),
            ("220882100", "乐胜乡", "township"),
            (VILLAGE, "永胜村", "village"),
        ):
            await insert(
                conn, "places", id=uuid7(), code=code, name=name, level=level, lat=45.5, lon=124.2, source="GB/T 2260"
            )
        await insert(
            conn, "devices", id=self.device, name="NVR", type="nvr", host="10.0.0.5", username="admin",
            password_sealed=self.sealed, created_at=NOW,
        )  # fmt: skip
        for number, (identity, kind) in enumerate(((self.camera, "public"), (self.civil, "civilian")), start=1):
            await insert(
                conn, "cameras", id=identity, device_no=1, name=f"东口 {number}", kind=kind, village_no=3, lat=45.51, lon=124.21,
                bearing_deg=90.0, view_angle_deg=60.0, sub_url="rtsp://10.0.0.5/sub", tier="auto", enabled=True,
                gb_id=f"2208821002001320000{number}", manager_unit="派出所", owner_name="李某" if number == 2 else "",
                scene_revision=2 - number, created_at=NOW,
            )  # fmt: skip
            state = {"camera_no": number, "state": "live", "since": NOW}
            await insert(conn, "camera_status", **state, codec="h264", width=640, height=360, fps=15.0)
            await insert(conn, "status_history", **state, detail="")
        await insert(conn, "scenes", camera_no=1, revision=1, body=SCENE, created_by="li", created_at=NOW)
        await insert(
            conn, "consents", id=self.consent, camera_no=2, owner_name="李某", for_events=True, for_clip=False, for_live=False,
            valid_from=NOW - timedelta(days=1), text_version="1", signed_at=NOW,
        )  # fmt: skip
        await insert(
            conn, "users", id=uuid7(), name="li", role="officer", password_hash=PasswordHasher().hash(PASSWORD),
            active=True, created_at=NOW,
        )  # fmt: skip
        await insert(conn, "user_grants", user_no=1, prefix="220882")
        await insert(
            conn, "cases", id=uuid7(), number="A2026-1", title="盗窃案", village_no=3, opened_by="li", opened_at=NOW
        )
        await insert(
            conn, "purposes", id=uuid7(), kind="case", case_no=1, reason="盗窃案", user_no=1, opened_at=NOW,
            expires_at=NOW + timedelta(hours=8),
        )  # fmt: skip
        life = {"opened_at": NOW, "expires_at": NOW + timedelta(hours=8)}
        await insert(conn, "sessions", id=uuid7(), token_hash=b"s" * 32, csrf="c", user_no=1, purpose_no=1, **life)
        await insert(
            conn, "tokens", id=uuid7(), token_hash=hashlib.sha256(TOKEN.encode()).digest(), name="script", user_no=1,
            created_at=NOW, expires_at=NOW + timedelta(days=30),
        )  # fmt: skip
        await insert(conn, "labels", label="person", label_group="person")
        await insert(
            conn, "events", id=self.event, revision=2, camera_no=1, village_no=3, label_no=1, started_at=NOW, local_second=3600,
            score=0.8, kind="object", rule_id="objects", rule_name="objects", scene_revision=1, x0=0.1, y0=0.2, x1=0.3, y1=0.9,
            updated_at=NOW, ended_at=NOW, received_at=NOW, snapshot=self.key, snapshot_revision=2, snapshot_bytes=1000,
            snapshot_at=NOW, node="local", model="centernet", path=((0.1, 0.5), (0.2, 0.5)),
        )  # fmt: skip
        await self.register(conn)

    async def register(self, conn: AsyncConnection) -> None:
        """Two rows of the audit, chained by the rule of the first version, written out here."""
        previous = "0" * 64
        for number in (1, 2):
            row: dict[str, Any] = {
                "no": number, "at": NOW, "user_no": 1, "user_name": "li", "role": "officer", "unit": "", "address": "10.0.0.9",
                "action": "events.search", "cameras": [str(self.camera)], "span_from": None, "span_to": NOW,
                "purpose_kind": "case", "case_number": "A2026-1", "reason": "盗窃案", "detail": "{}", "result_count": number,
                "prev_hash": previous,
            }  # fmt: skip
            plain = {k: round(v.timestamp() * 1000) if isinstance(v, datetime) else v for k, v in row.items()}
            text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            previous = hashlib.sha256(text.encode()).hexdigest()
            await insert(conn, "audit", **{k: v for k, v in row.items() if v is not None}, hash=previous)
        await conn.execute(sa.text("UPDATE audit_head SET audit_no = 2, hash = :hash"), {"hash": previous})
        await conn.execute(sa.text("UPDATE registry_revision SET value = 41"))


async def made_by_0001(url: str, vault: Vault) -> Old:
    old = Old(vault)
    engine = migrate.one_transaction_engine(url)
    async with engine.begin() as conn:
        await conn.run_sync(migrate.build, "0001")
        await old.write(conn)
    await engine.dispose()
    assert await migrate.current(url) == "0001"
    return old


async def test_everything_reads_on(bare: str, vault: Vault) -> None:
    old = await made_by_0001(bare, vault)
    with pytest.raises(Unavailable, match="db upgrade"):
        await Store.open(bare)
    await migrate.upgrade(bare)
    store = await Store.open(bare)

    assert await audit.verify(store) is None
    report = await check.compare(store, [old.key], "local")
    assert (report.clean, report.events, report.orphans) == (True, 1, ())
    assert await store.revision() == 41
    assert [place.name for place in await places.list_places(store)] == ["大安市", "乐胜乡", "永胜村"]
    assert await devices.credentials(store, vault, old.device) == ("admin", "camera secret")
    camera = await cameras.get(store, old.camera, EVERYTHING)
    assert (camera.name, camera.status.state.value, camera.hamlet, camera.revision) == ("东口 1", "live", "", 1)
    assert (await scenes.get(store, old.camera)).scene.zones[0].name == "Gate"
    assert [one.id for one in await consents.list_for(store, old.civil, EVERYTHING)] == [old.consent]

    li = await signin.verify(store, vault, Tried("li", PASSWORD))
    await users.change(store, li.id, users.UserChange(role=Role.MONITOR), CONSOLE)
    li = await users.get(store, li.id)
    assert [(held.at, held.holds) for held in li.duties] == [(None, True)] * 2, "nobody is locked out by the upgrade"
    assert all(held.until is not None and held.until > NOW + timedelta(days=80) for held in li.duties)
    await users.change(store, li.id, users.UserChange(role=Role.OFFICER), CONSOLE)
    li = await users.get(store, li.id)
    by_token = await tokens.user_by_token(store, TOKEN)
    assert by_token is not None
    assert by_token.name == "li"
    (purpose,) = await purposes.list_open(store, li)
    assert purpose.kind is PurposeKind.CASE
    access = Access(Actor(li, "10.0.0.9"), purpose)
    (event,) = (await events.search(store, access, EventQuery())).events
    assert (event.id, event.label, event.has_snapshot) == (old.event, "person", True)
    assert (await events.get(store, access, old.event)).path == ((0.1, 0.5), (0.2, 0.5))

    await places.create(store, places.NewPlace(code="220882100201", name="新村"), CONSOLE)
    assert await audit.verify(store) is None
    await store.close()


async def test_sqlite_is_copied_before(tmp_path: Path, vault: Vault) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}"
    await made_by_0001(url, vault)
    (tmp_path / "hub.db").chmod(0o600)
    await asyncio.gather(*(migrate.upgrade(url) for _ in range(3)))
    copy = tmp_path / f"hub.db.before-{migrate.head()}"
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(("-wal", "-shm"))) == [
        "hub.db",
        copy.name,
    ]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert await migrate.current(f"sqlite+aiosqlite:///{copy}") == "0001"
    with sqlite3.connect(copy) as kept:
        assert kept.execute("select count(*) from events").fetchone() == (1,)
    kept.close()
    changed = copy.stat().st_mtime_ns
    await migrate.upgrade(url)
    assert copy.stat().st_mtime_ns == changed, "nothing is copied when there is nothing to upgrade"


async def test_a_new_database_is_not_copied(tmp_path: Path) -> None:
    await migrate.upgrade(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}")
    assert [path.name for path in tmp_path.iterdir()] == ["hub.db"]


async def test_without_room_for_the_copy_nothing_is_upgraded(tmp_path: Path, vault: Vault) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}"
    await made_by_0001(url, vault)
    (tmp_path / f"hub.db.before-{migrate.head()}").mkdir()  # a rename onto a folder fails as a full disk does
    with pytest.raises(Unavailable, match="no copy"):
        await migrate.upgrade(url)
    assert await migrate.current(url) == "0001"
    assert not list(tmp_path.glob("hub.db.before-*.*"))
