import asyncio
from typing import Any

from camera_hub.feed import Feed, Lost


async def test_everyone_who_listens_hears_in_order() -> None:
    feed: Any = Feed()
    with feed.subscribe() as one, feed.subscribe() as other:
        feed.publish([1, 2])
        assert [await one.get(), await one.get()] == [1, 2]
        assert [await other.get(), await other.get()] == [1, 2]
    feed.publish([3])


async def test_a_slow_listener_loses_the_oldest_and_is_told() -> None:
    feed: Any = Feed()
    with feed.subscribe(limit=3) as slow, feed.subscribe() as quick:
        feed.publish(range(10))
        assert await slow.get() == Lost(7)
        assert [await slow.get() for _ in range(3)] == [7, 8, 9]
        assert [await quick.get() for _ in range(10)] == list(range(10))


async def test_get_waits() -> None:
    feed: Any = Feed()
    with feed.subscribe() as one:
        waiting = asyncio.ensure_future(one.get())
        await asyncio.sleep(0)
        assert not waiting.done()
        feed.publish(["now"])
        assert await waiting == "now"
