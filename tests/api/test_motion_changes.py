"""Hits of a motion search by whether the place looked different afterwards: what was taken comes first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest
import sqlalchemy as sa

from camera_hub.recall.motion.days import day_of
from camera_hub.recall.stills.dayfile import Album, Still
from registry import audit, consents, scenes, tables
from registry.consents.giving import NewConsent
from registry.model import ConsentScope, PurposeKind, Role
from registry.scenes import Scene
from registry.users import CONSOLE
from tests.api.conftest import Client, World, both_engines
from tests.api.test_stills import unpacked
from tests.camera_hub.recall.sheets import lit, write
from tests.detectors.test_afterwards import picture
from tests.detectors.vanishing import HEIGHT, WIDTH, Picture, Vanishing

SECOND = timedelta(seconds=1)
SLOT_S = 600


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def begin_of(world: World, days: int) -> datetime:
    shelf = world.hub.motion.shelf
    day = day_of(int(world.hub.store.clock().timestamp()), shelf.tz) - timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=shelf.tz).astimezone(UTC)


def keep(world: World, begin: datetime, pictures: Iterable[tuple[float, Picture]], camera: str = "gate") -> None:
    album = Album(world.hub.settings.data_dir)
    for at, grey in pictures:
        ok, data = cv2.imencode(".webp", cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_WEBP_QUALITY, 70])
        assert ok
        taken = round((begin + at * SECOND).timestamp() * 1000)
        album.append(world.county.cameras[camera], Still(taken, WIDTH, HEIGHT, masked=False, data=data.tobytes()))


def outline(scene: Vanishing, wider: int = 0) -> list[list[float]]:
    x0, y0, x1, y1 = scene.box
    left, top, right, low = max(x0 - wider, 0), max(y0 - wider, 0), min(x1 + wider, WIDTH), min(y1, HEIGHT)
    return [[x / WIDTH, y / HEIGHT] for x, y in ((left, top), (right, top), (right, low), (left, low))]


def asking(world: World, begin: datetime, at: Iterable[float], corners: Any, camera: str = "gate") -> dict[str, Any]:
    one = str(world.county.cameras[camera])
    hits = [{"camera_id": one, "from": stamp(begin + s * SECOND), "to": stamp(begin + (s + 5) * SECOND)} for s in at]
    return {"cameras": [{"camera_id": one, "outline": corners}], "hits": hits}


async def changes(client: Client, body: dict[str, Any]) -> Any:
    answer = await client.ask("POST", "/api/v1/motion/changes", json=body, raw=True)
    assert answer.status == 200, answer.body
    *steps, told = map(json.loads, answer.body.splitlines())
    done = [one["done"] for one in steps]
    assert done == sorted(done), "it goes on"
    assert {one["total"] for one in steps} <= {len(body["hits"])}
    return told


async def lines(world: World) -> list[Any]:
    return [row for row in await audit.list_rows(world.hub.store, CONSOLE) if row.action == "still.compare"]


def theft(hours: float = 3, **more: Any) -> Vanishing:
    scene = Vanishing(2, hours, begins=10, **more)
    scene.gone_s = 5_400 + 130
    return scene


def slots(scene: Vanishing, hours: float = 3, *, leaves: bool = False) -> Iterable[tuple[float, Picture]]:
    return ((at, picture(scene, at, leaves=leaves)) for at in np.arange(0, hours * 3600, SLOT_S).tolist())


async def test_a_theft_under_a_tree_in_the_wind_comes_first(world: World) -> None:
    """Gusts all night and all week before; one hit carries a bike away, and is no rarer than the leaves."""
    scene = theft(always_night=True)
    begin = begin_of(world, 2)
    rng = np.random.default_rng(1)
    corners = outline(scene, 40)
    cells = [(int((scene.y - 20) / 10), column) for column in range(scene.x // 10 - 2, scene.x // 10 + 5)]
    for back in range(9, 1, -1):
        moved = {}
        for gust in rng.integers(0, 10_800, 90).tolist():
            for at in range(gust, gust + int(rng.integers(3, 20))):
                moved[at] = lit(*(cells[one] for one in rng.choice(len(cells), rng.integers(1, 5), replace=False)))
        if back == 2:
            moved |= {at: lit(*cells[:3]) for at in range(5_525, 5_540)}
        day = begin.astimezone(world.hub.motion.shelf.tz).date() - timedelta(days=back - 2)
        write(world.hub.motion.shelf, world.county.cameras["gate"], day, moved=moved, sealed=True)
    keep(world, begin, slots(scene, leaves=True))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    region = {"camera_id": str(world.county.cameras["gate"]), "outline": corners}
    span = {"from": stamp(begin), "to": stamp(begin + 10_800 * SECOND)}
    found = await officer.post(
        "/api/v1/motion/search", {"cameras": [region], **span, "limit": 1000, "noisy": True}, 200
    )
    hits = [{name: one[name] for name in ("camera_id", "from", "to")} for one in found["hits"]]
    assert len(hits) > 20
    there = stamp(begin + 5_530 * SECOND)
    told = await changes(officer, {"cameras": [region], "hits": hits})
    first = told["changes"][:10]
    ends = {one["from"]: one["to"] for one in hits}
    assert any(one["from"] <= there < ends[one["from"]] for one in first)
    assert first[0]["state"] == "changed"
    beside = [(first[0][name]["at"] / 1000 - begin.timestamp()) // SLOT_S for name in ("before", "after")]
    assert beside == [9, 10], "what is first lies between the pictures that the bike vanished between"
    changed = [one["state"] == "changed" for one in told["changes"]]
    assert changed == sorted(changed, reverse=True)
    rest = [one["from"] for one in told["changes"] if one["state"] != "changed"]
    assert rest == [one["from"] for one in hits if one["from"] in rest], "the others keep their order"


@both_engines
async def test_the_two_pictures_are_fetched_and_the_look_is_on_record(world: World) -> None:
    scene, begin = theft(), begin_of(world, 1)
    keep(world, begin, slots(scene))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    told = await changes(officer, asking(world, begin, (1000, 5_528, 8000), outline(scene)))
    assert [(one["from"], one["state"]) for one in told["changes"]] == [
        (stamp(begin + 5_528 * SECOND), "changed"),
        (stamp(begin + 1000 * SECOND), "same"),
        (stamp(begin + 8000 * SECOND), "same"),
    ]
    first = told["changes"][0]
    for name, at in (("before", 5_400), ("after", 6_000)):
        (cell,) = unpacked((await officer.ask("GET", first[name]["url"], raw=True)).body)
        assert cell.at == first[name]["at"] == round((begin + at * SECOND).timestamp() * 1000)
        assert cell.picture.shape == (HEIGHT, WIDTH, 3)
    assert told["changes"][1]["before"] is None
    (row,) = await lines(world)
    assert (row.result_count, row.cameras, row.case_number) == (3, (str(world.county.cameras["gate"]),), "A-2026-1")


async def test_dusk_is_no_change(world: World) -> None:
    scene, begin = Vanishing(2, 3, begins=17.5), begin_of(world, 1)
    scene.gone_s = 1e9
    keep(world, begin, slots(scene))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    told = await changes(officer, asking(world, begin, (1800, 5_100, 9000), outline(scene)))
    assert [(one["state"], one["why"]) for one in told["changes"]] == [
        ("same", None),
        ("unknown", "light"),
        ("same", None),
    ]


async def test_without_pictures_around_it_nothing_is_known(world: World) -> None:
    scene, begin = theft(), begin_of(world, 1)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    body = asking(world, begin, (5_528, 9_000), outline(scene))
    told = await changes(officer, body)
    assert [(one["state"], one["why"], one["score"]) for one in told["changes"]] == [
        ("unknown", "no_picture", None)
    ] * 2
    keep(world, begin, [one for one in slots(scene) if one[0] in (5_400, 6_000)])
    told = await changes(officer, body)
    assert [one["why"] for one in told["changes"]] == ["few", "no_picture"]
    whole = asking(world, begin, (5_528,), [[0, 0], [1, 0], [1, 1], [0, 1]])
    assert [one["why"] for one in (await changes(officer, whole))["changes"]] == ["large"]


async def masked(world: World, drawn: datetime, *masks: Any, since: datetime | None = None) -> None:
    """Masks on the gate's picture, drawn then; what they hide has been masked `since` then, or as long."""
    store, gate = world.hub.store, world.county.cameras["gate"]
    await scenes.put(store, gate, Scene.model_validate({"masks": masks}), CONSOLE)
    async with store.write() as conn:
        newest = sa.select(sa.func.max(tables.scenes.c.revision)).scalar_subquery()
        scene = sa.update(tables.scenes).where(tables.scenes.c.revision == newest)
        await conn.execute(scene.values(created_at=drawn))
        camera = sa.update(tables.cameras).where(tables.cameras.c.id == gate)
        await conn.execute(camera.values(masked_since=since or drawn))


