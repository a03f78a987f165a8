"""Hubs with their API, one after another, each of which ends itself by SIGKILL at the n-th thing it does to the disk.

Run as `python -m tests.fused_hub DATA_DIR`. A line on standard input, `N` or `N watch`, begins a hub in a process of its
own (a fork: the program is loaded once); it says its process and address, and counts from SIGUSR1 on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from api import make_app
from camera_hub import observe
from camera_hub.hub import Hub
from camera_hub.settings import Settings
from tests import fuse


async def live(data_dir: Path, at: int, *, watch: bool) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, fuse.light, at)
    async with Hub.running(Settings(data_dir=data_dir, workers=1, min_free_gb=0), watch=watch) as hub:
        runner = web.AppRunner(make_app(hub), access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        os.write(1, f"{os.getpid()} http://127.0.0.1:{runner.addresses[0][1]}\n".encode())
        await asyncio.Event().wait()


def main() -> None:
    observe.configure("error")
    while words := os.read(0, 100).decode().split():
        if (child := os.fork()) == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            asyncio.run(live(Path(sys.argv[1]), int(words[0]), watch="watch" in words))
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
