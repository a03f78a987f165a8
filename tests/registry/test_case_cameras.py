"""The cameras of a case: chosen by those who work on it, and on record."""

from __future__ import annotations

from uuid import uuid4

import pytest
from pydantic import ValidationError

from registry import cameras, cases
from registry.casework import chosen
from registry.casework.chosen import Choice
from registry.errors import Conflict, Denied, NotFound
from registry.model import Actor, Role
from tests.registry.county import County
from tests.registry.test_holds import proofs


async def test_cameras_are_added_and_dropped_by_several_at_once(county: County) -> None:
    one, other, third = [await county.camera(name=name) for name in ("a", "b", "c")]
    li, wang = await county.user("li"), await county.user("wang", Role.ASSISTANT)
    case = await county.open_case(li, member_ids={wang.id})
    await chosen.choose(county.store, case.id, Choice(add=frozenset({one.id, other.id})), Actor(li, ""))
    found = await chosen.choose(
        county.store, case.id, Choice(add=frozenset({third.id}), drop=frozenset({one.id, uuid4()})), Actor(wang, "")
    )
    assert [(camera.name, camera.chosen_by) for camera in found] == [("b", "li"), ("c", "wang")]
    again = await chosen.choose(county.store, case.id, Choice(add=frozenset({third.id})), Actor(li, ""))
    assert again == found == await chosen.of_case(county.store, case.id, Actor(li, ""))
    first, second = await proofs(county, "case.cameras")
    assert set(first.cameras) == {str(one.id), str(other.id)}
    assert str(one.id) in second.detail
    await cameras.remove(county.store, third.id, Actor(li, ""))
    assert [camera.removed for camera in await chosen.of_case(county.store, case.id, Actor(li, ""))] == [False, True]


async def test_who_may_not(county: County) -> None:
    far, near = await county.camera("220882101200"), await county.camera()
    li, chief = await county.user("li", grants=("220882100",)), await county.user("chief", Role.APPROVER)
    case = await county.open_case(li, places=("220882100",))
    with pytest.raises(NotFound):
        await chosen.choose(county.store, case.id, Choice(add=frozenset({far.id})), Actor(li, ""))
    with pytest.raises(Denied, match="members"):
        await chosen.choose(county.store, case.id, Choice(add=frozenset({near.id})), Actor(chief, ""))
    with pytest.raises(NotFound):
        await chosen.of_case(county.store, case.id, Actor(await county.user("stranger"), ""))
    with pytest.raises(ValidationError):
        Choice(add=frozenset({near.id}), drop=frozenset({near.id}))
    await cases.close(county.store, case.id, Actor(li, ""))
    with pytest.raises(Conflict):
        await chosen.choose(county.store, case.id, Choice(add=frozenset({near.id})), Actor(li, ""))


async def test_a_case_has_a_bounded_number(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "MOST", 1)
    one, other = await county.camera(), await county.camera()
    li = Actor(await county.user("li"), "")
    case = await county.open_case(li.user)
    await chosen.choose(county.store, case.id, Choice(add=frozenset({one.id})), li)
    with pytest.raises(Conflict) as told:
        await chosen.choose(county.store, case.id, Choice(add=frozenset({other.id})), li)
    assert told.value.code == "case_cameras_many"
    swapped = Choice(add=frozenset({other.id}), drop=frozenset({one.id}))
    assert [camera.camera_id for camera in await chosen.choose(county.store, case.id, swapped, li)] == [other.id]