async def test_pictures_from_before_a_mask_are_withheld(world: World) -> None:
    scene, begin = theft(), begin_of(world, 1)
    keep(world, begin, slots(scene))
    await masked(world, world.hub.store.clock(), outline(scene, 4))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    told = await changes(officer, asking(world, begin, (5_528,), outline(scene)))
    assert [(one["state"], one["why"], one["before"]) for one in told["changes"]] == [("unknown", "withheld", None)]
    assert told["refused"][0]["camera_id"] == str(world.county.cameras["gate"])


async def test_what_a_mask_covers_is_not_judged(world: World) -> None:
    scene, begin = theft(), begin_of(world, 1)
    keep(world, begin, slots(scene))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    elsewhere, day_before = [[x * 0.1, y * 0.1] for x, y in outline(scene)], begin - timedelta(days=1)
    await masked(world, day_before, elsewhere)
    body = asking(world, begin, (5_528, 8_000), outline(scene))
    told = await changes(officer, body)
    assert [(one["state"], one["why"]) for one in told["changes"]] == [("changed", None), ("same", None)]
    await masked(world, day_before, elsewhere, outline(scene, 4))
    assert [one["why"] for one in (await changes(officer, body))["changes"]] == ["masked", "masked"]
    await masked(world, begin + 5_600 * SECOND, elsewhere, outline(scene, 4), since=day_before)
    assert [one["why"] for one in (await changes(officer, body))["changes"]] == ["scene", "masked"]


