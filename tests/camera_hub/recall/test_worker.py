"""A real worker that watches a real stream: its index is searched while it is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.recall.motion.answer import Answer
from detectors.cells import count
from registry import scenes
from registry.motion import DensityQuery, MotionSearch
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, officer, place_village, settings_in, until

pytestmark = pytest.mark.rtsp
MASK = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))


async def test_what_moves_on_a_camera_is_found_while_it_is_watched(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip = make_clip(tmp_path / "yard.clip", SMALL)
    with SampleServer([Mount("/gate", clip), Mount("/yard", clip)]) as server:
        async with Hub.running(settings_in(tmp_path / "data")) as hub:
            await place_village(hub.store)
            gate = await add_camera(hub.store, hub.vault, server.urls["/gate"])
            yard = await add_camera(hub.store, hub.vault, server.urls["/yard"], name="Yard")
            await scenes.put(hub.store, yard.id, scenes.Scene(masks=(MASK,)), CONSOLE)
            access = await officer(hub.store)
            begin = datetime.now(UTC) - timedelta(seconds=5)

            async def search() -> Answer:
                asked = {
                    "cameras": [{"camera_id": one.id} for one in (gate, yard)],
                    "from": begin,
                    "to": datetime.now(UTC) + timedelta(seconds=1),
                }
                return await hub.motion.search(access, MotionSearch.model_validate(asked))

            async def found() -> bool:
                answer = await search()
                return {one.hit.camera_id for one in answer.hits} == {gate.id, yard.id} and all(
                    one.watched.watched_s >= 3 for one in answer.cameras
                )

            await until(found, seconds=60, what="motion of both is in the index")
            answer = await search()
            for one in answer.cameras:
                part = one.watched
                assert part.watched_s + sum(part.reasons.values()) == part.wanted_s
                assert count(one.dark) >= 32 * 9 if one.camera_id == yard.id else count(one.dark) == 0
            day = hub.motion.shelf.days(yard.id)[-1]
            held = hub.motion.shelf.read(yard.id, day)
            assert held is not None
            assert [len(held.row(number)[0]) for number in range(9)] == [0] * 9, "what is masked never comes on"
            query = DensityQuery.model_validate({"from": begin, "to": datetime.now(UTC)})
            line, _ = await hub.motion.density(access, gate.id, query)
            assert 0 < sum(line.moved) <= sum(line.watched)
