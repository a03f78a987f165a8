"""A real hub on a real port with a real SQLite registry: a small county, one user of each role, cameras, events.

The county is made once a session and its data directory copied for each test.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from api import make_app
from api.auth import COOKIE, SECURE_COOKIE
from camera_hub import media
from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import cameras, cases, consents, devices, events, migrate, places, purposes, sessions, users
from registry.cases import NewCase
from registry.model import (
    Actor,
    Box,
    ConsentScope,
    Event,
    EventChange,
    EventKind,
    Kind,
    LabelGroup,
    PurposeKind,
    Role,
)
from registry.purposes import OpenPurpose
from registry.users import CONSOLE
from tests import lawful
from tests.services.postgres import Postgres

PASSWORD = "a long enough password"
COUNTY, TOWNSHIP = "220882", "220882100"
VILLAGE, ELSEWHERE = "220882100201", "220882100202"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@dataclass
class County:
    """What was made: ids by name."""

    cameras: dict[str, UUID] = field(default_factory=dict)
    consent: UUID | None = None
    case: UUID | None = None
    device: UUID | None = None


async def _make(settings: Settings) -> County:
    made = County()
    async with Hub.running(settings, watch=False) as hub:
        store, vault = hub.store, hub.vault
        for code, name in ((COUNTY, "大安市"), (TOWNSHIP, "月亮泡镇"), (VILLAGE, "汉书村"), (ELSEWHERE, "先锋村")):
            await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
        for role in Role:
            user = await users.create(
                store,
                users.NewUser(
                    name=role.value,
                    display_name=f"用户 {role}",
                    role=role,
                    password=SecretStr(PASSWORD),
                    trained_at=store.clock(),
                    pledged_at=store.clock(),
                ),
                CONSOLE,
            )
            await users.set_grants(store, user.id, (VILLAGE,), CONSOLE)
        device = await devices.create(store, vault, devices.NewDevice(name="盒子", host="192.0.2.10"), CONSOLE)
        made.device = device.id
        for name, kind, village in (
            ("gate", Kind.PUBLIC, VILLAGE),
            ("yard", Kind.CIVILIAN, VILLAGE),
            ("shut", Kind.CIVILIAN, VILLAGE),
            ("far", Kind.PUBLIC, ELSEWHERE),
        ):
            camera = await cameras.create(
                store,
                vault,
                cameras.NewCamera(
                    device_id=device.id,
                    name=name,
                    kind=kind,
                    village_code=village,
                    lat=45.5,
                    lon=124.1,
                    sub_url=f"rtsp://192.0.2.10/{name}",
                    manager_unit="派出所",
                    owner_name="户主",
                    owner_contact="13800000000",
                ),
                CONSOLE,
            )
            made.cameras[name] = camera.id
            await lawful.place(store, camera)
        for name in ("yard", "shut"):
            consent = await consents.create(
                store,
                made.cameras[name],
                consents.NewConsent(
                    owner_name="户主",
                    scopes=frozenset({ConsentScope.EVENTS}),
                    valid_from=datetime.now(UTC) - timedelta(days=90),
                    signed_at=datetime.now(UTC) - timedelta(days=90),
                    text_version="2026-1",
                ),
                CONSOLE,
            )
            made.consent = consent.id if name == "yard" else made.consent
        now = datetime.now(UTC)
        new = NewCase(
            number="A-2026-1",
            title="丢羊两只",
            places=(VILLAGE,),
            starts_at=now - timedelta(days=30),
            ends_at=now + timedelta(days=1),
            responsible_id=(await users.by_name(store, Role.OFFICER.value)).id,
            member_ids=frozenset(
                [(await users.by_name(store, role.value)).id for role in (Role.ADMIN, Role.APPROVER, Role.ASSISTANT)]
            ),
        )
        case = await cases.create(store, new, CONSOLE)
        made.case = case.id
    return made


def settings_for(data_dir: Path, **more: Any) -> Settings:
    return Settings(data_dir=data_dir, workers=1, min_free_gb=0, **more)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, County]:
    data_dir = tmp_path_factory.mktemp("county") / "data"
    return data_dir, asyncio.run(_make(settings_for(data_dir)))


@pytest.fixture(scope="session")
def template_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> tuple[Path, str, County]:
    """The same on PostgreSQL: the data directory, whose key its secrets are sealed with, and the database to be copied."""
    data_dir, url = tmp_path_factory.mktemp("county") / "data", postgres.fresh_url()
    own = settings_for(data_dir, database_url=url)
    with ThreadPoolExecutor(1) as aside:  # asked for from inside a loop
        aside.submit(asyncio.run, migrate.upgrade(own.database)).result()
        return data_dir, url, aside.submit(asyncio.run, _make(own)).result()


class Client:
    """One browser or program of one user: its cookie jar, CSRF secret, token and purpose."""

    def __init__(self, world: World, headers: dict[str, str] | None = None, role: Role | None = None) -> None:
        self.world = world
        self.role = role
        self.headers = headers or {}
        self.http = ClientSession()

    async def ask(self, method: str, path: str, *, raw: bool = False, **more: Any) -> Answer:
        headers = {**self.headers, **more.pop("headers", {})}
        url = self.world.url(path)
        async with self.http.request(method, url, headers=headers, allow_redirects=False, **more) as got:
            content = await got.read()
            body = json.loads(content) if content and not raw and "json" in got.content_type else content
            return Answer(got.status, body, dict(got.headers))

    async def get(self, path: str, **more: Any) -> Any:
        """The body of a GET that must succeed."""
        answer = await self.ask("GET", path, **more)
        assert answer.status == 200, answer
        return answer.body

    async def post(self, path: str, body: object, status: int = 201) -> Any:
        """The body of a POST that must succeed."""
        answer = await self.ask("POST", path, json=body)
        assert answer.status == status, answer
        return answer.body

    async def stream(
        self, query: str = "", *, path: str = "/api/v1/events/stream", **more: Any
    ) -> ClientWebSocketResponse:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self.http.ws_connect(self.world.url(f"{path}{query}"), headers=headers, **more)


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> tuple[int, str | None]:
        return self.status, self.body.get("code") if isinstance(self.body, dict) else None


class World:
    """A served hub and what is in it."""

    def __init__(self, hub: Hub, server: TestServer, county: County) -> None:
        self.hub, self.server, self.county = hub, server, county
        self.last: Event | None = None
        self._clients: list[Client] = []

    def url(self, path: str) -> Any:
        return self.server.make_url(path)

    def anonymous(self, **headers: str) -> Client:
        client = Client(self, headers)
        self._clients.append(client)
        return client

    async def client(self, role: Role, purpose: PurposeKind | None = None) -> Client:
        """A signed-in browser of the role's user, its session opened in the registry; `purpose` is put on it."""
        store = self.hub.store
        user = await users.by_name(store, role.value)
        token, csrf = await sessions.open_session(store, user, "127.0.0.1", 12)
        if purpose is not None:
            case_id = self.county.case if purpose is PurposeKind.CASE else None
            works = [self.county.cameras[name] for name in ("gate", "yard", "shut")]
            new = OpenPurpose(
                kind=purpose,
                case_id=case_id,
                reason="test",
                camera_ids=frozenset(works if purpose is PurposeKind.MAINTENANCE else ()),
            )
            opened = await purposes.open(store, new, Actor(user, "127.0.0.1"), 12)
            session = await sessions.session_by_token(store, token)
            assert session is not None
            await sessions.set_purpose(store, session, opened)
        cookie = SECURE_COOKIE if self.hub.settings.secure_cookies else COOKIE
        client = Client(self, {"Cookie": f"{cookie}={token}", "X-CSRF-Token": csrf}, role)
        self._clients.append(client)
        return client

    async def event(self, camera: str = "gate", *, picture: bool = True, revision: int = 1, **more: Any) -> UUID:
        """Store an event of a camera as a worker would report it, and publish it as the keeper would."""
        identity = more.pop("id", None) or uuid7()
        started = more.pop("started_at", datetime.now(UTC) - timedelta(minutes=1))
        key = media.snapshot_key(identity, revision, started) if picture else None
        if key is not None:
            self.hub.media.put(key, JPEG)
        change = EventChange(
            id=identity,
            revision=revision,
            camera_id=self.county.cameras[camera],
            kind=more.pop("kind", EventKind.OBJECT),
            rule_id="people",
            rule_name="有人",
            scene_revision=0,
            label=more.pop("label", "person"),
            group=more.pop("group", LabelGroup.PERSON),
            score=0.8,
            box=Box(0.1, 0.1, 0.2, 0.5),
            path=((0.15, 0.5),),
            direction=None,
            started_at=started,
            updated_at=started,
            ended_at=None,
            snapshot=key,
            snapshot_bytes=len(JPEG) if key else 0,
            snapshot_at=started if key else None,
            node=self.hub.node,
            model="centernet",
            clock_offset_ms=0,
        )
        (recorded,) = await events.record(self.hub.store, [change])
        assert recorded.event is not None, recorded
        self.last = recorded.event
        self.hub.feed.publish([recorded.event])
        return identity

    async def close(self) -> None:
        for client in self._clients:
            await client.http.close()


