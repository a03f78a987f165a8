"""What the sample cameras' places ask for: basis, purpose, checklist, filings, and photos of signs, drawn.

Numbers and units are made up. One camera is not filed yet and still has its days.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import cv2
import numpy as np

from camera_hub.demo.county import CAMERAS, Memory
from camera_hub.media import encode_jpeg
from camera_hub.signs import Signs
from registry import placement
from registry.errors import NotFound
from registry.inputs import parse
from registry.placement import FilingState, Lack, PlacementChange
from registry.scope import EVERYTHING
from registry.users import CONSOLE

PURPOSE = "维护公共安全，预防和查处村屯治安案件"
SIGN_TEXT = "您已进入公共安全视频图像采集区域"
NOT_FILED = "hanshu-shop"


async def complete(signs: Signs, memory: Memory) -> None:
    """Tell all that is asked of the sample cameras, once; one that was removed by hand stays as it is."""
    if "paperwork" in memory.made:
        return
    store = signs.store
    filed_on = (store.clock() - timedelta(days=3)).astimezone(store.tz).date()
    for number, one in enumerate(CAMERAS, start=1):
        try:
            camera_id = UUID(memory.made[one.slug])
            asked = await placement.get(store, camera_id, EVERYTHING)
        except (KeyError, NotFound):
            continue
        told: dict[str, Any] = {
            "basis": asked.bases[0], "purpose": PURPOSE, "answers": dict.fromkeys(asked.forbidden, False),
            "sign_text": SIGN_TEXT,
        }  # fmt: skip
        if one.slug != NOT_FILED and asked.filing is not FilingState.NOT_NEEDED:
            told |= {"filing_no": f"演示备〔2026〕{number:03d}", "filed_on": filed_on}
        await placement.change(store, camera_id, parse(PlacementChange, told), CONSOLE)
        if Lack.SIGN in asked.lacks:
            await signs.put(camera_id, await asyncio.to_thread(board, number), CONSOLE)
    memory.made["paperwork"] = "complete"
    memory.keep()


def board(number: int) -> bytes:
    """A JPEG of a blue board with a camera on it, on a pole before a wall; each is a little different."""
    wall = np.random.default_rng(number).normal(150, 6, (480, 640, 1))
    picture = np.clip(wall + (number * 7) % 40, 0, 255).astype(np.uint8).repeat(3, axis=2)
    cv2.rectangle(picture, (310, 330), (330, 480), (110, 112, 116), -1)
    cv2.rectangle(picture, (140, 90), (500, 340), (245, 245, 245), -1)
    cv2.rectangle(picture, (150, 100), (490, 330), (20, 70, 160), -1)
    cv2.rectangle(picture, (220, 160), (370, 240), (245, 245, 245), -1)
    cv2.fillPoly(picture, [np.array([[370, 185], [425, 155], [425, 245], [370, 215]], np.int32)], (245, 245, 245))
    cv2.putText(
        picture, f"CCTV {number:02d}", (245, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (245, 245, 245), 2, cv2.LINE_AA
    )
    return encode_jpeg(picture)
