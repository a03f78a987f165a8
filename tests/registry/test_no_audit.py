"""No audit, no access: where the row cannot be written, every sort of read is refused, and nothing is returned (L9)."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from camera_hub.recall.motion.answer import Index
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.changes import changes
from camera_hub.recall.stills.dayfile import Album
from registry import (
    alerts,
    audit,
    book,
    bookmarks,
    canvass,
    events,
    incidents,
    live,
    patrols,
    placement,
    pursuit,
    recordings,
    requests,
    screens,
    uploads,
    viewings,
)
from registry.audit import AuditFilter
from registry.audit.exporting import export
from registry.audit.looks import LooksQuery, looks
from registry.audit.misuse import MisuseQuery, misuse
from registry.audit.reading import SORT_OF
from registry.bookmarks import BookmarkKind, NewBookmark, Source, Still, Subject
from registry.canvass import NewClipRequest, NewEntry
from registry.consents import owners, scans
from registry.errors import Corrupt, HubError, Unavailable
from registry.events import EventQuery
from registry.incidents import NewIncident
from registry.live import Wanted
from registry.model import Access, Kind, StillChange
from registry.motion import ChangesQuery, DensityQuery, MotionSearch
from registry.patrols import MarkPicture
from registry.pursuit import HopQuery, KeepMap, MapQuery, StripQuery
from registry.recordings import stills
from registry.recordings.timeline import TimelineQuery, timeline
from registry.requests import RequestQuery
from registry.store import Store
from registry.tables import audit as rows
from registry.tables import audit_head
from registry.travel import Mode
from registry.users import CONSOLE
from registry.vault import Vault
from registry.viewings import ViewingQuery
from tests.registry.county import NOON, County, asked, change, unwatched
from tests.registry.patrol import lit, over
from tests.registry.recordings_of import POLICY
from tests.registry.tamper import unguard
from tests.services.postgres import Postgres

SPAN = NOON - timedelta(hours=1), NOON


@dataclass
class Scene:
    """All there is to look at: a camera, its event and mark with pictures, an incident, a request, a signed consent."""

    store: Store
    vault: Vault
    access: Access
    case: Access
    camera: UUID
    event: UUID
    patrol: UUID
    mark: UUID
    incident: UUID
    request: UUID
    consent: UUID
    link: str
    bookmark: UUID
    upload: UUID


@pytest.fixture
async def scene(county: County) -> Scene:
    store, camera, home = (
        county.store,
        await county.camera(lat=45.5, lon=124.1),
        await county.camera(kind=Kind.CIVILIAN),
    )
    made = change(camera, snapshot="snapshots/x/a.jpg", snapshot_bytes=1, snapshot_at=NOON)
    await events.record(store, [made])
    full = f"snapshots/2026-11-23/{made.id}-still.jpg"
    await events.record_stills(store, [StillChange(made.id, full, 1, NOON, "hub")])
    await lit(county, camera)
    walk = await over(county, await county.user(), camera)
    mark = await walk.mark(camera, picture=MarkPicture("hub", "marks/2026-11-23/a.jpg", 1))
    incident = await incidents.open_one(store, walk.access, NewIncident(event_id=made.id, title="有人翻墙"))
    request = await requests.receive(store, asked(camera_ids={camera.id}), CONSOLE)
    consent = await county.consent(home)
    await scans.put(store, consent.id, b"a picture", CONSOLE)
    link = await owners.link(store, county.vault, consent.id, CONSOLE)
    case = await county.case(walk.access.actor.user)
    assert case.purpose.case_id is not None
    seen, still = Subject(camera.id, NOON), Still("hub", Source.EVENT, "bookmarks/2026-11-23/a.jpg", 1)
    new = NewBookmark(event_id=made.id, kind=BookmarkKind.SIGHTING)
    bookmark = await bookmarks.add(store, case, case.purpose.case_id, new, of=seen, still=still)
    return Scene(
        store, county.vault, walk.access, case, camera.id, made.id,
        walk.patrol.id, mark.id, incident.id, request.id, consent.id, link, bookmark.id,
        await sent(store, case),
    )  # fmt: skip


async def sent(store: Store, case: Access) -> UUID:
    """Something a shop sent in for a case."""
    assert case.purpose.case_id is not None
    entry = await canvass.add(store, case.purpose.case_id, NewEntry(name="小卖部"), case.actor)
    span = {"from": SPAN[0], "to": SPAN[1]}
    new = NewClipRequest.model_validate(span)
    link = await canvass.ask(store, case.purpose.case_id, entry.id, new, case.actor)
    said = {"name": "1.mp4", "bytes": 1, "giver": "店主", "device": "门口", "agreed": True, "unaltered": True}
    begun = await uploads.begin(store, link.token, uploads.NewUpload.model_validate(said), "hub", "10.9.9.9")
    await uploads.arrived(store, link.token, begun.id, "00" * 32, "10.9.9.9")
    return begun.id


def case_of(it: Scene) -> UUID:
    assert it.case.purpose.case_id is not None
    return it.case.purpose.case_id


def index(it: Scene) -> Index:
    return Index(it.store, Shelf(Path("nowhere"), it.store.tz), {})


def searched(it: Scene) -> MotionSearch:
    asked = {"cameras": [{"camera_id": it.camera}], "from": SPAN[0], "to": SPAN[1]}
    return MotionSearch.model_validate(asked)


def moved(it: Scene) -> ChangesQuery:
    hit = {"camera_id": it.camera, "from": SPAN[0], "to": SPAN[1]}
    return ChangesQuery.model_validate({"cameras": [{"camera_id": it.camera}], "hits": [hit]})


async def last(steps: AsyncIterator[object]) -> object:
    *_, found = [one async for one in steps]
    return found


REFUSED_ALONE = {"recording.read"}
"""Has a row where it is refused alone: what may be read is on record as played."""
Read = Callable[[Scene], Awaitable[object]]
READS: dict[str, Read] = {
    "search": lambda it: events.search(it.store, it.access, EventQuery()),
    "histogram": lambda it: events.histogram(it.store, it.access, EventQuery(), "day"),
    "event": lambda it: events.get(it.store, it.access, it.event),
    "small pictures": lambda it: events.snapshots_of(it.store, it.access, [it.event]),
    "picture": lambda it: events.snapshot_of(it.store, it.access, it.event),
    "full-size picture": lambda it: events.snapshot_of(it.store, it.access, it.event, picture="still"),
    "events as they happen": lambda it: events.watching(it.store, it.access, EventQuery()),
    "events as a file": lambda it: events.export(it.store, it.access, EventQuery(), "csv"),
    "live": lambda it: live.open(it.store, it.access, [Wanted(it.camera, "sub", "video")]),
    "a live picture": lambda it: live.one(it.store, it.access, Wanted(it.camera, "sub", "picture")),
    "timeline": lambda it: timeline(
        it.store, it.access, POLICY, it.camera, TimelineQuery.model_validate({"from": SPAN[0], "to": SPAN[1]})
    ),
    "playback": lambda it: recordings.play(it.store, it.access, [it.camera], SPAN, stream="sub"),
    "clip": lambda it: recordings.play(it.store, it.access, [it.camera], SPAN, stream="sub", action="recording.export"),
    "clip that is taken away": lambda it: recordings.fetch(
        it.store, it.access, it.camera, [SPAN], cut_no=1, digest="00" * 32, size=1
    ),
    "film strip": lambda it: stills.on_record(it.store, it.access, it.camera, SPAN),
    "pictures compared": lambda it: stills.on_record(it.store, it.access, it.camera, SPAN, action="still.compare"),
    "pictures before and after": lambda it: last(changes(it.store, Album(Path("nowhere")), it.access, moved(it))),
    "keyframes": lambda it: recordings.play(
        it.store, it.access, [it.camera], SPAN, stream="sub", action="recording.frames"
    ),
    "motion": lambda it: index(it).search(it.access, searched(it)),
    "motion over time": lambda it: index(it).density(
        it.access, it.camera, DensityQuery.model_validate({"from": SPAN[0], "to": SPAN[1]})
    ),
    "screen": lambda it: screens.opened(it.store, it.access, "wall"),
    "alerts": lambda it: alerts.list_alerts(it.store, it.access),
    "alerts as they come": lambda it: alerts.watching(it.store, it.access),
    "log of alerts": lambda it: alerts.list_deliveries(it.store, it.access),
    "incident's picture": lambda it: incidents.picture_of(it.store, it.access, it.incident),
    "incidents as they come": lambda it: incidents.watching(it.store, it.access),
    "strip": lambda it: pursuit.strip(
        it.store, it.case, case_of(it), it.camera, StripQuery(), index=unwatched(it.store)
    ),
    "gates": lambda it: pursuit.gates(it.store, it.case, case_of(it), StripQuery(), index=unwatched(it.store)),
    "hops": lambda it: pursuit.hops(
        it.store,
        it.case,
        case_of(it),
        HopQuery(sighting=f"bookmark:{it.bookmark}", way=Mode.FOOT),
        index=unwatched(it.store),
    ),
    "clue map": lambda it: pursuit.clue_map(it.store, it.case, case_of(it), MapQuery(), index=unwatched(it.store)),
    "kept map": lambda it: pursuit.keep(it.store, it.case, case_of(it), KeepMap(), index=unwatched(it.store)),
    "decisions": lambda it: pursuit.log(it.store, it.case, case_of(it)),
    "canvass": lambda it: canvass.look(it.store, case_of(it), it.case.actor),
    "uploads": lambda it: uploads.list_uploads(it.store, case_of(it), it.case.actor),
    "an upload": lambda it: uploads.look(it.store, it.case, case_of(it), it.upload),
    "marks": lambda it: patrols.list_marks(it.store, it.access, it.patrol),
    "mark's picture": lambda it: patrols.picture_of(it.store, it.access, it.patrol, it.mark),
    "bookmarks": lambda it: bookmarks.list_bookmarks(it.store, it.case, case_of(it)),
    "bookmark's picture": lambda it: bookmarks.still_of(it.store, it.case, case_of(it), it.bookmark),
    "requests": lambda it: requests.list_requests(it.store, RequestQuery(), CONSOLE),
    "request": lambda it: requests.get(it.store, it.request, CONSOLE),
    "consent's scan": lambda it: scans.get(it.store, it.consent, CONSOLE),
    "owner's own page": lambda it: owners.view(it.store, it.vault, it.link, "10.9.9.9"),
    "owner's link": lambda it: owners.link(it.store, it.vault, it.consent, CONSOLE),
    "filings as a file": lambda it: placement.exported(it.store, CONSOLE),
    "book as a file": lambda it: book.exported(it.store, CONSOLE, form="csv"),
    "viewings": lambda it: viewings.find(it.store, ViewingQuery(), CONSOLE),
    "the register": lambda it: audit.list_rows(it.store, CONSOLE),
    "days of the register": lambda it: audit.days(it.store, CONSOLE, AuditFilter()),
    "who looked": lambda it: looks(it.store, CONSOLE, LooksQuery(camera=it.camera)),
    "misuse": lambda it: misuse(it.store, CONSOLE, MisuseQuery()),
    "the register as a file": lambda it: export(it.store, CONSOLE, AuditFilter(), "csv"),
}


async def refused(scene: Scene, *kinds: type[HubError]) -> set[str]:
    """Try every read; each must be refused as one of these. The codes it was refused with."""
    codes = set()
    for name, read in READS.items():
        try:
            got = await read(scene)
        except kinds as err:
            codes.add(err.code)
        else:
            pytest.fail(f"{name} returned {got!r}")
    return codes


async def test_each_read_works_and_is_on_record(scene: Scene) -> None:
    """What the others rest on: with a register that can be written, each of these returns, and leaves a row."""
    for name, read in READS.items():
        before = await audit.head(scene.store)
        await read(scene)
        after = await audit.head(scene.store)
        assert before is not None
        assert after is not None
        assert after[0] > before[0], name
    async with scene.store.read() as conn:
        tried = set(await conn.scalars(sa.select(rows.c.action)))
    assert set(SORT_OF) - REFUSED_ALONE <= tried, "a sort of look is not tried here"


async def test_the_head_is_gone(scene: Scene) -> None:
    async with scene.store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.delete(audit_head))
    assert await refused(scene, Corrupt) == {"audit_head"}


async def test_a_trigger_refuses(scene: Scene, url: str) -> None:
    """Somebody who wants looks to leave no row makes the database refuse them."""
    async with scene.store.write() as conn:
        if url.startswith("postgresql"):
            body = "BEGIN RAISE EXCEPTION 'no'; END"
            await conn.execute(sa.text(f"CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
            await conn.execute(
                sa.text("CREATE TRIGGER quiet BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION quiet()")
            )
        else:
            body = "BEGIN SELECT RAISE(ABORT, 'no'); END"
            await conn.execute(sa.text(f"CREATE TRIGGER quiet BEFORE INSERT ON audit {body}"))
    assert await refused(scene, Unavailable) == {"audit_unwritable"}


async def test_a_row_of_that_number_is_there(scene: Scene) -> None:
    """The head was set back by hand: the next row would take the place of one that is there."""
    async with scene.store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.update(audit_head).values(audit_no=2))
    assert await refused(scene, Unavailable) == {"audit_unwritable"}


async def test_the_table_is_gone(scene: Scene) -> None:
    async with scene.store.write() as conn:
        await conn.execute(sa.text("ALTER TABLE audit RENAME TO elsewhere"))
    readers_of_it = {"the register", "days of the register", "who looked", "misuse", "the register as a file"}
    for name, read in READS.items():
        if name in readers_of_it:  # these ask the table itself, and fail at that
            with pytest.raises((Unavailable, sa.exc.DBAPIError)):
                await read(scene)
        else:
            with pytest.raises(Unavailable) as why:
                await read(scene)
            assert why.value.code == "audit_unwritable", name


@pytest.fixture
def on_file(url: str) -> Path:
    """The file of a SQLite database."""
    if url.startswith("postgresql"):
        pytest.skip("SQLite's own")
    return Path(url.removeprefix("sqlite+aiosqlite:///"))


async def test_sqlite_is_read_only(scene: Scene, on_file: Path) -> None:
    """As a remounted file system makes it: opened anew, reads work and writes do not."""
    assert on_file.exists()
    async with scene.store.write() as conn:
        await conn.execute(sa.text("PRAGMA query_only = ON"))
    assert await refused(scene, Unavailable) == {"database_away"}


async def test_sqlite_is_full(scene: Scene, on_file: Path) -> None:
    """As a full disk makes it: the file may not grow by one page."""
    with sqlite3.connect(on_file) as other:
        pages = other.execute("PRAGMA page_count").fetchone()[0]
    other.close()
    async with scene.store.write() as conn:
        await conn.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    last = await audit.head(scene.store)
    assert last is not None
    codes: set[str] = set()
    for _ in range(40):  # a page holds some rows yet: each that was returned is on record
        try:
            await events.search(scene.store, scene.access, EventQuery())
        except Unavailable as err:
            codes.add(err.code)
            break
        end = await audit.head(scene.store)
        assert end is not None
        assert end[0] == last[0] + 1
        last = end
    assert codes == {"disk_full"}
    assert await audit.head(scene.store) == last


async def test_sqlite_is_locked(scene: Scene, on_file: Path) -> None:
    other = sqlite3.connect(on_file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    impatient = await Store.open(f"sqlite+aiosqlite:///{on_file}", clock=scene.store.clock, busy_s=0.05)
    again = replace(scene, store=impatient)
    try:
        assert await refused(again, Unavailable) == {"database_locked"}
    finally:
        other.close()
        await impatient.close()


@pytest.mark.postgres
async def test_postgresql_is_stopped(scene: Scene, url: str, postgres: Postgres) -> None:
    if url.startswith("sqlite"):
        pytest.skip("PostgreSQL's own")
    postgres.stop()
    try:
        assert await refused(scene, Unavailable) == {"database_away"}
    finally:
        postgres.start()


async def test_a_row_that_is_not_committed_shows_nothing(scene: Scene) -> None:
    """The row is written and the transaction fails at its end: what was read does not leave."""
    before = await audit.head(scene.store)
    with pytest.raises(Unavailable):
        async with scene.store.write() as conn:
            await audit.append(conn, scene.access.actor, "events.search", now=NOON, purpose=scene.access.purpose)
            raise Unavailable("the disk went away at the commit", code="database_away")
    assert await audit.head(scene.store) == before
    async with scene.store.read() as conn:
        assert await conn.scalar(sa.select(sa.func.max(rows.c.no))) == (before or (0, ""))[0]
