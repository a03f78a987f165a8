"""The sample county: three villages of Da'an with cameras of all four kinds, people who look, a case, a patrol plan.

Names, places and contacts are made up; the villages and their codes are real. Positions, views and all that is drawn on
the map are near the township's, not where anything stands.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import SecretStr

from camera_hub.demo import ground, theft
from camera_hub.demo.ground import HANSHU, XIANJIN, ZHIFA
from registry import cameras, cases, consents, devices, places, scenes, units, users
from registry.casework import report
from registry.casework.items import Certainty, Item, Manner
from registry.casework.told import NewReport
from registry.errors import NotFound
from registry.inputs import parse
from registry.model import Actor, Kind, Role, UnitKind
from registry.patrols import plans
from registry.patrols.plan import NewPatrolPlan
from registry.recordings.model import RecordPolicy
from registry.scope import EVERYTHING
from registry.store import Store
from registry.travel import Paces
from registry.users import CONSOLE
from registry.vault import Vault

POLICY = devices.UrlPolicy(allow_loopback=True)
NOBODY_THERE = "rtsp://192.0.2.10/stream1"
"""An address reserved for documentation (RFC 5737): nothing ever answers there."""
LOGIN = "viewer"
_VIEW_DEG = 70.0
"""What a 4 mm lens on a 1/3 inch sensor sees, the common outdoor camera."""

_TRAFFIC = ["person", "two_wheeler", "vehicle"]
_ANYTHING = [
    {"id": "thing", "name": "人、车、动物", "kind": "object", "groups": [*_TRAFFIC, "animal"]},
    {"id": "unknown", "name": "不明移动物", "kind": "unknown_moving", "groups": ["unknown"]},
]
_GATE_SCENE = {
    "lines": [{"id": "gate", "name": "村口线", "a": [0.5, 0.25], "b": [0.5, 0.95]}],
    "rules": [*_ANYTHING, {"id": "pass", "name": "过村口", "kind": "line_crossed", "line": "gate", "groups": _TRAFFIC}],
}
_YARD = [[0.25, 0.4], [0.95, 0.4], [0.95, 0.98], [0.25, 0.98]]
_YARD_SCENE = {
    "zones": [{"id": "yard", "name": "院内", "points": _YARD}],
    "rules": [
        *_ANYTHING,
        {"id": "in", "name": "进院", "kind": "zone_entered", "zone": "yard", "groups": ["person", "animal"]},
    ],
}
_NEIGHBOUR = [[0.0, 0.0], [0.42, 0.0], [0.42, 0.45], [0.0, 0.45]]
_MASKED_SCENE = {"masks": [_NEIGHBOUR], "rules": _ANYTHING}


@dataclass(frozen=True, slots=True)
class SampleCamera:
    """One camera of the county: what it is, the clip it plays, and what is special about it.

    `clip` None: nothing plays (a dead camera, or a WiFi probe). `looks`: degrees from north. `password`: behind digest
    authentication; `wrong`: and the hub was given another password than the camera's.
    """

    slug: str
    name: str
    kind: Kind
    village: str
    clip: str | None
    lat: float
    lon: float
    looks: float | None = None
    password: bool = False
    wrong: bool = False
    scene: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


RACK = "hanshu-rack"
"""Whose past holds a theft (`demo.theft`)."""
_STATION = {"manager_unit": "月亮泡派出所"}
_PUBLIC, _SOCIAL = Kind.PUBLIC, Kind.SOCIAL
CAMERAS = (
    SampleCamera(
        "hanshu-gate", "汉书村东口", _PUBLIC, HANSHU, "lot", 45.7312, 123.9411, looks=90, scene=_GATE_SCENE,
        more=_STATION,
    ),
    SampleCamera(
        "hanshu-shop", "汉书村小卖部", _SOCIAL, HANSHU, "street", 45.7305, 123.9380, looks=200,
        more={"manager_unit": "汉书村小卖部"},
    ),
    SampleCamera(
        RACK, "汉书村停车棚", _PUBLIC, HANSHU, "rack", 45.7309, 123.9397, looks=150, more=_STATION,
    ),
    SampleCamera(
        "hanshu-home", "汉书村老李家院外", Kind.CIVILIAN, HANSHU, "yard", 45.7298, 123.9366, looks=300,
        scene=_MASKED_SCENE, more={"owner_name": "李某", "owner_contact": "演示号码"},
    ),
    SampleCamera(
        "hanshu-probe", "汉书村路口 WiFi 探头", Kind.WIFI_PROBE, HANSHU, None, 45.7301, 123.9395,
        more={"probe_mac": "02:00:5e:10:00:01", **_STATION},
    ),
    SampleCamera("xianjin-road", "先进村公路", _PUBLIC, XIANJIN, "road", 45.7450, 123.9602, looks=75, more=_STATION),
    SampleCamera(
        "xianjin-h265", "先进村西口（H.265）", _PUBLIC, XIANJIN, "gate", 45.7442, 123.9570, looks=265,
        scene=_GATE_SCENE, more=_STATION,
    ),
    SampleCamera(
        "xianjin-coop", "先进村合作社（口令）", _SOCIAL, XIANJIN, "shop", 45.7438, 123.9588, looks=10,
        scene=_YARD_SCENE, password=True, more={"manager_unit": "先进村合作社"},
    ),
    SampleCamera("zhifa-night", "志发村夜间卡口", _PUBLIC, ZHIFA, "night", 45.7203, 123.9155, looks=130, more=_STATION),
    SampleCamera(
        "zhifa-bridge", "志发村桥头（不通）", _PUBLIC, ZHIFA, None, 45.7190, 123.9170, looks=110, more=_STATION,
    ),
    SampleCamera(
        "zhifa-mill", "志发村加工厂（口令错）", _SOCIAL, ZHIFA, "shop", 45.7211, 123.9148, looks=320,
        password=True, wrong=True, more={"manager_unit": "志发村加工厂"},
    ),
)  # fmt: skip

USERS = (
    ("admin", "管理员", "大安市公安局", Role.ADMIN, ["220882"]),
    ("li", "李警官", "月亮泡派出所", Role.OFFICER, ["220882100"]),
    ("wang", "王辅警", "汉书村警务室", Role.ASSISTANT, [HANSHU]),
    ("zhao", "赵师傅", "运维单位", Role.TECHNICIAN, ["220882"]),
)
STATION, SQUADRON, GROUP = "月亮泡派出所", "月亮泡中队", "汉书小组"


@dataclass(slots=True)
class Memory:
    """What a demo folder keeps between runs, in `demo.json`: passwords, and which cameras were made.

    A camera that was removed by hand is not made again.
    """

    path: Path
    camera_password: str
    users: dict[str, str]
    made: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> Memory:
        """The folder's memory; new passwords for a new folder."""
        path = folder / "demo.json"
        if path.exists():
            return cls(path, **json.loads(path.read_text(encoding="utf-8")))
        # In hexadecimal, where no user's name can stand by chance: such a password is refused.
        return cls(path, secrets.token_urlsafe(12), {name: secrets.token_hex(8) for name, *_ in USERS}, {})

    def keep(self) -> None:
        """Write it, readable by this account only."""
        kept = {"camera_password": self.camera_password, "users": self.users, "made": self.made}
        partial = self.path.with_suffix(".part")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.path)


