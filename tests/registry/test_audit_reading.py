"""Reading the register: by filters, by day, by who and at what, what to ask about, and as a file."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import auditsheet
from registry import audit, events, live, recordings, viewings
from registry.audit import AuditFilter, AuditQuery, Sort
from registry.audit.chain import read_export
from registry.audit.exporting import export
from registry.audit.looks import LooksQuery, looks
from registry.audit.misuse import Finding, MisuseQuery, Sign, misuse
from registry.errors import Denied, Invalid
from registry.events import EventQuery
from registry.live import Wanted
from registry.model import Access, Actor, ConsentScope, Kind, PurposeKind, Role, User
from registry.store import Store
from registry.users import CONSOLE
from registry.viewings import Ended
from tests.registry.county import NOON, County, change

DAY = timedelta(days=1)


async def note(
    store: Store, access: Access, action: str, *, at: datetime = NOON, cameras: tuple[UUID, ...] = (), **more: Any
) -> None:
    """A row as a look writes it."""
    async with store.write() as conn:
        await audit.append(conn, access.actor, action, now=at, cameras=cameras, purpose=access.purpose, **more)


async def test_a_look_at_a_householder_names_the_text_he_agreed_to(county: County) -> None:
    """Who, unit, address, time, action, cameras, span, purpose, reason, consent version, result count (L9)."""
    house, shop = await county.camera(kind=Kind.CIVILIAN), await county.camera()
    await county.consent(house, text_version="2026-2", scopes={ConsentScope.EVENTS, ConsentScope.LIVE})
    await county.consent(house, text_version="2026-1")
    over = await county.camera(kind=Kind.CIVILIAN)
    await county.consent(over, text_version="old", valid_from=NOON - 2 * DAY, valid_to=NOON - DAY)
    await events.record(county.store, [change(house), change(shop)])
    access = await county.access()
    await events.search(county.store, access, EventQuery())
    await live.open(county.store, access, [Wanted(shop.id, "sub", "video")])
    await live.open(county.store, access, [Wanted(over.id, "sub", "video"), Wanted(house.id, "sub", "video")])
    mixed, plain, found = await audit.list_rows(county.store, CONSOLE, AuditQuery(user="officer", limit=3))
    assert (found.action, found.consent_versions, found.result_count) == ("events.search", ("2026-1", "2026-2"), 2)
    assert (plain.action, plain.consent_versions) == ("live.open", ())
    assert mixed.consent_versions == ("2026-1", "2026-2")
    assert (found.user, found.address, found.purpose_kind, found.reason) == (
        "officer", "10.1.1.1", PurposeKind.PATROL, "night shift",
    )  # fmt: skip
    assert await audit.verify(county.store) is None


async def test_looks_at_once_are_chained(county: County, url: str) -> None:
    """Two hubs on one database, each with looks at a householder's camera: the lock holds though consents are joined."""
    house = await county.camera(kind=Kind.CIVILIAN)
    await county.consent(house, text_version="2026-1")
    await county.consent(house, text_version="2026-2")
    access, other = await county.access(), await Store.open(url, clock=county.clock)
    stores = (county.store, other) * 6
    await asyncio.gather(*(note(one, access, "events.get", cameras=(house.id,), count=1) for one in stores))
    await other.close()
    assert await audit.verify(county.store) is None
    listed = await audit.list_rows(county.store, CONSOLE, AuditQuery(action="events.get"))
    assert [row.consent_versions for row in listed] == [("2026-1", "2026-2")] * 12


async def test_filters(county: County) -> None:
    a, b = (await county.camera()).id, (await county.camera()).id
    li = await county.access(await county.user("li"))
    wang = await county.case(await county.user("wang"))
    await note(county.store, li, "events.search", cameras=(a, b), count=3)
    await note(county.store, li, "live.open", cameras=(a,), count=1, at=NOON + DAY)
    await note(county.store, wang, "recording.play", cameras=(b,), count=0)

    async def found(**asked: Any) -> list[tuple[str, str]]:
        listed = await audit.list_rows(county.store, CONSOLE, AuditQuery(**asked))
        return [(row.user, row.action) for row in listed if row.user in ("li", "wang") and "purpose" not in row.action]

    assert await found(camera=a) == [("li", "live.open"), ("li", "events.search")]
    assert await found(camera=b, user="wang") == [("wang", "recording.play")]
    assert await found(camera=uuid4()) == []
    assert await found(sort=Sort.LIVE) == [("li", "live.open")]
    assert await found(vain=True) == [("wang", "recording.play")]
    assert await found(case=wang.purpose.case_number) == [("wang", "recording.play")]
    assert await found(purpose=PurposeKind.PATROL) == [("li", "live.open"), ("li", "events.search")]
    assert await found(since=NOON + DAY) == [("li", "live.open")]
    reads = [row for row in await audit.list_rows(county.store, CONSOLE) if row.action == "audit.read"]
    assert len(reads) == 8
    assert str(a) in reads[-1].cameras


