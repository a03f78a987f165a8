"""Who may watch live: scope, purpose, and of a civilian camera a consent to live pictures; each look on record."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from registry import audit, cameras, consents, live, purposes, users
from registry.errors import Denied, HubError, NotFound
from registry.model import Access, AuditRow, Camera, ConsentScope, Kind, PurposeKind, Role
from registry.users import CONSOLE
from tests.registry.county import NOON, County

LIVE = {ConsentScope.LIVE}


async def rows(county: County) -> list[AuditRow]:
    """What is on record of live pictures, oldest first."""
    found = await audit.list_rows(county.store, CONSOLE)
    return [row for row in reversed(found) if row.action.startswith("live.")]


async def refusal(county: County, access: Access, camera: Camera) -> str | None:
    try:
        await live.open(county.store, access, camera.id, "video")
    except HubError as refused:
        return refused.code
    return None


async def test_a_look_is_on_record_before_it_begins_and_when_it_ends(county: County) -> None:
    access = await county.access()
    camera = await county.camera()
    watched = await live.open(county.store, access, camera.id, "video")
    assert (watched.camera_no, watched.camera_id, watched.stream) == (camera.no, camera.id, "sub")
    (opened,) = await rows(county)
    assert (opened.no, opened.action, opened.cameras, opened.result_count) == (
        watched.audit_no,
        "live.open",
        (str(camera.id),),
        1,
    )
    assert (opened.purpose_kind, opened.reason) == (PurposeKind.PATROL, "night shift")
    county.clock.turn(seconds=90)
    await purposes.close(county.store, access.purpose.id, access.actor)
    await live.closed(county.store, access, watched, seconds=89.96, why="left")
    _, closed = await rows(county)
    assert (closed.action, closed.cameras, closed.span_from, closed.span_to) == (
        "live.close",
        (str(camera.id),),
        NOON,
        NOON + timedelta(seconds=90),
    )
    assert json.loads(closed.detail) == {"opened": watched.audit_no, "seconds": 90.0, "why": "left"}
    assert await audit.verify(county.store) is None


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
    over = await live.lapsed(county.store, access, [camera.id])
    assert {one: why.code for one, why in over.items()} == ({} if code is None else {camera.id: code})


async def test_a_vain_try_is_on_record_too(county: County) -> None:
    access = await county.access()
    civilian = await county.camera(kind=Kind.CIVILIAN)
    assert await refusal(county, access, civilian) == "live_no_consent"
    with pytest.raises(NotFound):
        await live.open(county.store, access, uuid4(), "picture")
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
    assert await live.lapsed(county.store, access, all_of_them) == {}
    await consents.withdraw(county.store, consent.id, CONSOLE)
    await cameras.remove(county.store, gone.id, CONSOLE)
    await users.set_grants(county.store, user.id, ("220882100",), CONSOLE)
    less = Access(access.actor.__class__(await users.get(county.store, user.id), "10.1.1.1"), access.purpose)
    over = await live.lapsed(county.store, less, all_of_them)
    assert {one: why.code for one, why in over.items()} == {
        civilian.id: "live_no_consent",
        gone.id: "camera_unknown",
        far.id: "camera_unknown",
    }


async def test_without_an_open_purpose_of_ones_own_there_is_nothing_to_see(county: County) -> None:
    user, other = await county.user(), await county.user("other")
    access, others = await county.access(user), await county.access(other)
    camera = await county.camera()
    with pytest.raises(Denied) as refused:
        await live.open(county.store, Access(access.actor, others.purpose), camera.id, "video")
    assert refused.value.code == "purpose_required"
    county.clock.turn(hours=12)
    for ask in (live.open(county.store, access, camera.id, "video"), live.lapsed(county.store, access, [camera.id])):
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
    assert await refusal(county, access, near) == "purpose_required", "somebody else's purpose"
    own = Access(access.actor, officer.purpose.__class__(**{**_fields(officer.purpose), "user_no": user.no}))
    assert await refusal(county, own, near) is None
    assert await refusal(county, own, far) == "camera_unknown"


def _fields(purpose: Any) -> dict[str, Any]:
    return {name: getattr(purpose, name) for name in purpose.__dataclass_fields__}
