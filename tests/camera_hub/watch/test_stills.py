"""Full-size pictures of events, out of a real worker."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest
from uuid_utils.compat import uuid7

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.live.tap import Tap
from camera_hub.media import Media
from camera_hub.watch.stills import APART_S, AT_ONCE, LATE_S, Stills, Tools
from registry import events, scenes
from registry.model import EventChange, StillChange
from registry.users import CONSOLE
from tests.camera_hub.live.room import H264
from tests.camera_hub.live.test_fmp4 import UNITS, packets
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, found, officer, place_village, settings_in, until
from tools.bench.producer import change

CAMERA = uuid7()
MASK = ((0.0, 0.0), (0.06, 0.0), (0.06, 0.06), (0.0, 0.06))


@pytest.mark.rtsp
async def test_an_event_gets_a_picture_of_the_main_stream_and_a_masked_one_none(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    large = make_clip(tmp_path / "main.clip", replace(SMALL, width=1280, height=720), 20.0)
    small = make_clip(tmp_path / "sub.clip", replace(SMALL, width=640, height=360, kbits=400), 20.0)
    with SampleServer([Mount("/main", large), Mount("/sub", small)]) as server:
        async with Hub.running(settings_in(tmp_path / "data")) as hub:
            await place_village(hub.store)
            urls = {"url": server.urls["/main"], "sub_url": server.urls["/sub"]}
            masked = await add_camera(hub.store, hub.vault, **urls, name="Masked")
            await scenes.put(hub.store, masked.id, scenes.DEFAULT_SCENE.model_copy(update={"masks": (MASK,)}), CONSOLE)
            open_one = await add_camera(hub.store, hub.vault, **urls, name="Open")
            access = await officer(hub.store)

            async def stilled() -> bool:
                seen = await found(hub.store, access)
                of_masked = [one for one in seen if one.camera_id == masked.id]
                return bool(of_masked) and any(one.has_still for one in seen if one.camera_id == open_one.id)

            await until(stilled, seconds=90, what="events of both cameras, one with a still")
            seen = await found(hub.store, access)
            assert not any(one.has_still for one in seen if one.camera_id == masked.id)
            one = next(one for one in seen if one.has_still)
            assert one.still_at is not None
            assert abs((one.still_at - one.started_at).total_seconds()) < 60
            _, key = await events.snapshot_of(hub.store, access, one.id, picture="still")
            data = await asyncio.to_thread(hub.media.path(key).read_bytes)
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            assert picture is not None
            assert picture.shape == (720, 1280, 3)


def opened(camera_id: UUID) -> EventChange:
    return change(camera_id, uuid7(), 1, None, 0, ended=False)


class Bench:
    """Stills of one camera whose tap the test feeds."""

    def __init__(self, folder: Path) -> None:
        self.tap: Tap | None = Tap()
        self.now = 1000.0
        self.told: list[StillChange] = []
        media = Media(folder, 0, 1 << 30)
        self.stills = Stills(Tools(self._main, media, "here", self.told.append, monotonic=lambda: self.now))

    def _main(self, _camera_id: UUID) -> Tap | None:
        return self.tap

    async def done(self) -> None:
        await asyncio.gather(*self.stills._taking)


async def test_one_camera_gives_a_still_now_and_then(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert bench.tap is not None
    bench.tap.begin(H264, masked=False)
    for packet in packets(UNITS)[:20]:
        bench.tap.packet(packet)
    event = opened(CAMERA)
    for _ in range(3):
        bench.stills.opened(event)
    await bench.done()
    assert [one.event_id for one in bench.told] == [event.id]
    assert (tmp_path / bench.told[0].still).stat().st_size == bench.told[0].still_bytes
    assert not bench.tap.joined
    bench.now += APART_S
    bench.stills.opened(event)
    await bench.done()
    assert len(bench.told) == 2


async def test_what_is_masked_meanwhile_is_forgotten(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    tap = bench.tap
    assert tap is not None
    bench.stills.opened(opened(CAMERA))
    async with asyncio.timeout(10):
        while not tap.joined:
            await asyncio.sleep(0)
    bench.tap = None
    tap.begin(H264, masked=False)
    tap.packet(packets(UNITS)[0])
    await bench.done()
    assert bench.told == []
    assert not list(tmp_path.rglob("*.jpg"))


@pytest.mark.parametrize(("waited", "taken"), [(LATE_S, 1), (LATE_S + 1, 0)])
async def test_an_event_whose_turn_comes_late_has_none(tmp_path: Path, waited: float, taken: int) -> None:
    bench = Bench(tmp_path)
    assert bench.tap is not None
    bench.tap.begin(H264, masked=False)
    bench.tap.packet(packets(UNITS)[0])
    for _ in range(AT_ONCE):
        await bench.stills._turns.acquire()
    bench.stills.opened(opened(CAMERA))
    await asyncio.sleep(0)
    bench.now += waited
    for _ in range(AT_ONCE):
        bench.stills._turns.release()
    await bench.done()
    assert len(bench.told) == taken
