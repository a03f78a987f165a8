"""`run_until_told`: what a signal, and what a failure of its caller, make of a hub that just came up."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from camera_hub.cli.serve import run_until_told
from camera_hub.hub import Hub
from camera_hub.lock import locked
from camera_hub.settings import load
from registry.errors import Invalid


async def test_told_to_stop_while_its_caller_still_prepares_it_stops(tmp_path: Path) -> None:
    ended = []

    async def ready(address: str, hub: Hub) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.sleep(600)
        finally:
            ended.append(address)

    await asyncio.wait_for(run_until_told(load(None, data_dir=tmp_path, port=0), watch=False, ready=ready), 30)
    assert len(ended) == 1
    with locked(tmp_path):
        pass


async def test_what_its_caller_raises_ends_it(tmp_path: Path) -> None:
    async def ready(address: str, hub: Hub) -> None:
        raise Invalid("no county")

    with pytest.raises(Invalid, match="no county"):
        await run_until_told(load(None, data_dir=tmp_path, port=0), watch=False, ready=ready)
    with locked(tmp_path):
        pass
