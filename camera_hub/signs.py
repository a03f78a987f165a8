"""Photos of the signs that hang at cameras: made small, stripped of what a phone adds to them, and kept.

A photo comes from a phone on site: it is a JPEG with a place and a device's number in it. It is decoded and encoded
anew, so that neither stays, nor anything else that is no picture.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import cv2
import numpy as np
from uuid_utils.compat import uuid7

from camera_hub.media import Media, encode_jpeg, sign_key
from registry import placement
from registry.errors import HubError, Invalid
from registry.model import Actor
from registry.placement import Placement, SignFile
from registry.scope import of_actor
from registry.store import Store

MOST_BYTES = 8 * 2**20
"""Of a photo as it comes; a phone's have 2 to 6 MB."""
MOST_PIXELS = 64_000_000
"""What it may unfold to: 200 MB of memory."""
LONGEST = 1600
"""Pixels of the longer side as it is kept: the text of a sign is read in it."""
_MARK = 0xFF
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset(range(0xD0, 0xDA)) | {0x01}


@dataclass(frozen=True, slots=True)
class Signs:
    """Keeps photos of signs on `node`."""

    store: Store
    media: Media
    node: str

    async def put(self, camera_id: UUID, photo: bytes, actor: Actor) -> Placement:
        """Keep a photo (JPEG) of a camera's sign; the one before it goes.

        Raises Invalid for what is no such picture, NotFound outside the actor's scope, Unavailable for a full disk.
        """
        await placement.get(self.store, camera_id, of_actor(actor))
        small = await asyncio.to_thread(_small, photo)
        new = SignFile(self.node, sign_key(uuid7(), self.store.clock()), len(small))
        await asyncio.to_thread(self.media.put, new.key, small)
        try:
            made, before = await placement.keep_sign(self.store, camera_id, new, actor)
        except HubError:
            await asyncio.to_thread(self.media.delete, [new.key])
            raise
        if before is not None and before.node == self.node:
            await asyncio.to_thread(self.media.delete, [before.key])
        return made


def _small(photo: bytes) -> bytes:
    width, height = _size(photo)
    if width * height > MOST_PIXELS:
        raise _wrong("sign_too_large", f"the photo has {width} × {height} pixels; send one of at most 64 million")
    picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise _wrong("sign_picture", "the photo cannot be read; take it again")
    share = LONGEST / max(picture.shape[:2])
    if share < 1:
        picture = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return encode_jpeg(np.ascontiguousarray(picture[:, :, ::-1], dtype=np.uint8))


def _size(photo: bytes) -> tuple[int, int]:
    """Width and height a JPEG (ISO/IEC 10918-1, B.2) claims, read before anything is unfolded. Raises Invalid."""
    at = 2 if photo.startswith(b"\xff\xd8") else len(photo)
    while at + 9 <= len(photo) and photo[at] == _MARK:
        marker = photo[at + 1]
        if marker in _START_OF_FRAME:
            return int.from_bytes(photo[at + 7 : at + 9]), int.from_bytes(photo[at + 5 : at + 7])
        at += 1 if marker == _MARK else 2 if marker in _ALONE else 2 + int.from_bytes(photo[at + 2 : at + 4])
    raise _wrong("sign_jpeg", "send the photo as JPEG")


def _wrong(code: str, hint: str) -> Invalid:
    return Invalid(hint, code=code)
