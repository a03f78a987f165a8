"""Any sequence of steps and turns of the clock: no read path, pull or recording goes beyond what consents cover.

Read paths: events with their pictures, marks' and incidents' pictures, alerts on the page and on their way out, live
pictures, timelines, footage and clips.

The model beside it keeps, for each consent, the spans in which it was in force, and knows nothing of gaps, columns or
SQL. SQLite alone: it is the order of steps that is looked at, and both engines share each statement (test_consents).
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pydantic import SecretStr

from registry import alerts, consents, devices, events, incidents, live, patrols, places, recordings
from registry.alerts import rules, targets
from registry.consents import ConsentStep, TakeStep
from registry.consents.machine import RULES, steps
from registry.daytime import second_of_day
from registry.errors import Conflict, HubError, NotFound
from registry.events import EventQuery
from registry.incidents import NewIncident
from registry.inputs import parse
from registry.model import Camera, ConsentScope, ConsentState, EventChange, Kind
from registry.orders import orders
from registry.patrols import EndPatrol, MarkPicture, PatrolMark, PatrolVerdict
from registry.policy import preset
from registry.recordings import lawful, stills
from registry.recordings.model import RecordMode
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.registry.county import PLACES, Clock, County, change
from tests.registry.patrol import lit, over
from tests.registry.recordings_of import POLICY, segment

T = TypeVar("T")
DUE = timedelta(days=3)
MINUTE = timedelta(minutes=1)
S = ConsentState


@pytest.mark.parametrize("state", S)
def test_every_state_has_its_steps_and_withdrawing_is_the_end(state: S) -> None:
    told = steps(state)
    assert (ConsentStep.WITHDRAW in told) is (state is not S.WITHDRAWN)
    assert not (state is S.WITHDRAWN and told)
    assert all(state in RULES[step].since for step in told)


@dataclass
class Model:
    """One consent in plain words: when it was in force, and where it stands."""

    id: UUID
    scopes: frozenset[ConsentScope]
    hours: tuple[int, int] | None
    state: S
    signed: datetime | None = None
    begun: datetime | None = None
    due: datetime | None = None
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def now(self, at: datetime) -> S:
        over = self.due is not None and at >= self.due
        return S.EXPIRED if over and self.state in (S.ACTIVE, S.PAUSED) else self.state

    def stop(self, at: datetime) -> None:
        if self.begun is not None:
            self.spans.append((self.begun, min(at, self.due) if self.due else at))
        self.begun = None

    def held(self, at: datetime) -> bool:
        if self.state not in (S.ACTIVE, S.PAUSED, S.EXPIRED):
            return False
        last = [] if self.begun is None or self.due is None else [(self.begun, self.due)]
        return any(begin <= at < end for begin, end in [*self.spans, *last])

    def timely(self, second: int) -> bool:
        if self.hours is None:
            return True
        begin, end = (minute * 60 for minute in self.hours)
        return begin <= second < end if begin < end else second >= begin or second < end

    def shows(self, scope: ConsentScope, at: datetime, now: datetime, second: int) -> bool:
        return (
            scope in self.scopes
            and self.now(now) is S.ACTIVE
            and self.begun is not None
            and self.begun <= now
            and self.held(at)
            and self.timely(second)
        )


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(EMPTY, Path(self.folder.name) / "hub.db")
        self.clock = Clock()
        self.given: list[Model] = []
        self.kept: list[EventChange] = []
        self.marks: list[PatrolMark] = []
        self.opened: list[tuple[UUID, ConsentScope, datetime]] = []
        self.footage: list[datetime] = []
        self.run(self._make())

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.runner.run(awaited())

    async def _make(self) -> None:
        law = preset("cn")
        law = law.model_copy(update={"consent": law.consent.model_copy(update={"reconfirm_days": DUE.days})})
        self.store = await Store.open(f"sqlite+aiosqlite:///{self.folder.name}/hub.db", clock=self.clock, law=law)
        for code, name in PLACES[:3]:
            await places.create(self.store, places.NewPlace(code=code, name=name), CONSOLE)
        vault = Vault(bytes(range(32)))
        box = devices.NewDevice(name="NVR", host="10.0.0.5", username="admin", password=SecretStr("secret"))
        device = await devices.create(self.store, vault, box, CONSOLE)
        self.vault, county = vault, County(self.store, vault, self.clock, device.id)
        self.camera: Camera = await county.camera(kind=Kind.CIVILIAN)
        await county.camera()  # the box has another one: its sign-in stays
        self.county, self.access = county, await county.unlimited(hours=24 * 80)
        await lit(county, self.camera)
        hook = targets.NewAlertTarget(name="值班室", kind=targets.TargetKind.WEBHOOK, address="https://hook.example/in")
        made = await targets.create(self.store, vault, hook, CONSOLE, policy=devices.STRICT)
        told = rules.NewAlertRule(name="夜间", reason="丢羊案防范", targets=(made.id,))
        await rules.create(self.store, told, self.access.actor)
        (self.alert,) = await alerts.standing(self.store)

    def teardown(self) -> None:
        self.run(self.store.close())
        self.runner.close()
        self.folder.cleanup()

    def second(self, at: datetime) -> int:
        return second_of_day(at, self.store.tz)

    @rule(
        scopes=st.sets(st.sampled_from([ConsentScope.EVENTS, ConsentScope.CLIP, ConsentScope.LIVE]), min_size=1),
        hours=st.none() | st.just((8 * 60, 20 * 60)) | st.just((20 * 60, 6 * 60)),
        signed=st.booleans(),
    )
    @precondition(lambda self: len(self.given) < 3)
    def begin(self, scopes: set[ConsentScope], hours: tuple[int, int] | None, signed: bool) -> None:
        told: dict[str, Any] = {"owner_name": "老李", "scopes": scopes}
        if hours is not None:
            told |= {"from_minute": hours[0], "to_minute": hours[1]}
        make = consents.create if signed else consents.invite
        made = self.run(make(self.store, self.camera.id, parse(consents.NewConsent, told), CONSOLE))
        one = Model(made.id, frozenset(scopes), hours, made.state)
        if signed:
            one.begun, one.due = self.clock.now, self.clock.now + DUE
        self.given.append(one)

    @rule(which=st.integers(0, 2), step=st.sampled_from(["sign", "activate", "pause", "resume", "reconfirm"]))
    @precondition(lambda self: self.given)
    def step(self, which: int, step: str) -> None:
        one, now, wanted = self.given[which % len(self.given)], self.clock.now, ConsentStep(step)
        allowed = one.now(now) in RULES[wanted].since
        work = consents.take(self.store, one.id, TakeStep(step=wanted), CONSOLE)  # type: ignore[arg-type] # drawn
        if not allowed:
            with pytest.raises(Conflict):
                self.run(work)
            return
        assert self.run(work).state is RULES[wanted].to or step == "activate"
        match step:
            case "sign":
                one.signed = now
            case "activate":
                assert one.signed is not None
                one.begun, one.due = now, one.signed + DUE
            case "pause":
                one.stop(now)
            case "resume":
                one.begun = now
            case "reconfirm":
                if one.now(now) is S.EXPIRED:
                    one.stop(now)
                    one.begun = now
                one.due = now + DUE
        one.state = RULES[wanted].to

    @rule(which=st.integers(0, 2))
    @precondition(lambda self: self.given)
    def withdraw(self, which: int) -> None:
        one = self.given[which % len(self.given)]
        self.run(consents.withdraw(self.store, one.id, CONSOLE))
        one.stop(self.clock.now)
        one.state = S.WITHDRAWN

    @rule()
    def sweep(self) -> None:
        self.run(consents.expire(self.store))
        for one in self.given:
            if one.now(self.clock.now) is S.EXPIRED and one.state is not S.EXPIRED:
                one.stop(self.clock.now)
                one.state = S.EXPIRED

    @rule(hours=st.sampled_from([1, 5, 11, 30]))
    def turn(self, hours: int) -> None:
        self.clock.turn(hours=hours)

    @rule(back=st.sampled_from([0, 0, 3, 26]))
    def happen(self, back: int) -> None:
        at = self.clock.now - timedelta(hours=back)
        new = change(self.camera, started_at=at, updated_at=at)
        (told,) = self.run(events.record(self.store, [new]))
        second = self.second(at)
        may = any(ConsentScope.EVENTS in one.scopes and one.held(at) and one.timely(second) for one in self.given)
        assert (told.refused is None) is may
        if may and told.event is not None:
            self.kept.append(new)
            shown = self.shown(ConsentScope.EVENTS, at)
            raised = self.run(alerts.raise_alert(self.store, self.alert, told.event))
            assert shown or raised is None
            if shown:
                self.open(NewIncident(title="可疑", event_id=new.id), ConsentScope.EVENTS, at)

    @rule()
    def mark(self) -> None:
        at, actor = self.clock.now, self.access.actor
        patrol = self.run(over(self.county, actor.user, self.camera))
        key = f"marks/2026-11-23/0199f7b0-0000-7000-8000-{len(self.marks):012d}.jpg"
        work = patrol.mark(self.camera, PatrolVerdict.SUSPICIOUS, picture=MarkPicture("hub", key, 100))
        if self.shown(ConsentScope.LIVE, at):
            self.marks.append(self.run(work))
            self.open(NewIncident(title="可疑", mark_id=self.marks[-1].id), ConsentScope.LIVE, at)
        else:
            with pytest.raises(Conflict):
                self.run(work)
        self.run(patrols.end(self.store, patrol.patrol.id, EndPatrol(), actor))

    def open(self, new: NewIncident, scope: ConsentScope, at: datetime) -> None:
        self.opened.append((self.run(incidents.open_one(self.store, self.access, new)).id, scope, at))

    @rule()
    def film(self) -> None:
        """A minute on the disk, whether it should have been recorded or not."""
        at = self.clock.now - timedelta(hours=1)
        if at not in self.footage:
            self.run(recordings.record(self.store, [segment(self.camera, at, 60)]))
            self.footage.append(at)

    def shown(self, scope: ConsentScope, at: datetime) -> bool:
        return any(one.shows(scope, at, self.clock.now, self.second(at)) for one in self.given)

    @invariant()
    def events_are_those_the_consents_show(self) -> None:
        wanted = {one.id for one in self.kept if self.shown(ConsentScope.EVENTS, one.started_at)}
        page = self.run(events.search(self.store, self.access, EventQuery(limit=200)))
        assert {one.id for one in page.events} == wanted
        counted = self.run(events.histogram(self.store, self.access, EventQuery(), "day"))
        assert sum(bucket.count for bucket in counted) == len(wanted)
        for one in self.kept[-2:]:
            if one.id in wanted:
                assert self.run(events.get(self.store, self.access, one.id)).id == one.id
            else:
                with pytest.raises(NotFound):
                    self.run(events.get(self.store, self.access, one.id))
                with pytest.raises(NotFound):
                    self.run(events.snapshot_of(self.store, self.access, one.id))

    @invariant()
    def alerts_tell_of_nothing_else(self) -> None:
        wanted = {one.id for one in self.kept if self.shown(ConsentScope.EVENTS, one.started_at)}
        assert {one.event.id for one in self.run(alerts.list_alerts(self.store, self.access))} <= wanted
        assert {one.event.id for one in self.run(alerts.due(self.store))} <= wanted

    @invariant()
    def pictures_of_marks_and_incidents_follow(self) -> None:
        for one in self.marks[-3:]:
            asked = patrols.picture_of(self.store, self.access, one.patrol_id, one.id)
            self.seen(asked, may=self.shown(ConsentScope.LIVE, one.at))
        for incident, scope, at in self.opened[-4:]:
            asked = incidents.picture_of(self.store, self.access, incident)
            self.seen(asked, may=self.shown(scope, at))

    def seen(self, asked: Awaitable[tuple[str, str]], *, may: bool) -> None:
        if may:
            assert self.run(asked)[1]
        else:
            with pytest.raises(NotFound):
                self.run(asked)

    @invariant()
    def clips_and_files_follow(self) -> None:
        store, look, camera = self.store, self.access, self.camera.id
        for at in self.footage[-3:]:
            span = at, at + MINUTE
            may = self.shown(ConsentScope.CLIP, at)
            for asked in (
                recordings.segment(store, look, camera, "sub", at),
                recordings.export(store, look, camera, span, "sub"),
                recordings.still(store, look, camera, [span]),
                stills.look(store, look, camera, span),
                recordings.fetch(store, look, camera, [span], cut_no=1, digest="0" * 64, size=1),
            ):
                if may:
                    self.run(asked)
                else:
                    with pytest.raises(HubError):
                        self.run(asked)

    @invariant()
    def live_and_pulls_follow(self) -> None:
        now = self.clock.now
        (seen,) = self.run(live.standing(self.store, self.access, [(self.camera.id, "sub")]))
        assert isinstance(seen, HubError) is not self.shown(ConsentScope.LIVE, now)
        order = next(
            one
            for one in self.run(orders(self.store, self.vault, 0, 1, policy=POLICY))
            if one.camera_id == self.camera.id
        )
        pulled = self.shown(ConsentScope.EVENTS, now) or self.shown(ConsentScope.LIVE, now)
        if order.halt is None:
            assert pulled
        recorded = order.halt is None and order.record.mode is not RecordMode.NONE
        assert not recorded or self.shown(ConsentScope.CLIP, now)

    @invariant()
    def footage_is_seen_in_the_spans_that_held(self) -> None:
        now = self.clock.now
        span = now - timedelta(days=2), now

        async def visible() -> Any:
            async with self.store.read() as conn:
                return await lawful.visible(conn, self.store, self.access, [self.camera.id], span)

        found = self.run(visible())[self.camera.id]
        spans = () if isinstance(found, HubError) else found.spans
        for hours in range(1, 48, 5):
            at = now - timedelta(hours=hours, minutes=7)
            assert any(begin <= at < end for begin, end in spans) is self.shown(ConsentScope.CLIP, at), at


EMPTY = Path()


@pytest.fixture(scope="module", autouse=True)
def empty(empty_registry: Path) -> None:
    global EMPTY  # noqa: PLW0603 - hypothesis makes the machine itself
    EMPTY = empty_registry


class TestLife(Life.TestCase):
    settings = settings(
        max_examples=12,
        stateful_step_count=14,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
