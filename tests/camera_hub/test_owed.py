"""What is owed: late answers and reviews are faults, and masks come back; a round at a time, with a clock of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from camera_hub.faults import Faults
from camera_hub.owed import Owed
from registry import approvals, assessments, requests, scenes
from registry.approvals import Decision, NewApproval, UnmaskAsk
from registry.assessments import NewAssessment, Review
from registry.inputs import parse
from registry.model import Actor, Role
from registry.requests import NewRequest
from registry.scenes import Scene
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.watch.county import add_camera, place_village
from tests.registry.county import NOON, Clock, County

LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]


async def test_what_is_owed(tmp_path: Path) -> None:
    clock, faults = Clock(), Faults()
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", clock=clock, upgrade=True)
    try:
        await place_village(store)
        camera = await add_camera(store, Vault(bytes(32)), "rtsp://127.0.0.1/x")
        county = County(store, Vault(bytes(32)), clock)
        technician = Actor(await county.user("tech", Role.TECHNICIAN, ("990101",)), "", "a")
        chief = Actor(await county.user("chief", Role.APPROVER, ("990101",)), "", "b")
        owed = Owed(store, faults)

        def codes() -> list[str]:
            return sorted(fault.code for fault in faults.now())

        ask = {
            "asker": "李某", "relation": "self", "id_kind": "resident", "id_last4": "1234", "camera_ids": {camera.id},
            "from": NOON - timedelta(hours=2), "to": NOON, "grounds": "丢失钱包",
        }  # fmt: skip
        asked = await requests.receive(store, parse(NewRequest, ask), CONSOLE)
        seen = {
            "about": "deployment",
            "title": "系统",
            "document_number": "1",
            "approved_by": "王",
            "assessed_at": NOON,
        }
        assessed = await assessments.create(
            store, parse(NewAssessment, {**seen, "review_at": NOON + timedelta(days=30)}), CONSOLE
        )
        await scenes.put(store, camera.id, parse(Scene, {"masks": [LEFT]}), CONSOLE)
        lift = {
            "kind": "unmask",
            "camera_id": camera.id,
            "old_masks": [LEFT],
            "masks": [],
            "hours": 5,
            "lasts_hours": 3,
        }
        made = await approvals.ask(store, NewApproval(asked=parse(UnmaskAsk, lift), reason="查看院墙"), technician)
        yes = Decision(granted=True, reason="同意", expected_revision=1)
        await approvals.decide(store, made.id, yes, chief)
        await scenes.put(store, camera.id, Scene(), technician, approval_id=made.id)

        await owed.round()
        assert codes() == []
        assert (await scenes.get(store, camera.id)).scene.masks == ()
        clock.turn(hours=3)
        await owed.round()
        assert len((await scenes.get(store, camera.id)).scene.masks) == 1
        clock.turn(days=23)  # fifteen working days
        await owed.round()
        assert codes() == ["request_overdue"]
        clock.turn(days=8)
        await owed.round()
        assert codes() == ["assessment_overdue", "request_overdue"]
        await requests.withdraw(store, asked.id, CONSOLE)
        again = Review(document_number="2", approved_by="王", assessed_at=clock.now)
        await assessments.review(store, assessed.id, again, CONSOLE)
        await owed.round()
        assert codes() == []
    finally:
        await store.close()
