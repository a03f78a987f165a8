"""The RTSP server of the sample cameras where GStreamer is not to be had: aio-rtsp-toolkit, without authentication.

Speaks on stdin and stdout as gst_server does. Each client plays the clip for ever from its start; the toolkit carries
the timestamps on at the wrap.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
from aio_rtsp_toolkit.server import RtspServer

from camera_hub.demo.clip import read, read_head

# The toolkit holds a thread for every client; asyncio's default of a few would leave the others waiting.
_CLIENTS = 512


def remux(clip: Path, movie: Path) -> None:
    """Write a clip as MP4, which is what the toolkit serves."""
    head = read_head(clip)
    units = list(read(clip))
    whole = io.BytesIO(b"".join(unit for _, unit in units))
    with av.open(whole, format=head.codec) as source, av.open(str(movie), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, (keyframe, unit) in enumerate(units):
            packet = av.Packet(unit)
            packet.stream = stream
            packet.time_base = Fraction(1, round(head.fps))
            packet.pts = packet.dts = number
            packet.duration = 1
            packet.is_keyframe = keyframe
            target.mux(packet)


async def serve(order: dict[str, Any], folder: Path, answers: IO[str]) -> None:
    """Serve until stdin closes."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_CLIENTS))
    movies: dict[str, Path] = {}
    for mount in order["mounts"]:
        movie = folder / f"{mount['path'].strip('/')}.mp4"
        movie.parent.mkdir(parents=True, exist_ok=True)
        if mount["clip"] in movies:
            os.link(movies[mount["clip"]], movie)
        else:
            remux(Path(mount["clip"]), movie)
            movies[mount["clip"]] = movie
    server = RtspServer(str(folder), order["address"], 0)
    await server.start()
    port = server._server.sockets[0].getsockname()[1]  # noqa: SLF001 - it tells the port in no other way
    answers.write(json.dumps({"none": port}) + "\n")
    answers.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    # Not server.close(): it waits for clients that have no reason to go.
    os._exit(0)


def main() -> None:
    """Read the order, answer with the port, serve."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - the toolkit logs there, and nobody reads the pipe
    order = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory(prefix="hub-samples-") as folder:
        asyncio.run(serve(order, Path(folder), answers))


if __name__ == "__main__":
    main()