async def test_days_are_local(county: County) -> None:
    access = await county.access()
    for hours in (0, 11, 12, 13):  # the villages' midnight is 12 hours after NOON
        await note(county.store, access, "live.open", at=NOON + timedelta(hours=hours))
    asked = AuditFilter(user="officer", sort=Sort.LIVE, until=NOON + 2 * DAY)
    first, second = await audit.days(county.store, CONSOLE, asked)
    assert (first.rows, second.rows, first.by_sort) == (2, 2, {Sort.LIVE: 2})
    assert second.start.isoformat() == "2026-11-24T00:00:00+08:00"
    with pytest.raises(Invalid, match="92 days"):
        await audit.days(county.store, CONSOLE, AuditFilter(since=NOON - 100 * DAY))
    with pytest.raises(Invalid):
        await audit.days(county.store, CONSOLE, AuditFilter(since=NOON, until=NOON))


async def test_who_looked_at_a_camera_and_what_did_he_look_at(county: County) -> None:
    store = county.store
    camera, other = await county.camera(name="东口"), await county.camera(name="西口")
    li = await county.case(await county.user("li"))
    (watched,) = await live.open(store, li, [Wanted(camera.id, "sub", "video")])
    assert isinstance(watched, live.Watched)
    assert watched.viewing is not None
    await viewings.end(store, li, [Ended(watched.viewing, camera.id, NOON, 90.0, "closed")])
    await recordings.play(store, li, [camera.id, other.id], (NOON - DAY, NOON), stream="sub")
    await recordings.play(store, li, [camera.id], (NOON - DAY, NOON), stream="sub", action="recording.export")
    await note(store, li, "events.still", cameras=(camera.id,), count=1)
    (one,) = await looks(store, CONSOLE, LooksQuery(camera=camera.id))
    assert (one.user, one.camera_name, one.live_seconds) == ("li", "东口", 90.0)
    assert one.by_sort == {Sort.LIVE: 1, Sort.PLAYBACK: 1, Sort.CLIP: 1, Sort.PICTURE: 1}
    assert (one.vain, one.cases) == (2, (li.purpose.case_number,))
    mine = await looks(store, CONSOLE, LooksQuery(user="li"))
    assert [(row.camera_name, sum(row.by_sort.values())) for row in mine] == [("东口", 4), ("西口", 1)]
    newest = (await audit.list_rows(store, CONSOLE))[0]
    assert (newest.action, newest.result_count) == ("audit.looks", 2)
    for wrong in (LooksQuery(), LooksQuery(user="li", camera=camera.id)):
        with pytest.raises(Invalid, match="one of the two"):
            await looks(store, CONSOLE, wrong)


async def told(county: County, **asked: Any) -> dict[Sign, Finding]:
    report = await misuse(county.store, CONSOLE, MisuseQuery(until=NOON + 5 * DAY, **asked))
    # These tests write noon after night, which is a finding of its own.
    return {one.sign: one for one in report.findings if one.sign is not Sign.CLOCK_BACK}


async def test_misuse_is_told_beyond_the_policys_thresholds_and_not_at_them(county: County) -> None:
    limits = county.store.policy.audit.misuse
    house = (await county.camera(kind=Kind.CIVILIAN, name="李家")).id
    case = await county.case(await county.user("li"))
    night = NOON + timedelta(hours=11)  # 23:00
    for _ in range(limits.vain):
        await note(county.store, case, "events.search", count=0)
    for _ in range(limits.off_hours):
        await note(county.store, case, "events.search", count=1, at=night)
    for _ in range(limits.one_householder):
        await note(county.store, case, "recording.play", cameras=(house,), count=1)
    assert await told(county) == {}
    await note(county.store, case, "events.search", count=0)
    await note(county.store, case, "events.search", count=1, at=night)
    await note(county.store, case, "events.get", cameras=(house,), count=1)
    found = await told(county)
    assert set(found) == {Sign.VAIN, Sign.OFF_HOURS, Sign.ONE_HOUSEHOLDER}
    one = found[Sign.ONE_HOUSEHOLDER]
    assert (one.user, one.camera_name, one.camera_id, one.count, one.limit) == ("li", "李家", house, 11, 10)
    assert (one.day.isoformat(), len(one.rows)) == ("2026-11-23T00:00:00+08:00", 11)
    assert await told(county, user="nobody") == {}