async def make(store: Store, vault: Vault, memory: Memory, urls: Mapping[str, str], places_csv: Path) -> None:
    """Make what is not there yet, and lead the cameras that are there to where they play now.

    `urls` are by slug; a camera whose clip has none (no server with passwords) is left out. The first run makes
    everything; later ones only follow the RTSP server's new port.
    """
    if not memory.made:
        await places.load_csv(store, places_csv, CONSOLE)
    for one in CAMERAS:
        url = urls.get(one.slug, NOBODY_THERE if one.clip is None and one.kind is not Kind.WIFI_PROBE else None)
        if one.clip is not None and url is None:
            continue
        if one.slug in memory.made:
            await _follow(store, vault, one, memory, url)
        else:
            memory.made[one.slug] = await _new_camera(store, vault, one, memory, url)
            if one.slug == RACK:
                await theft.tell(store, UUID(memory.made[RACK]))
            memory.keep()
    if "ground" not in memory.made:
        await ground.draw(store, memory.made)
        memory.made["ground"] = "drawn"
        memory.keep()
    await _people(store, memory)
    if "patrol" not in memory.made:
        await _patrol_plan(store, memory)
        memory.keep()


async def _new_camera(store: Store, vault: Vault, one: SampleCamera, memory: Memory, url: str | None) -> str:
    host = urlsplit(url).hostname if url else "192.0.2.20"
    login: dict[str, object] = {}
    if one.password:
        login = {"username": LOGIN, "password": "not-its-password" if one.wrong else memory.camera_password}
    kind = "wifi_probe" if one.kind is Kind.WIFI_PROBE else "camera"
    box = parse(devices.NewDevice, {"name": one.name, "type": kind, "host": host, "vendor": "Sample", **login})
    device = await devices.create(store, vault, box, CONSOLE, policy=POLICY)
    fields = {
        "device_id": device.id, "name": one.name, "kind": one.kind, "village_code": one.village,
        "lat": one.lat, "lon": one.lon, "sub_url": url, **one.more,
        **({} if one.looks is None else {"bearing_deg": one.looks, "view_angle_deg": _VIEW_DEG}),
    }  # fmt: skip
    camera = await cameras.create(store, vault, parse(cameras.NewCamera, fields), CONSOLE, policy=POLICY)
    if one.scene is not None:
        await scenes.put(store, camera.id, parse(scenes.Scene, one.scene), CONSOLE)
    if one.kind is Kind.CIVILIAN:
        agreed = {
            "owner_name": one.more["owner_name"], "scopes": ["events"],
            "valid_to": store.clock() + timedelta(days=365),
        }  # fmt: skip
        await consents.create(store, camera.id, parse(consents.NewConsent, agreed), CONSOLE)
    return str(camera.id)


