"""A county for the page's tests: a real hub on a port of its own, three villages, cameras in every state, events with pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from aiohttp import web
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from api import make_app
from api.tickets import TICKETS, Tickets
from camera_hub import media
from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import cameras, cases, consents, devices, events, places, users
from registry.cases import CaseChange, NewCase
from registry.model import (
    ConsentScope,
    Event,
    EventChange,
    EventKind,
    Kind,
    LabelGroup,
    PictureFault,
    Reason,
    Role,
    State,
    StatusChange,
)
from registry.store import utc_now
from registry.users import CONSOLE
from tests import lawful
from tests.e2e.scenes import scene

PASSWORD = "a long enough password"
PLACES = {
    "220882": "大安市",
    "220882100": "月亮泡镇",
    "220882100200": "汉书村",
    "220882100201": "先进村",
    "220882101": "安广镇",
    "220882101200": "永富村",
}
CASE = ("月公(治)案〔2026〕113号", "汉书村丢羊案")
GROUPS = {
    "person": LabelGroup.PERSON,
    "car": LabelGroup.VEHICLE,
    "bicycle": LabelGroup.TWO_WHEELER,
    "sheep": LabelGroup.ANIMAL,
    "unknown": LabelGroup.UNKNOWN,
}
LIVE = (State.LIVE, None)
SEEN = (
    ("汉书村东口", Kind.PUBLIC, "220882100200", LIVE),
    ("汉书村羊圈路口", Kind.PUBLIC, "220882100200", LIVE),
    ("汉书村小卖部", Kind.SOCIAL, "220882100200", (State.BACKING_OFF, Reason.UNREACHABLE)),
    ("老李家院外", Kind.CIVILIAN, "220882100200", LIVE),
    ("汉书村西口 WiFi", Kind.WIFI_PROBE, "220882100200", (State.STOPPED, Reason.NO_VIDEO)),
    ("先进村桥头", Kind.PUBLIC, "220882100201", LIVE),
    ("先进村小学门口", Kind.SOCIAL, "220882100201", (State.BACKING_OFF, Reason.REJECTED)),
    ("老王家门前", Kind.CIVILIAN, "220882100201", (State.STOPPED, Reason.OUTSIDE_HOURS)),
    ("永富村主街", Kind.PUBLIC, "220882101200", LIVE),
    ("永富村粮库", Kind.SOCIAL, "220882101200", (State.STOPPED, Reason.UNSUPPORTED)),
    ("永富村东口", Kind.PUBLIC, "220882101200", (State.CONNECTING, None)),
)


class County:
    """A served hub and what is in it. It can be stopped and started again on the same data and port."""

    def __init__(
        self, data_dir: Path, port: int, cameras: dict[str, UUID] | None = None, *, loopback: bool = False
    ) -> None:
        self.port = port
        self.cameras = dict(cameras or {})
        self.ahead = timedelta(0)
        """How far the clock is ahead that tickets are checked by."""
        self._settings = Settings(data_dir=data_dir, workers=1, min_free_gb=0, allow_loopback=loopback)
        self._made = 0
        self._up: AsyncExitStack | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """A hub without workers on the county's data, answering on its port."""
        self._up = AsyncExitStack()
        self.hub = await self._up.enter_async_context(Hub.running(self._settings, watch=False))
        app = make_app(self.hub)
        app[TICKETS] = Tickets(self.hub.vault.derive("picture tickets"), lambda: self.hub.store.clock() + self.ahead)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._up.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        """Stop answering, and the hub behind it."""
        if self._up is not None:
            await self._up.aclose()
            self._up = None

    async def reach(self, *prefixes: str) -> None:
        """Let the open case reach these places in place of its one village; before anybody looks under it."""
        (one,) = await cases.list_cases(self.hub.store, CONSOLE)
        change = CaseChange(expected_revision=one.revision, places=prefixes)
        await cases.change(self.hub.store, one.id, change, CONSOLE)

    async def status(
        self,
        name: str,
        state: State,
        reason: Reason | None,
        since: datetime | None = None,
        picture: PictureFault | None = None,
    ) -> None:
        """Report a camera's state, and what is wrong with its picture, as its worker would."""
        live = state is State.LIVE
        now = datetime.now(UTC)
        change = StatusChange(
            camera_id=self.cameras[name],
            state=state,
            reason=reason,
            detail="",
            since=since or now,
            codec="h264" if live else None,
            width=640 if live else None,
            height=360 if live else None,
            fps=15.0 if live else None,
            last_frame_at=now if live else None,
            picture=picture,
            picture_since=now if picture else None,
        )
        await cameras.record_status(self.hub.store, [change])

    async def event(
        self,
        camera: str = "汉书村东口",
        label: str = "person",
        *,
        at: datetime | None = None,
        night: bool = False,
        ended: bool = True,
        before: Event | None = None,
        score: float = 0.86,
        offset_ms: int | None = 320,
        picture: bool = True,
    ) -> Event:
        """Store an event, with a picture, as a worker would report it, and publish it as the keeper would.

        `before` is the event it changes: same id, next revision.
        """
        self._made += 1
        started = before.started_at if before else at or datetime.now(UTC)
        identity = before.id if before else uuid7()
        revision = before.revision + 1 if before else 1
        number = list(self.cameras).index(camera)
        seen = scene(number, label, night=night, at=(self._made * 0.37) % 1, seed=self._made)
        key = media.snapshot_key(identity, revision, started) if picture else None
        jpeg = media.encode_jpeg(seen.picture) if picture else b""
        if key is not None:
            self.hub.media.put(key, jpeg)
        unknown = label == "unknown"
        change = EventChange(
            id=identity,
            revision=revision,
            camera_id=self.cameras[camera],
            kind=EventKind.UNKNOWN_MOVING if unknown else EventKind.OBJECT,
            rule_id="unknown" if unknown else "object",
            rule_name="不明移动物" if unknown else "发现目标",
            scene_revision=0,
            label=label,
            group=GROUPS[label],
            score=score,
            box=seen.box,
            path=seen.path,
            direction=None,
            started_at=started,
            updated_at=started + timedelta(seconds=revision),
            ended_at=started + timedelta(seconds=14) if ended else None,
            snapshot=key,
            snapshot_bytes=len(jpeg),
            snapshot_at=started + timedelta(seconds=revision) if picture else None,
            node=self.hub.node,
            model="centernet_mbv3",
            clock_offset_ms=offset_ms,
        )
        (recorded,) = await events.record(self.hub.store, [change])
        assert recorded.event is not None, recorded
        self.hub.feed.publish([recorded.event])
        return recorded.event


