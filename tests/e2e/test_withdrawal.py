"""A householder withdraws: the pull stops within seconds in every process, and nothing of his is readable any more."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from registry import consents, live, withdrawals
from registry.errors import HubError
from registry.model import ConsentScope, Kind
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import (
    add_camera,
    found,
    officer,
    place_village,
    settings_in,
    state_of,
    until,
    worker_pids,
)

pytestmark = pytest.mark.rtsp


def connections(hub: Hub, port: int) -> int:
    """Connections of the hub's workers to a port."""
    return sum(
        link.raddr != () and link.raddr.port == port
        for pid in worker_pids(hub)
        for link in psutil.Process(pid).net_connections("tcp")
    )


async def test_withdrawing_a_consent_ends_the_pull_and_every_reading(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip = make_clip(tmp_path / "yard.clip", SMALL)
    with SampleServer([Mount("/house", clip)]) as server:
        url = server.urls["/house"]
        port = int(url.split(":")[2].split("/")[0])
        async with Hub.running(settings_in(tmp_path / "data", workers=2)) as hub:
            await place_village(hub.store)
            camera = await add_camera(
                hub.store,
                hub.vault,
                url,
                kind=Kind.CIVILIAN,
                manager_unit="",
                owner_name="Li",
                owner_contact="13800000000",
            )
            access = await officer(hub.store)

            async def is_(state: str, reason: str | None) -> bool:
                return await state_of(hub.store, camera.id) == (state, reason)

            await until(lambda: is_("idle", "no_consent"), seconds=30, what="no pull without consent")
            assert connections(hub, port) == 0

            given = consents.NewConsent(
                owner_name="Li",
                scopes=frozenset({ConsentScope.EVENTS, ConsentScope.CLIP, ConsentScope.LIVE}),
            )
            consent = await consents.create(hub.store, camera.id, given, CONSOLE)
            await until(lambda: is_("live", None), seconds=30, what="the consent starts the pull")
            assert connections(hub, port) == 1, "one pull per stream"

            async def events_found() -> bool:
                return bool(await found(hub.store, access))

            await until(events_found, seconds=40, what="somebody walks through the yard")

            live_look = [(camera.id, "sub")]
            (sight,) = await live.standing(hub.store, access, live_look)
            assert not isinstance(sight, HubError)

            receipt = await withdrawals.withdraw(hub.store, consent.id, CONSOLE, hub.files_of)
            assert receipt.stopped
            (gone,) = await live.standing(hub.store, access, live_look)
            assert isinstance(gone, HubError), "who watches is asked every three seconds, and let go"
            assert await found(hub.store, access) == [], "nothing is readable from the moment of withdrawal"

            async def released() -> bool:
                return await is_("idle", "disabled") and connections(hub, port) == 0

            await until(released, seconds=15, what="the camera is let go")

            async def purged() -> bool:
                left = (await withdrawals.receipt(hub.store, consent.id, EVERYTHING, hub.files_of)).left
                return left == withdrawals.Kept(0, 0, 0, 0, 0)

            await until(purged, seconds=130, what="what was kept is gone")
            assert not list((tmp_path / "data" / "snapshots").rglob("*.jpg")), "the pictures too"
