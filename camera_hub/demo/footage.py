"""Real recordings for the sample cameras: found on this machine, or fetched, each pinned by its SHA-256.

Looked for in this order: the folder `HUB_FOOTAGE` names, where Debian's opencv-doc puts them, the demo's own folder,
the project that published them, and Debian's archive (`apt-get download`, which needs no root). What cannot be had is
told and left out; the cameras then show rendered scenes. Nothing of it is part of this project.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry.errors import Corrupt, Unavailable

_TIMEOUT_S: Final = 15.0
_BLOCK: Final = 1 << 16
_MOST_BYTES: Final = 64 << 20
_OPENCV_DOC = Path("/usr/share/doc/opencv-doc/examples/data")
_INTEL = "https://raw.githubusercontent.com/intel-iot-devkit/sample-videos/master/"
_OPENCV = "https://raw.githubusercontent.com/opencv/opencv/4.6.0/samples/data/"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording somebody else published: what it is called here and elsewhere, and what it must hash to."""

    name: str
    files: tuple[str, ...]
    sha256: str
    licence: str
    title: str
    url: str | None = None
    debian: str | None = None


RECORDINGS: Final = (
    Recording(
        "street",
        ("vtest.avi",),
        "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
        "BSD-3-Clause (OpenCV samples)",
        "people on a street, by day",
        _OPENCV + "vtest.avi",
        "opencv-doc",
    ),
    Recording(
        "lot",
        ("person-bicycle-car-detection.mp4", "intel_person_bicycle_car.mp4"),
        "ff6419d711e39419b00f40f37bf2ea8310319c567a6394c0b03601ec64340bc2",
        "CC BY 4.0 (Intel sample videos)",
        "cars, cyclists and a walker on a parking lot, by day",
        _INTEL + "person-bicycle-car-detection.mp4",
    ),
    Recording(
        "road",
        ("car-detection.mp4", "intel_car_detection.mp4"),
        "d31e0ebf194cc16e50eea784e7c3b0b1bb7976a4fb9b3fec26cb92a6704cca34",
        "CC BY 4.0 (Intel sample videos)",
        "cars from above, by day",
        _INTEL + "car-detection.mp4",
    ),
    Recording(
        "animal",
        ("wildcam_nutria.avi",),
        "098abc2ef34292d9382325a35bb37b1e26a6f87b86f30d7fbe4301905dbe2762",
        "MIT",
        "an animal by infrared light, at night",
    ),
)


def gather(
    folder: Path, *, say: Say, fetch: bool = True, recordings: Sequence[Recording] = RECORDINGS
) -> dict[str, Path]:
    """The recordings that can be had, by name. `folder` keeps what is fetched; `say` gets one line a recording."""
    found: dict[str, Path] = {}
    fetch = fetch and os.environ.get("HUB_FOOTAGE_FETCH", "1") != "0"
    for recording in recordings:
        path = _on_this_machine(recording, folder)
        if path is None and fetch:
            path = _fetched(recording, folder, say)
        if path is None:
            say(f"{recording.title}: not to be had, a rendered scene takes its place")
        else:
            found[recording.name] = path
            say(f"{recording.title}: {path} ({recording.licence})")
    return found


def _on_this_machine(recording: Recording, folder: Path) -> Path | None:
    folders = [Path(named)] if (named := os.environ.get("HUB_FOOTAGE")) else []
    for place in (*folders, _OPENCV_DOC, folder):
        for file in recording.files:
            if (path := place / file).is_file() and _sha256(path) == recording.sha256:
                return path
    return None


def _fetched(recording: Recording, folder: Path, say: Say) -> Path | None:
    path = folder / recording.files[0]
    folder.mkdir(parents=True, exist_ok=True)
    if recording.url is not None:
        say(f"{recording.title}: fetching {recording.url}")
        try:
            download(recording.url, path, recording.sha256)
        except (Unavailable, Corrupt) as err:
            say(err.hint)
        else:
            return path
    if recording.debian is not None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        say(f"{recording.title}: fetching Debian's package {recording.debian}")
        try:
            _from_debian(recording, recording.debian, path)
        except Unavailable as err:
            say(err.hint)
        else:
            return path
    return None


def download(url: str, path: Path, sha256: str) -> None:
    """Fetch `url` to `path`, which appears only whole and with the right hash.

    Raises Unavailable when it cannot be had, Corrupt when it is not what was pinned.
    """
    digest, taken = hashlib.sha256(), 0
    partial = path.with_name(path.name + ".part")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer, partial.open("wb") as file:  # noqa: S310 - pinned
            promised = answer.headers.get("Content-Length")
            while block := answer.read(_BLOCK):
                digest.update(block)
                taken += len(block)
                if taken > _MOST_BYTES:
                    raise Corrupt(f"{url} is larger than any recording pinned here", code="footage_hash")
                file.write(block)
        if promised is not None and taken != int(promised):
            raise Unavailable(f"{url} broke off after {taken} of {promised} bytes; try again", code="footage")
        if digest.hexdigest() != sha256:
            raise Corrupt(f"{url} is not the recording that was pinned (SHA-256 differs)", code="footage_hash")
        partial.replace(path)
    except (OSError, http.client.HTTPException, ValueError) as err:
        raise Unavailable(f"{url} cannot be fetched ({err}); check the network", code="footage") from err
    finally:
        partial.unlink(missing_ok=True)


def _from_debian(recording: Recording, package: str, path: Path) -> None:
    """Take a recording out of a Debian package, unpacked in a temporary folder. Raises Unavailable."""
    with tempfile.TemporaryDirectory(dir=path.parent) as place:
        try:
            subprocess.run(
                ["apt-get", "download", "-q", package], cwd=place, check=True, capture_output=True, timeout=600
            )
            archive = next(Path(place).glob("*.deb"))
            subprocess.run(["dpkg-deb", "-x", archive, "x"], cwd=place, check=True, capture_output=True, timeout=120)
            unpacked = next(Path(place, "x").rglob(recording.files[0]))
        except (OSError, subprocess.SubprocessError, StopIteration) as err:
            raise Unavailable(f"Debian's package {package} cannot be fetched ({err})", code="footage") from err
        if _sha256(unpacked) != recording.sha256:
            raise Unavailable(f"Debian's package {package} holds another recording than was pinned", code="footage")
        shutil.move(unpacked, path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
