"""Withdrawal: what it stops, destroys and lets go, what a case holds, and a receipt that is the same for everybody."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from registry import audit, cameras, consents, devices, events, incidents, live, scenes, withdrawals
from registry.consents import ConsentStep, TakeStep, attention, owners, scans
from registry.consents.attention import Why
from registry.errors import Conflict, Invalid, NotFound
from registry.events import EventQuery
from registry.incidents import Assign, Close, NewIncident
from registry.inputs import parse
from registry.model import Actor, ConsentScope, ConsentState, Kind, Reason
from registry.orders import orders
from registry.policy import preset
from registry.purposes import OpenPurpose
from registry.recordings import holds
from registry.recordings.holds import NewHold
from registry.scope import EVERYTHING, Scope
from registry.store import Store
from registry.tables import audit as audit_rows
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change, no_files
from tests.registry.recordings_of import POLICY

EVENTS = {ConsentScope.EVENTS}
SQUARE = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5))
AROUND = ((0.0, 0.0), (0.6, 0.0), (0.6, 0.6), (0.0, 0.6))


async def rows(store: Store, action: str) -> list[sa.Row[tuple[object, ...]]]:
    async with store.read() as conn:
        return list((await conn.execute(sa.select(audit_rows).where(audit_rows.c.action == action))).all())


async def test_it_stops_destroys_and_purges_but_for_what_a_case_holds(county: County) -> None:
    store = county.store
    new = devices.NewDevice(name="院", host="10.0.0.9", username="admin", password="camera secret")
    box = await devices.create(store, county.vault, new, CONSOLE)
    camera = await county.camera(kind=Kind.CIVILIAN, device_id=box.id, sub_url="rtsp://10.0.0.9/sub")
    consent = await county.consent(camera, valid_from=NOON - timedelta(days=3))
    kept, gone = (change(camera, started_at=NOON - timedelta(hours=hours)) for hours in (30, 5))
    await events.record(store, [kept, gone])
    access = await county.case()
    span = {"from": NOON - timedelta(hours=31), "to": NOON - timedelta(hours=29)}
    ends = NOON + timedelta(days=30)
    new_hold = {"camera_ids": [camera.id], **span, "expires_at": ends}
    assert access.purpose.case_id is not None
    await holds.create(store, access.purpose.case_id, parse(NewHold, new_hold), CONSOLE)

    receipt = await withdrawals.withdraw(store, consent.id, CONSOLE, no_files)
    assert (receipt.stopped, receipt.credentials, receipt.by_owner) == (True, True, False)
    assert receipt.number.startswith("20261123-")
    assert await devices.credentials(store, county.vault, box.id) == ("", "")
    assert not (await cameras.get(store, camera.id, EVERYTHING)).enabled
    assert (await events.search(store, access, EventQuery())).events == ()
    assert receipt.left == withdrawals.Kept(2, 0, 0, 0, 0)

    assert await consents.purging(store, NOON - timedelta(minutes=1)) == (camera.id,)
    expired, more = await events.purge(store, camera.id, after=0)
    assert (expired.rows, more) == (1, None)
    after = await withdrawals.receipt(store, consent.id, EVERYTHING, no_files)
    assert (after.number, after.purged, after.left) == (
        receipt.number,
        withdrawals.Kept(1, 0, 0, 0, 0),
        withdrawals.Kept(1, 0, 0, 0, 0),
    )
    assert after.held_until == ends
    (proof,) = await rows(store, "events.purge")
    assert (proof.cameras, proof.result_count) == ([str(camera.id)], 1)

    county.clock.turn(days=31)
    expired, _ = await events.purge(store, camera.id, after=0)
    assert expired.rows == 1, "what was held goes when the hold is over"


async def test_the_boxs_sign_in_stays_while_another_camera_uses_it(county: County) -> None:
    yard, street = await county.camera(kind=Kind.CIVILIAN), await county.camera()
    consent = await county.consent(yard)
    receipt = await withdrawals.withdraw(county.store, consent.id, CONSOLE, no_files)
    assert (receipt.stopped, receipt.credentials) == (True, False)
    assert (await devices.credentials(county.store, county.vault, street.device_id))[1] == "sealed secret"


async def test_another_consent_keeps_the_camera(county: County) -> None:
    yard = await county.camera(kind=Kind.CIVILIAN)
    first, _ = await county.consent(yard), await county.consent(yard)
    receipt = await withdrawals.withdraw(county.store, first.id, CONSOLE, no_files)
    assert (receipt.stopped, receipt.left) == (False, None)
    assert (await cameras.get(county.store, yard.id, EVERYTHING)).enabled


async def test_two_withdrawals_at_once_give_one_receipt(county: County) -> None:
    yard = await county.camera(kind=Kind.CIVILIAN)
    consent = await county.consent(yard)
    token = await owners.link(county.store, county.vault, consent.id, CONSOLE)
    officer = Actor(await county.user(), "10.0.0.1")
    await asyncio.gather(
        withdrawals.withdraw(county.store, consent.id, officer, no_files),
        owners.withdraw(county.store, county.vault, token, "10.0.0.2"),
        withdrawals.withdraw(county.store, consent.id, officer, no_files),
    )
    receipts = [await withdrawals.withdraw(county.store, consent.id, officer, no_files) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert len(await rows(county.store, "consent.withdraw")) == 1


async def test_an_owner_sees_what_he_may_be_told_and_no_more(county: County) -> None:
    store, vault = county.store, county.vault
    yard = await county.camera(kind=Kind.CIVILIAN)
    consent = await county.consent(yard)
    await events.record(store, [change(yard)])
    patrol, case = await county.access(), await county.case(await county.user("second"))
    for access in (patrol, patrol, case):
        await events.search(store, access, EventQuery())
    token = await owners.link(store, vault, consent.id, CONSOLE)
    seen = await owners.view(store, vault, token, "10.9.9.9")
    assert [(one.use, one.purpose, one.times) for one in seen.used] == [("event", "patrol", 2)]
    assert set(seen.may) == {ConsentStep.PAUSE, ConsentStep.WITHDRAW}
    (look,) = await rows(store, "owner.look")
    assert (look.purpose_kind, look.role, look.user_name, look.address) == ("owner", None, "owner", "10.9.9.9")
    county.clock.turn(days=store.policy.consent.withhold_days + 1)
    later = await owners.view(store, vault, token, "")
    assert {one.purpose for one in later.used} == {"patrol", "case"}, "withheld no longer than the policy says"
    assert await audit.verify(store) is None

    await owners.take(store, vault, token, "pause", "")
    assert (await consents.get(store, consent.id, EVERYTHING)).state is ConsentState.PAUSED
    await owners.take(store, vault, token, "resume", "")
    with pytest.raises(Conflict, match="state"):
        await owners.take(store, vault, token, "resume", "")


async def test_a_link_that_is_forged_renewed_or_revoked_opens_nothing(county: County) -> None:
    store, vault = county.store, county.vault
    consent = await county.consent(await county.camera(kind=Kind.CIVILIAN))
    other = await county.consent(await county.camera(kind=Kind.CIVILIAN))
    token = await owners.link(store, vault, consent.id, CONSOLE)
    assert await owners.link(store, vault, consent.id, CONSOLE) == token
    alien = await owners.link(store, vault, other.id, CONSOLE)
    mixed = owners.token_of(vault, consent.id, b"\0" * 16)
    for forged in ("", "x", token[:-2], token[:22] + alien[22:], mixed, token + "A", "ü" * 43, "A" * 43):
        with pytest.raises(NotFound) as err:
            await owners.view(store, vault, forged, "")
        assert err.value.code == "owner_link"
    renewed = await owners.link(store, vault, consent.id, CONSOLE, renew=True)
    assert renewed != token
    for void, end in ((token, None), (renewed, owners.revoke)):
        if end is not None:
            await end(store, consent.id, CONSOLE)
        with pytest.raises(NotFound):
            await owners.withdraw(store, vault, void, "")
    elsewhere = Actor(await county.user(grants=("220882101",)), "")
    with pytest.raises(NotFound):
        await owners.link(store, vault, consent.id, elsewhere)


async def test_nothing_is_pulled_until_the_demanded_masks_are_drawn(county: County) -> None:
    yard = await county.camera(kind=Kind.CIVILIAN)
    await county.consent(yard, masks=[SQUARE])

    async def halted() -> Reason | None:
        found = await orders(county.store, county.vault, 0, 1, policy=POLICY)
        return found[0].halt

    assert await halted() is Reason.MASKS_MISSING
    assert [one.why for one in await attention.attention(county.store, EVERYTHING)] == [Why.MASKS]
    for masks, reason in (((SQUARE[:3],), Reason.MASKS_MISSING), ((SQUARE,), None), ((AROUND,), None)):
        await scenes.put(county.store, yard.id, scenes.Scene(masks=masks), CONSOLE)
        assert await halted() is reason


async def test_what_needs_somebody_is_listed(county: County) -> None:
    cameras_ = [await county.camera(kind=Kind.CIVILIAN, name=f"院 {number}") for number in range(5)]
    await county.consent(cameras_[0])
    new = parse(consents.NewConsent, {"owner_name": "老李", "scopes": ["events"]})
    await consents.invite(county.store, cameras_[1].id, new, CONSOLE)
    signed = await consents.invite(county.store, cameras_[2].id, new, CONSOLE)
    await consents.take(county.store, signed.id, TakeStep(step=ConsentStep.SIGN), CONSOLE)
    await county.consent(cameras_[3], valid_to=NOON + timedelta(days=10))
    found = {one.camera_name[-1]: one.why for one in await attention.attention(county.store, EVERYTHING)}
    assert found == {"1": Why.UNSIGNED, "2": Why.INACTIVE, "3": Why.EXPIRING, "4": Why.MISSING}
    county.clock.turn(days=11)
    assert await consents.expire(county.store) == 1
    assert await consents.expire(county.store) == 0
    assert await attention.attention(county.store, Scope(("220882101",))) == ()
    (ran_out,) = await consents.list_for(county.store, cameras_[3].id, EVERYTHING)
    assert ran_out.state is ConsentState.EXPIRED
    with pytest.raises(Conflict) as err:
        await consents.take(county.store, ran_out.id, TakeStep(step=ConsentStep.RECONFIRM), CONSOLE)
    assert err.value.code == "consent_over"


async def test_a_shops_consent_is_recorded_and_needed_only_where_the_policy_says(url: str, county: County) -> None:
    shop = await county.camera(kind=Kind.SOCIAL)
    consent = await county.consent(shop, scopes={ConsentScope.REGISTER})
    (order,) = await orders(county.store, county.vault, 0, 1, policy=POLICY)
    assert order.halt is None, "in cn its legal basis may be a duty"
    strict = await Store.open(url, clock=county.clock, law=preset("eu"))
    (order,) = await orders(strict, county.vault, 0, 1, policy=POLICY)
    assert order.halt is Reason.NO_CONSENT
    await events.record(county.store, [change(shop)])
    access = await county.access()
    assert len((await events.search(county.store, access, EventQuery())).events) == 1
    assert (await events.search(strict, access, EventQuery())).events == ()
    await strict.close()
    receipt = await withdrawals.withdraw(county.store, consent.id, CONSOLE, no_files)
    assert (receipt.stopped, receipt.purge_by) == (False, None)


async def test_live_in_a_declared_incident_and_not_before_or_after(county: County) -> None:
    yard = await county.camera(kind=Kind.CIVILIAN)
    street = await county.camera()
    await county.consent(yard, scopes={ConsentScope.INCIDENT})
    access = await county.access()
    event = change(street)
    await events.record(county.store, [event])

    async def seen() -> str | None:
        (found,) = await live.standing(county.store, access, [(yard.id, "sub")])
        return getattr(found, "code", None)

    assert await seen() == "live_no_consent"
    made = await incidents.open_one(county.store, access, NewIncident(event_id=event.id, title="有人翻墙"))
    assert await seen() == "live_no_consent", "opened, and nobody was put on it"
    user = access.actor.user
    put_on = Assign(expected_revision=made.revision, user_id=user.id)
    made = await incidents.assign(county.store, made.id, put_on, access.actor)
    assert await seen() is None
    (order, _) = await orders(county.store, county.vault, 0, 1, policy=POLICY)
    assert order.halt is None
    await incidents.close(county.store, made.id, Close(expected_revision=made.revision, result="无事"), access.actor)
    assert await seen() == "live_no_consent"


async def test_signatures_are_kept_bounded_and_read_on_record(county: County) -> None:
    consent = await county.consent(await county.camera(kind=Kind.CIVILIAN))
    with pytest.raises(NotFound):
        await scans.get(county.store, consent.id, CONSOLE)
    with pytest.raises(Invalid):
        await scans.put(county.store, consent.id, b"x" * (scans.MOST_BYTES + 1), CONSOLE)
    for picture in (b"one", b"two"):
        assert (await scans.put(county.store, consent.id, picture, CONSOLE)).has_scan
    assert await scans.get(county.store, consent.id, CONSOLE) == b"two"
    assert len(await rows(county.store, "consent.scan_read")) == 1


def test_nobody_opens_an_owners_purpose() -> None:
    with pytest.raises(Invalid):
        parse(OpenPurpose, {"kind": "owner", "reason": "为何不可"})
