"""What is kept for a case: holds that last as long as it does, and pictures of bookmarks that go after its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from registry import audit, bookmarks, cases, purges
from registry.bookmarks import Bookmark, NewBookmark, NewVersion, Source, Still, Subject
from registry.cases import CaseChange
from registry.cases.holding import Origin
from registry.inputs import parse
from registry.model import Access, Camera
from registry.recordings import holds
from registry.recordings.holds import Hold, NewHold
from registry.scope import EVERYTHING
from registry.tables import approvals, exports
from registry.tables import cases as case_rows
from registry.users import CONSOLE
from tests.registry.county import NOON, County
from tests.registry.test_holds import proofs

DAY = timedelta(days=1)


def still(at: datetime) -> Still:
    key = f"bookmarks/{at:%Y-%m-%d}/{uuid7()}.jpg"
    return Still("local", Source.RECORDING, key=key, size=1000, digest="a" * 64, frame_at=at)


async def bookmark(county: County, access: Access, camera: Camera, at: datetime) -> Bookmark:
    assert access.purpose.case_id is not None
    new = NewBookmark(camera_id=camera.id, at=at, kind="sighting")
    of = Subject(camera.id, at)
    return await bookmarks.add(county.store, access, access.purpose.case_id, new, of=of, still=still(at))


async def held(county: County, access: Access, origin: Origin) -> list[Hold]:
    listed = await holds.list_holds(county.store, EVERYTHING, case_id=access.purpose.case_id)
    return [one for one in listed if one.origin is origin]


async def by_hand(county: County, access: Access, camera: Camera, expires: datetime) -> Hold:
    values: dict[str, Any] = {"camera_ids": [camera.id], "from": NOON - 9 * DAY, "to": NOON, "expires_at": expires}
    assert access.purpose.case_id is not None
    return await holds.create(county.store, access.purpose.case_id, parse(NewHold, values), CONSOLE)


def id_of(access: Access) -> UUID:
    assert access.purpose.case_id is not None
    return access.purpose.case_id


async def prolong(county: County, access: Access, until: datetime) -> None:
    case = await cases.get(county.store, id_of(access), CONSOLE)
    await cases.change(county.store, case.id, CaseChange(expected_revision=case.revision, expires_at=until), CONSOLE)


async def test_what_a_bookmark_holds_grows_with_its_case_and_with_its_holds(county: County) -> None:
    camera = await county.camera()
    access = await county.case(hours=9999, expires_at=NOON + 10 * DAY)
    short = await by_hand(county, access, camera, NOON + 2 * DAY)
    await bookmark(county, access, camera, NOON - DAY)
    (made,) = await held(county, access, Origin.BOOKMARK)
    assert (made.expires_at, made.since) == (NOON + 10 * DAY, NOON - DAY - timedelta(minutes=5)), "as long as the case"
    county.clock.turn(days=8)
    await prolong(county, access, NOON + 60 * DAY)
    (grown,) = await held(county, access, Origin.BOOKMARK)
    assert (grown.id, grown.expires_at) == (made.id, NOON + 60 * DAY)
    (person,) = await held(county, access, Origin.PERSON)
    assert person.expires_at == short.expires_at, "what somebody placed lasts as long as he said"
    (proof,) = await proofs(county, "hold.prolong")
    assert proof.result_count == 1
    await by_hand(county, access, await county.camera(), NOON + 80 * DAY)
    assert [one.expires_at for one in await held(county, access, Origin.BOOKMARK)] == [NOON + 80 * DAY]
    await bookmark(county, access, camera, NOON - 2 * DAY)
    assert {one.expires_at for one in await held(county, access, Origin.BOOKMARK)} == {NOON + 80 * DAY}
    await prolong(county, access, NOON + 70 * DAY)
    assert {one.expires_at for one in await held(county, access, Origin.BOOKMARK)} == {NOON + 80 * DAY}, "never shorter"
    await holds.release(county.store, made.id, holds.Release(reason="不再需要"), CONSOLE)
    await prolong(county, access, NOON + 90 * DAY)
    released = next(one for one in await held(county, access, Origin.BOOKMARK) if one.id == made.id)
    assert (released.active, released.expires_at) == (False, NOON + 80 * DAY), "released by a person stays so"


async def test_a_case_prolonged_after_it_ran_out_holds_again_what_is_left(county: County) -> None:
    camera = await county.camera()
    access = await county.case(expires_at=NOON + 3 * DAY)
    await bookmark(county, access, camera, NOON - DAY)
    county.clock.turn(days=4)
    assert [one.active for one in await held(county, access, Origin.BOOKMARK)] == [False]
    await prolong(county, access, NOON + 30 * DAY)
    assert [one.active for one in await held(county, access, Origin.BOOKMARK)] == [True]


async def pictures(county: County, access: Access) -> dict[UUID, tuple[bool, str]]:
    async with county.store.read() as conn:
        found = await bookmarks.of_case(conn, id_of(access), superseded=True)
    return {one.id: (one.has_still, one.still_why) for one in found}


async def test_pictures_go_the_policys_days_after_the_case_and_are_proved(county: County) -> None:
    days = county.store.policy.evidence.keep_days
    camera = await county.camera()
    access, other = await county.case(), await county.case(await county.user("second"), expires_at=NOON + 80 * DAY)
    first = await bookmark(county, access, camera, NOON - DAY)
    said = NewVersion(kind="lead", confidence="likely")
    second = await bookmarks.supersede(county.store, access, id_of(access), first.id, said)
    kept = await bookmark(county, other, camera, NOON - 2 * DAY)
    county.clock.turn(hours=1)
    await cases.close(county.store, id_of(access), CONSOLE)
    county.clock.turn(days=days - 1)
    assert await bookmarks.expire(county.store) == ()
    county.clock.turn(days=1)
    gone = await bookmarks.expire(county.store)
    assert [node for node, _ in gone] == ["local"], "one file, of two versions"
    assert await bookmarks.expire(county.store) == ()
    assert await pictures(county, access) == {one.id: (False, "bookmark_expired") for one in (first, second)}
    assert await pictures(county, other) == {kept.id: (True, "")}
    (purge,) = [one for one in await purges.list_purges(county.store) if one.what is purges.What.BOOKMARKS]
    assert (purge.cause, purge.count, purge.bytes, purge.cameras) == (purges.Cause.AGE, 1, 1000, 1)
    assert (purge.since, purge.until) == (NOON - DAY, NOON - DAY)
    county.clock.turn(days=80)
    assert len(await bookmarks.expire(county.store)) == 1, "a case that ran out is over, too"
    assert await pictures(county, other) == {kept.id: (False, "bookmark_expired")}
    async with county.store.read() as conn:
        assert await audit.verify_in(conn) is None


async def pack(county: County, access: Access) -> None:
    """A pack of the case whose file is still here: what its rows say of it."""
    now, one = county.clock(), access.actor.user
    asked = {"id": uuid7(), "kind": "export", "body": {}, "requester_no": one.no, "state": "granted"}
    case_no = sa.select(case_rows.c.no).where(case_rows.c.id == id_of(access)).scalar_subquery()
    async with county.store.write() as conn:
        number = await conn.scalar(
            sa.insert(approvals)
            .values(**asked, case_no=case_no, asked_at=now, waits_until=now)
            .returning(approvals.c.no)
        )
        made = {"id": uuid7(), "version": 1, "name": "pack", "node": "local", "made_at": now, "made_by": one.name}
        sums = {"files": 1, "bytes": 1, "digest": "d", "manifest": "m", "key_name": "k", "shown": {}, "left_out": 0}
        values = {**made, **sums, "approval_no": number, "kept_until": now + DAY}
        await conn.execute(sa.insert(exports).values(**values, case_no=case_no))


async def test_no_picture_goes_that_a_hold_or_a_pack_needs(county: County) -> None:
    days = county.store.policy.evidence.keep_days
    camera = await county.camera()
    access = await county.case()
    made = await bookmark(county, access, camera, NOON - DAY)
    await by_hand(county, access, camera, NOON + (days + 100) * DAY)
    await cases.close(county.store, id_of(access), CONSOLE)
    county.clock.turn(days=days + 99)
    assert await bookmarks.expire(county.store) == (), "the long hold covers it"
    county.clock.turn(days=2)
    await pack(county, access)
    assert await bookmarks.expire(county.store) == (), "a pack of the case is kept"
    async with county.store.write() as conn:
        await conn.execute(sa.update(exports).values(purged_at=county.clock()))
    assert len(await bookmarks.expire(county.store)) == 1
    assert await pictures(county, access) == {made.id: (False, "bookmark_expired")}
