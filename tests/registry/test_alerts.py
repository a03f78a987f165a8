"""Alert rules, where they are sent, and what was told: on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import ValidationError

from registry import alerts, audit, consents, devices, events, users
from registry.alerts import rules, targets
from registry.alerts.deliveries import KEPT, DeliveryState
from registry.alerts.rules import AlertRuleChange, Hours, NewAlertRule, Watch
from registry.alerts.targets import AlertTargetChange, NewAlertTarget, TargetKind
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.model import Actor, Event, EventKind, Kind, LabelGroup, Role
from registry.users import CONSOLE
from tests.registry.county import County, change


async def _officer(county: County, grants: tuple[str, ...] = ("220882",), name: str = "officer") -> Actor:
    return Actor(await county.user(name, Role.OFFICER, grants), "10.1.1.1", "session")


async def _admin(county: County) -> Actor:
    return Actor(await county.user("boss", Role.ADMIN), "10.1.1.1", "session")


async def _hook(county: County, actor: Actor, address: str = "https://hook.example/in") -> targets.MadeTarget:
    new = NewAlertTarget(name="所里值班", kind=TargetKind.WEBHOOK, address=address)
    return await targets.create(county.store, county.vault, new, actor, policy=devices.STRICT)


async def _event(county: County, camera, **given) -> Event:
    given = {"started_at": county.clock.now, **given}
    (kept,) = await events.record(county.store, [change(camera, **given)])
    assert kept.event is not None
    return kept.event


def _rule(**given) -> NewAlertRule:
    return NewAlertRule(**{"name": "夜间羊圈", "reason": "月亮泡丢羊案防范", **given})


async def test_a_rule_tells_the_page_and_its_targets_once_a_camera_and_minute(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    await rules.create(county.store, _rule(targets=(hook.id,), sound=True), officer)
    (standing,) = await alerts.standing(county.store)
    camera, other = await county.camera(), await county.camera()

    first = await _event(county, camera)
    raised = await alerts.raise_alert(county.store, standing, first)
    assert raised is not None
    assert (raised.sound, raised.events, raised.event.id) == (True, 1, first.id)
    assert await alerts.raise_alert(county.store, standing, await _event(county, camera)) is None
    await alerts.count(county.store, standing.rule, camera.id, alerts.minute_of(first), 8)
    await alerts.count(county.store, standing.rule, camera.id, alerts.minute_of(first), 3)
    assert await alerts.raise_alert(county.store, standing, await _event(county, other)) is not None

    (due,) = await alerts.due(county.store)
    assert (due.target_id, due.event.id, due.events) == (hook.id, first.id, 8)
    log = await county.log(officer)
    assert {(one.camera_name, one.target, one.state, one.events) for one in log} == {
        (camera.name, "所里值班", DeliveryState.PENDING, 8),
        (camera.name, None, DeliveryState.SHOWN, 8),
        (other.name, "所里值班", DeliveryState.PENDING, 1),
        (other.name, None, DeliveryState.SHOWN, 1),
    }
    told = [row for row in await audit.list_rows(county.store, CONSOLE) if row.action == "alert.raise"]
    assert [(row.user, row.cameras) for row in told] == [
        ("officer", (str(other.id),)),
        ("officer", (str(camera.id),)),
    ]
    assert "月亮泡丢羊案防范" in told[0].detail


async def test_a_target_that_is_away_holds_up_no_other_and_a_failure_is_final_when_said(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    first, second = await _hook(county, admin), await _hook(county, admin, "https://other.example/")
    await rules.create(county.store, _rule(targets=(first.id, second.id), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    for minute in range(3):
        camera = await county.camera()
        event = await _event(county, camera, started_at=county.clock.now + timedelta(minutes=minute))
        assert await alerts.raise_alert(county.store, standing, event) is None
    due = {one.target_id: one for one in await alerts.due(county.store)}
    assert set(due) == {first.id, second.id}

    later = county.clock.now + timedelta(seconds=10)
    away = due[first.id]
    await alerts.settle(county.store, away.no, ok=False, status=None, error="no answer in time", retry_at=later)
    await alerts.settle(county.store, due[second.id].no, ok=False, status=404, error="HTTP 404", retry_at=None)
    again = {one.target_id: one for one in await alerts.due(county.store)}
    assert again[first.id].no != away.no
    county.clock.turn(seconds=11)
    assert await alerts.count_failed(county.store, county.clock.now - timedelta(hours=1)) == 1
    states = {one.no: one for one in await county.log(officer)}
    assert (states[away.no].state, states[away.no].attempts, states[away.no].error) == (
        DeliveryState.PENDING,
        1,
        "no answer in time",
    )
    assert states[due[second.id].no].state is DeliveryState.FAILED


async def test_nothing_is_told_that_the_owner_of_the_rule_may_not_see(county: County) -> None:
    officer = await _officer(county, ("220882100200",))
    await rules.create(county.store, _rule(), officer)
    (standing,) = await alerts.standing(county.store)
    outside = await _event(county, await county.camera("220882101200"))
    assert await alerts.raise_alert(county.store, standing, outside) is None
    yard = await county.camera(kind=Kind.CIVILIAN)
    consent = await county.consent(yard)
    event = await _event(county, yard)
    await consents.withdraw(county.store, consent.id, CONSOLE)
    assert await alerts.raise_alert(county.store, standing, event) is None
    assert await county.log(officer) == ()


async def test_a_consent_withdrawn_before_sending_stops_the_sending_and_leaves_the_list(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    await rules.create(county.store, _rule(targets=(hook.id,)), officer)
    (standing,) = await alerts.standing(county.store)
    yard = await county.camera(kind=Kind.CIVILIAN)
    consent = await county.consent(yard)
    event = await _event(county, yard)
    assert await alerts.raise_alert(county.store, standing, event) is not None
    access = await county.access(officer.user)
    assert [one.event.id for one in await alerts.list_alerts(county.store, access)] == [event.id]
    await consents.withdraw(county.store, consent.id, CONSOLE)
    assert await alerts.due(county.store) == ()
    assert await alerts.list_alerts(county.store, access) == ()
    states = {one.target: one.state for one in await county.log(officer)}
    assert states == {"所里值班": DeliveryState.WITHDRAWN, None: DeliveryState.SHOWN}


async def test_a_rule_stands_only_while_its_owner_may_have_it(county: County) -> None:
    officer = await _officer(county)
    made = await rules.create(county.store, _rule(), officer)
    assert [one.rule.id for one in await alerts.standing(county.store)] == [made.id]
    await users.change(county.store, officer.user.id, users.UserChange(role=Role.MONITOR), CONSOLE)
    assert await alerts.standing(county.store) == ()
    await users.change(county.store, officer.user.id, users.UserChange(role=Role.OFFICER), CONSOLE)
    await users.change(county.store, officer.user.id, users.UserChange(active=False), CONSOLE)
    assert await alerts.standing(county.store) == ()


async def test_rules_are_ones_own_and_another_change_meanwhile_is_seen(county: County) -> None:
    officer, other, admin = await _officer(county), await _officer(county, name="other"), await _admin(county)
    made = await rules.create(county.store, _rule(), officer)
    assert await rules.list_rules(county.store, other) == ()
    with pytest.raises(NotFound):
        await rules.remove(county.store, made.id, other)
    wanted = AlertRuleChange(**_rule(name="改名").model_dump(), expected_revision=1)
    assert (await rules.change(county.store, made.id, wanted, admin)).revision == 2
    with pytest.raises(Conflict) as stale:
        await rules.change(county.store, made.id, wanted, officer)
    assert stale.value.code == "alert_rule_stale"
    await rules.remove(county.store, made.id, officer)
    assert await alerts.standing(county.store) == ()


async def test_what_a_rule_or_target_may_not_be(county: County) -> None:
    officer, admin = await _officer(county, ("220882100",)), await _admin(county)
    with pytest.raises(Denied):
        await rules.create(county.store, _rule(watch=Watch(place=("220882101",))), officer)
    with pytest.raises(Invalid) as unknown:
        await rules.create(county.store, _rule(targets=(uuid4(),)), officer)
    assert unknown.value.fields[0].path == "targets"
    with pytest.raises(Denied):
        await _hook(county, officer)
    monitor = Actor(await county.user("monitor", Role.MONITOR), "10.1.1.1", "session")
    with pytest.raises(Denied):
        await rules.list_rules(county.store, monitor)
    for address in ("https://127.0.0.1/x", "https://me:secret@hook.example/", "https://hook.example/\r\nX: y"):
        with pytest.raises(Invalid):
            await _hook(county, admin, address)
    for wrong in ("a b@c", "me@x\nBcc: you@y", "Boss <b@x.example>", "@x.example"):
        new = NewAlertTarget(name="x", kind=TargetKind.EMAIL, address=wrong)
        with pytest.raises(Invalid):
            await targets.create(county.store, county.vault, new, admin, policy=devices.STRICT)
    for given in ({"page": False}, {"page": False, "sound": True, "targets": (uuid4(),)}, {"reason": " "}):
        with pytest.raises(ValidationError):
            _rule(**given)


async def test_a_target_s_address_is_shown_whole_to_the_administrator_alone_and_its_secret_once(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    made = await _hook(county, admin, "https://hook.example/in?key=hidden")
    assert made.secret is not None
    assert [one.address for one in await targets.list_targets(county.store, admin)] == [
        "https://hook.example/in?key=hidden"
    ]
    assert [one.address for one in await targets.list_targets(county.store, officer)] == ["hook.example"]
    rows = await audit.list_rows(county.store, CONSOLE)
    assert not any("hidden" in row.detail or made.secret in row.detail for row in rows)
    await targets.change(county.store, made.id, AlertTargetChange(enabled=False), admin)
    await rules.create(county.store, _rule(targets=(made.id,), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    assert await county.log(officer) == ()
    await targets.remove(county.store, made.id, admin)
    assert await targets.list_targets(county.store, admin) == ()


async def test_a_target_removed_meanwhile_is_not_told(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    await rules.create(county.store, _rule(targets=(hook.id,), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    await targets.remove(county.store, hook.id, admin)
    assert await alerts.due(county.store) == ()
    assert [one.state for one in await county.log(officer)] == [DeliveryState.DROPPED]


@pytest.mark.parametrize("lost", ["grants", "active", "role", "rule off", "rule gone"])
async def test_what_waits_to_be_sent_is_asked_of_the_rule_and_its_owner_again(county: County, lost: str) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    made = await rules.create(county.store, _rule(targets=(hook.id,), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    assert len(await alerts.due(county.store)) == 1
    if lost == "grants":
        await users.set_grants(county.store, officer.user.id, ("220882101",), CONSOLE)
    elif lost == "active":
        await users.change(county.store, officer.user.id, users.UserChange(active=False), CONSOLE)
    elif lost == "role":
        await users.change(county.store, officer.user.id, users.UserChange(role=Role.MONITOR), CONSOLE)
    elif lost == "rule off":
        off = AlertRuleChange(**_rule(targets=(hook.id,), page=False, enabled=False).model_dump(), expected_revision=1)
        await rules.change(county.store, made.id, off, officer)
    else:
        await rules.remove(county.store, made.id, officer)
    assert await alerts.due(county.store) == ()
    (line,) = await county.log(admin)
    assert line.state is (DeliveryState.DROPPED if lost.startswith("rule") else DeliveryState.WITHDRAWN)


async def test_what_was_on_its_way_when_its_rule_went_is_told_as_sent(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    made = await rules.create(county.store, _rule(targets=(hook.id,), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    (due,) = await alerts.due(county.store)
    await rules.remove(county.store, made.id, officer)
    assert await alerts.due(county.store) == ()
    await alerts.settle(county.store, due.no, ok=True, status=200, error="", retry_at=None)
    (line,) = await county.log(officer)
    assert (line.state, line.status, line.attempts) == (DeliveryState.SENT, 200, 1)


async def test_a_clock_set_back_does_not_hold_up_what_waits(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    await rules.create(county.store, _rule(targets=(hook.id,), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    county.clock.turn(hours=-8)
    assert len(await alerts.due(county.store)) == 1


async def test_what_waited_for_a_day_is_no_news_any_more(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    hook = await _hook(county, admin)
    await rules.create(county.store, _rule(targets=(hook.id,), page=False), officer)
    (standing,) = await alerts.standing(county.store)
    for _ in range(3):
        await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    county.clock.turn(days=1, seconds=1)
    fresh = await _event(county, await county.camera())
    await alerts.raise_alert(county.store, standing, fresh)
    assert [one.event.id for one in await alerts.due(county.store)] == [fresh.id]
    assert await alerts.count_failed(county.store, county.clock.now - timedelta(hours=1)) == 3


async def test_the_log_names_no_camera_outside_the_readers_grants(county: County) -> None:
    officer, admin = await _officer(county), await _admin(county)
    await rules.create(county.store, _rule(), officer)
    (standing,) = await alerts.standing(county.store)
    await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    assert len(await county.log(officer)) == 1
    await users.set_grants(county.store, officer.user.id, ("220882101",), CONSOLE)
    moved = replace(officer, user=replace(officer.user, grants=("220882101",)))
    assert await county.log(moved) == ()
    assert len(await county.log(admin)) == 1


async def test_the_log_is_paged_and_expires(county: County) -> None:
    officer = await _officer(county)
    await rules.create(county.store, _rule(), officer)
    (standing,) = await alerts.standing(county.store)
    for _ in range(3):
        await alerts.raise_alert(county.store, standing, await _event(county, await county.camera()))
    whole = await county.log(officer)
    assert await county.log(officer, before=whole[0].id) == whole[1:]
    assert await alerts.expire(county.store) == 0
    county.clock.turn(days=KEPT.days + 1)
    assert await alerts.expire(county.store) == 3
    assert await county.log(officer) == ()


@pytest.mark.parametrize(
    ("watch", "told"),
    [
        (Watch(), True),
        (Watch(place=("220882100",)), True),
        (Watch(place=("220882101",)), False),
        (Watch(kind=frozenset({EventKind.LINE_CROSSED})), False),
        (Watch(group=frozenset({LabelGroup.PERSON, LabelGroup.ANIMAL})), True),
        (Watch(group=frozenset({LabelGroup.ANIMAL})), False),
        (Watch(label=frozenset({"person"})), True),
        (Watch(label=frozenset({"sheep"})), False),
        (Watch(min_score=0.8), True),
        (Watch(min_score=0.81), False),
        (Watch(hours=Hours(from_minute=12 * 60, to_minute=13 * 60)), True),
        (Watch(hours=Hours(from_minute=22 * 60, to_minute=5 * 60)), False),
        (Watch(hours=Hours(from_minute=11 * 60, to_minute=5 * 60)), True),
    ],
)
async def test_what_a_rule_is_about(county: County, watch: Watch, told: bool) -> None:
    event = await _event(county, await county.camera())
    assert watch.covers(event, county.store.tz) is told
    assert not Watch(camera=(uuid4(),)).covers(event, county.store.tz)
    assert Watch(camera=(event.camera_id,)).covers(replace(event, score=0.0), county.store.tz)
