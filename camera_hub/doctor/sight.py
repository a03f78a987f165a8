"""Whether this machine can see: decode both codecs, and run the detector."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from camera_hub import detector
from camera_hub.doctor.finding import Finding, fault, good, warning
from camera_hub.settings import Settings
from camera_hub.stream import sample
from registry.errors import HubError, Invalid

CALLS = 5
SLOW_MS = 100.0


async def h264(_settings: Settings) -> Finding:
    """Decode a small H.264 stream made on the spot."""
    return await _codec("h264", "H.264")


async def h265(_settings: Settings) -> Finding:
    """Decode a small H.265 stream made on the spot."""
    return await _codec("hevc", "H.265")


async def _codec(codec: str, name: str) -> Finding:
    try:
        frames, took_ms = await asyncio.to_thread(sample.decode, codec)
    except HubError as err:
        todo = "pip install --force-reinstall av: its wheel brings FFmpeg with both codecs"
        return fault(codec, f"{name} cannot be decoded: {err.hint}", todo)
    return good(codec, f"{name}: {frames} pictures, {took_ms / frames:.1f} ms each at 640x360")


async def model(settings: Settings) -> Finding:
    """Load the detector the settings name and ask it."""
    try:
        took, name = await asyncio.to_thread(_ask, settings)
    except (Invalid, OSError, ImportError) as err:
        todo = "correct model.path and model.format, or leave them empty for the bundled model"
        return fault("model", f"the detector does not load: {err}", todo)
    said = f"{name}: {took:.0f} ms a look, {settings.detector_rate:g} looks a second and worker"
    if took * settings.detector_rate > 1000:  # noqa: PLR2004 - milliseconds of a second
        return fault("model", said, f"it cannot keep up: set detector_rate to {900 / took:.1f}, or use a smaller model")
    if took > SLOW_MS:
        return warning("model", said, "slow: a smaller model, or a faster processor")
    return good("model", said)


def _ask(settings: Settings) -> tuple[float, str]:
    """Milliseconds of a look, the best of a few, and the model's name."""
    loaded = detector.load(settings)
    picture = np.full((288, 512, 3), 114, dtype=np.uint8)
    took = []
    for _ in range(CALLS):
        began = time.perf_counter()
        loaded.detect(picture)
        took.append((time.perf_counter() - began) * 1000)
    return min(took), loaded.name
