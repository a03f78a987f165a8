"""One of each thing a path may name, made over HTTP: what the matrix and schemathesis ask about.

Whoever adds a route with a new `{name}` adds a thing here; a test says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from api.routing import Route
from registry import tables
from registry.model import Role
from registry.permissions import ROLES, Permission
from tests.camera_hub.recording.footage import Take, put

from .conftest import VILLAGE, Client, World

API = "/api/v1"
PARTS = {
    "number": "0",
    "stream": "sub",
    "day": "2026-11-29",
    "name": "大厅",
    "clip_id": "0199f7b0-0000-7000-8000-000000000001",
}
"""Parameters that name nothing by themselves."""


@dataclass
class Things:
    """Ids by the parameter's name, or by the whole path up to it where one name means two things."""

    ids: dict[str, str] = field(default_factory=dict)

    def of(self, path: str) -> dict[str, str]:
        """What each parameter of a declared path is here; KeyError says which thing is missing."""
        parts = path.removeprefix(API + "/").split("/")
        named = {part[1:-1]: "/".join(parts[: at + 1]) for at, part in enumerate(parts) if part.startswith("{")}
        return {name: self.ids.get(whole) or self.ids[name] for name, whole in named.items()}

    def path(self, route: Route) -> str:
        """The route's path with these ids."""
        return route.path.format(**self.of(route.path))


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def of_place(world: World, keeper: Client, village: str) -> Things:
    """What belongs to a village, made by somebody who sees it, on cameras and a box of their own."""
    now = datetime.now(UTC).replace(microsecond=0)
    device = await keeper.post(f"{API}/devices", {"name": f"盒子 {village}", "host": "192.0.2.77"})
    made = {}
    for kind in ("public", "civilian"):
        new = {"device_id": device["id"], "name": f"{kind} {village}", "kind": kind, "village_code": village}
        who = {"manager_unit": "派出所", "owner_name": "户主", "owner_contact": "13800000000"}
        new |= {"lat": 45.5, "lon": 124.1, "sub_url": f"rtsp://192.0.2.77/{kind}", **who}
        made[kind] = (await keeper.post(f"{API}/cameras", new))["id"]
    camera_id = made["public"]
    world.county.cameras[village] = UUID(camera_id)
    begun = now - timedelta(hours=1)
    event = await world.event(village)
    await put(world.hub.store, world.hub.settings.data_dir, UUID(camera_id), begun, Take())
    times = {"starts_at": iso(now - timedelta(days=20)), "ends_at": iso(now + timedelta(days=1))}
    all_of_them = [one["id"] for one in (await keeper.get(f"{API}/cases/people"))["people"]]
    members = all_of_them if village == VILLAGE else []
    new_case = {"number": f"B-{village}", "title": "丢羊", "places": [village], "member_ids": members, **times}
    case = await keeper.post(f"{API}/cases", new_case)
    span = {"from": iso(begun), "to": iso(now), "expires_at": iso(now + timedelta(days=30))}
    hold = await keeper.post(f"{API}/cases/{case['id']}/holds", {"camera_ids": [camera_id], **span})
    asked = REQUEST | {"camera_ids": [camera_id], "from": iso(begun), "to": iso(now)}
    request = await keeper.post(f"{API}/requests", asked)
    signed = CONSENT | {"valid_from": iso(now), "signed_at": iso(now)}
    consent = await keeper.post(f"{API}/cameras/{made['civilian']}/consents", signed)
    road = await keeper.post(f"{API}/roads", {"place_code": village, "path": [[124.1, 45.5], [124.11, 45.51]]})
    way = {"place_code": village, "name": "村口", "lat": 45.5, "lon": 124.1, "bearing_deg": 90}
    entrance = await keeper.post(f"{API}/entrances", way)
    plan = await keeper.post(f"{API}/patrols/plans", {"name": f"片 {village}", "camera_ids": [camera_id]})
    purpose = await keeper.post(f"{API}/purposes", {"kind": "case", "case_id": case["id"]})
    await keeper.ask("PUT", f"{API}/session/purpose", json={"purpose_id": purpose["id"]})
    entry = await keeper.post(f"{API}/cases/{case['id']}/canvass", {"name": "小卖部"})
    wanted = {"from": iso(begun), "to": iso(now)}
    link = await keeper.post(f"{API}/cases/{case['id']}/canvass/{entry['id']}/requests", wanted)
    sent = await keeper.ask("POST", f"{API}/giving/files", json=GIVEN, headers={"X-Clip-Link": link["token"]})
    upload_id = sent.body["id"]
    clue_map = await keeper.post(f"{API}/cases/{case['id']}/cluemaps", {})
    incident = await keeper.post(f"{API}/incidents", {"event_id": str(event), "title": "有人翻墙"})
    seen = {"camera_id": camera_id, "at": iso(begun), "kind": "sighting"}
    bookmark = await keeper.post(f"{API}/cases/{case['id']}/bookmarks", seen)
    return Things(
        {
            "camera_id": camera_id,
            "consent_id": consent["id"],
            "code": village,
            "device_id": device["id"],
            "event_id": str(event),
            "started_ms": str(round(begun.timestamp() * 1000)),
            "case_id": case["id"],
            "hold_id": hold["id"],
            "map_id": clue_map["kept"]["id"],
            "request_id": request["id"],
            "export_id": str(await export_of(world, case["id"], camera_id, begun, now)),
            "road_id": road["id"],
            "entrance_id": entrance["id"],
            "patrols/plans/{plan_id}": plan["id"],
            "incident_id": incident["id"],
            "bookmark_id": bookmark["id"],
            "entry_id": entry["id"],
            "clip_request_id": link["request"]["id"],
            "upload_id": upload_id,
            "sent_id": upload_id,
            **PARTS,
        }
    )


