"""Who may see which recordings, when, and how far back; what a timeline shows of them. On both engines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from registry import audit, cameras, consents, purposes, recordings
from registry.errors import Denied, Invalid, NotFound
from registry.model import (
    Access,
    Actor,
    AuditRow,
    Camera,
    Consent,
    ConsentScope,
    ConsentState,
    Kind,
    PurposeKind,
    Role,
    Stream,
)
from registry.purposes import OpenPurpose
from registry.recordings import TimelineQuery
from registry.recordings.lawful import agreed
from registry.recordings.model import (
    Damage,
    RecordMode,
    RecordPolicy,
    RecordStream,
    SegmentChange,
    Why,
)
from registry.tables import hold_cameras, holds, recording_gaps
from registry.users import CONSOLE
from tests.registry.county import NOON, County
from tests.registry.recordings_of import round_of

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
KINDS = (Kind.PUBLIC, Kind.SOCIAL, Kind.CIVILIAN)
POLICY = RecordPolicy(
    dict.fromkeys(KINDS, RecordMode.CONTINUOUS),
    dict.fromkeys(KINDS, RecordStream.SUB),
    dict.fromkeys(KINDS, 30),
    pre_s=5,
    post_s=10,
    segment_s=60,
)
CLIP = {ConsentScope.CLIP}


def told(camera: Camera, begin: datetime, seconds: float | None = 60, **given: Any) -> SegmentChange:
    values: dict[str, Any] = {
        "camera_id": camera.id,
        "stream": "sub",
        "started_at": begin,
        "ended_at": None if seconds is None else begin + seconds * SECOND,
        "node": "local",
        "why": Why.CONTINUOUS,
        "codec": "h264",
        "width": 640,
        "height": 360,
        "masked": False,
        "frames": 900,
        "bytes": 1000,
        "digest": "00",
        "clock_offset_ms": None,
    }
    return SegmentChange(**{**values, **given})


async def recorded(county: County, camera: Camera, begin: datetime, count: int = 1, **given: Any) -> None:
    changes = [told(camera, begin + n * MINUTE, **given) for n in range(count)]
    for start in range(0, count, 500):
        await recordings.record(county.store, changes[start : start + 500])


async def under(
    county: County, kind: PurposeKind, role: Role = Role.OFFICER, grants: tuple[str, ...] = ("220882",)
) -> Access:
    user = await county.user(f"{role}-{uuid4().hex[:6]}", role, grants)
    actor = Actor(user, "10.1.1.1", "session")
    case_id = None
    if kind is PurposeKind.CASE:
        case_id = (await county.open_case(user)).id
    new = OpenPurpose(kind=kind, case_id=case_id, reason="" if case_id else "night shift")
    return Access(actor, await purposes.open(county.store, new, actor, 200))


def asking(begin: datetime, end: datetime, stream: Stream | None = None) -> TimelineQuery:
    return TimelineQuery.model_validate({"from": begin, "to": end, "stream": stream})


async def line(
    county: County, access: Access, camera: Camera, begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    found = await recordings.timeline(county.store, access, POLICY, camera.id, asking(begin, end))
    return [(one.since, one.until) for one in found.spans]


async def play(county: County, access: Access, camera: Camera, begin: datetime, end: datetime) -> Any:
    return (await recordings.play(county.store, access, (camera.id,), (begin, end), stream="sub")).cameras[0]


async def rows(county: County) -> list[AuditRow]:
    found = await audit.list_rows(county.store, CONSOLE)
    return [row for row in reversed(found) if row.action.startswith("recording.")]


async def test_segments_join_to_spans_and_breaks_split_them(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    begin = NOON - 2 * HOUR
    await recorded(county, camera, begin, 10)
    await recorded(county, camera, begin + 10 * MINUTE + 2 * SECOND, 5)  # a break of 2 s is none
    await recorded(county, camera, begin + 20 * MINUTE, 3, why=Why.EVENT)
    await recorded(county, camera, begin + 23 * MINUTE, 2, codec="hevc")
    found = await recordings.timeline(county.store, access, POLICY, camera.id, asking(begin, NOON))
    assert [(one.since - begin, one.until - begin, one.why, one.codec) for one in found.spans] == [
        (0 * MINUTE, 15 * MINUTE + 2 * SECOND, Why.CONTINUOUS, "h264"),
        (20 * MINUTE, 23 * MINUTE, Why.EVENT, "h264"),
        (23 * MINUTE, 25 * MINUTE, Why.CONTINUOUS, "hevc"),
    ]
    assert (found.streams, found.mode, found.days, found.oldest) == (("sub",), RecordMode.CONTINUOUS, 30, begin)
    part = await line(county, access, camera, begin + 5 * MINUTE, begin + 21 * MINUTE)
    assert part[0][0] == begin + 5 * MINUTE
    assert part[-1][1] == begin + 21 * MINUTE
    (row, _) = await rows(county)
    assert (row.action, row.cameras, row.result_count) == ("recording.list", (str(camera.id),), 3)
    assert (row.span_from, row.span_to, row.purpose_kind) == (begin, NOON, PurposeKind.CASE)
    assert await audit.verify(county.store) is None


async def test_a_file_still_written_reaches_to_now_and_one_nobody_closed_to_the_next(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    await recorded(county, camera, NOON - HOUR, seconds=None)
    await recorded(county, camera, NOON - HOUR + 40 * SECOND, seconds=30)
    await recorded(county, camera, NOON - 20 * SECOND, seconds=None)
    assert await line(county, access, camera, NOON - 2 * HOUR, NOON + HOUR) == [
        (NOON - HOUR, NOON - HOUR + 70 * SECOND),
        (NOON - 20 * SECOND, NOON),
    ]
    county.clock.turn(hours=5)
    assert (await line(county, access, camera, NOON - MINUTE, NOON + HOUR))[0][1] == NOON - 20 * SECOND + 15 * MINUTE


async def test_a_clock_set_back_gives_overlapping_files_in_order(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    for begin in (NOON - HOUR, NOON - HOUR + 30 * SECOND, NOON - HOUR + 45 * SECOND):
        await recorded(county, camera, begin)
    assert await line(county, access, camera, NOON - 2 * HOUR, NOON) == [(NOON - HOUR, NOON - HOUR + 105 * SECOND)]
    found = await play(county, access, camera, NOON - 2 * HOUR, NOON)
    starts = [one.started_at for one in found.segments]
    assert starts == sorted(starts)
    assert len(starts) == 3


async def test_gaps_and_holds_stand_on_the_timeline(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    case = await county.open_case(access.actor.user, number="A-1")
    async with county.store.write() as conn:
        for begin, cause in ((2 * HOUR, "worker_down"), (HOUR, "unreachable"), (50 * HOUR, "unreachable")):
            gap = {"started_at": NOON - begin, "ended_at": NOON - begin + MINUTE, "cause": cause}
            await conn.execute(sa.insert(recording_gaps).values(camera_no=camera.no, stream="sub", **gap))
        for released, expires, number in ((None, HOUR, 1), (NOON, HOUR, 2), (None, -HOUR, 3)):
            made = await conn.execute(
                sa.insert(holds)
                .values(
                    id=uuid4(),
                    case_no=case.no,
                    starts_at=NOON - number * HOUR,
                    ends_at=NOON,
                    expires_at=NOON + expires,
                    reason="",
                    created_by="officer",
                    created_at=NOON,
                    released_at=released,
                )
                .returning(holds.c.no)
            )
            await conn.execute(sa.insert(hold_cameras).values(hold_no=made.scalar_one(), camera_no=camera.no))
    found = await recordings.timeline(county.store, access, POLICY, camera.id, asking(NOON - 3 * HOUR, NOON))
    assert [(one.since, one.cause) for one in found.gaps] == [
        (NOON - 2 * HOUR, "worker_down"),
        (NOON - HOUR, "unreachable"),
    ]
    assert [(one.since, one.case_number) for one in found.holds] == [(NOON - HOUR, "A-1")]


async def test_a_patrol_sees_a_day_back_and_no_further(county: County) -> None:
    camera, patrol, case = (
        await county.camera(),
        await under(county, PurposeKind.PATROL),
        await under(county, PurposeKind.CASE),
    )
    await recorded(county, camera, NOON - 25 * HOUR, 120)
    assert await line(county, patrol, camera, NOON - 48 * HOUR, NOON) == [(NOON - 24 * HOUR, NOON - 23 * HOUR)]
    assert await line(county, case, camera, NOON - 48 * HOUR, NOON) == [(NOON - 25 * HOUR, NOON - 23 * HOUR)]
    for ask in (line, play):
        with pytest.raises(Denied) as refused:
            await ask(county, patrol, camera, NOON - 48 * HOUR, NOON - 24 * HOUR)
        assert refused.value.code == "beyond_patrol"
    with pytest.raises(Denied) as refused:
        await recordings.export(county.store, patrol, camera.id, (NOON - 25 * HOUR, NOON), "sub")
    assert refused.value.code == "beyond_patrol"
    begin = NOON - 24 * HOUR - 30 * SECOND
    await recorded(county, camera, begin, stream="main")
    one = await recordings.segment(county.store, patrol, camera.id, "main", begin)
    assert one.spans == ((NOON - 24 * HOUR, begin + MINUTE),), "what is older of the file is not shown"


@pytest.mark.parametrize("role", list(Role))
async def test_roles_and_purposes(county: County, role: Role) -> None:
    camera = await county.camera()
    await recorded(county, camera, NOON - HOUR)
    for kind in (PurposeKind.CASE, PurposeKind.PATROL, PurposeKind.MAINTENANCE):
        user = await county.user(f"{role}-{kind}", role)
        actor = Actor(user, "10.1.1.1", "session")
        works = frozenset({camera.id} if kind is PurposeKind.MAINTENANCE else ())
        try:
            case = await county.open_case(user) if kind is PurposeKind.CASE else None
            new = OpenPurpose(kind=kind, case_id=case.id if case else None, camera_ids=works, reason="why")
            access = Access(actor, await purposes.open(county.store, new, actor))
        except (Denied, Invalid):
            continue
        lawful = role is not Role.TECHNICIAN and kind is not PurposeKind.MAINTENANCE
        if lawful:
            assert await line(county, access, camera, NOON - 2 * HOUR, NOON)
            continue
        with pytest.raises(Denied) as refused:
            await line(county, access, camera, NOON - 2 * HOUR, NOON)
        assert refused.value.code == ("role" if role is Role.TECHNICIAN else "purpose_kind")


async def test_a_purpose_must_be_open_and_ones_own(county: County) -> None:
    camera, mine, other = (
        await county.camera(),
        await under(county, PurposeKind.CASE),
        await under(county, PurposeKind.CASE),
    )
    await recorded(county, camera, NOON - HOUR)
    with pytest.raises(Denied) as refused:
        await line(county, Access(mine.actor, other.purpose), camera, NOON - 2 * HOUR, NOON)
    assert refused.value.code == "purpose_required"
    closed = await purposes.close(county.store, mine.purpose.id, mine.actor)
    with pytest.raises(Denied) as refused:
        await recordings.segment(county.store, Access(mine.actor, closed), camera.id, "sub", NOON - HOUR)
    assert refused.value.code == "purpose_closed"


async def test_a_camera_outside_the_scope_is_not_known(county: County) -> None:
    camera, far = await county.camera(), await county.camera("220882101200")
    access = await under(county, PurposeKind.CASE, grants=("220882100",))
    for one in (camera, far):
        await recorded(county, one, NOON - HOUR)
    with pytest.raises(NotFound):
        await line(county, access, far, NOON - 2 * HOUR, NOON)
    found = await recordings.play(county.store, access, (camera.id, far.id), (NOON - 2 * HOUR, NOON), stream="sub")
    assert [one.refused and one.refused.code for one in found.cameras] == [None, "camera_unknown"]
    for ask in (
        recordings.segment(county.store, access, far.id, "sub", NOON - HOUR),
        recordings.export(county.store, access, far.id, (NOON - 2 * HOUR, NOON), "sub"),
    ):
        with pytest.raises(NotFound):
            await ask
    vain, both, _ = await rows(county)
    assert (vain.cameras, vain.result_count) == ((), 0), "the register does not tell that it exists"
    assert both.cameras == (str(camera.id),)
    assert json.loads(both.detail)["refused"] == {str(far.id): "camera_unknown"}


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"scopes": CLIP}, [(-20, 0)]),
        ({"scopes": {ConsentScope.EVENTS, ConsentScope.LIVE}}, None),
        ({"scopes": CLIP, "valid_from": NOON - 10 * HOUR}, [(-10, 0)]),
        ({"scopes": CLIP, "valid_from": NOON + HOUR}, None),
        ({"scopes": CLIP, "valid_from": NOON - 90 * HOUR, "valid_to": NOON}, None),
        ({"scopes": CLIP, "from_minute": 22 * 60, "to_minute": 6 * 60}, [(-14, -6)]),
        ({"scopes": CLIP, "from_minute": 6 * 60, "to_minute": 11 * 60}, [(-20, -20 + 0), (-6, -1)]),
    ],
)
async def test_footage_of_a_civilian_camera_is_seen_as_its_owner_agreed(
    county: County, given: dict[str, Any], seen: list[tuple[int, int]] | None
) -> None:
    camera, access = await county.camera(kind=Kind.CIVILIAN), await under(county, PurposeKind.CASE)
    begin = NOON - 20 * HOUR  # 16:00 of the day before, local time
    await recorded(county, camera, begin, 20 * 60)
    await county.consent(camera, **{"valid_from": NOON - 90 * HOUR, "signed_at": NOON - 90 * HOUR, **given})
    if seen is None:
        with pytest.raises(Denied) as refused:
            await line(county, access, camera, begin, NOON)
        assert refused.value.code == "recording_no_consent"
        assert (await play(county, access, camera, begin, NOON)).refused.code == "recording_no_consent"
        return
    spans = [(NOON + a * HOUR, NOON + b * HOUR) for a, b in seen if a < b]
    assert await line(county, access, camera, begin, NOON) == spans
    found = await play(county, access, camera, begin, NOON)
    assert found.segments[0].started_at == spans[0][0]
    for one in found.segments:
        for a, b in one.spans:
            assert any(c <= a < b <= d for c, d in spans)


async def test_of_a_file_over_the_end_of_the_agreed_hours_only_the_part_inside_is_seen(county: County) -> None:
    camera, access = await county.camera(kind=Kind.CIVILIAN), await under(county, PurposeKind.CASE)
    end = NOON - 6 * HOUR  # 06:00 local time
    await county.consent(camera, scopes=CLIP, from_minute=22 * 60, to_minute=6 * 60, valid_from=NOON - 90 * HOUR)
    await recorded(county, camera, end - 30 * SECOND)
    one = await recordings.segment(county.store, access, camera.id, "sub", end - 30 * SECOND)
    assert one.spans == ((end - 30 * SECOND, end),)
    await recorded(county, camera, end + MINUTE)
    with pytest.raises(Denied) as refused:
        await recordings.segment(county.store, access, camera.id, "sub", end + MINUTE)
    assert refused.value.code == "recording_no_consent"


async def test_a_consent_withdrawn_ends_reading_at_once(county: County) -> None:
    camera, access = await county.camera(kind=Kind.CIVILIAN), await under(county, PurposeKind.CASE)
    given = await county.consent(camera, scopes=CLIP, valid_from=NOON - 90 * HOUR)
    await recorded(county, camera, NOON - HOUR)
    one = await recordings.segment(county.store, access, camera.id, "sub", NOON - HOUR)
    await recordings.still(county.store, access, camera.id, one.spans)
    await consents.withdraw(county.store, given.id, CONSOLE)
    for ask in (
        recordings.segment(county.store, access, camera.id, "sub", NOON - HOUR),
        recordings.still(county.store, access, camera.id, one.spans),
    ):
        with pytest.raises(Denied) as refused:
            await ask
        assert refused.value.code == "recording_no_consent"


async def test_a_clip_cut_on_patrol_is_fetched_while_the_patrol_looks_back_so_far(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.PATROL)
    await recorded(county, camera, NOON - 24 * HOUR + MINUTE)
    spans = ((NOON - 24 * HOUR + MINUTE, NOON - 24 * HOUR + 2 * MINUTE),)
    await recordings.still(county.store, access, camera.id, spans)
    county.clock.turn(minutes=1.5)
    with pytest.raises(Denied) as beyond:
        await recordings.still(county.store, access, camera.id, spans)
    assert beyond.value.code == "beyond_patrol"


async def test_a_file_that_a_reader_finds_gone_is_a_gap(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    await round_of(county.store)
    county.clock.turn(hours=1)
    await recorded(county, camera, NOON, 60)
    await round_of(county.store)
    one = await recordings.segment(county.store, access, camera.id, "sub", NOON + 10 * MINUTE)
    await recordings.mark(county.store, one, Damage.CORRUPT)
    shown = await recordings.timeline(county.store, access, POLICY, camera.id, asking(NOON, NOON + HOUR))
    assert shown.gaps == ()
    await recordings.mark(county.store, one, Damage.MISSING)
    shown = await recordings.timeline(county.store, access, POLICY, camera.id, asking(NOON, NOON + HOUR))
    assert [(gap.since, gap.until, gap.cause) for gap in shown.gaps] == [
        (NOON + 10 * MINUTE, NOON + 11 * MINUTE, "lost")
    ]


async def test_footage_of_a_removed_camera_stays_and_what_is_missing_is_no_footage(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    await recorded(county, camera, NOON - HOUR, 3)
    one = await recordings.segment(county.store, access, camera.id, "sub", NOON - HOUR)
    await recordings.mark(county.store, one, Damage.MISSING)
    await recordings.mark(county.store, one, Damage.CORRUPT)
    await cameras.remove(county.store, camera.id, CONSOLE)
    assert await line(county, access, camera, NOON - 2 * HOUR, NOON) == [
        (NOON - HOUR + MINUTE, NOON - HOUR + 3 * MINUTE)
    ]
    again = await recordings.segment(county.store, access, camera.id, "sub", NOON - HOUR)
    assert again.damage is Damage.MISSING, "what is gone stays gone"


async def test_an_export_tells_what_is_missing_in_it(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    await recorded(county, camera, NOON - HOUR, 2)
    await recorded(county, camera, NOON - HOUR + 5 * MINUTE)
    async with county.store.write() as conn:
        gap = {"started_at": NOON - HOUR + 2 * MINUTE, "ended_at": NOON - HOUR + 5 * MINUTE, "cause": "worker_down"}
        await conn.execute(sa.insert(recording_gaps).values(camera_no=camera.no, stream="sub", **gap))
    found = await recordings.export(county.store, access, camera.id, (NOON - HOUR, NOON - HOUR + 8 * MINUTE), "sub")
    assert [(one.since, one.until, one.cause) for one in found.missing] == [
        (NOON - HOUR + 2 * MINUTE, NOON - HOUR + 5 * MINUTE, "worker_down"),
        (NOON - HOUR + 6 * MINUTE, NOON - HOUR + 8 * MINUTE, ""),
    ]
    (row,) = await rows(county)
    assert (row.action, row.no, row.result_count) == ("recording.export", found.audit_no, 3)
    with pytest.raises(NotFound) as nothing:
        await recordings.export(county.store, access, camera.id, (NOON - 9 * HOUR, NOON - 8 * HOUR), "sub")
    assert nothing.value.code == "recording_none"


async def test_spans_that_run_backwards_or_are_too_long_are_refused(county: County) -> None:
    camera, access = await county.camera(), await county.unlimited()
    for begin, end, code in (
        (NOON, NOON, "invalid"),
        (NOON, NOON - SECOND, "invalid"),
        (NOON - 32 * 24 * HOUR, NOON, "span_too_long"),
    ):
        with pytest.raises(Invalid) as refused:
            await line(county, access, camera, begin, end)
        assert refused.value.code == code
    assert await line(county, access, camera, datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 1, 2, tzinfo=UTC)) == []


async def test_a_month_of_minutes_is_one_span(county: County) -> None:
    camera, access = await county.camera(), await under(county, PurposeKind.CASE)
    begin = NOON - timedelta(days=3)
    await recorded(county, camera, begin, 3 * 1440)
    assert await line(county, access, camera, NOON - timedelta(days=31), NOON) == [(begin, NOON)]


def test_hours_follow_the_wall_clock_of_the_zone() -> None:
    """Over midnight, and through a night in which the clock is put forward."""
    given = Consent(
        no=1,
        id=uuid4(),
        camera_id=uuid4(),
        owner_name="x",
        state=ConsentState.ACTIVE,
        scopes=frozenset(CLIP),
        purpose="",
        from_minute=22 * 60,
        to_minute=6 * 60,
        masks=(),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_to=None,
        reconfirm_by=None,
        text_version="1",
        signed_at=NOON,
        stopped_at=None,
        withdrawn_at=None,
        gaps=(),
        has_scan=False,
        has_link=False,
    )
    day = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)
    for zone, begin, end in (("Asia/Shanghai", 14, 22), ("Europe/Berlin", 21, 28)):
        (found,) = agreed([given], day, NOON, ZoneInfo(zone))
        at = datetime(2026, 3, 28, tzinfo=UTC)
        assert found == (at + begin * HOUR, at + end * HOUR), zone


async def test_a_month_of_files_is_summed_with_no_row_read_and_none_sorted(county: County) -> None:
    async with county.store.read() as conn:
        engine = conn.sync_engine
    if engine.dialect.name != "sqlite":
        pytest.skip("SQLite's plan; PostgreSQL's depends on what its statistics say of a table")
    camera = await county.camera()
    await recorded(county, camera, NOON - 30 * HOUR, 60)
    access = await under(county, PurposeKind.CASE)
    asked: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    await line(county, access, camera, NOON - 31 * HOUR, NOON)
    summed = [one for one in asked if "GROUP BY" in one[0] and "segments" in one[0]]
    assert len(summed) == 1
    async with county.store.read() as conn:
        plan = [row.detail for row in await conn.exec_driver_sql("EXPLAIN QUERY PLAN " + summed[0][0], summed[0][1])]
    assert len(plan) == 1, plan
    assert "USING COVERING INDEX ix_segments_runs" in plan[0]