async def _follow(store: Store, vault: Vault, one: SampleCamera, memory: Memory, url: str | None) -> None:
    try:
        camera = await cameras.get(store, UUID(memory.made[one.slug]), EVERYTHING)
    except NotFound:
        return  # removed by hand; stays removed
    if url is not None and camera.sub_url != url and urlsplit(camera.sub_url or "").hostname == urlsplit(url).hostname:
        change = parse(cameras.CameraChange, {"sub_url": url})
        await cameras.change(store, vault, camera.id, change, CONSOLE, policy=POLICY)


async def _people(store: Store, memory: Memory) -> None:
    there = {user.name for user in await users.list_users(store)}
    missing = [one for one in USERS if one[0] not in there]
    if not missing:
        return
    station, group = await _units(store)
    for name, shown, unit, role, grants in missing:
        new = {
            "name": name, "display_name": shown, "unit": unit, "role": role, "grants": grants,
            "password": SecretStr(memory.users[name]), "trained_at": store.clock(), "pledged_at": store.clock(),
            **({"station": station} if role is Role.OFFICER else {"team": group} if role is Role.ASSISTANT else {}),
        }  # fmt: skip
        await users.create(store, parse(users.NewUser, new), CONSOLE)


async def report_theft(store: Store, policy: RecordPolicy, paces: Paces, memory: Memory, gone: datetime) -> None:
    """Take the report of the e-bike that is gone since `gone`, once; the case reaches to what the cameras see now."""
    if "case" in memory.made:
        return
    who = {user.name: user for user in await users.list_users(store)}
    li, now = Actor(who["li"], CONSOLE.address), store.clock()
    rack = next(one for one in CAMERAS if one.slug == RACK)
    told = {
        "item": Item.EBIKE, "item_text": "红色电动自行车", "manner": Manner.STOLEN, "certainty": Certainty.ABOUT,
        "where": {"lat": rack.lat, "lon": rack.lon}, "last_seen_at": gone - timedelta(hours=7),
        "found_at": gone + timedelta(hours=5), "places": (HANSHU,), "title": "电动车被盗",
        "number": f"演示-{now:%Y%m%d}-01", "member_ids": [who["admin"].id, who["wang"].id],
    }  # fmt: skip
    made = await report.create(store, policy, paces, parse(NewReport, told), li)
    wider = {
        "expected_revision": made.case.revision,
        "starts_at": now - timedelta(days=3), "ends_at": now + timedelta(days=5),
    }  # fmt: skip
    await cases.change(store, made.case.id, parse(cases.CaseChange, wider), li)
    memory.made["case"] = str(made.case.id)
    memory.keep()


async def _units(store: Store) -> tuple[UUID, UUID]:
    """The station of the township's villages, and the group of one of them under its squadron: their ids."""

    async def made(kind: UnitKind, name: str, villages: list[str], parent: UUID | None = None) -> UUID:
        new = {"kind": kind, "name": name, "villages": villages, "parent_id": parent}
        return (await units.create(store, parse(units.NewUnit, new), CONSOLE)).id

    station = await made(UnitKind.STATION, STATION, [HANSHU, XIANJIN, ZHIFA])
    squadron = await made(UnitKind.SQUADRON, SQUADRON, [XIANJIN, ZHIFA])
    return station, await made(UnitKind.GROUP, GROUP, [HANSHU], squadron)


async def _patrol_plan(store: Store, memory: Memory) -> None:
    """A round over every camera with a picture that is still there, each night, for whoever may patrol."""
    there = {str(camera.id) for camera in await cameras.list_cameras(store, EVERYTHING)}
    shown = [memory.made[one.slug] for one in CAMERAS if one.kind is not Kind.WIFI_PROBE and one.slug in memory.made]
    night = {"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 20 * 60, "to_minute": 6 * 60}
    plan = {
        "name": "月亮泡镇夜间巡查", "dwell_s": 20, "times": [night],
        "camera_ids": [camera_id for camera_id in shown if camera_id in there],
    }  # fmt: skip
    made = await plans.create(store, parse(NewPatrolPlan, plan), CONSOLE)
    memory.made["patrol"] = str(made.id)
