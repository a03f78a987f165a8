"""The demo's theft: what it leaves is read by what the product reads the past by."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from camera_hub.demo import theft
from camera_hub.recall.motion.days import day_of
from camera_hub.recall.motion.passing import Passing
from camera_hub.recall.motion.record import Seen
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.settings import load
from registry import recordings
from registry.motion.watch import LATE, unwatched
from registry.recordings import TimelineQuery
from registry.store import Store
from registry.vault import Vault, load_key
from tests.camera_hub.recording.footage import numbers
from tests.camera_hub.watch.county import add_camera, officer, place_village

TZ = ZoneInfo("Asia/Shanghai")


def _stands(still: Still) -> bool:
    """Whether something stands at the stolen one's place: it has edges that the empty road beside it lacks."""
    picture = cv2.imdecode(np.frombuffer(still.data, np.uint8), cv2.IMREAD_GRAYSCALE).astype(float)
    height, width = picture.shape
    rows = slice(int(0.66 * height), int(0.78 * height))
    place, road = (
        picture[rows, int(0.5 * width) : int(0.62 * width)],
        picture[rows, int(0.75 * width) : int(0.9 * width)],
    )
    return float(place.std()) > 2 * float(road.std())


def test_it_was_the_night_before_the_last_one() -> None:
    at = theft.when(datetime(2026, 11, 29, 23, 30, tzinfo=UTC), TZ)
    assert (at.day, at.hour, at.minute) == (29, 2, 17)


async def test_stills_motion_and_footage_tell_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theft, "FILES_BEFORE", 1)
    monkeypatch.setattr(theft, "FILES_AFTER", 1)
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", upgrade=True)
    await place_village(store)
    vault = Vault(load_key(None, tmp_path))
    camera = await add_camera(store, vault, "rtsp://127.0.0.1/1")
    at = theft.when(store.clock(), TZ)
    await theft.tell(store, camera.id)
    left = await theft.lay(store, tmp_path, camera.id, at)

    album, shelf = Album(tmp_path), Shelf(tmp_path, TZ)
    stills = [one for day in album.days() for one in album.read(day, camera.id).stills]
    told = [(one.at < at.timestamp() * 1000, _stands(one)) for one in stills]
    assert len(told) > 6 * 24 * theft.DAYS - 6 * 24
    assert [before for before, _ in told] == [stands for _, stands in told]

    second = int(at.timestamp())
    day = shelf.read(camera.id, day_of(second, TZ))
    assert day is not None
    midnight = int(datetime.combine(day_of(second, TZ), datetime.min.time(), TZ).timestamp())
    around = [one for one in day.seconds if abs(int(one) + midnight - second) < 10]
    assert len(around) > 10, "somebody came, and left with it"
    assert {span.seen for span in day.spans} == {Seen.FULL}
    assert sum(span.until - span.since for span in day.spans) == 24 * 3600

    span, index = (
        (theft.begins(at), store.clock() - LATE),
        Passing(store, shelf, load(None, data_dir=tmp_path).index_days),
    )
    async with store.read() as conn:
        dark = await unwatched(conn, {camera.no: camera.id}, span, store.clock(), index, untold=True)
    assert dark[camera.no] == [], "it was watched all the while"

    access = await officer(store, days=4)
    query = TimelineQuery.model_validate({"from": at - timedelta(hours=1), "to": at + timedelta(hours=1)})
    found = await recordings.timeline(store, access, load(None, data_dir=tmp_path).record_policy, camera.id, query)
    assert (found.spans[0].since, found.spans[-1].until) == left.footage
    files = sorted(tmp_path.glob("recordings/**/*.mp4"))
    assert len(files) == theft.FILES_BEFORE + theft.FILES_AFTER
    assert len(numbers(files[0].read_bytes())) == theft.FILE_S * theft.SHAPE.fps
    await store.close()


async def test_halted_while_it_is_drawn_it_leaves_nothing(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", upgrade=True)
    await place_village(store)
    camera = await add_camera(store, Vault(load_key(None, tmp_path)), "rtsp://127.0.0.1/1")
    drawn = asyncio.Event()
    loop = asyncio.get_running_loop()
    laying = asyncio.create_task(
        theft.lay(
            store,
            tmp_path,
            camera.id,
            theft.when(store.clock(), TZ),
            progress=lambda _: loop.call_soon_threadsafe(drawn.set) and None,
        )
    )
    await drawn.wait()
    laying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(laying, 20)
    assert [path for path in tmp_path.rglob("*") if path.suffix in (".stills", ".log", ".mp4")] == []
    await store.close()
