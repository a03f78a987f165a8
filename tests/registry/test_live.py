"""Who may watch live: scope, purpose, and of a civilian camera a consent to live pictures; each look on record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry import audit, cameras, consents, live, purposes, scenes, users, viewings
from registry.errors import Denied, HubError, NotFound
from registry.live import Sight, Wanted, Watched
from registry.model import Access, AuditRow, Camera, ConsentScope, Kind, PurposeKind, Role
from registry.permissions import Permission, may
from registry.users import CONSOLE
from registry.viewings import Ended, ViewingQuery
from tests.registry.county import NOON, County

LIVE = {ConsentScope.LIVE}


async def rows(county: County) -> list[AuditRow]:
    """What is on record of live pictures, oldest first."""
    found = await audit.list_rows(county.store, CONSOLE)
    return [row for row in reversed(found) if row.action.startswith("live.")]


async def refusal(county: County, access: Access, camera: Camera) -> str | None:
    try:
        await live.one(county.store, access, Wanted(camera.id, "sub", "video"))
    except HubError as refused:
        return refused.code
    return None


async def lapsed(county: County, access: Access, camera_ids: list[UUID]) -> dict[UUID, str]:
    found = await live.standing(county.store, access, [(one, "sub") for one in camera_ids])
    return {one: why.code for one, why in zip(camera_ids, found, strict=True) if isinstance(why, HubError)}


def ended(watched: Watched, seconds: float, why: str) -> Ended:
    assert watched.viewing is not None
    return Ended(watched.viewing, watched.sight.camera_id, watched.opened_at, seconds, why)


async def test_looks_are_on_record_before_they_begin_and_when_they_end(county: County) -> None:
    access = await county.access()
    gate, yard = await county.camera(), await county.camera()
    hidden = uuid4()
    wanted = [Wanted(gate.id, "sub", "video"), Wanted(hidden, "sub", "video"), Wanted(yard.id, "sub", "preview")]
    first, refused, second = await live.open(county.store, access, wanted, node="here")
    assert isinstance(first, Watched)
    assert isinstance(second, Watched)
    assert isinstance(refused, NotFound)
    assert first.sight == Sight(gate.no, gate.id, "sub", "sub")
    (opened,) = await rows(county)
    assert (opened.no, opened.action, opened.cameras, opened.result_count) == (
        first.audit_no,
        "live.open",
        (str(gate.id), str(yard.id)),
        2,
    )
    assert (opened.purpose_kind, opened.reason) == (PurposeKind.PATROL, "night shift")
    assert json.loads(opened.detail) == {"shown": ["preview", "video"], "refused": {str(hidden): "camera_unknown"}}
    county.clock.turn(seconds=90)
    await purposes.close(county.store, access.purpose.id, access.actor)
    await viewings.end(county.store, access, [ended(first, 89.96, "left"), ended(second, 10.0, "closed")])
    _, closed = await rows(county)
    assert (closed.action, closed.cameras, closed.span_from, closed.span_to, closed.result_count) == (
        "live.close",
        (str(gate.id), str(yard.id)),
        NOON,
        NOON + timedelta(seconds=90),
        2,
    )
    assert json.loads(closed.detail) == {"seconds": {str(gate.id): 90.0, str(yard.id): 10.0}, "why": ["closed", "left"]}
    page = await viewings.find(county.store, ViewingQuery(), CONSOLE)
    assert [(one.camera_id, one.user, one.seconds, one.why, one.stream) for one in page.viewings] == [
        (yard.id, "officer", 10.0, "closed", "sub"),
        (gate.id, "officer", 89.96, "left", "sub"),
    ]
    assert await audit.verify(county.store) is None


async def test_what_ended_and_what_begins_is_one_transaction(county: County) -> None:
    access, camera = await county.access(), await county.camera()
    wanted = [Wanted(camera.id, "sub", "video")]
    (first,) = await live.open(county.store, access, wanted)
    assert isinstance(first, Watched)
    await live.open(county.store, access, wanted, ended=[ended(first, 3.0, "closed")])
    assert [row.action for row in await rows(county)] == ["live.open", "live.close", "live.open"]
    page = await viewings.find(county.store, ViewingQuery(camera=camera.id, user="officer"), CONSOLE)
    assert [(one.closed_at is None, one.seconds) for one in page.viewings] == [(True, 0.0), (False, 3.0)]


async def test_what_a_killed_hub_left_open_ends_when_it_was_last_seen(county: County) -> None:
    access, camera = await county.access(), await county.camera()
    wanted = [Wanted(camera.id, "sub", "video")]
    (first,) = await live.open(county.store, access, wanted, node="here")
    await live.open(county.store, access, wanted, node="elsewhere")
    assert isinstance(first, Watched)
    assert first.viewing is not None
    county.clock.turn(seconds=30)
    await viewings.refresh(county.store, {first.viewing})
    county.clock.turn(hours=1)
    assert await viewings.close_left_open(county.store, "here", CONSOLE) == 1
    assert await viewings.close_left_open(county.store, "here", CONSOLE) == 0
    page = await viewings.find(county.store, ViewingQuery(limit=1), CONSOLE)
    assert page.next_cursor is not None
    assert page.viewings[0].closed_at is None, "another hub's goes on"
    page = await viewings.find(county.store, ViewingQuery(limit=1, cursor=int(page.next_cursor)), CONSOLE)
    assert [(one.seconds, one.why) for one in page.viewings] == [(30.0, "hub_restarted")]
    assert [row.result_count for row in await rows(county) if row.action == "live.close"] == [1]


async def test_the_main_stream_is_given_where_there_is_one_and_nothing_is_masked(county: County) -> None:
    access, camera = await county.access(), await county.camera(main_url="rtsp://10.0.0.5/main")
    assert (await live.one(county.store, access, Wanted(camera.id, "main", "video"))).sight.stream == "main"
    mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))
    await scenes.put(county.store, camera.id, scenes.Scene(masks=(mask,)), CONSOLE)
    (now,) = await live.standing(county.store, access, [(camera.id, "main")])
    assert now == Sight(camera.no, camera.id, "sub", "sub"), "what is masked has no other stream"
    assert (await live.one(county.store, access, Wanted(camera.id, "main", "video"))).sight.stream == "sub"


@pytest.mark.parametrize(
    ("given", "hour", "code"),
    [
        ({"scopes": LIVE}, 0, None),
        ({"scopes": {ConsentScope.EVENTS, ConsentScope.CLIP}}, 0, "live_no_consent"),
        ({"scopes": LIVE, "valid_from": NOON + timedelta(hours=1)}, 0, "live_no_consent"),
        ({"scopes": LIVE, "valid_from": NOON + timedelta(hours=1)}, 1, None),
        ({"scopes": LIVE, "valid_to": NOON + timedelta(hours=1)}, 1, "live_no_consent"),
        ({"scopes": LIVE, "from_minute": 22 * 60, "to_minute": 6 * 60}, 0, "live_outside_hours"),
        ({"scopes": LIVE, "from_minute": 22 * 60, "to_minute": 6 * 60}, 10, None),
        ({"scopes": LIVE, "from_minute": 22 * 60, "to_minute": 6 * 60}, 17, None),
        ({"scopes": LIVE, "from_minute": 22 * 60, "to_minute": 6 * 60}, 18, "live_outside_hours"),
    ],
)
async def test_a_civilian_camera_is_watched_as_its_owner_agreed(
    county: County, given: dict[str, Any], hour: int, code: str | None
) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    access = await county.access(hours=48)
    assert await refusal(county, access, camera) == "live_no_consent"
    await county.consent(camera, **given)
    county.clock.turn(hours=hour)
    assert await refusal(county, access, camera) == code
    assert await lapsed(county, access, [camera.id]) == ({} if code is None else {camera.id: code})


async def test_a_vain_try_is_on_record_too(county: County) -> None:
    access = await county.access()
    civilian = await county.camera(kind=Kind.CIVILIAN)
    assert await refusal(county, access, civilian) == "live_no_consent"
    with pytest.raises(NotFound):
        await live.one(county.store, access, Wanted(uuid4(), "sub", "picture"))
    tried = await rows(county)
    assert [(row.action, row.result_count) for row in tried] == [("live.open", 0), ("live.picture", 0)]
    assert tried[0].cameras == (str(civilian.id),)
    assert tried[1].cameras == ()


async def test_withdrawal_removal_and_lost_grants_end_what_is_open(county: County) -> None:
    user = await county.user()
    access = await county.access(user)
    civilian = await county.camera(kind=Kind.CIVILIAN)
    consent = await county.consent(civilian, scopes=LIVE)
    public, gone, far = [await county.camera() for _ in range(2)] + [await county.camera(village="220882101200")]
    all_of_them = [civilian.id, public.id, gone.id, far.id]
    assert await lapsed(county, access, all_of_them) == {}
    await consents.withdraw(county.store, consent.id, CONSOLE)
    await cameras.remove(county.store, gone.id, CONSOLE)
    await users.set_grants(county.store, user.id, ("220882100",), CONSOLE)
    less = Access(access.actor.__class__(await users.get(county.store, user.id), "10.1.1.1"), access.purpose)
    assert await lapsed(county, less, all_of_them) == {
        civilian.id: "live_no_consent",
        gone.id: "camera_unknown",
        far.id: "camera_unknown",
    }


async def test_without_an_open_purpose_of_ones_own_there_is_nothing_to_see(county: County) -> None:
    user, other = await county.user(), await county.user("other")
    access, others = await county.access(user), await county.access(other)
    camera = await county.camera()
    wanted = Wanted(camera.id, "sub", "video")
    with pytest.raises(Denied) as refused:
        await live.one(county.store, Access(access.actor, others.purpose), wanted)
    assert refused.value.code == "purpose_required"
    county.clock.turn(hours=12)
    for ask in (
        live.one(county.store, access, wanted),
        live.standing(county.store, access, [(camera.id, "sub")]),
    ):
        with pytest.raises(Denied) as refused:
            await ask
        assert refused.value.code == "purpose_closed"
    assert await rows(county) == []


@pytest.mark.parametrize("role", Role)
async def test_every_role_that_may_watch_finds_only_its_villages(county: County, role: Role) -> None:
    user = await county.user("one", role, ("220882100200",))
    officer = await county.access(await county.user())
    access = Access(officer.actor.__class__(user, "10.1.1.1"), officer.purpose)
    near, far = await county.camera(), await county.camera(village="220882100201")
    if not may(user, Permission.WATCH_LIVE):
        assert await refusal(county, access, near) == "role"
        return
    assert await refusal(county, access, near) == "purpose_required", "somebody else's purpose"
    own = Access(access.actor, officer.purpose.__class__(**{**_fields(officer.purpose), "user_no": user.no}))
    assert await refusal(county, own, near) is None
    assert await refusal(county, own, far) == "camera_unknown"


def _fields(purpose: Any) -> dict[str, Any]:
    return {name: getattr(purpose, name) for name in purpose.__dataclass_fields__}
