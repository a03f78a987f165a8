"""What is drawn of villages: kept, changed by one at a time, and seen only within one's grants."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import ValidationError

from registry import audit, cameras, entrances, geography, places, roads
from registry.entrances import EntranceChange, NewEntrance
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.geography import NewBoundary
from registry.model import Actor
from registry.roads import NewRoad, RoadChange
from registry.scope import EVERYTHING, Scope
from registry.users import CONSOLE
from tests.registry.county import County

HANSHU, MOSHIHAI, ELSEWHERE = "220882100200", "220882100201", "220882101200"
SQUARE = ((123.93, 45.72), (123.95, 45.72), (123.95, 45.74), (123.93, 45.74))
ROAD = ((123.92, 45.73), (123.94, 45.73), (123.96, 45.731))


def gate(**given: object) -> NewEntrance:
    values = {"place_code": HANSHU, "name": "东口", "lat": 45.73, "lon": 123.95, "bearing_deg": 270.0, **given}
    return NewEntrance.model_validate(values)


async def test_a_village_is_drawn_and_read_with_all_below_the_county(county: County) -> None:
    camera = await county.camera()
    drawn = await geography.set_boundary(county.store, HANSHU, NewBoundary(boundary=SQUARE), CONSOLE)
    assert (drawn.boundary, drawn.revision) == (SQUARE, 2)
    road = await roads.create(county.store, NewRoad(place_code=HANSHU, name="村路", path=ROAD), CONSOLE)
    entrance = await entrances.create(county.store, gate(camera_ids=(camera.id,)), CONSOLE)

    ground = await geography.get(county.store, "220882", EVERYTHING)
    assert [area.code for area in ground.areas][:3] == ["220882", "220882100", HANSHU]
    assert [area.boundary for area in ground.areas if area.boundary] == [SQUARE]
    assert ground.roads == (road,)
    assert ground.entrances == (entrance,)
    assert entrance.camera_ids == (camera.id,)
    assert (await geography.get(county.store, ELSEWHERE, EVERYTHING)).roads == ()

    await geography.set_boundary(county.store, HANSHU, NewBoundary(boundary=None), CONSOLE)
    assert {area.boundary for area in (await geography.get(county.store, HANSHU, EVERYTHING)).areas} == {None}
    assert await audit.verify(county.store) is None


async def test_nobody_sees_or_draws_beyond_his_villages(county: County) -> None:
    await geography.set_boundary(county.store, ELSEWHERE, NewBoundary(boundary=SQUARE), CONSOLE)
    road = await roads.create(county.store, NewRoad(place_code=ELSEWHERE, path=ROAD), CONSOLE)
    entrance = await entrances.create(county.store, gate(place_code=ELSEWHERE), CONSOLE)
    far = await county.camera(ELSEWHERE)
    officer = Actor(await county.user(grants=(HANSHU,)), "10.1.1.1")

    seen = await geography.get(county.store, "220882", Scope((HANSHU,)))
    assert [area.code for area in seen.areas] == [HANSHU]
    assert (seen.roads, seen.entrances) == ((), ())
    with pytest.raises(Denied):
        await geography.get(county.store, ELSEWHERE, Scope((HANSHU,)))
    with pytest.raises(NotFound):
        await geography.get(county.store, "999999", EVERYTHING)
    with pytest.raises(Denied):
        await geography.set_boundary(county.store, ELSEWHERE, NewBoundary(boundary=None), officer)
    with pytest.raises(Denied):
        await roads.create(county.store, NewRoad(place_code=ELSEWHERE, path=ROAD), officer)
    with pytest.raises(NotFound):
        await roads.change(county.store, road.id, RoadChange(name="x"), officer)
    with pytest.raises(NotFound):
        await roads.remove(county.store, road.id, officer)
    with pytest.raises(NotFound):
        await entrances.change(county.store, entrance.id, EntranceChange(name="x"), officer)
    with pytest.raises(NotFound):
        await entrances.remove(county.store, entrance.id, officer)
    with pytest.raises(Invalid, match="no such camera"):
        await entrances.create(county.store, gate(camera_ids=(far.id,)), officer)
    assert (await geography.get(county.store, ELSEWHERE, EVERYTHING)).roads == (road,)


async def test_who_changes_what_another_changed_meanwhile_is_told(county: County) -> None:
    road = await roads.create(county.store, NewRoad(place_code=HANSHU, path=ROAD), CONSOLE)
    changed = await roads.change(county.store, road.id, RoadChange(name="新路", expected_revision=1), CONSOLE)
    assert (changed.name, changed.path, changed.revision) == ("新路", ROAD, 2)
    with pytest.raises(Conflict) as told:
        await roads.change(county.store, road.id, RoadChange(name="旧路", expected_revision=1), CONSOLE)
    assert (told.value.code, told.value.params) == ("ground_stale", {"revision": 2})
    entrance = await entrances.create(county.store, gate(), CONSOLE)
    await entrances.change(county.store, entrance.id, EntranceChange(bearing_deg=90, expected_revision=1), CONSOLE)
    with pytest.raises(Conflict):
        await entrances.change(county.store, entrance.id, EntranceChange(name="x", expected_revision=1), CONSOLE)
    await geography.set_boundary(county.store, HANSHU, NewBoundary(boundary=SQUARE, expected_revision=1), CONSOLE)
    with pytest.raises(Conflict):
        await geography.set_boundary(county.store, HANSHU, NewBoundary(boundary=None, expected_revision=1), CONSOLE)
    with pytest.raises(Conflict, match="place was changed"):
        await places.change(county.store, HANSHU, places.PlaceChange(name="x", expected_revision=1), CONSOLE)


async def test_an_entrance_names_its_cameras_and_forgets_removed_ones(county: County) -> None:
    one, two = await county.camera(name="1"), await county.camera(MOSHIHAI, name="2")
    entrance = await entrances.create(county.store, gate(camera_ids=(one.id, two.id)), CONSOLE)
    assert entrance.camera_ids == (one.id, two.id)
    seen = await geography.get(county.store, HANSHU, Scope((HANSHU,)))
    assert seen.entrances[0].camera_ids == (one.id,)

    officer = Actor(await county.user(grants=(HANSHU,)), "10.1.1.1")
    await entrances.change(county.store, entrance.id, EntranceChange(camera_ids=()), officer)
    kept = (await geography.get(county.store, HANSHU, EVERYTHING)).entrances[0].camera_ids
    assert kept == (two.id,), "what one does not see one does not take away"
    await cameras.remove(county.store, two.id, CONSOLE)
    assert (await geography.get(county.store, HANSHU, EVERYTHING)).entrances[0].camera_ids == ()
    with pytest.raises(Invalid):
        await entrances.change(county.store, entrance.id, EntranceChange(camera_ids=(uuid4(),)), CONSOLE)
    with pytest.raises(Conflict, match="of that name"):
        await entrances.create(county.store, gate(), CONSOLE)
    await entrances.remove(county.store, entrance.id, CONSOLE)
    assert (await geography.get(county.store, HANSHU, EVERYTHING)).entrances == ()


async def test_a_place_with_something_drawn_in_it_is_not_removed(county: County) -> None:
    road = await roads.create(county.store, NewRoad(place_code=ELSEWHERE, path=ROAD), CONSOLE)
    with pytest.raises(Conflict) as told:
        await places.remove(county.store, ELSEWHERE, CONSOLE)
    assert told.value.params == {"by": "roads"}
    await roads.remove(county.store, road.id, CONSOLE)
    entrance = await entrances.create(county.store, gate(place_code=ELSEWHERE), CONSOLE)
    with pytest.raises(Conflict, match="entrances"):
        await places.remove(county.store, ELSEWHERE, CONSOLE)
    await entrances.remove(county.store, entrance.id, CONSOLE)
    await places.remove(county.store, ELSEWHERE, CONSOLE)


@pytest.mark.parametrize(
    "given",
    [
        {"lat": 123.95, "lon": 45.73},
        {"lat": 45.73, "lon": 45.73},
        {"bearing_deg": 360.0},
        {"bearing_deg": -1.0},
        {"name": "x" * 65},
        {"name": "\x07"},
        {"name": "  "},
        {"place_code": "220882"},
        {"camera_ids": [str(uuid4())] * 17},
    ],
)
def test_entrances_that_are_none_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        gate(**given)


async def test_names_are_kept_as_they_are_typed(county: County) -> None:
    for name in ("东口🚜", "\u202eباب\u202c", "<script>alert(1)</script>", "é" * 64):
        entrance = await entrances.create(county.store, gate(name=name), CONSOLE)
        assert entrance.name == name
