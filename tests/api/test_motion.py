"""The motion index over HTTP: what is found, how much of it was watched, who may ask, and what is on record."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from camera_hub.recall.motion.days import day_of
from camera_hub.recall.motion.record import Seen, Span
from registry import audit, consents, scenes
from registry.consents.giving import NewConsent
from registry.model import ConsentScope, PurposeKind, Reason, Role, State, StatusChange
from registry.scenes import Scene
from registry.scope import EVERYTHING
from registry.status import record_status
from registry.users import CONSOLE
from tests.api.conftest import Client, World, both_engines
from tests.camera_hub.recall.sheets import lit, write

GATE = [[0.3, 0.3], [0.5, 0.3], [0.5, 0.6], [0.3, 0.6]]
SECOND = timedelta(seconds=1)


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def days_back(world: World, days: int) -> tuple[date, datetime]:
    """A local day so many days ago, and its beginning."""
    shelf = world.hub.motion.shelf
    day = day_of(int(world.hub.store.clock().timestamp()), shelf.tz) - timedelta(days=days)
    return day, datetime(day.year, day.month, day.day, tzinfo=shelf.tz).astimezone(UTC)


def keep(world: World, days: int, camera: str = "gate", **given: Any) -> datetime:
    """A day of the index; its beginning."""
    day, begin = days_back(world, days)
    write(world.hub.motion.shelf, world.county.cameras[camera], day, **given)
    return begin


def asking(world: World, begin: datetime, seconds: int, camera: str = "gate", **more: Any) -> dict[str, Any]:
    region = {"camera_id": str(world.county.cameras[camera]), **more.pop("region", {})}
    return {"cameras": [region], "from": stamp(begin), "to": stamp(begin + seconds * SECOND), **more}


async def search(client: Client, body: dict[str, Any]) -> Any:
    return await client.post("/api/v1/motion/search", body, 200)


async def lines(world: World, action: str = "motion.search") -> list[Any]:
    return [row for row in await audit.list_rows(world.hub.store, CONSOLE) if row.action == action]


@both_engines
async def test_where_something_moved_is_found_with_what_was_watched(world: World) -> None:
    moved = {100: lit((7, 12)), 103: lit((7, 12), (8, 12)), 200: lit((0, 0)), 4000: lit((7, 12))}
    begin = keep(world, 2, moved=moved, watched=[(0, 3000), (3500, 86_400)], sealed=True)
    await world.event("gate", started_at=begin + 101 * SECOND, picture=False)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, begin, 7200, region={"outline": GATE}))
    hits = [(one["from"], one["to"], one["seconds"], one["cells"], one["usual"]) for one in found["hits"]]
    assert hits == [
        (stamp(begin + 100 * SECOND), stamp(begin + 104 * SECOND), 2, 2, None),
        (stamp(begin + 4000 * SECOND), stamp(begin + 4001 * SECOND), 1, 1, None),
    ]
    assert [one["event"] and one["event"]["label"] for one in found["hits"]] == ["person", None]
    (camera,) = found["cameras"]
    part = camera["watched"]
    assert (part["wanted_s"], part["watched_s"], part["reasons"]) == (7200, 6700, {"not_analysed": 500})
    assert [(one["from"], one["to"]) for one in part["unwatched"]] == [
        (stamp(begin + 3000 * SECOND), stamp(begin + 3500 * SECOND))
    ]
    (row,) = await lines(world)
    assert (row.result_count, row.cameras, row.case_number) == (2, (str(world.county.cameras["gate"]),), "A-2026-1")
    assert '"outline"' in row.detail
    two = await search(officer, asking(world, begin, 7200, region={"outline": GATE}, least_cells=2))
    assert [one["seconds"] for one in two["hits"]] == [1]


async def test_the_day_that_is_being_written_is_found_too(world: World) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    day, begin = days_back(world, 0)
    at = max(0, int((now - begin).total_seconds()) - 20)
    write(world.hub.motion.shelf, world.county.cameras["gate"], day, moved={at: lit((1, 1))}, watched=[(0, at + 10)])
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, max(begin, now - 60 * SECOND), 120))
    assert [one["from"] for one in found["hits"]] == [stamp(begin + at * SECOND)]
    part = found["cameras"][0]["watched"]
    assert part["watched_s"] + sum(part["reasons"].values()) == part["wanted_s"] == 120
    assert part["reasons"]["to_come"] >= 55


async def test_why_nobody_watched_is_told(world: World) -> None:
    begin = keep(world, 2, watched=[(0, 600), Span(600, 660, Seen.GAP), Span(660, 670, Seen.FLASH)], sealed=True)
    gate = world.county.cameras["gate"]
    words = ((0, State.LIVE, None), (700, State.BACKING_OFF, Reason.UNREACHABLE), (900, State.IDLE, Reason.DISABLED))
    for at, state, reason in words:
        said = StatusChange(gate, state, reason, "", begin + at * SECOND, None, None, None, None, None)
        await record_status(world.hub.store, [said])
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    part = (await search(officer, asking(world, begin, 1000)))["cameras"][0]["watched"]
    assert part["reasons"] == {"unreachable": 200, "disabled": 100, "gap": 60, "not_analysed": 30, "flash": 10}
    assert part["watched_s"] == 600
    assert [one["reason"] for one in part["unwatched"]] == ["gap", "flash", "not_analysed", "unreachable", "disabled"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"least_cells": 0}, "greater_than_equal"),
        ({"from_minute": 1}, "hours"),
        ({"from_minute": 5, "to_minute": 5}, "hours"),
        ({"region": {"outline": [[0, 0], [1, 1], [1, 0], [0, 1]]}}, "self_intersection"),
        ({"region": {"rows": [1] * 17}}, "too_short"),
        ({"region": {"rows": [0] * 18}}, "empty"),
        ({"region": {"rows": [1] * 18, "outline": GATE}}, "one_of_two"),
        ({"limit": 1001}, "less_than_equal"),
        ({"order": "loud"}, "literal_error"),
        ({"cameras": []}, "too_short"),
    ],
)
async def test_what_is_asked_is_checked(world: World, wrong: dict[str, Any], code: str) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    answer = await officer.ask("POST", "/api/v1/motion/search", json=asking(world, days_back(world, 1)[1], 60, **wrong))
    assert (answer.status, answer.body["fields"][0]["code"]) == (422, code)


async def test_a_window_is_bounded_and_a_camera_named_once(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    begin = days_back(world, 3)[1]
    for seconds, code in ((32 * 86_400, "span_too_long"), (-5, "invalid")):
        answer = await officer.ask("POST", "/api/v1/motion/search", json=asking(world, begin, seconds))
        assert answer.code == (422, code)
    body = asking(world, begin, 60)
    body["cameras"] *= 2
    answer = await officer.ask("POST", "/api/v1/motion/search", json=body)
    assert (answer.status, answer.body["fields"][0]["code"]) == (422, "doubled")
    assert await lines(world) == []


async def test_what_lies_beyond_the_purpose_or_the_consent_is_not_told(world: World) -> None:
    moved = {at: lit((1, 1)) for at in range(0, 86_400, 3600)}
    begin = keep(world, 2, "far", moved=moved, sealed=True)
    for camera in ("yard", "shut", "gate"):
        keep(world, 2, camera, moved=moved, sealed=True)
    shut = (await consents.list_for(world.hub.store, world.county.cameras["shut"], EVERYTHING))[0]
    await consents.withdraw(world.hub.store, shut.id, CONSOLE)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    body = asking(world, begin, 3600)
    body["cameras"] = [{"camera_id": str(one)} for one in world.county.cameras.values()]
    found = await search(officer, body)
    by_name = {str(one): name for name, one in world.county.cameras.items()}
    assert {by_name[one["camera_id"]]: one["refused"] for one in found["cameras"]} == {
        "gate": None, "yard": None, "shut": "motion_no_consent", "far": "camera_unknown",
    }  # fmt: skip
    assert Counter(by_name[one["camera_id"]] for one in found["hits"]) == {"gate": 1, "yard": 1}
    (row,) = await lines(world)
    assert str(world.county.cameras["far"]) not in row.cameras
    assert str(world.county.cameras["far"]) in row.detail
    monitor = await world.client(Role.MONITOR, PurposeKind.PATROL)
    answer = await monitor.ask("POST", "/api/v1/motion/search", json=asking(world, begin, 3600))
    assert answer.code == (403, "beyond_patrol")


async def test_hours_a_consent_does_not_cover_are_withheld(world: World) -> None:
    store, yard = world.hub.store, world.county.cameras["yard"]
    for one in await consents.list_for(store, yard, EVERYTHING):
        await consents.withdraw(store, one.id, CONSOLE)
    moved = {at: lit((1, 1)) for at in (3600, 12 * 3600)}
    begin = keep(world, 1, "yard", moved=moved, sealed=True)
    new = NewConsent(
        owner_name="户主",
        scopes=frozenset({ConsentScope.EVENTS}),
        valid_from=begin - timedelta(days=5),
        signed_at=begin - timedelta(days=5),
        text_version="2026-1",
        from_minute=0,
        to_minute=360,
    )
    await consents.create(store, yard, new, CONSOLE)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, begin, 86_400, "yard"))
    assert [one["from"] for one in found["hits"]] == [stamp(begin + 3600 * SECOND)]
    part = found["cameras"][0]["watched"]
    assert (part["watched_s"], part["reasons"]) == (6 * 3600, {"no_consent": 18 * 3600})
    line = await officer.get(
        f"/api/v1/cameras/{yard}/motion", params={"from": stamp(begin), "to": stamp(begin + timedelta(days=1))}
    )
    assert (sum(line["moved"]), sum(line["watched"])) == (1, 6 * 3600)


async def test_what_a_later_mask_hides_is_not_told(world: World) -> None:
    store, gate = world.hub.store, world.county.cameras["gate"]
    moved = {10: lit((1, 1)), 100: lit((10, 20))}
    begin = keep(world, 1, moved=moved, sealed=True)
    await scenes.put(store, gate, Scene.model_validate({"masks": [[[0, 0], [0.2, 0], [0.2, 0.2], [0, 0.2]]]}), CONSOLE)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, begin, 3600))
    assert [one["from"] for one in found["hits"]] == [stamp(begin + 100 * SECOND)]
    camera = found["cameras"][0]
    assert camera["dark"] == sum(row.bit_count() for row in camera["dark_rows"]) > 0
    assert camera["noisy_rows"] == [0] * 18
    line = await officer.get(
        f"/api/v1/cameras/{gate}/motion", params={"from": stamp(begin), "to": stamp(begin + 3600 * SECOND)}
    )
    assert (sum(line["moved"]), sum(line["watched"]), line["part"]["reasons"]) == (0, 0, {"masked": 3600})


@both_engines
async def test_how_much_moved_over_time(world: World) -> None:
    moved = {at: lit((1, 1)) for at in range(3600, 5400)}
    begin = keep(world, 2, moved=moved, watched=[(0, 7200)], sealed=True)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    path = f"/api/v1/cameras/{world.county.cameras['gate']}/motion"
    line = await officer.get(path, params={"from": stamp(begin), "to": stamp(begin + 14_400 * SECOND), "buckets": "4"})
    assert (line["step_s"], line["moved"], line["watched"]) == (3600, [0, 1800, 0, 0], [3600, 3600, 0, 0])
    assert (line["from"], line["to"]) == (stamp(begin), stamp(begin + 14_400 * SECOND))
    assert line["part"]["reasons"] == {"not_analysed": 7200}
    fine = await officer.get(path, params={"from": stamp(begin + 3595 * SECOND), "to": stamp(begin + 3605 * SECOND)})
    assert (fine["step_s"], fine["moved"], fine["watched"]) == (1, [0] * 5 + [1] * 5, [1] * 10)
    assert [row.result_count for row in await lines(world, "motion.density")] == [5, 1800]
    far = await officer.ask(
        "GET",
        f"/api/v1/cameras/{world.county.cameras['far']}/motion",
        params={"from": stamp(begin), "to": stamp(begin + SECOND)},
    )
    assert far.code == (404, "camera_unknown")


async def test_a_damaged_day_is_told_and_the_others_are_found(world: World) -> None:
    begin = keep(world, 3, moved={100: lit((7, 12))}, sealed=True)
    keep(world, 2, moved={100: lit((7, 12))}, sealed=True)
    shelf, gate = world.hub.motion.shelf, world.county.cameras["gate"]
    file = world.hub.settings.data_dir / shelf.key(gate, days_back(world, 3)[0])
    block = bytearray(file.read_bytes())
    block[len(block) // 2] ^= 1
    file.write_bytes(block)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, begin, 2 * 86_400))
    assert [one["from"] for one in found["hits"]] == [stamp(begin + 86_500 * SECOND)]
    part = found["cameras"][0]["watched"]
    assert (part["reasons"], part["watched_s"]) == ({"damaged": 86_400}, 86_400), "nothing is said of what is not known"


async def test_a_window_of_gaps_alone_is_no_quiet_window(world: World) -> None:
    begin = keep(world, 2, watched=[Span(0, 7200, Seen.GAP)], sealed=True)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, begin, 7200))
    part = found["cameras"][0]["watched"]
    assert (found["total"], part["watched_s"], part["reasons"]) == (0, 0, {"gap": 7200})
    gate = world.county.cameras["gate"]
    span = f"from={stamp(begin)}&to={stamp(begin + 7200 * SECOND)}"
    dense = await officer.get(f"/api/v1/cameras/{gate}/motion?{span}&buckets=10")
    assert (set(dense["watched"]), dense["part"]["reasons"]) == ({0}, {"gap": 7200})


async def test_a_camera_that_was_turned_in_the_window_is_told_with_its_moment(world: World) -> None:
    at = int(days_back(world, 2)[1].timestamp()) + 1000
    turned = [Span(0, 1000, Seen.FULL), Span(1000, 7200, Seen.FULL, view=at)]
    begin = keep(world, 2, moved={500: lit((7, 12)), 2000: lit((7, 12))}, watched=turned, sealed=True)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await search(officer, asking(world, begin, 7200))
    assert found["total"] == 2, "both are told; what a cell shows may be another place from then on"
    assert found["cameras"][0]["watched"]["turns"] == [{"at": stamp(begin + 1000 * SECOND), "what": "view"}]