Change = Callable[[web.Application], None]
Serving = Callable[..., Awaitable[World]]


@pytest.fixture
async def serving(
    template: tuple[Path, County], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Serving]:
    """Start the county's hub with other settings, or with `change` made to the application before it is served."""
    stops: list[Callable[[], Awaitable[object]]] = []

    async def start(
        change: Change | None = None, static: Path | None = None, *, on_postgres: bool = False, **settings: Any
    ) -> World:
        data_dir = tmp_path / f"data{len(stops)}"
        folder, made = template
        if on_postgres:
            folder, like, made = request.getfixturevalue("template_on_postgres")
            server: Postgres = request.getfixturevalue("postgres")
            settings["database_url"] = server.fresh_url(like)
        shutil.copytree(folder, data_dir)
        own = settings_for(data_dir, **settings)
        running = Hub.running(own, watch=False)
        hub = await running.__aenter__()
        stops.append(lambda: running.__aexit__(None, None, None))
        app = make_app(hub) if static is None else make_app(hub, static)
        if change is not None:
            change(app)
        served = TestServer(app)
        await served.start_server()
        stops.append(served.close)
        world = World(hub, served, made)
        stops.append(world.close)
        return world

    yield start
    for stop in reversed(stops):
        await stop()


both_engines = pytest.mark.parametrize(
    "world", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
"""On tests that walk one of the ways through the API: run them on PostgreSQL as well."""


@pytest.fixture
async def world(serving: Serving, request: pytest.FixtureRequest) -> World:
    """The county's hub, served; on PostgreSQL where the test asks for it."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return await serving(on_postgres=True)
    return await serving()
