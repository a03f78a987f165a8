"""Walls people saved: what fits, whose they are, and what others see of a shared one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from registry import audit, cameras, walls
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.model import Actor
from registry.users import CONSOLE
from registry.walls import NewWall, WallBody, WallChange
from tests.registry.county import County


def body(**given: Any) -> WallBody:
    return WallBody.model_validate({"layout": "4", **given})


@pytest.mark.parametrize(
    "wrong",
    [
        {"layout": "5"},
        {"tiles": [None] * 5},
        {"layout": "1+5", "tiles": [None] * 7},
        {"rotation": {"cameras": [], "dwell_s": 10}},
        {"rotation": {"prefix": "220882", "dwell_s": 4}},
        {"rotation": {"cameras": [str(uuid4())] * 501}},
        {"activity": {"hold_s": 601}},
        {"activity": {}, "rotation": {"prefix": "220882"}},
        {"more": 1},
    ],
)
def test_what_no_wall_can_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        body(**wrong)


async def test_a_wall_is_kept_changed_and_removed_on_record(county: County) -> None:
    actor = Actor(await county.user(), "10.1.1.1")
    gate, yard = await county.camera(), await county.camera()
    made = await walls.create(county.store, NewWall(name="Night", body=body(tiles=[gate.id, None])), actor)
    assert (made.revision, made.mine, made.owner, made.body.tiles) == (1, True, actor.user.name, (gate.id, None))
    change = WallChange(name="Night", body=body(layout="1", tiles=[yard.id]), expected_revision=1)
    changed = await walls.change(county.store, made.id, change, actor)
    assert (changed.revision, changed.body.layout) == (2, "1")
    with pytest.raises(Conflict) as stale:
        await walls.change(county.store, made.id, change, actor)
    assert stale.value.code == "wall_stale"
    await walls.remove(county.store, made.id, actor)
    assert await walls.list_walls(county.store, actor) == ()
    done = [row.action for row in await audit.list_rows(county.store, CONSOLE) if row.action.startswith("wall.")]
    assert done == ["wall.remove", "wall.change", "wall.create"]


async def test_of_a_shared_wall_everybody_sees_his_villages_and_nobody_else_changes_it(county: County) -> None:
    owner = Actor(await county.user(), "10.1.1.1")
    near, far = await county.camera(), await county.camera(village="220882101200")
    shown = body(
        tiles=[near.id, far.id],
        rotation={"cameras": [near.id, far.id]},
    )
    made = await walls.create(county.store, NewWall(name="All", shared=True, body=shown), owner)
    await walls.create(county.store, NewWall(name="Mine", body=body(tiles=[near.id])), owner)
    other = Actor(await county.user("other", grants=("220882100",)), "10.1.1.1")
    (seen,) = await walls.list_walls(county.store, other)
    assert (seen.name, seen.mine, seen.body.tiles) == ("All", False, (near.id, None))
    assert seen.body.rotation is not None
    assert seen.body.rotation.cameras == (near.id,)
    with pytest.raises(NotFound):
        await walls.remove(county.store, made.id, other)
    stranger = Actor(await county.user("third", grants=("220882100201",)), "10.1.1.1")
    assert await walls.list_walls(county.store, stranger) == (), "nothing of it is his to see"
    await cameras.remove(county.store, near.id, CONSOLE)
    assert [wall.body.tiles for wall in await walls.list_walls(county.store, owner)] == [(None, far.id), (None,)]


async def test_a_wall_names_only_what_its_owner_may_see(county: County) -> None:
    actor = Actor(await county.user(grants=("220882100",)), "10.1.1.1")
    far = await county.camera(village="220882101200")
    for hidden in (far.id, uuid4()):
        with pytest.raises(Invalid):
            await walls.create(county.store, NewWall(name="X", body=body(tiles=[hidden])), actor)
    for part in ({"rotation": {"prefix": "220882101"}}, {"activity": {"prefixes": ["220882"]}}):
        with pytest.raises(Denied):
            await walls.create(county.store, NewWall(name="X", body=body(**part)), actor)


async def test_walls_of_a_user_are_bounded(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walls, "MOST_WALLS", 2)
    actor = Actor(await county.user(), "10.1.1.1")
    for name in ("a", "b"):
        await walls.create(county.store, NewWall(name=name, body=body()), actor)
    with pytest.raises(Conflict) as many:
        await walls.create(county.store, NewWall(name="c", body=body()), actor)
    assert many.value.code == "walls_many"
