"""One pull has a stream at a time, however fast orders follow on each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from camera_hub.live.endpoint import Endpoint
from camera_hub.watch.camera import Gate, Ways
from camera_hub.watch.main_stream import LINGER_S, MainStreams
from camera_hub.watch.pull import Gauge, Opened, Said
from camera_hub.watch.watches import Watches
from registry.model import Reason, State, StatusChange
from registry.orders import WatchOrder
from tests.camera_hub.watch.test_camera import ORDER
from tests.camera_hub.watch.virtual import run

MAIN = replace(ORDER, main_url="rtsp://camera/0")
SLOW_S = 20.0
"""A silent camera lets its thread go only when its source gives up."""


class Pulls:
    """Counts the pulls that overlap."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.orders: list[WatchOrder] = []
        self.told: list[StatusChange] = []

    async def pull(self, order: WatchOrder, _gauge: Gauge, hear: Callable[[Said], None]) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        self.orders.append(order)
        hear(Opened())
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(SLOW_S)
            self.now -= 1

    async def knock(self, _url: str) -> None:
        """Somebody answers."""

    def tell(self, message: object) -> None:
        assert isinstance(message, StatusChange)
        self.told.append(message)

    @property
    def ways(self) -> Ways:
        return Ways(knock=self.knock, pull=self.pull, tell=self.tell, monotonic=asyncio.get_running_loop().time)


async def _orders_of_a_camera(pulls: Pulls) -> None:
    watches = Watches(pulls.ways, Gate())
    watches.start(ORDER)
    await asyncio.sleep(1)
    for revision in (1, 2, 3):
        ended = watches.stop(ORDER.camera_id)
        watches.start(replace(ORDER, scene_revision=revision), after=[ended] if ended else [])
        await asyncio.sleep(1)
    await asyncio.sleep(SLOW_S)
    assert [one.scene_revision for one in pulls.orders] == [0, 3]
    await asyncio.wait(watches.end())


async def _orders_of_a_main_stream(pulls: Pulls) -> None:
    live = Endpoint(lambda camera_id, _: mains.wanted(camera_id))
    mains = MainStreams(pulls.ways, Gate(), live)
    mains.follow(MAIN, None)
    live.tap(MAIN.camera_id, "main").join(lambda _: None)
    await asyncio.sleep(1)
    for number in (1, 2, 3):
        mains.follow(replace(MAIN, main_url=f"rtsp://camera/0/{number}"), None)
        await asyncio.sleep(1)
    await asyncio.sleep(SLOW_S)
    assert [one.url for one in pulls.orders] == ["rtsp://camera/0", "rtsp://camera/0/3"]
    await asyncio.wait(mains.end())


async def _a_main_stream_that_is_left_just_then(pulls: Pulls) -> None:
    live = Endpoint(lambda camera_id, _: mains.wanted(camera_id))
    mains = MainStreams(pulls.ways, Gate(), live)
    mains.follow(MAIN, None)
    tap = live.tap(MAIN.camera_id, "main")
    tap.join(print)
    await asyncio.sleep(1)
    tap.leave(print)
    await asyncio.sleep(LINGER_S + 1)
    assert pulls.now == 1, "it is being let go"
    mains.follow(replace(MAIN, main_url="rtsp://camera/0/1"), None)
    tap.join(print)
    await asyncio.sleep(1)
    assert pulls.now == 1
    await asyncio.sleep(SLOW_S)
    assert len(pulls.orders) == 2
    await asyncio.wait(mains.end())


@pytest.mark.parametrize(
    "story", [_orders_of_a_camera, _orders_of_a_main_stream, _a_main_stream_that_is_left_just_then]
)
def test_a_pull_begins_when_the_one_before_has_let_go(story: Callable[[Pulls], Awaitable[None]]) -> None:
    async def told() -> None:
        pulls = Pulls()
        await story(pulls)
        assert (pulls.most, pulls.now) == (1, 0)

    run(told())


def test_a_camera_whose_address_stayed_keeps_its_wait() -> None:
    async def story() -> None:
        pulls = Pulls()
        watches = Watches(pulls.ways, Gate())
        watches.start(ORDER)
        before = watches.of(ORDER.camera_id)
        assert before is not None
        before.retry_at = 30.0
        ended = watches.stop(ORDER.camera_id)
        assert ended is not None
        watches.start(replace(ORDER, name="Other"), after=[ended], before=before)
        await asyncio.sleep(29)
        assert not pulls.orders
        await asyncio.sleep(2)
        assert len(pulls.orders) == 1
        watches.stop(ORDER.camera_id)
        watches.start(replace(ORDER, url="rtsp://camera/2"), before=before)
        await asyncio.sleep(0.5)
        assert len(pulls.orders) == 2
        await asyncio.wait(watches.end())
        watches.halt(ORDER, Reason.DISABLED)
        assert (pulls.told[-1].state, pulls.told[-1].reason) == (State.IDLE, Reason.DISABLED)

    run(story())
