"""Search: every filter against a plain model, pages that meet, cursors that cannot be bent, plans that use the indexes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import events
from registry.errors import Invalid
from registry.events import EventQuery, finding
from registry.events.filters import Resolved
from registry.geometry import distance
from registry.inputs import parse
from registry.model import Camera, EventChange, EventKind, LabelGroup
from registry.store import Store
from tests.registry.county import NOON, County, change

TZ = ZoneInfo("Asia/Shanghai")
LABELS = (
    ("person", LabelGroup.PERSON),
    ("car", LabelGroup.VEHICLE),
    ("sheep", LabelGroup.ANIMAL),
    ("unknown", LabelGroup.UNKNOWN),
)
SPOTS = ((45.50, 124.29), (45.51, 124.29), (45.60, 124.29), (None, None))


@dataclass
class Fixed:
    """Cameras and events of a county that searches are compared on."""

    county: County
    cameras: list[Camera]
    made: list[EventChange]


@pytest.fixture
async def fixed(county: County) -> Fixed:
    villages = ("220882100200", "220882100201", "220882101200", "220882101200")
    cameras = [
        await county.camera(village, lat=lat, lon=lon) for village, (lat, lon) in zip(villages, SPOTS, strict=True)
    ]
    rng = random.Random(7)
    made = []
    for _ in range(150):
        label, group = rng.choice(LABELS)
        made.append(
            change(
                rng.choice(cameras),
                label=label,
                group=group,
                kind=rng.choice(list(EventKind)),
                rule_id=rng.choice(("object", "gate")),
                score=rng.choice((0.3, 0.5, 0.9)),
                started_at=NOON - timedelta(minutes=rng.choice((0, 7, 60, 600, 5000, rng.randrange(60_000)))),
            )
        )
    await events.record(county.store, made)
    return Fixed(county, cameras, made)


def _holds(one: EventChange, camera: Camera, query: EventQuery) -> bool:
    local = one.started_at.astimezone(TZ)
    clock = f"{local:%H:%M}"
    since, until = query.span(NOON)
    night = True
    if query.night_from is not None and query.night_to is not None:
        day = query.night_from < query.night_to
        night = (
            query.night_from <= clock < query.night_to if day else clock >= query.night_from or clock < query.night_to
        )
    near = True
    if query.near is not None:
        near = camera.lat is not None and camera.lon is not None
        near = near and distance(query.position, (camera.lon, camera.lat)) <= (query.radius_m or 500)
    return (
        (not query.place or camera.village_code.startswith(query.place))
        and (not query.camera or camera.id in query.camera)
        and (not query.kind or one.kind in query.kind)
        and (not query.label or one.label in query.label)
        and (not query.group or one.group in query.group)
        and (not query.rule or one.rule_id in query.rule)
        and (query.min_score is None or one.score >= query.min_score)
        and (
            query.stays_s is None
            or ((one.ended_at or one.updated_at) - one.started_at).total_seconds() >= query.stays_s
        )
        and (query.direction is None or one.direction == query.direction)
        and since <= one.started_at < until
        and night
        and near
    )


FILTERS: dict[str, list[object]] = {
    "place": ["220882100200", "220882100,220882101200", "220882", "220883"],
    "label": ["sheep", "sheep,person", "tiger", "' OR '1'='1", "%"],
    "group": ["animal", "person,vehicle"],
    "kind": ["object"],
    "rule": ["gate", "_ate"],
    "min_score": [0.5],
    "stays_s": [1, 60],
    "direction": ["in", "out"],
    "night_from": ["22:00", "00:00", "11:30"],
    "night_to": ["04:30", "00:01", "12:30"],
    "since": ["2026-11-20T00:00:00+08:00", "2026-10-01T00:00:00Z"],
    "until": ["2026-11-22T12:00:00+08:00"],
    "near": ["45.5,124.29"],
    "radius_m": [600, 2000, 50_000],
    "order": ["newest", "oldest"],
}


@pytest.mark.parametrize("way", ["gather", "merge", "walk"])
async def test_every_filter_means_what_it_says(fixed: Fixed, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "GATHER", 10_000 if way == "gather" else 1)
    monkeypatch.setattr(finding, "MERGE_KEYS", 0 if way == "walk" else 100)
    store, access = fixed.county.store, await fixed.county.unlimited()
    by_id = {camera.id: camera for camera in fixed.cameras}
    rng = random.Random(way)
    asked = 0
    while asked < 45:
        chosen = {name: rng.choice(values) for name, values in FILTERS.items() if rng.random() < 0.25}
        if rng.random() < 0.3:
            chosen["camera"] = [str(one.id) for one in rng.sample(fixed.cameras, 2)]
        try:
            query = EventQuery(**chosen, limit=rng.choice((7, 50)))
        except ValueError:
            continue
        asked += 1
        wanted = [one for one in fixed.made if _holds(one, by_id[one.camera_id], query)]
        wanted.sort(key=lambda one: (one.started_at, one.id), reverse=query.order == "newest")
        seen: list[UUID] = []
        while True:
            page = await events.search(store, access, query)
            assert len(page.events) <= query.limit
            seen += [event.id for event in page.events]
            if page.next_cursor is None:
                break
            query = EventQuery(**chosen, limit=query.limit, cursor=page.next_cursor)
        assert seen == [one.id for one in wanted], chosen
        buckets = await events.histogram(store, access, EventQuery(**chosen), "day")
        assert sum(one.count for one in buckets) == len(wanted)
        groups = sorted(one.group.value for one in wanted)
        assert groups == sorted(name for one in buckets for name, count in one.by_group.items() for _ in range(count))


async def test_histogram_follows_local_days_and_half_hour_zones(url: str, fixed: Fixed) -> None:
    await fixed.county.store.close()
    for zone, bucket in product(("Asia/Shanghai", "Asia/Kolkata", "America/New_York"), ("hour", "day")):
        tz = ZoneInfo(zone)
        store = await Store.open(url, clock=fixed.county.clock, tz=tz)
        access = fixed.county.case
        fixed.county.store = store
        user = None if zone == "Asia/Shanghai" and bucket == "hour" else await _officer(store)
        wanted: dict[datetime, int] = {}
        look = await access(user)
        since = NOON - timedelta(days=30)
        for one in fixed.made:
            if one.started_at < since:
                continue
            local = one.started_at.astimezone(tz).replace(minute=0, second=0, microsecond=0)
            local = local.replace(hour=0) if bucket == "day" else local
            wanted[local] = wanted.get(local, 0) + 1
        found = await events.histogram(store, look, EventQuery(), bucket)
        assert {one.start: one.count for one in found} == wanted
        assert [one.start for one in found] == sorted(wanted)
        await store.close()


async def _officer(store: Store):
    from registry import users

    return await users.by_name(store, "officer")


def _event(at: datetime, own: UUID) -> tuple[datetime, UUID]:
    return at, own


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2199, 1, 1), timezones=st.just(TZ)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


@given(MOMENTS, st.uuids(), st.sampled_from(["220882", "220882100"]), st.integers(1, 200))
def test_cursor_comes_back_whatever_the_page_size(at: datetime, own: UUID, place: str, limit: int) -> None:
    cursor = EventQuery(place=[place]).cursor_after(at, own)
    assert EventQuery(place=[place], cursor=cursor, limit=limit).resume_at() == _event(at, own)


@given(st.uuids(), st.data())
def test_bent_or_foreign_cursors_are_refused(own: UUID, data: st.DataObject) -> None:
    query = EventQuery(place=["220882"], order="newest")
    cursor = query.cursor_after(NOON, own)
    spot = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from("ABCDwxyz0189-_=!é"))
    bent = cursor[:spot] + letter + cursor[spot + 1 :]
    others = [EventQuery(place=["220882"], order="oldest", cursor=cursor), EventQuery(cursor=cursor)]
    others += [EventQuery(place=["220882"], cursor=wrong) for wrong in ("", "x", cursor[:-4], cursor * 2)]
    if bent != cursor:
        others.append(EventQuery(place=["220882"], cursor=bent))
    for other in others:
        with pytest.raises(Invalid) as err:
            other.resume_at()
        assert (err.value.code, err.value.fields[0].path) == ("cursor", "cursor")


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"place": "22"}, "place.0"),
        ({"place": ["220882"] * 51}, "place"),
        ({"camera": "x"}, "camera.0"),
        ({"group": "face"}, "group.0"),
        ({"min_score": "nan"}, "min_score"),
        ({"since": "2026-11-23T00:00:00"}, "since"),
        ({"since": "1700000000"}, "since"),
        ({"since": "2026-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"}, ""),
        ({"since": "2024-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, ""),
        ({"night_from": "22:00"}, ""),
        ({"night_from": "24:00", "night_to": "04:00"}, "night_from"),
        ({"night_from": "22:00", "night_to": "22:00"}, ""),
        ({"near": "95,10"}, ""),
        ({"near": "45;124"}, "near"),
        ({"radius_m": 100}, ""),
        ({"near": "45,124", "radius_m": 50001}, "radius_m"),
        ({"limit": 201}, "limit"),
        ({"order": "random"}, "order"),
        ({"score": 1}, "score"),
    ],
)
def test_wrong_questions_are_named(data: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as err:
        parse(EventQuery, data)
    assert err.value.fields[0].path == path


def test_since_alone_may_not_reach_too_far() -> None:
    with pytest.raises(Invalid) as err:
        EventQuery(since="2024-01-01T00:00:00Z").span(NOON)
    assert err.value.fields[0].path == "since"


@pytest.mark.parametrize(
    ("path", "index"),
    [
        (finding.Path("walk"), "ix_events_by_time"),
        (finding.Path("merge", "village_no"), "ix_events_by_village"),
        (finding.Path("merge", "camera_no"), "ix_events_by_camera"),
        (finding.Path("gather", "label_no"), "ix_events_by_label"),
    ],
)
async def test_pages_read_only_an_index(tmp_path: Path, path: finding.Path, index: str) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", upgrade=True)
    since, until = EventQuery().span(NOON)
    found = Resolved((1, 2, 3), (1,), (1, 2), since, until)
    query = EventQuery(night_from="22:00", night_to="04:30")
    query = EventQuery(
        night_from="22:00", night_to="04:30", cursor=query.cursor_after(NOON, UUID(bytes=b"printable letters"[:16]))
    )
    select = finding.page_select(query, found, path, details=False)
    async with store.read() as conn:
        text = str(
            select.params(finding.page_values(query, found, path, store)).compile(
                conn.sync_connection, compile_kwargs={"literal_binds": True}
            )
        )
        plan = [row.detail for row in await conn.exec_driver_sql("EXPLAIN QUERY PLAN " + text)]
    await store.close()
    reads = [line for line in plan if " events " in line]
    assert reads
    assert all(f"USING COVERING INDEX {index}" in line for line in reads), plan
    if path.way != "gather":
        assert not [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line], plan
