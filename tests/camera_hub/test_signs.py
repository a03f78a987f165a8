"""Photos of signs: what a phone sends is made small and clean; what is no photo is refused before it unfolds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_hub.media import Media, encode_jpeg
from camera_hub.signs import Signs
from registry import placement
from registry.errors import Invalid, NotFound, Unavailable
from registry.model import Camera
from registry.placement import SignFile
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.watch.county import add_camera, place_village

PHOTO = encode_jpeg(np.full((3000, 2000, 3), 90, np.uint8))
PLACE_OF_THE_PHONE = b"\xff\xe1\x00\x0fExif\x00\x00GPS45.5"


@pytest.fixture
async def store(registry_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(registry_url)
    yield opened
    await opened.close()


@pytest.fixture
async def camera(store: Store) -> Camera:
    await place_village(store)
    return await add_camera(store, Vault(bytes(32)), "rtsp://127.0.0.1/1")


async def put(store: Store, media: Media, camera: Camera, photo: bytes) -> placement.Placement:
    return await Signs(store, media, "hub").put(camera.id, photo, CONSOLE)


async def test_a_photo_is_kept_small_and_without_what_the_phone_wrote_and_takes_the_last_ones_place(
    store: Store, camera: Camera, tmp_path: Path
) -> None:
    media = Media(tmp_path, 0, 10**9)
    made = await put(store, media, camera, PHOTO[:2] + PLACE_OF_THE_PHONE + PHOTO[2:])
    assert made.has_sign
    (key,) = media.keys()
    kept = media.path(key).read_bytes()
    assert cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_COLOR).shape == (1600, 1067, 3)
    assert b"GPS45.5" not in kept
    await put(store, media, camera, PHOTO)
    (newer,) = media.keys()
    assert newer != key
    assert await placement.sign_of(store, camera.id, EVERYTHING) == SignFile(
        "hub", newer, len(media.path(newer).read_bytes())
    )


def claims(width: int, height: int) -> bytes:
    """The photo with another size in its frame header."""
    at = PHOTO.index(b"\xff\xc0")
    return PHOTO[: at + 5] + height.to_bytes(2) + width.to_bytes(2) + PHOTO[at + 9 :]


@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (b"", "sign_jpeg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "sign_jpeg"),
        (b"<svg/>", "sign_jpeg"),
        (PHOTO[:150], "sign_jpeg"),
        (b"\xff\xd8" + b"\xff" * 1000, "sign_jpeg"),
        (claims(65_000, 65_000), "sign_too_large"),
        (PHOTO[: PHOTO.index(b"\xff\xc0") + 19], "sign_picture"),
    ],
)
async def test_what_is_no_photo_is_refused_and_leaves_nothing(
    store: Store, camera: Camera, tmp_path: Path, photo: bytes, code: str
) -> None:
    media = Media(tmp_path, 0, 10**9)
    with pytest.raises(Invalid) as refused:
        await put(store, media, camera, photo)
    assert refused.value.code == code
    assert list(media.keys()) == []


async def test_a_full_disk_and_a_camera_that_is_gone_leave_no_file(
    store: Store, camera: Camera, tmp_path: Path
) -> None:
    full = Media(tmp_path, 10**6, 10**9, free=lambda _: 10)
    with pytest.raises(Unavailable):
        await put(store, full, camera, PHOTO)
    media = Media(tmp_path, 0, 10**9)
    gone = Camera(**{**{name: getattr(camera, name) for name in Camera.__dataclass_fields__}, "id": camera.device_id})
    with pytest.raises(NotFound):
        await put(store, media, gone, PHOTO)
    assert list(media.keys()) == []