async def export_of(world: World, case_id: str, camera_id: str, since: datetime, until: datetime) -> UUID:
    """A pack that was made for a case, as its rows alone: what becomes of it is told by tests of its own."""
    asked = {
        "kind": "export", "case_id": case_id, "recipient": "刑侦大队", "recipient_kind": "investigation", "hours": 24,
        "items": [{"camera_id": camera_id, "starts_at": iso(since), "ends_at": iso(until), "stream": "sub"}],
        "document": "12号", "purpose": "侦查", "legal_basis": "治安管理处罚法",
    }  # fmt: skip
    made, now = uuid7(), datetime.now(UTC)
    async with world.hub.store.write() as conn:
        case_no = await conn.scalar(sa.select(tables.cases.c.no).where(tables.cases.c.id == UUID(case_id)))
        asker, decider = list(await conn.scalars(sa.select(tables.users.c.no).order_by(tables.users.c.no).limit(2)))
        granted = {"requester_no": asker, "decided_by_no": decider, "state": "granted", "decided_at": now}
        new = {"id": uuid7(), "kind": "export", "body": asked, "case_no": case_no, "asked_at": now, "waits_until": now}
        approval = await conn.scalar(
            sa.insert(tables.approvals).values(**new, **granted, ends_at=now).returning(tables.approvals.c.no)
        )
        facts = {"name": "案_v1", "node": world.hub.node, "made_at": now, "made_by": "officer", "files": 1, "bytes": 1}
        shown = {"spans": {camera_id: [[iso(since), iso(until)]]}, "stills": []}
        signs = {"digest": "0" * 64, "manifest": "0" * 64, "key_name": "0" * 64, "shown": shown, "left_out": 0}
        of = {"id": made, "case_no": case_no, "approval_no": approval, "version": 1, **facts, **signs}
        number = await conn.scalar(
            sa.insert(tables.exports).values(**of, kept_until=now + timedelta(days=1)).returning(tables.exports.c.no)
        )
        step = {"export_no": number, "at": now, "step": "made", "by_name": "officer", "audit_no": 1}
        await conn.execute(sa.insert(tables.custody).values(**step))
    return made


async def draft_of(owner: Client, case_id: str, camera_id: str) -> UUID:
    """A blurred copy under a grant of the user's own, as its rows alone."""
    made, now = uuid7(), datetime.now(UTC)
    asked = {
        "kind": "export", "case_id": case_id, "recipient": "失主", "recipient_kind": "person", "hours": 24,
        "items": [{"camera_id": camera_id, "starts_at": iso(now - timedelta(hours=1)), "ends_at": iso(now), "stream": "sub"}],
        "document": "12号", "purpose": "告知", "legal_basis": "个人信息保护法",
    }  # fmt: skip
    body = {
        "frames": 1, "frame_ms": 1000, "lasts_ms": 1000, "width": 2, "height": 2, "found": 0,
        "begins_at": iso(now - timedelta(hours=1)), "ends_at": iso(now),
    }  # fmt: skip
    world, me = owner.world, (await owner.get(f"{API}/session"))["user"]["name"]
    async with world.hub.store.write() as conn:
        case_no = await conn.scalar(sa.select(tables.cases.c.no).where(tables.cases.c.id == UUID(case_id)))
        mine = await conn.scalar(sa.select(tables.users.c.no).where(tables.users.c.name == me))
        other = await conn.scalar(sa.select(tables.users.c.no).where(tables.users.c.name != me).limit(1))
        granted = {"requester_no": mine, "decided_by_no": other, "state": "granted", "decided_at": now}
        new = {"id": uuid7(), "kind": "export", "body": asked, "case_no": case_no, "asked_at": now, "waits_until": now}
        ends = now + timedelta(hours=24)
        approval = await conn.scalar(
            sa.insert(tables.approvals).values(**new, **granted, ends_at=ends).returning(tables.approvals.c.no)
        )
        of = {"id": made, "approval_no": approval, "item": 0, "revision": 1, "node": world.hub.node, "body": body}
        facts = {"boxes": [], "made_at": now, "made_by": "officer", "digest": "0" * 64, "bytes": 1}
        await conn.execute(sa.insert(tables.drafts).values(**of, **facts))
    return made


