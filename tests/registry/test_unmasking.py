"""To hide less than masks hide needs a second person; masks lifted for a time come back; the past stays hidden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry import approvals, audit, events, scenes, unmaskings
from registry.approvals import Decision, EarlierAsk, NewApproval, UnmaskAsk
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.inputs import parse
from registry.model import Actor, Camera, Role
from registry.recordings import TimelineQuery, play, record, timeline
from registry.recordings.playing import segment as one_segment
from registry.scenes import Scene
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.recordings_of import POLICY, segment

LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
PART = [[0.0, 0.0], [0.25, 0.0], [0.25, 1.0], [0.0, 1.0]]
RIGHT = [[0.6, 0.0], [1.0, 0.0], [1.0, 1.0], [0.6, 1.0]]
HOUR = timedelta(hours=1)


def scene(*masks: Any) -> Scene:
    return parse(Scene, {"masks": masks})


class People:
    """A technician who draws, and an approver who is not he."""

    def __init__(self, county: County, technician: Actor, chief: Actor) -> None:
        self.county, self.technician, self.chief = county, technician, chief

    async def approved(self, camera: Camera, old: list[Any], new: list[Any], lasts: int | None = None) -> UUID:
        made = await self.asked(camera, old, new, lasts)
        wanted = Decision(granted=True, reason="同意", expected_revision=1)
        await approvals.decide(self.county.store, made, wanted, self.chief)
        return made

    async def asked(self, camera: Camera, old: list[Any], new: list[Any], lasts: int | None = None) -> UUID:
        ask = parse(
            UnmaskAsk,
            {
                "kind": "unmask",
                "camera_id": camera.id,
                "old_masks": old,
                "masks": new,
                "hours": 24,
                "lasts_hours": lasts,
            },
        )
        new_one = NewApproval(asked=ask, reason="邻居搬走")
        return (await approvals.ask(self.county.store, new_one, self.technician)).id


@pytest.fixture
async def people(county: County) -> People:
    technician = Actor(await county.user("tech", Role.TECHNICIAN), "10.1.1.1", "a")
    chief = Actor(await county.user("chief", Role.APPROVER), "10.1.1.2", "b")
    return People(county, technician, chief)


async def masked(county: County, *masks: Any) -> Camera:
    camera = await county.camera()
    await scenes.put(county.store, camera.id, scene(*masks), CONSOLE)
    return camera


async def test_to_hide_less_is_refused_and_to_hide_more_is_not(county: County, people: People) -> None:
    camera = await masked(county, LEFT)
    for less in (scene(), scene(PART), scene(RIGHT)):
        with pytest.raises(Denied) as refused:
            await scenes.put(county.store, camera.id, less, people.technician)
        assert refused.value.code == "unmask_needs_approval"
    assert (await scenes.put(county.store, camera.id, scene(RIGHT, LEFT), people.technician)).revision == 2
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert (await scenes.put(county.store, camera.id, scene(whole), people.technician)).revision == 3


async def test_an_approval_bares_what_it_names_once(county: County, people: People) -> None:
    camera, other = await masked(county, LEFT), await masked(county, LEFT)
    waiting = await people.asked(camera, [LEFT], [PART])
    with pytest.raises(Denied) as early:
        await scenes.put(county.store, camera.id, scene(PART), people.technician, approval_id=waiting)
    assert early.value.code == "approval_not_granted"
    given = await people.approved(camera, [LEFT], [PART])
    for wrong, less in ((camera, scene()), (other, scene(PART))):
        with pytest.raises(Denied) as beyond:
            await scenes.put(county.store, wrong.id, less, people.technician, approval_id=given)
        assert beyond.value.code == "unmask_beyond"
    with pytest.raises(NotFound):
        await scenes.put(county.store, camera.id, scene(PART), people.chief, approval_id=given)
    assert (await scenes.put(county.store, camera.id, scene(PART), people.technician, approval_id=given)).revision == 2
    await scenes.put(county.store, camera.id, scene(LEFT), people.technician)
    with pytest.raises(Conflict) as used:
        await scenes.put(county.store, camera.id, scene(PART), people.technician, approval_id=given)
    assert used.value.code == "approval_used"
    asked = next(row for row in await audit.list_rows(county.store, CONSOLE) if row.action == "approval.asked")
    assert asked.cameras == (str(camera.id),)


async def test_what_is_asked_must_be_about_what_stands(county: County, people: People) -> None:
    camera = await masked(county, LEFT)
    with pytest.raises(Conflict):
        await people.asked(camera, [RIGHT], [])
    with pytest.raises(Invalid):
        await people.asked(camera, [LEFT], [LEFT, RIGHT])
    waiting = await people.asked(camera, [LEFT], [])
    await scenes.put(county.store, camera.id, scene(LEFT, RIGHT), CONSOLE)
    with pytest.raises(Conflict):
        await approvals.decide(
            county.store, waiting, Decision(granted=True, reason="x", expected_revision=1), people.chief
        )
    far = Actor(await county.user("far", Role.TECHNICIAN, ("220882101",)), "10.1.1.4", "d")
    people.technician = far
    with pytest.raises(NotFound):
        await people.asked(camera, [LEFT, RIGHT], [])


async def test_masks_lifted_for_a_time_come_back_by_themselves(county: County, people: People) -> None:
    camera = await masked(county, LEFT)
    given = await people.approved(camera, [LEFT], [], lasts=2)
    await scenes.put(county.store, camera.id, scene(), people.technician, approval_id=given)
    county.clock.turn(hours=1)
    await scenes.put(county.store, camera.id, scene(RIGHT), people.technician)
    assert await unmaskings.put_back(county.store) == 0
    county.clock.turn(hours=1)
    revision = await county.store.revision()
    assert await unmaskings.put_back(county.store) == 1
    now = await scenes.get(county.store, camera.id)
    assert (now.revision, [list(map(list, one)) for one in now.scene.masks], now.created_by) == (
        4,
        [LEFT, RIGHT],
        "console",
    )
    assert await county.store.revision() > revision, "the workers hear of it"
    assert await unmaskings.put_back(county.store) == 0
    assert (await scenes.get(county.store, camera.id)).revision == 4


async def test_masks_drawn_again_by_hand_are_not_put_back_twice(county: County, people: People) -> None:
    camera = await masked(county, PART)
    given = await people.approved(camera, [PART], [], lasts=1)
    await scenes.put(county.store, camera.id, scene(), people.technician, approval_id=given)
    await scenes.put(county.store, camera.id, scene(LEFT), people.technician)
    county.clock.turn(hours=2)
    assert await unmaskings.put_back(county.store) == 1
    assert (await scenes.get(county.store, camera.id)).revision == 3
    assert await unmaskings.put_back(county.store) == 0


async def footage(county: County) -> Camera:
    """Half an hour each before and after a mask was drawn, two hours ago."""
    camera = await county.camera()
    county.clock.turn(hours=-2)
    await scenes.put(county.store, camera.id, scene(LEFT), CONSOLE)
    county.clock.turn(hours=2)
    drawn = NOON - 2 * HOUR
    await record(
        county.store,
        [
            *(segment(camera, drawn + timedelta(minutes=at), 60) for at in range(-30, 0)),
            *(segment(camera, drawn + timedelta(minutes=at, seconds=5), 55, masked=True) for at in range(30)),
        ],
    )
    return camera


async def test_what_was_recorded_before_a_mask_is_hidden(county: County, people: People) -> None:
    camera, look = await footage(county), await county.case()
    query = parse(TimelineQuery, {"from": NOON - 4 * HOUR, "to": NOON})
    told = await timeline(county.store, look, POLICY, camera.id, query)
    begins = NOON - 2 * HOUR + timedelta(seconds=5)
    assert told.hidden_until == begins
    assert told.spans[0].since == begins
    assert all(span.masked for span in told.spans)
    found = await play(county.store, look, [camera.id], (NOON - 4 * HOUR, NOON), stream="sub")
    assert min(one.started_at for one in found.cameras[0].segments) == begins
    old = await play(county.store, look, [camera.id], (NOON - 3 * HOUR, NOON - 2 * HOUR), stream="sub")
    assert old.cameras[0].refused is not None
    assert old.cameras[0].refused.code == "recorded_unmasked"
    with pytest.raises(Denied) as refused:
        await one_segment(county.store, look, camera.id, "sub", NOON - 2 * HOUR - timedelta(minutes=20))
    assert refused.value.code == "recorded_unmasked"
    # A mask that only grew smaller with approval does not hide what the rest of it hid all along.
    given = await people.approved(camera, [LEFT], [PART])
    await scenes.put(county.store, camera.id, scene(PART), people.technician, approval_id=given)
    assert (await timeline(county.store, look, POLICY, camera.id, query)).hidden_until == begins


async def test_an_approval_shows_it_in_its_case_and_time(county: County, people: People) -> None:
    camera, look = await footage(county), await county.case()
    span = (NOON - 2 * HOUR - timedelta(minutes=20), NOON - 2 * HOUR - timedelta(minutes=10))
    ask = parse(
        EarlierAsk,
        {
            "kind": "earlier",
            "case_id": look.purpose.case_id,
            "camera_id": camera.id,
            "starts_at": span[0],
            "ends_at": span[1],
            "hours": 4,
        },
    )
    made = await approvals.ask(county.store, NewApproval(asked=ask, reason="嫌疑人由此经过"), look.actor)
    wanted = Decision(granted=True, reason="同意", expected_revision=1)
    await approvals.decide(county.store, made.id, wanted, people.chief)
    found = await play(county.store, look, [camera.id], (NOON - 4 * HOUR, NOON - 2 * HOUR), stream="sub")
    assert [one.started_at for one in found.cameras[0].segments] == [
        span[0] + timedelta(minutes=at) for at in range(10)
    ]
    other = await county.case(look.actor.user)
    assert other.purpose.case_id != look.purpose.case_id
    refused = (await play(county.store, other, [camera.id], span, stream="sub")).cameras[0].refused
    assert refused is not None
    assert refused.code == "recorded_unmasked"
    county.clock.turn(hours=4)
    again = (await play(county.store, look, [camera.id], span, stream="sub")).cameras[0].refused
    assert again is not None
    assert again.code == "recorded_unmasked"


async def test_pictures_of_events_from_before_a_mask_are_hidden(county: County) -> None:
    camera = await county.camera()
    looks = []
    for at in (NOON - 2 * HOUR, NOON - HOUR):
        event = change(
            camera, started_at=at, snapshot=f"snapshots/2026-11-23/{uuid4()}-0.jpg", snapshot_bytes=10, snapshot_at=at
        )
        await events.record(county.store, [event])
        looks.append(event.id)
    county.clock.turn(minutes=-90)
    await scenes.put(county.store, camera.id, scene(LEFT), CONSOLE)
    county.clock.turn(minutes=90)
    access = await county.access()
    with pytest.raises(Denied) as refused:
        await events.snapshot_of(county.store, access, looks[0])
    assert refused.value.code == "recorded_unmasked"
    assert await events.snapshot_of(county.store, access, looks[1])


async def test_a_policy_may_show_the_past_as_it_is(county: County) -> None:
    camera, look = await footage(county), await county.case()
    law = county.store.policy
    county.store.policy = law.model_copy(update={"masks": law.masks.model_copy(update={"earlier_footage": "shown"})})
    told = await timeline(
        county.store, look, POLICY, camera.id, parse(TimelineQuery, {"from": NOON - 4 * HOUR, "to": NOON})
    )
    assert (told.hidden_until, told.spans[0].masked) == (None, False)
