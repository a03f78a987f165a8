"""A worker process: `python -m camera_hub.watch.worker`, started by the hub, never by hand.

It watches its share of the cameras and nothing else. Its life hangs on its standard input: when that closes, the hub is
gone and the worker ends within seconds. Heartbeats go out on standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
import sys
import threading
import time

import cv2

from camera_hub import observe
from camera_hub.settings import Settings
from camera_hub.stream import reach
from camera_hub.watch.job import Job
from camera_hub.watch.share import LAST_WORDS_S, Share
from registry.errors import HubError

_log = observe.log("worker")


def _hold_lock(settings: Settings) -> int:
    """Shared by all workers of a data directory while they live: a new hub waits until the old ones have let go."""
    descriptor = os.open(settings.data_dir / "workers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _die_with_the_hub(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait in a thread until standard input closes, then end the process, if need be by force."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        with contextlib.suppress(RuntimeError):  # the loop is closed: already ending
            loop.call_soon_threadsafe(stop.set)
        time.sleep(LAST_WORDS_S + 4)
        os._exit(3)

    threading.Thread(target=wait, name="hub", daemon=True).start()


async def _work(job: Job, settings: Settings, heartbeat: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    _die_with_the_hub(loop, stop)
    await Share(job, settings, heartbeat).run(stop)


def main() -> int:
    """Read the job from standard input and work until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the hub ends us in its own order
    heartbeat = os.dup(1)
    os.set_blocking(heartbeat, False)
    os.dup2(2, 1)  # whatever prints must not end in the heartbeats
    with os.fdopen(os.dup(0), "rb", buffering=0) as pipe:
        line = pipe.readline()
    try:
        job = Job.read(line)
        settings = job.read_settings()
        reach.confine(settings.allowed_networks)
        observe.configure(settings.log_level, process=f"worker-{job.slot}")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        cv2.setNumThreads(1)  # many cameras share the cores; one camera must not take them all
        lock = _hold_lock(settings)
        _log.info("worker_up", slot=job.slot, slots=job.slots, lock=lock)
        asyncio.run(_work(job, settings, heartbeat))
    except HubError as err:
        _log.error("worker_cannot_start", code=err.code, error=err.hint)
        return 2
    except Exception:  # noqa: BLE001 - a process's root: say why it ends
        _log.exception("worker_broke")
        return 1
    _log.info("worker_down")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Camera threads may still sit in a silent source; the interpreter would wait for FFmpeg to let go.
    os._exit(code)
