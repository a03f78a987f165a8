"""A pull's thread, seen from the loop: started, listened to, and waited for when it is to end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

from camera_hub.live.tap import Tap
from camera_hub.watch.pull import Gauge, Parts, Said, pull
from registry.orders import WatchOrder


async def in_thread(
    order: WatchOrder,
    parts: Parts,
    gauge: Gauge,
    hear: Callable[[Said], None],
    tap: Tap,
    *,
    work: Callable[..., None] = pull,
) -> None:
    """Run `work` (`pull`, or what is called like it) in a thread; what it says is heard on the loop.

    Cancelling stops it and waits for the thread's end.
    """
    loop = asyncio.get_running_loop()
    stop = threading.Event()
    ended: asyncio.Future[None] = loop.create_future()

    def end(error: BaseException | None) -> None:
        if error is None:
            ended.set_result(None)
        else:
            ended.set_exception(error)

    def post(said: Said) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
            loop.call_soon_threadsafe(hear, said)

    def body() -> None:
        error: BaseException | None = None
        try:
            work(order, parts, stop, gauge=gauge, post=post, tap=tap)
        except BaseException as err:  # noqa: BLE001 - a thread's root: whatever happened is raised on the loop
            error = err
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(end, error)

    threading.Thread(target=body, name=f"camera-{order.camera_no}", daemon=True).start()
    try:
        await asyncio.shield(ended)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([ended])
        ended.exception()
        raise
