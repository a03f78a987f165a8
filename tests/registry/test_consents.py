"""Consent: one rule in SQL for every read, one in Python for writes and pulls; both against a plain model."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import consents, events
from registry.daytime import second_of_day, within
from registry.errors import Conflict, Invalid, NotFound
from registry.events import EventQuery
from registry.inputs import parse
from registry.model import Actor, Consent, ConsentScope, Kind, Reason
from registry.scope import EVERYTHING, Scope
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change


@given(st.integers(0, 86399), st.integers(0, 1439), st.integers(0, 1439))
def test_hours_are_minutes_on_the_dial(second: int, start: int, end: int) -> None:
    dial = {(start + step) % 1440 for step in range((end - start) % 1440 or 1440)}
    assert within(second, start, end) is (second // 60 in dial)


def _may_read(given: list[Consent], at: datetime, now: datetime, second: int) -> bool:
    """The rule as the design says it, in plain words."""
    for one in given:
        in_force = one.withdrawn_at is None and one.valid_from <= now and (one.valid_to is None or now < one.valid_to)
        covered = one.valid_from <= at and (one.valid_to is None or at < one.valid_to)
        hours = True
        if one.from_minute is not None and one.to_minute is not None:
            minute = second // 60
            inside = one.from_minute <= minute < one.to_minute
            over = one.from_minute > one.to_minute and (minute >= one.from_minute or minute < one.to_minute)
            hours = inside or over
        if in_force and covered and hours and ConsentScope.EVENTS in one.scopes:
            return True
    return False


@pytest.mark.parametrize("seed", range(3))
async def test_every_read_path_follows_the_rule(county: County, seed: int) -> None:
    rng = random.Random(seed)
    store = county.store
    cameras = [await county.camera(kind=Kind.CIVILIAN) for _ in range(5)]
    access = await county.case(hours=24 * 30)
    made = []
    for camera in cameras:
        whole = await county.consent(camera, valid_from=NOON - timedelta(days=20))
        changes = [change(camera, started_at=NOON - timedelta(minutes=rng.randrange(14 * 1440))) for _ in range(8)]
        assert not [one for one in await events.record(store, changes) if one.refused]
        made += changes
        await consents.withdraw(store, whole.id, CONSOLE)
    for _ in range(14):
        camera = rng.choice(cameras)
        if rng.random() < 0.3:
            existing = await consents.list_for(store, camera.id, EVERYTHING)
            await consents.withdraw(store, rng.choice(existing).id, CONSOLE)
        start = NOON + timedelta(hours=rng.randrange(-14 * 24, 24))
        hours = rng.sample(range(1440), 2) if rng.random() < 0.5 else (None, None)
        await county.consent(
            camera,
            scopes=rng.sample(sorted(set(ConsentScope) - {ConsentScope.REGISTER}), rng.randint(1, 3)),
            valid_from=start,
            valid_to=start + timedelta(hours=rng.randrange(1, 400)) if rng.random() < 0.7 else None,
            from_minute=hours[0],
            to_minute=hours[1],
        )
        county.clock.turn(hours=rng.randrange(0, 12))
        given = {one.id: list(await consents.list_for(store, one.id, EVERYTHING)) for one in cameras}
        wanted = {
            one.id
            for one in made
            if _may_read(
                given[one.camera_id], one.started_at, county.clock.now, second_of_day(one.started_at, store.tz)
            )
        }
        assert {one.id for one in (await events.search(store, access, EventQuery(limit=200))).events} == wanted
        counted = await events.histogram(store, access, EventQuery(), "day")
        assert sum(bucket.count for bucket in counted) == len(wanted)
        one = rng.choice(made)
        if one.id in wanted:
            seen = await events.get(store, access, one.id)
            assert await events.visible(store, access, seen)
        else:
            with pytest.raises(NotFound):
                await events.get(store, access, one.id)
            with pytest.raises(NotFound) as err:
                await events.snapshot_of(store, access, one.id)
            assert err.value.code == "event_unknown"


async def test_without_consent_nothing_is_kept(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    await county.consent(camera, valid_from=NOON, from_minute=0, to_minute=13 * 60)
    told = {
        NOON: None,
        NOON - timedelta(seconds=1): "no_consent",
        NOON + timedelta(minutes=59): None,
        NOON + timedelta(hours=1): "no_consent",
    }
    done = await events.record(county.store, [change(camera, started_at=at) for at in told])
    assert [one.refused for one in done] == list(told.values())


async def test_withdrawal_stops_updates_of_an_open_event(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    consent = await county.consent(camera)
    first = change(camera)
    await events.record(county.store, [first])
    await consents.withdraw(county.store, consent.id, CONSOLE)
    (late,) = await events.record(county.store, [change(camera, id=first.id, revision=1)])
    assert (late.refused, late.event) == ("no_consent", None)


async def test_clock_put_back_halts_what_is_not_yet_in_force(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    given = [await county.consent(camera)]
    assert consents.halt(given, NOON, 0) is None
    assert consents.halt(given, NOON - timedelta(hours=1), 0) is Reason.NO_CONSENT


async def test_only_civilian_cameras_and_only_in_scope(county: County) -> None:
    public, civilian = await county.camera(), await county.camera("220882101200", kind=Kind.CIVILIAN)
    with pytest.raises(Conflict):
        await county.consent(public)
    consent = await county.consent(civilian)
    elsewhere = Actor(await county.user(grants=("220882100",)), "")
    with pytest.raises(NotFound):
        await consents.withdraw(county.store, consent.id, elsewhere)
    with pytest.raises(NotFound):
        await consents.list_for(county.store, civilian.id, Scope(("220882100",)))
    first = await consents.withdraw(county.store, consent.id, CONSOLE)
    county.clock.turn(hours=1)
    assert (await consents.withdraw(county.store, consent.id, CONSOLE)).withdrawn_at == first.withdrawn_at


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["faces"]}, "scopes.0"),
        ({"from_minute": 5}, ""),
        ({"from_minute": 5, "to_minute": 5}, ""),
        ({"from_minute": 5, "to_minute": 1440}, "to_minute"),
        ({"valid_from": "2026-01-01T00:00:00"}, "valid_from"),
        ({"valid_from": "2026-01-01"}, "valid_from"),
        ({"valid_from": 1767225600}, "valid_from"),
        ({"valid_from": "9999-12-31T23:59:59Z"}, "valid_from"),
        ({"valid_from": "2026-01-02T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"}, ""),
    ],
)
def test_wrong_fields_are_named(data: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as err:
        parse(consents.NewConsent, {"owner_name": "a", "scopes": ["events"], "text_version": "1", **data})
    assert err.value.fields[0].path == path