async def test_bulk_viewing_counts_and_a_patrol_is_no_bulk(county: County) -> None:
    limits = county.store.policy.audit.misuse
    many = tuple(uuid4() for _ in range(limits.cameras + 1))
    li = await county.user("li")
    patrol, case = await county.access(li), await county.case(li)
    await note(county.store, patrol, "live.open", cameras=many, count=len(many), at=NOON + timedelta(hours=11))
    assert await told(county) == {}
    await note(county.store, case, "live.open", cameras=many, count=len(many))
    assert {sign: one.count for sign, one in (await told(county)).items()} == {Sign.MANY_CAMERAS: len(many)}


async def test_a_clock_set_back_is_told(county: County) -> None:
    case = await county.case()
    await note(county.store, case, "events.search", count=1)
    await note(county.store, case, "events.search", count=1, at=NOON - timedelta(hours=1))
    report = await misuse(county.store, CONSOLE, MisuseQuery(until=NOON + DAY))
    assert [(one.sign, one.user, len(one.rows)) for one in report.findings] == [(Sign.CLOCK_BACK, "officer", 1)]
    whole = await audit.examine(county.store)
    assert (whole.broken, whole.times_back) == (None, 1)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.AUDITOR}])
async def test_only_who_may(county: County, role: Role) -> None:
    actor = Actor(await county.user(role.value, role), "")
    for read in (
        looks(county.store, actor, LooksQuery(user="li")),
        misuse(county.store, actor, MisuseQuery()),
        audit.days(county.store, actor, AuditFilter()),
        export(county.store, actor, AuditFilter(), "csv"),
    ):
        with pytest.raises(Denied):
            await read


async def test_an_auditor_may(county: County) -> None:
    user: User = await county.user("auditor", Role.AUDITOR)
    await audit.list_rows(county.store, Actor(user, "10.0.0.1"))
    (row,) = await audit.list_rows(county.store, Actor(user, "10.0.0.1"), AuditQuery(user="auditor"))
    assert row.action == "audit.read"


async def test_csv_opens_in_a_spreadsheet_and_says_its_own_hash(county: County) -> None:
    case = await county.case()
    await note(county.store, case, "events.search", count=0, detail='=1+1,b\n"c"')
    made = await export(county.store, CONSOLE, AuditFilter(), "csv")
    told = b"".join([part async for part in auditsheet.lines(made, "zh")])
    assert told.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))
    assert table[0][0] == "序号"
    assert table[-4][6] == "audit.export"
    assert '\'=1+1,b\n"c"' in {row[15] for row in table[1:-3]}
    (sign, last), (_, state) = table[-3][:2], table[-2]
    assert (sign, int(last), state) == ("链尾哈希", made.last, "完整")
    import hashlib

    body, _, _ = told.rpartition(table[-1][0].encode())
    assert hashlib.sha256(body).hexdigest() == table[-1][1]


async def test_json_lines_of_a_selection_say_so(county: County) -> None:
    case = await county.case()
    await note(county.store, case, "events.search", count=0)
    made = await export(county.store, CONSOLE, AuditFilter(user="officer"), "jsonl")
    told = b"".join([part async for part in made.lines()])
    found, fits = read_export(io.BytesIO(told), [])
    assert (fits, found.selection, found.broken, found.rows) == (True, True, None, 2)


@given(st.dictionaries(st.sampled_from(["user", "action", "case"]), st.text(max_size=80)))
def test_filters_refuse_or_take(asked: dict[str, str]) -> None:
    """Any text is either taken as it is, without the blanks around it, or refused by its field."""
    try:
        taken = AuditQuery(**asked)  # type: ignore[arg-type]
    except ValueError:
        return
    assert all(getattr(taken, name) == text.strip() for name, text in asked.items())
