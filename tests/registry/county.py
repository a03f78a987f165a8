"""A small county, the clock tests turn, and what tests make in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from uuid_utils.compat import uuid7

from camera_hub.recall.motion.passing import Passing
from camera_hub.recall.motion.shelf import Shelf
from registry import alerts, cameras, cases, consents, purposes, users
from registry.cases import Case
from registry.inputs import parse
from registry.model import (
    Access,
    Actor,
    Box,
    Camera,
    ConsentScope,
    EventChange,
    EventKind,
    Kind,
    LabelGroup,
    PurposeKind,
    Role,
    User,
)
from registry.permissions import Permission, may
from registry.requests import NewRequest
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests import lawful

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 12:00 in Asia/Shanghai
PLACES = (
    ("220882", "大安市"),
    ("220882100", "月亮泡镇"),
    ("220882100200", "汉书村"),
    ("220882100201", "莫什海村"),
    ("220882101", "安广镇"),
    ("220882101200", "永庆村"),
)


async def no_files(_camera_id: UUID) -> tuple[int, int]:
    """Where nothing of analysis lies in files: what a receipt counts of them."""
    return 0, 0


def unwatched(store: Store) -> Passing:
    """A motion index that knows of no camera."""
    return Passing(store, Shelf(Path("nowhere"), store.tz), dict.fromkeys(Kind, 90))


@dataclass
class Clock:
    """A wall clock that tests turn."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class County:
    """A county of two townships and three villages, and what tests make in it."""

    store: Store
    vault: Vault
    clock: Clock
    device_id: UUID = field(default_factory=uuid7)

    async def camera(self, village: str = "220882100200", kind: Kind = Kind.PUBLIC, **given: Any) -> Camera:
        """A camera of which all is known that its place asks for."""
        made = await self.unplaced(village, kind, **given)
        await lawful.place(self.store, made)
        return made

    async def unplaced(self, village: str = "220882100200", kind: Kind = Kind.PUBLIC, **given: Any) -> Camera:
        own: dict[str, Any] = {
            Kind.PUBLIC: {"manager_unit": "镇政府"},
            Kind.SOCIAL: {"manager_unit": "供销社"},
            Kind.WIFI_PROBE: {"probe_mac": "00:11:22:33:44:55"},
            Kind.CIVILIAN: {"owner_name": "老李", "owner_contact": "139"},
        }[kind]
        values = {"device_id": self.device_id, "name": f"cam {uuid7()}", "kind": kind, "village_code": village}
        if kind is not Kind.WIFI_PROBE:
            values["sub_url"] = "rtsp://10.0.0.5/sub"
        new = cameras.NewCamera(**{**values, **own, **given})
        return await cameras.create(self.store, self.vault, new, CONSOLE)

    async def user(
        self, name: str = "officer", role: Role = Role.OFFICER, grants: tuple[str, ...] = ("220882",)
    ) -> User:
        """A user who was trained and signed the pledge the day before."""
        day = self.clock() - timedelta(days=1)
        new = users.NewUser(
            name=name, password=SecretStr("a good password"), role=role, grants=grants, trained_at=day, pledged_at=day
        )
        return await users.create(self.store, new, CONSOLE)

    async def access(self, user: User | None = None, hours: float = 12.0) -> Access:
        """A look under a patrol: at the last 24 hours."""
        actor = Actor(user or await self.user(), "10.1.1.1", "session")
        new = purposes.OpenPurpose(kind=PurposeKind.PATROL, reason="night shift")
        return Access(actor, await purposes.open(self.store, new, actor, hours))

    async def open_case(self, user: User, **given: Any) -> Case:
        """A case of the county and the last 30 days that this user works on; his own where he may have one."""
        chief = user if may(user, Permission.MANAGE_CASES) else await self.user(f"chief-{uuid7().hex[-6:]}")
        values = {
            "number": f"A-{uuid7()}", "title": "丢羊两只", "places": ("220882",), "responsible_id": chief.id,
            "starts_at": self.clock() - timedelta(days=30), "ends_at": self.clock() + timedelta(hours=12),
            "member_ids": {user.id},
        }  # fmt: skip
        return await cases.create(self.store, cases.NewCase(**{**values, **given}), CONSOLE)

    async def case(self, user: User | None = None, hours: float = 12.0, **given: Any) -> Access:
        """A look under a case of the last 30 days."""
        actor = Actor(user or await self.user(), "10.1.1.1", "session")
        case = await self.open_case(actor.user, **given)
        new = purposes.OpenPurpose(kind=PurposeKind.CASE, case_id=case.id, reason="night shift")
        return Access(actor, await purposes.open(self.store, new, actor, hours))

    async def unlimited(self, user: User | None = None, hours: float = 12.0) -> Access:
        """A look under a case of a policy that asks neither place nor time, as cases were before."""
        law = self.store.policy
        loose = law.cases.model_copy(update={"needs_place": False, "needs_window": False})
        self.store.policy = law.model_copy(update={"cases": loose})
        return await self.case(user, hours, places=(), starts_at=None, ends_at=None)

    async def works(self, user: User, *on: Camera) -> Access:
        """A look under maintenance of these cameras."""
        actor = Actor(user, "10.1.1.1", "session")
        ids = frozenset(camera.id for camera in on)
        new = purposes.OpenPurpose(kind=PurposeKind.MAINTENANCE, reason="报修", camera_ids=ids)
        return Access(actor, await purposes.open(self.store, new, actor))

    async def log(self, actor: Actor, before: UUID | None = None) -> tuple[alerts.Delivery, ...]:
        """The log of alerts, as this actor reads it under a purpose of his own."""
        return await alerts.list_deliveries(self.store, await self.access(actor.user), before)

    async def consent(self, camera: Camera, **given: Any) -> Any:
        values = {"owner_name": "老李", "scopes": {ConsentScope.EVENTS}, "text_version": "2026-1", **given}
        return await consents.create(self.store, camera.id, consents.NewConsent(**values), CONSOLE)


def change(camera: Camera, **given: Any) -> EventChange:
    """An event's change with all that is not given filled in."""
    at = given.get("started_at", NOON)
    values: dict[str, Any] = {
        "id": uuid7(),
        "revision": 0,
        "camera_id": camera.id,
        "kind": EventKind.OBJECT,
        "rule_id": "object",
        "rule_name": "object",
        "scene_revision": 0,
        "label": "person",
        "group": LabelGroup.PERSON,
        "score": 0.8,
        "box": Box(0.1, 0.2, 0.3, 0.4),
        "path": ((0.2, 0.4), (0.25, 0.41)),
        "direction": None,
        "started_at": at,
        "updated_at": at,
        "ended_at": None,
        "snapshot": None,
        "snapshot_bytes": 0,
        "snapshot_at": None,
        "node": "hub",
        "model": "centernet",
        "clock_offset_ms": None,
    }
    return EventChange(**{**values, **given})


def asked(**given: Any) -> NewRequest:
    """A request of a relative to see an hour, with all that is not given filled in; None leaves it out."""
    values: dict[str, Any] = {
        "asker": "李秀英",
        "relation": "relative",
        "id_kind": "resident",
        "id_last4": "123X",
        "contact": "13900000000",
        "from": NOON - timedelta(hours=2),
        "to": NOON - timedelta(hours=1),
        "grounds": "老人走失，想看村口录像",
        **given,
    }
    return parse(NewRequest, {name: value for name, value in values.items() if value is not None})
