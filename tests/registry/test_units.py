"""Stations and teams: two hierarchies over one set of villages, and what whoever is granted one sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from registry import audit, cameras, events, places, scope, units, users
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.events import EventQuery
from registry.model import Actor, Role, Unit, UnitKind
from registry.units import NewUnit, UnitChange
from registry.users import CONSOLE
from tests.registry.county import County, change

HANSHU, MOSHIHAI, YONGQING = "220882100200", "220882100201", "220882101200"


async def make(county: County, kind: UnitKind, name: str, *villages: str, under: Unit | None = None) -> Unit:
    new = NewUnit(kind=kind, name=name, villages=villages, parent_id=under and under.id)
    return await units.create(county.store, new, CONSOLE)


async def test_a_squadron_covers_its_groups_villages_and_those_that_join_later(county: County) -> None:
    store = county.store
    brigade = await make(county, UnitKind.BRIGADE, "一大队")
    squadron = await make(county, UnitKind.SQUADRON, "二中队", under=brigade)
    group = await make(county, UnitKind.GROUP, "三小组", HANSHU, under=squadron)
    user = await county.user("wang", grants=())
    assert scope.of(user).prefixes == ()
    for granted, sees in ((group, (HANSHU,)), (squadron, (HANSHU,)), (brigade, (HANSHU,))):
        user = await users.set_grants(store, user.id, (), CONSOLE, [granted.id])
        assert scope.of(user).prefixes == sees
        assert user.units == (granted.id,)
    await units.change(store, group.id, UnitChange(villages=(HANSHU, YONGQING)), CONSOLE)
    await units.change(store, squadron.id, UnitChange(villages=(MOSHIHAI,)), CONSOLE)
    assert scope.of(await users.get(store, user.id)).prefixes == (HANSHU, MOSHIHAI, YONGQING)
    await units.change(store, group.id, UnitChange(villages=()), CONSOLE)
    assert scope.of(await users.get(store, user.id)).prefixes == (MOSHIHAI,)
    user = await users.set_grants(store, user.id, ("220882101",), CONSOLE)
    assert user.units == (brigade.id,), "those that are not told stay"
    user = await users.set_grants(store, user.id, (), CONSOLE, ())
    assert (user.units, scope.of(user).prefixes) == ((), ())


async def test_a_station_and_a_squadron_share_villages_and_a_township_covers_them(county: County) -> None:
    station = await make(county, UnitKind.STATION, "月亮泡派出所", HANSHU, MOSHIHAI)
    squadron = await make(county, UnitKind.SQUADRON, "二中队", HANSHU, YONGQING)
    user = await county.user("wang", grants=("220882100",))
    user = await users.set_grants(county.store, user.id, ("220882100",), CONSOLE, [station.id, squadron.id])
    assert scope.of(user).prefixes == ("220882100", YONGQING)
    assert user.through == (HANSHU, MOSHIHAI, YONGQING)


async def test_what_is_granted_is_what_is_found(county: County) -> None:
    store = county.store
    here, there = await county.camera(HANSHU), await county.camera(YONGQING)
    await events.record(store, [change(here), change(there)])
    group = await make(county, UnitKind.GROUP, "三小组", YONGQING)
    user = await county.user("wang", Role.ASSISTANT, grants=())
    user = await users.set_grants(store, user.id, (), CONSOLE, [group.id])
    access = await county.access(user)
    (found,) = (await events.search(store, access, EventQuery())).events
    assert found.camera_id == there.id
    assert [one.id for one in await cameras.list_cameras(store, scope.of(user))] == [there.id]


async def test_a_village_has_one_station_and_one_team(county: County) -> None:
    store = county.store
    one = await make(county, UnitKind.STATION, "一所", HANSHU, MOSHIHAI)
    other = await make(county, UnitKind.STATION, "二所", MOSHIHAI)
    group = await make(county, UnitKind.GROUP, "三小组", HANSHU)
    assert {unit.name: unit.villages for unit in await units.list_units(store)} == {
        "一所": (HANSHU,), "二所": (MOSHIHAI,), "三小组": (HANSHU,)
    }  # fmt: skip
    assert (await units.get(store, one.id)).kind is UnitKind.STATION
    assert (other.parent_id, group.parent_id) == (None, None)


async def test_units_are_renamed_and_removed_when_empty(county: County) -> None:
    store = county.store
    squadron = await make(county, UnitKind.SQUADRON, "二中队")
    group = await make(county, UnitKind.GROUP, "三小组", HANSHU, under=squadron)
    assert (await units.change(store, group.id, UnitChange(name="四小组"), CONSOLE)).name == "四小组"
    assert (await units.change(store, group.id, UnitChange(name="四小组"), CONSOLE)).villages == (HANSHU,)
    user = await county.user("wang", grants=())
    await users.change(store, user.id, users.UserChange(team=group.id), CONSOLE)
    await users.set_grants(store, user.id, (), CONSOLE, [group.id])
    with pytest.raises(Conflict, match="units"):
        await units.remove(store, squadron.id, CONSOLE)
    with pytest.raises(Conflict, match="unit_villages"):
        await places.remove(store, HANSHU, CONSOLE)
    for by, undo in (
        ("villages", units.change(store, group.id, UnitChange(villages=()), CONSOLE)),
        ("members", users.change(store, user.id, users.UserChange(team=None), CONSOLE)),
        ("grants", users.set_grants(store, user.id, (), CONSOLE, ())),
    ):
        with pytest.raises(Conflict) as stands:
            await units.remove(store, group.id, CONSOLE)
        assert (stands.value.code, stands.value.params["by"]) == ("unit_in_use", by)
        await undo
    await units.remove(store, group.id, CONSOLE)
    await units.remove(store, squadron.id, CONSOLE)
    assert await units.list_units(store) == ()
    with pytest.raises(NotFound):
        await units.remove(store, group.id, CONSOLE)
    actions = [row.action for row in await audit.list_rows(store, CONSOLE) if row.action.startswith("unit.")]
    assert actions == ["unit.remove"] * 2 + ["unit.change"] * 3 + ["unit.create"] * 2
    assert await audit.verify(store) is None


async def test_where_one_serves_is_shown_and_grants_nothing(county: County) -> None:
    store = county.store
    station = await make(county, UnitKind.STATION, "月亮泡派出所", HANSHU)
    group = await make(county, UnitKind.GROUP, "三小组", HANSHU)
    user = await county.user("wang", grants=())
    user = await users.change(store, user.id, users.UserChange(station=station.id), CONSOLE)
    assert (user.station, user.team, user.unit, scope.of(user).prefixes) == (station.id, None, "月亮泡派出所", ())
    user = await users.change(store, user.id, users.UserChange(team=group.id, display_name="王"), CONSOLE)
    assert (user.station, user.team, user.unit) == (station.id, group.id, "三小组")
    user = await users.change(store, user.id, users.UserChange(team=None, unit="警务室"), CONSOLE)
    assert (user.team, user.unit) == (None, "警务室")
    for wrong in (
        users.UserChange(station=group.id),
        users.UserChange(team=station.id),
        users.UserChange(team=uuid4()),
    ):
        with pytest.raises(Invalid) as refused:
            await users.change(store, user.id, wrong, CONSOLE)
        assert refused.value.fields[0].code == "unit_unknown"
    assert (await users.get(store, user.id)).station == station.id


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"villages": ("220882100999",)}, "villages.0"),
        ({"villages": (HANSHU, "220882100999")}, "villages.1"),
        ({"parent_id": UUID(int=1)}, "parent_id"),
    ],
)
async def test_what_is_wrong_is_named(county: County, given: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        await units.create(county.store, NewUnit(kind=UnitKind.GROUP, name="三小组", **given), CONSOLE)
    assert [field.path for field in refused.value.fields] == [path]
    assert await units.list_units(county.store) == ()


@pytest.mark.parametrize("given", [{"name": " "}, {"name": "三\n组"}, {"villages": ["220882"]}, {"kind": "army"}])
def test_what_is_no_unit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewUnit(**{"kind": UnitKind.GROUP, "name": "三小组", **given})


async def test_teams_stand_under_a_higher_level_and_stations_under_none(county: County) -> None:
    group = await make(county, UnitKind.GROUP, "三小组")
    squadron = await make(county, UnitKind.SQUADRON, "二中队")
    station = await make(county, UnitKind.STATION, "一所")
    for kind, under in (
        (UnitKind.GROUP, group), (UnitKind.SQUADRON, squadron), (UnitKind.BRIGADE, squadron), (UnitKind.STATION, squadron),
        (UnitKind.GROUP, station),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            await make(county, kind, "新", under=under)
        assert refused.value.fields[0].code == "unit_level"


async def test_one_name_once_under_one_team(county: County) -> None:
    one, two = await make(county, UnitKind.SQUADRON, "一中队"), await make(county, UnitKind.SQUADRON, "二中队")
    await make(county, UnitKind.GROUP, "一组", under=one)
    second = await make(county, UnitKind.GROUP, "一组", under=two)
    other = await make(county, UnitKind.GROUP, "二组", under=two)
    with pytest.raises(Conflict, match="already"):
        await make(county, UnitKind.GROUP, "一组", under=two)
    with pytest.raises(Conflict, match="already"):
        await make(county, UnitKind.SQUADRON, "一中队")
    with pytest.raises(Conflict, match="already"):
        await units.change(county.store, other.id, UnitChange(name=second.name), CONSOLE)


async def test_nobody_widens_what_he_does_not_see(county: County) -> None:
    store = county.store
    group = await make(county, UnitKind.GROUP, "三小组", YONGQING)
    squadron = await make(county, UnitKind.SQUADRON, "二中队")
    below = await make(county, UnitKind.GROUP, "四小组", YONGQING, under=squadron)
    boss = await county.user("boss", Role.ADMIN, grants=("220882100",))
    actor, user = Actor(boss, ""), await county.user("wang", grants=())
    assert (await units.get(store, group.id)).villages == ()
    for granted in (squadron, below):
        with pytest.raises(Denied, match="outside your grants"):
            await users.set_grants(store, user.id, (), actor, [granted.id])
    for wanted in ((HANSHU, YONGQING), (YONGQING,)):
        with pytest.raises(Denied, match="outside your grants"):
            await units.change(store, group.id, UnitChange(villages=wanted), actor)
    with pytest.raises(Denied, match="outside your grants"):
        await units.change(store, below.id, UnitChange(villages=()), actor)
    with pytest.raises(Denied, match="outside your grants"):
        await units.create(store, NewUnit(kind=UnitKind.GROUP, name="五小组", villages=(YONGQING,)), actor)
    assert (await units.change(store, group.id, UnitChange(villages=(HANSHU,)), actor)).villages == (HANSHU,)
    assert scope.of(await users.set_grants(store, user.id, (), actor, [group.id])).prefixes == (HANSHU,)
    with pytest.raises(Invalid) as unknown:
        await users.set_grants(store, user.id, (), actor, [uuid4()])
    assert unknown.value.fields[0].path == "units.0"
    assert (await users.get(store, user.id)).units == (group.id,)


async def test_the_scope_of_whoever_looks_is_read_anew(county: County) -> None:
    """A stream that began under a squadron sees no village that left it."""
    store = county.store
    camera = await county.camera(YONGQING)
    group = await make(county, UnitKind.GROUP, "三小组", YONGQING)
    user = await users.set_grants(store, (await county.user("wang", grants=())).id, (), CONSOLE, [group.id])
    access = await county.access(user)
    await events.record(store, [change(camera)])
    (event,) = (await events.search(store, access, EventQuery())).events
    assert await events.visible(store, access, event)
    await units.change(store, group.id, UnitChange(villages=(HANSHU,)), CONSOLE)
    assert not await events.visible(store, access, event)
    stale = replace(access.actor.user)
    assert scope.of(stale).prefixes == (YONGQING,)
