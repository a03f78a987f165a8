"""Live streams out of a real worker that pulls real cameras: one pull, whoever watches."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
import pytest

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.live.line import Line, Lost
from camera_hub.live.piece import Kind, Piece, Told
from registry import scenes
from registry.model import Reason, State
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, place_village, settings_in, state_of, until, worker_pids

pytestmark = pytest.mark.rtsp
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


async def next_of(line: Line, kind: Kind) -> Piece:
    async with asyncio.timeout(30):
        while True:
            piece = await line.get()
            if not isinstance(piece, Lost) and piece.kind is kind:
                return piece


def pulls(pid: int, port: int) -> int:
    """How many connections a worker has to the sample cameras."""
    links = psutil.Process(pid).net_connections("tcp")
    return len(
        {link.laddr for link in links if link.raddr and link.raddr.port == port and link.status == "ESTABLISHED"}
    )


async def told(line: Line, state: State, reason: Reason | None) -> Told:
    while True:
        found = Told.read((await next_of(line, Kind.TOLD)).data)
        if (found.state, found.reason) == (state, reason):
            return found


async def test_a_real_camera_is_watched_from_its_one_pull_and_again_after_a_kill(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip = make_clip(tmp_path / "yard.clip", SMALL)
    with SampleServer([Mount("/open", clip), Mount("/masked", clip)]) as server:
        port = int(server.urls["/open"].split(":")[2].split("/")[0])
        async with Hub.running(settings_in(tmp_path / "data")) as hub:
            await place_village(hub.store)
            gate = await add_camera(hub.store, hub.vault, server.urls["/open"])
            yard = await add_camera(hub.store, hub.vault, server.urls["/masked"], name="Yard")
            await scenes.put(hub.store, yard.id, scenes.Scene(masks=(MASK,)), CONSOLE)

            async def live() -> bool:
                return all([await state_of(hub.store, one.id) == ("live", None) for one in (gate, yard)])

            await until(live, seconds=60, what="both cameras are live")
            assert hub.live is not None
            (pid,) = worker_pids(hub)
            with (
                hub.live.watch(gate.no, gate.id, "main", "video") as line,
                hub.live.watch(gate.no, gate.id, "main", "video") as other,
            ):
                init = await next_of(line, Kind.INIT)
                frames = [await next_of(line, Kind.MEDIA) for _ in range(30)]
                assert frames[0].keyframe
                with av.open(io.BytesIO(init.data + b"".join(one.data for one in frames))) as seen:
                    shown = [(frame.width, frame.height) for frame in seen.decode(video=0)]
                assert shown == [(320, 180)] * 30
                assert (await next_of(other, Kind.INIT)) == init
                links = [
                    one for one in psutil.Process(pid).net_connections("tcp") if one.raddr and one.raddr.port == port
                ]
                assert len(links) == 2, "one pull a camera, however many watch"

                jpeg = await hub.live.picture(yard.no, yard.id, "main")
                picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
                assert picture is not None
                assert picture.shape == (180, 320, 3)
                assert picture[:80, :150].max() < 24, "what the mask hides is black"
                assert picture[120:, 200:].max() > 40

                os.kill(pid, signal.SIGKILL)
                await told(line, State.BACKING_OFF, Reason.WORKER_DOWN)
                assert (await next_of(line, Kind.INIT)).data
                assert (await next_of(line, Kind.MEDIA)).keyframe


async def test_the_main_stream_is_pulled_while_somebody_watches_it_and_no_longer(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    large = make_clip(tmp_path / "main.clip", replace(SMALL, width=640, height=360))
    small = make_clip(tmp_path / "sub.clip", SMALL)
    with SampleServer([Mount("/main", large), Mount("/sub", small)]) as server:
        port = int(server.urls["/sub"].split(":")[2].split("/")[0])
        async with Hub.running(settings_in(tmp_path / "data")) as hub:
            await place_village(hub.store)
            gate = await add_camera(hub.store, hub.vault, server.urls["/main"], sub_url=server.urls["/sub"])
            gone = await add_camera(
                hub.store, hub.vault, server.urls["/main"] + "x", name="Gone", sub_url=server.urls["/sub"]
            )

            async def live() -> bool:
                return all([await state_of(hub.store, one.id) == ("live", None) for one in (gate, gone)])

            await until(live, seconds=60, what="both cameras are live")
            assert hub.live is not None
            (pid,) = worker_pids(hub)
            assert pulls(pid, port) == 2, "nobody watches the main stream: it is not pulled"
            with (
                hub.live.watch(gate.no, gate.id, "main", "video") as line,
                hub.live.watch(gate.no, gate.id, "main", "video") as other,
            ):
                init = await next_of(line, Kind.INIT)
                frames = [await next_of(line, Kind.MEDIA) for _ in range(20)]
                with av.open(io.BytesIO(init.data + b"".join(one.data for one in frames))) as seen:
                    assert {(frame.width, frame.height) for frame in seen.decode(video=0)} == {(640, 360)}
                await next_of(other, Kind.MEDIA)
                assert pulls(pid, port) == 3, "one pull, however many watch it"
                jpeg = await hub.live.picture(gate.no, gate.id, "main")
                assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (360, 640, 3)
                small_one = await hub.live.picture(gate.no, gate.id, "sub")
                assert cv2.imdecode(np.frombuffer(small_one, np.uint8), cv2.IMREAD_COLOR).shape == (180, 320, 3)
            with (
                hub.live.watch(gone.no, gone.id, "main", "video") as line,
                hub.live.watch(gone.no, gone.id, "sub", "video") as other,
            ):
                assert (await told(line, State.BACKING_OFF, Reason.UNREACHABLE)).form is None
                assert await next_of(other, Kind.MEDIA), "its sub-stream plays all the while"

            async def let_go() -> bool:
                return pulls(pid, port) == 2

            await until(let_go, seconds=60, what="nobody watches the main stream any more: it is let go")
            assert await live(), "what is analysed was never touched"

            mask_of = scenes.Scene(masks=(MASK,))
            with hub.live.watch(gate.no, gate.id, "main", "video") as line:
                await next_of(line, Kind.MEDIA)
                await scenes.put(hub.store, gate.id, mask_of, CONSOLE)
                while (await told(line, State.IDLE, None)).form is not None:
                    pass
            assert pulls(pid, port) <= 2, "a masked camera has no unmasked path"