@asynccontextmanager
async def county(
    data_dir: Path, port: int, known: dict[str, UUID] | None = None, *, loopback: bool = False
) -> AsyncIterator[County]:
    """A hub without workers, served: officer `li`, technician `zhang`, assistant `wang`, one open case, and no events yet.

    `known` are the cameras of a county made before, whose data lie in `data_dir`: then nothing is made. `loopback`: its
    cameras may be on this machine.
    """
    made = County(data_dir, port, known, loopback=loopback)
    await made.start()
    try:
        if known is None:
            await _people(made)
            await _cameras(made)
            await _case(made)
        yield made
    finally:
        await made.stop()


async def _case(made: County) -> None:
    who = {user.name: user.id for user in await users.list_users(made.hub.store)}
    now = datetime.now(UTC)
    case = NewCase(
        number=CASE[0],
        title=CASE[1],
        places=("220882100200",),
        starts_at=now - timedelta(days=20),
        ends_at=now + timedelta(days=1),
        responsible_id=who["li"],
        member_ids=frozenset({who["wang"]}),
    )
    await cases.create(made.hub.store, case, CONSOLE)


async def _people(made: County) -> None:
    for code, name in PLACES.items():
        await places.create(made.hub.store, places.NewPlace(code=code, name=name), CONSOLE)
    for name, shown, role in (
        ("li", "李警官", Role.OFFICER),
        ("zhang", "张维护", Role.TECHNICIAN),
        ("wang", "王辅警", Role.ASSISTANT),
    ):
        new = users.NewUser(
            name=name,
            display_name=shown,
            unit="月亮泡派出所",
            role=role,
            password=SecretStr(PASSWORD),
            trained_at=utc_now(),
            pledged_at=utc_now(),
        )
        user = await users.create(made.hub.store, new, CONSOLE)
        await users.set_grants(made.hub.store, user.id, ("220882",), CONSOLE)


async def _cameras(made: County) -> None:
    store, vault = made.hub.store, made.hub.vault
    device = await devices.create(store, vault, devices.NewDevice(name="录像机", host="192.0.2.10"), CONSOLE)
    for number, (name, kind, village, (state, reason)) in enumerate(SEEN):
        wifi = kind is Kind.WIFI_PROBE
        new = cameras.NewCamera(
            device_id=device.id,
            name=name,
            kind=kind,
            village_code=village,
            sub_url=None if wifi else f"rtsp://192.0.2.10/{number}",
            manager_unit="月亮泡派出所",
            owner_name="户主",
            owner_contact="0436-0000000",
            probe_mac="02:00:00:00:00:01" if wifi else "",
        )
        camera = await cameras.create(store, vault, new, CONSOLE)
        made.cameras[name] = camera.id
        await lawful.place(store, camera)
        if kind is Kind.CIVILIAN:
            await _consent(made, camera.id)
        await made.status(name, state, reason)


async def _consent(made: County, camera_id: UUID) -> None:
    since = datetime.now(UTC) - timedelta(days=90)
    new = consents.NewConsent(
        owner_name="户主",
        scopes=frozenset({ConsentScope.EVENTS}),
        valid_from=since,
        signed_at=since,
        text_version="2026-1",
    )
    await consents.create(made.hub.store, camera_id, new, CONSOLE)
