"""The process that hands video to FFmpeg: pictures of keyframes, clips, what was sent in. It may crash without harm.

What a camera sent is hostile input, and a decoder is a large target: so it runs with bounds on memory and file size,
without the database, the hub's key or its settings. It lives on, so that the next picture does not wait for its start.
It first says that it is up. Requests come on standard input and answers go to standard output, each a message of
`camera_hub.recording.wire`; it ends when its input does.
"""

from __future__ import annotations

import hashlib
import io
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import av
import av.error
import av.logging
import numpy as np

from camera_hub.recording import cutting, examining, wire
from registry.errors import Conflict, HubError, NotFound

if TYPE_CHECKING:
    from fractions import Fraction

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


def frame(data: bytes, at_us: int) -> wire.Message:
    """The picture that is shown at a moment of a piece of MP4, in microseconds of its track, as JPEG in full size.

    The head tells when its showing began (`pts_us`), its size, and SHA-256 over what was decoded: H.264 and H.265 say
    each pixel, so whoever decodes the same frame gets the same. Raises NotFound where nothing can be decoded.
    """
    best = None
    try:
        with cast("InputContainer", av.open(io.BytesIO(data), format="mp4")) as container:
            stream = container.streams.video[0]
            stream.thread_type = "NONE"
            for one in container.decode(stream):
                if best is None or (_us(one) <= at_us and _us(one) >= _us(best)):
                    best = one
        jpeg = b"" if best is None else _jpeg(best, best.width)
    except (av.error.FFmpegError, IndexError, ValueError) as err:
        raise NotFound("this picture cannot be decoded", code="segment_damaged") from err
    if best is None:
        raise NotFound("this picture cannot be decoded", code="segment_damaged")
    head = {"pts_us": _us(best), "digest": pixels_digest(best), "width": best.width, "height": best.height}
    return wire.Message({**head, "over": True}, jpeg)


def moment(file: Path, at_ms: int) -> wire.Message:
    """The frame of a file that somebody sent in, `at_ms` after its first one: as `frame` tells one of a recording."""
    found = examining.moment(file, at_ms)
    if found is None:
        raise NotFound("this picture cannot be decoded", code="segment_damaged")
    at_us, one = found
    head = {"pts_us": at_us, "digest": pixels_digest(one), "width": one.width, "height": one.height}
    return wire.Message({**head, "over": True}, _jpeg(one, one.width))


def _us(one: VideoFrame) -> int:
    return round((one.pts or 0) * cast("Fraction", one.time_base) * 1_000_000)


def pixels_digest(one: VideoFrame) -> str:
    """SHA-256 over a decoded picture: its format and size in a line, then its planes, rows without padding."""
    form = one.format
    told = hashlib.sha256(f"{form.name} {one.width}x{one.height}\n".encode())
    for number, plane in enumerate(one.planes):
        row = plane.width * (form.components[number].bits + 7) // 8
        view = memoryview(plane)
        for line in range(plane.height):
            told.update(view[line * plane.line_size : line * plane.line_size + row])
    return told.hexdigest()


def crop(data: bytes, part: Sequence[float], width: int, *, grey: bool) -> bytes:
    """A part (x0, y0, x1, y1 in shares) of the first picture of a piece of MP4, as JPEG; empty where there is none.

    `grey`: as so many rows of so many grey levels instead, for who computes with them and decodes nothing himself.
    """
    try:
        with cast("InputContainer", av.open(io.BytesIO(data), format="mp4")) as container:
            stream = container.streams.video[0]
            stream.thread_type = "NONE"
            frame = next(container.decode(stream))
        x0, y0, x1, y1 = part
        left, top = min(int(x0 * frame.width), frame.width - 2), min(int(y0 * frame.height), frame.height - 2)
        right, low = max(round(x1 * frame.width), left + 2), max(round(y1 * frame.height), top + 2)
        pixels = np.ascontiguousarray(frame.to_ndarray(format="rgb24")[top:low, left:right], np.uint8)
        cut = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        if grey:
            return cut.reformat(width, width, "gray").to_ndarray().tobytes()
        return _jpeg(cut, min(width, cut.width))
    except (av.error.FFmpegError, IndexError, StopIteration, ValueError):
        return b""


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
    width = max(min(width, frame.width) & ~1, 2)
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
    if head["do"] == "frame":
        wire.write(answers, frame(request.body, head["at_us"]))
        return
    if head["do"] == "moment":
        wire.write(answers, moment(Path(head["file"]), head["at_ms"]))
        return
    if head["do"] == "crops":
        pieces = wire.split(request.body, head["sizes"])
        found = [crop(piece, head["part"], head["width"], grey=head["grey"]) for piece in pieces]
        wire.write(answers, wire.Message({"sizes": [len(one) for one in found], "over": True}, b"".join(found)))
        return
    if head["do"] == "image":
        wire.write(answers, wire.Message({"over": True}, image(request.body, head["width"])))
        return
    if head["do"] == "examine":
        for told, taken in examining.examine(Path(head["file"]), _jpeg):
            over = {"over": True} if "verdict" in told else {}
            wire.write(answers, wire.Message({**told, **over}, taken))
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