@pytest.mark.parametrize(("scopes", "state"), [({ConsentScope.EVENTS}, "unknown"), ({ConsentScope.CLIP}, "changed")])
async def test_pictures_need_a_consent_to_recordings_and_hits_do_not(
    world: World, scopes: set[ConsentScope], state: str
) -> None:
    store, yard = world.hub.store, world.county.cameras["yard"]
    scene, begin = theft(), begin_of(world, 1)
    keep(world, begin, slots(scene), "yard")
    day = begin.astimezone(world.hub.motion.shelf.tz).date()
    write(world.hub.motion.shelf, yard, day, moved={5_530: lit((0, 0))}, sealed=True)
    since = begin - timedelta(days=5)
    new = NewConsent(
        owner_name="户主", scopes=frozenset(scopes), valid_from=since, signed_at=since, text_version="2026-1"
    )
    await consents.create(store, yard, new, CONSOLE)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    span = {"from": stamp(begin), "to": stamp(begin + 10_800 * SECOND)}
    found = await officer.post("/api/v1/motion/search", {"cameras": [{"camera_id": str(yard)}], **span}, 200)
    assert found["total"] == 1
    body = asking(world, begin, (5_528,), outline(scene), "yard")
    told = await changes(officer, body)
    assert [one["state"] for one in told["changes"]] == [state]
    assert [one["refused"] for one in told["refused"]] == (["recording_no_consent"] if state == "unknown" else [])
    (row,) = await lines(world)
    assert row.cameras == (str(yard),)


async def test_far_cameras_are_unknown_and_others_hits_are_refused(world: World) -> None:
    begin = begin_of(world, 1)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    body = asking(world, begin, (60,), None, "far")
    told = await changes(officer, body)
    assert [(one["why"], told["refused"][0]["refused"]) for one in told["changes"]] == [("withheld", "camera_unknown")]
    (row,) = await lines(world)
    assert row.cameras == ()
    wrong = {**body, "cameras": [{"camera_id": str(world.county.cameras["gate"])}]}
    answer = await officer.ask("POST", "/api/v1/motion/changes", json=wrong)
    assert (answer.status, answer.body["fields"][0]["code"]) == (422, "no_region")
    backwards = {**body, "hits": [{**body["hits"][0], "to": stamp(begin)}]}
    answer = await officer.ask("POST", "/api/v1/motion/changes", json=backwards)
    assert (answer.status, answer.body["fields"][0]["code"]) == (422, "order")
    apart = {**body, "hits": [body["hits"][0], {**body["hits"][0], "to": stamp(begin + timedelta(days=40))}]}
    assert (await officer.ask("POST", "/api/v1/motion/changes", json=apart)).code == (422, "span_too_long")
