"""A beat to patrol: a hub that watches real streams, and the people of a shift: monitor, officer, assistant, technician."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from aiohttp import web
from pydantic import SecretStr

from api import make_app
from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.hub import Hub
from registry import consents, places, users
from registry.model import ConsentScope, Kind, Role
from registry.store import utc_now
from registry.users import CONSOLE
from tests.camera_hub.watch.county import add_camera, settings_in, state_of, until
from tests.e2e.county import PASSWORD
from tests.services.process import free_port

VILLAGES = {"220882": "大安市", "220882100": "月亮泡镇", "220882100200": "汉书村", "220882100201": "先进村"}
LIVE = {"汉书村东口": "220882100200", "汉书村羊圈路口": "220882100200", "先进村桥头": "220882100201"}
DOWN, PRIVATE = "汉书村小卖部", "老李家院外"
PEOPLE = (
    ("sun", "孙值机", Role.MONITOR),
    ("li", "李警官", Role.OFFICER),
    ("wang", "王辅警", Role.ASSISTANT),
    ("zhang", "张维护", Role.TECHNICIAN),
)


@dataclass
class Beat:
    """A served hub with its worker; it can be stopped and started again on the same data and port."""

    folder: Path
    urls: dict[str, str]
    port: int = field(default_factory=free_port)
    cameras: dict[str, UUID] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._up = AsyncExitStack()
        self.hub = await self._up.enter_async_context(Hub.running(settings_in(self.folder)))
        runner = web.AppRunner(make_app(self.hub), access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._up.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        await self._up.aclose()

    async def build(self) -> None:
        """Places, people and cameras: three that play, one that is down, one whose owner agreed to events only."""
        store, vault = self.hub.store, self.hub.vault
        for code, name in VILLAGES.items():
            await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
        for name, shown, role in PEOPLE:
            new = users.NewUser(
                name=name,
                display_name=shown,
                unit="月亮泡派出所",
                role=role,
                password=SecretStr(PASSWORD),
                trained_at=utc_now(),
                pledged_at=utc_now(),
            )
            made = await users.create(store, new, CONSOLE)
            await users.set_grants(store, made.id, ("220882",), CONSOLE)
        for name, village in LIVE.items():
            camera = await add_camera(store, vault, self.urls[name], name=name, village_code=village)
            self.cameras[name] = camera.id
        down = await add_camera(
            store, vault, "rtsp://127.0.0.1:1/none", name=DOWN, kind=Kind.SOCIAL, village_code="220882100200"
        )
        private = await add_camera(
            store,
            vault,
            self.urls["汉书村东口"],
            name=PRIVATE,
            kind=Kind.CIVILIAN,
            manager_unit="",
            owner_name="老李",
            owner_contact="0436-0000000",
            village_code="220882100200",
        )
        self.cameras |= {DOWN: down.id, PRIVATE: private.id}
        given = consents.NewConsent(
            owner_name="老李",
            scopes=frozenset({ConsentScope.EVENTS}),
            valid_from=datetime.now(UTC) - timedelta(days=1),
            text_version="2026-1",
        )
        await consents.create(store, private.id, given, CONSOLE)
        await self.all_live()

    async def all_live(self) -> None:
        async def live() -> bool:
            return all([(await state_of(self.hub.store, self.cameras[name]))[0] == "live" for name in LIVE])

        await until(live, seconds=90, what="all cameras are live")


@asynccontextmanager
async def beat(folder: Path, clips: dict[str, Path]) -> AsyncIterator[Beat]:
    """A beat whose live cameras play `clips`, by name."""
    paths = {name: f"/{number}" for number, name in enumerate(clips)}
    with SampleServer([Mount(paths[name], clip) for name, clip in clips.items()]) as server:
        made = Beat(folder, {name: server.urls[path] for name, path in paths.items()})
        await made.start()
        try:
            await made.build()
            yield made
        finally:
            await made.stop()
