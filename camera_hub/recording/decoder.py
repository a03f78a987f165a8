"""The process that hands recorded video to FFmpeg: pictures of keyframes, and clips. It may crash or hang without harm.

What a camera sent is hostile input, and a decoder is a large target: so it runs with bounds on memory and file size,
without the database, the hub's key or its settings. It lives on, so that the next picture does not wait for its start.
It first says that it is up. Requests come on standard input and answers go to standard output, each a message of
`camera_hub.recording.wire`; it ends when its input does.
"""

from __future__ import annotations

import io
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import av
import av.error
import av.logging

from camera_hub.recording import cutting, wire
from registry.errors import Conflict, HubError, NotFound

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

MEMORY_BYTES = 1 << 30
FILE_BYTES = 4 << 30
QUALITY = 4
"""FFmpeg's scale for JPEG: 2 is best, 31 worst."""

_IMAGES = {b"\xff\xd8\xff": "jpeg_pipe", b"\x89PNG\r\n\x1a\n": "png_pipe"}
_MOST_PIXELS = 50_000_000

av.logging.set_level(None)


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def picture(data: bytes, width: int | None) -> bytes:
    """The first picture of a piece of MP4 as JPEG, `width` pixels wide and never larger than it is.

    Raises NotFound where nothing can be decoded.
    """
    try:
        with cast("InputContainer", av.open(io.BytesIO(data), format="mp4")) as container:
            stream = container.streams.video[0]
            stream.thread_type = "NONE"
            frame = next(container.decode(stream))
        return _jpeg(frame, min(width or frame.width, frame.width))
    except (av.error.FFmpegError, IndexError, StopIteration, ValueError) as err:
        raise NotFound("this picture cannot be decoded", code="segment_damaged") from err


def image(data: bytes, width: int) -> bytes:
    """A JPEG or PNG that somebody sent, made anew as JPEG, `width` pixels wide at most: nothing but its pixels stays.

    Raises Conflict for anything else, and for more than 50 megapixels.
    """
    none = Conflict("this is no picture; take a JPEG or PNG", code="picture_unreadable")
    form = next((form for magic, form in _IMAGES.items() if data.startswith(magic)), None)
    if form is None:
        raise none
    try:
        with cast("InputContainer", av.open(io.BytesIO(data), format=form)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "NONE"
            frame = None if stream.width * stream.height > _MOST_PIXELS else next(container.decode(stream))
        if frame is not None:
            return _jpeg(frame, min(width, frame.width))
    except (av.error.FFmpegError, IndexError, StopIteration, ValueError) as err:
        raise none from err
    raise none


def _jpeg(frame: VideoFrame, width: int) -> bytes:
    width = max(width & ~1, 2)
    height = max(round(frame.height * width / frame.width) & ~1, 2)
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = cutting.TICK
    encoder.options = {"qmin": str(QUALITY), "qmax": str(QUALITY)}
    scaled = frame.reformat(width, height, "yuvj420p")
    scaled.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(scaled), *encoder.encode(None)))


def _do(request: wire.Message, answers: BinaryIO) -> None:
    head = request.head
    if head["do"] == "picture":
        wire.write(answers, wire.Message({"over": True}, picture(request.body, head["width"])))
        return
    if head["do"] == "image":
        wire.write(answers, wire.Message({"over": True}, image(request.body, head["width"])))
        return
    for done in cutting.cut(cutting.Order.read(head["order"]), Path(head["file"])):
        wire.write(answers, wire.Message({"step": done} if isinstance(done, int) else {**done, "over": True}))


def main() -> None:
    """Answer until nobody asks any more."""
    _bound()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    wire.write(answers, wire.Message({"over": True}))
    while (request := wire.read(asked)) is not None:
        try:
            _do(request, answers)
        except HubError as error:
            refused = {"refused": error.code, "kind": type(error).__name__, "hint": error.hint}
            wire.write(answers, wire.Message({**refused, "params": dict(error.params), "over": True}))


if __name__ == "__main__":
    main()