REQUEST = {"asker": "李秀英", "relation": "self", "id_kind": "resident", "id_last4": "123X", "grounds": "丢失钱包"}
GIVEN = {"name": "1.mp4", "bytes": 10, "giver": "店主", "device": "门口", "agreed": True, "unaltered": True}
CONSENT = {"owner_name": "户主", "scopes": ["events"], "text_version": "cn-2026-1"}


async def of_person(owner: Client, spare: Client, place: Things) -> dict[str, str]:
    """What belongs to a user alone, as far as his role may have it; `spare` is another sign-in of his."""
    assert owner.role is not None
    may, camera_id = ROLES[owner.role], place.ids["camera_id"]
    ids = {
        "session_id": next(
            one["id"] for one in (await spare.get(f"{API}/sessions/mine"))["sessions"] if one["current"]
        ),
        "token_id": (await owner.post(f"{API}/tokens", {"name": "spare"}))["id"],
    }
    if Permission.SEE_EVENTS in may:
        ids["search_id"] = (await owner.post(f"{API}/searches", {"name": "夜间", "query": "night=22:00-04:30"}))["id"]
    kind = opens(owner.role)
    if kind is not None:
        ground = {"case": {"case_id": place.ids["case_id"]}, "maintenance": {"camera_ids": [camera_id]}}.get(kind, {})
        ids["purpose_id"] = (await owner.post(f"{API}/purposes", {"kind": kind, "reason": "备用", **ground}))["id"]
    if Permission.OPEN_CASE in may:
        now = datetime.now(UTC)
        span = {"starts_at": iso(now - timedelta(days=25)), "ends_at": iso(now), "hours": 1}
        reach = {"kind": "reach", "case_id": place.ids["case_id"], "places": [place.ids["code"]], **span}
        asked = await owner.post(f"{API}/approvals", {"asked": reach, "reason": "以前是否来过"})
        ids["approval_id"] = asked["id"]
    if Permission.EXPORT in may:
        ids["draft_id"] = str(await draft_of(owner, place.ids["case_id"], camera_id))
    if Permission.OPEN_PATROL in may:
        patrol = await spare.post(f"{API}/patrols", {"plan_id": place.ids["patrols/plans/{plan_id}"]})
        fault = {"camera_id": camera_id, "verdict": "fault"}
        ids["patrol_id"] = patrol["id"]
        ids["mark_id"] = (await spare.post(f"{API}/patrols/{patrol['id']}/marks", fault))["id"]
    if Permission.WATCH_LIVE in may:
        wall = {"name": f"墙 {owner.role}", "body": {"layout": "4", "tiles": [camera_id]}}
        ids["wall_id"] = (await owner.post(f"{API}/walls", wall))["id"]
    if Permission.MANAGE_ALERTS in may:
        rule = {"name": "夜间有人", "reason": "巡查", "watch": {"camera": [camera_id]}}
        ids["rule_id"] = (await owner.post(f"{API}/alerts/rules", rule))["id"]
    if Permission.REGISTER in may:
        sheet = await owner.ask("GET", f"{API}/book?format=csv", raw=True)
        upload: dict[str, Any] = {"data": sheet.body, "headers": {"Content-Type": "application/octet-stream"}}
        answer = await owner.ask("POST", f"{API}/book/plans", raw=True, **upload)
        ids["book/plans/{plan_id}"] = json.loads(answer.body.splitlines()[-1])["plan"]["id"]
    return ids


async def of_hub(admin: Client, world: World) -> dict[str, str]:
    """What belongs to no village and to no single user."""
    target = {"name": "值班室", "kind": "email", "address": "duty@example.org"}
    assessed = {"about": "deployment", "title": "系统", "document_number": "1", "approved_by": "王局"}
    assessment = await admin.post(f"{API}/assessments", {**assessed, "assessed_at": iso(datetime.now(UTC))})
    users = (await admin.get(f"{API}/users"))["users"]
    return {
        "target_id": (await admin.post(f"{API}/alerts/targets", target))["id"],
        "unit_id": (await admin.post(f"{API}/units", {"kind": "group", "name": "一组"}))["id"],
        "assessment_id": assessment["id"],
        "user_id": next(one["id"] for one in users if one["name"] == Role.MONITOR.value),
    }


def opens(role: Role) -> str | None:
    """The first kind of purpose a role may open."""
    wanted = {
        "case": Permission.OPEN_CASE,
        "patrol": Permission.OPEN_PATROL,
        "maintenance": Permission.OPEN_MAINTENANCE,
    }
    return next((kind for kind, permission in wanted.items() if permission in ROLES[role]), None)
