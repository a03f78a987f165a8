"""One camera's pull: a blocking function in a thread of its own, from packets to events.

Thread and loop contract
- `pull` runs in a thread that belongs to one camera. It owns the source, the decoder and the pipeline; nobody else
  touches them. It may block: in the source for up to its limits, on the disk while a picture is synced.
- It talks to the loop only through `post`, which is `loop.call_soon_threadsafe` underneath, through `Gauge`, whose
  fields it alone writes and the loop may read at any time, and through the camera's `Tap`, from which live viewers draw
  (`camera_hub.live.tap` says how). A packet goes to the tap before it is decoded: a viewer does not wait for analysis.
  Of a masked camera the tap gets what was decoded, masked and encoded anew, and nothing else.
- The loop talks to it only through `stop`. It is looked at with every packet; a source that is silent ends by its own
  stall limit. After `stop` no picture is written, what is open is closed, and the function returns.
- It ends by returning (stopped, or a file is over) or by raising a StreamError kind; retry is the loop's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from camera_hub.live.tap import Still, Tap
from camera_hub.media import Media, encode_jpeg, snapshot_key
from camera_hub.observe import log
from camera_hub.recall.motion.noting import Noting
from camera_hub.recall.motion.record import Record
from camera_hub.recall.stills.taking import Sampler, StillWriter
from camera_hub.stream.decode import Decoder, Tier, tier_for
from camera_hub.stream.encode import PARAMS as ENCODED
from camera_hub.stream.packet import Frame, Packet, Source, StreamParams
from camera_hub.stream.reach import USUAL, Limits
from camera_hub.stream.source import open_source
from camera_hub.stream.wall import WallTime
from camera_hub.watch.inference import Asks
from camera_hub.watch.masked import Masked
from camera_hub.watch.pipeline import Occurrence, Pipeline
from camera_hub.watch.scene import masks_of
from detectors.cells import blind
from detectors.geometry import masked_cells
from detectors.motion import COLUMNS, ROWS
from detectors.picture import PictureJudge
from detectors.viewpoint import Viewpoint
from registry.errors import Unavailable
from registry.model import Box, EventChange, PictureFault
from registry.orders import WatchOrder

GOPS_MEASURED = 3
"""Keyframe distances looked at before a camera ordered to `keyframes` may leave out the frames between."""

_log = log("pull")


@dataclass(frozen=True, slots=True)
class Opened:
    """The camera answered and lets us play; no packet yet."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The first decoded picture, or the first of another size."""

    codec: str
    width: int
    height: int


Said = Opened | Picture | EventChange


@dataclass(slots=True)
class Gauge:
    """How a pull is doing. Written by its thread, read by the loop; `received` is the monotonic clock in seconds.

    `judge` and `view` are for the threads of one camera's pulls alone, one after the other: what its picture usually
    shows, and where it looks; `turned_at` is since when it may look there, None where it is not known to have been
    turned.
    """

    frames: int = 0
    received: float | None = None
    seen_at: datetime | None = None
    fps: float | None = None
    media_ok: bool = True
    picture: PictureFault | None = None
    judge: PictureJudge | None = None
    view: Viewpoint | None = None
    turned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What all pulls of a worker share. Every part may be used from many threads.

    `index` takes the motion index's records of a camera and local day, and never waits.
    """

    inference: Asks
    media: Media
    node: str
    analysis_fps: float
    tz: tzinfo
    allow_file: bool
    allow_loopback: bool
    limits: Limits = USUAL
    stills: StillWriter | None = None
    """Keeps a small picture every few minutes; None: none is kept."""
    wall: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    monotonic: Callable[[], float] = time.monotonic
    index: Callable[[UUID, date, Record], None] = field(default=lambda *_: None)

    def open(self, order: WatchOrder) -> Source:
        """Open `order.url`; `camera_hub.stream.source` says how long that takes and what it raises."""
        return open_source(
            order.url,
            order.username,
            order.password,
            limits=self.limits,
            allow_file=self.allow_file,
            allow_loopback=self.allow_loopback,
        )


def pull(
    order: WatchOrder, parts: Parts, stop: threading.Event, *, gauge: Gauge, post: Callable[[Said], None], tap: Tap
) -> None:
    """Watch one camera until `stop`, an error, or the end of a file. The module says who may call what."""
    source = parts.open(order)
    try:
        post(Opened())
        eyes = _Eyes(order, source.params, parts, gauge=gauge, post=post, tap=tap)
        masked = bool(masks_of(order.scene))
        tap.begin(ENCODED if masked else source.params, masked=masked, wall=eyes.wall)
        try:
            for packet in source.packets():
                if stop.is_set():
                    break
                if not masked:
                    tap.packet(packet)
                eyes.look(packet)
        finally:
            tap.end()
            eyes.close()
    finally:
        source.close()


class _Eyes:
    """Decoder and pipeline of one pull."""

    def __init__(
        self,
        order: WatchOrder,
        params: StreamParams,
        parts: Parts,
        *,
        gauge: Gauge,
        post: Callable[[Said], None],
        tap: Tap,
    ) -> None:
        self._order = order
        self._params = params
        self._parts = parts
        self._gauge = gauge
        self._post = post
        self._tap = tap
        self._decoder = Decoder(params, rate=parts.analysis_fps)
        self._pipeline = Pipeline(order.scene, parts.inference, analysis_fps=parts.analysis_fps, tz=parts.tz)
        self.wall = WallTime(parts.wall, parts.monotonic)
        self._masked = Masked(tap, rate=parts.analysis_fps) if masks_of(order.scene) else None
        self._sampler = _sampler_of(order, parts)
        self._noting = Noting(
            partial(parts.index, order.camera_id),
            parts.tz,
            hidden=blind(masks_of(order.scene)),
            scene=order.scene_revision,
            view=gauge.turned_at,
        )
        self._view = gauge.view = gauge.view or Viewpoint(_ignored(order))
        self._thin = False
        self._now: datetime | None = None
        self._size: tuple[int, int] | None = None
        self._gops: list[float] = []
        self._keyframe_at: float | None = None
        self._rate_from: tuple[float, int] | None = None
        self._packets = 0
        self._coded = False
        self._judge = gauge.judge = gauge.judge or _judge_of(order)

    def look(self, packet: Packet) -> None:
        """Decode a packet and analyse the pictures it gives."""
        at = packet.dts * float(self._params.time_base)
        self._measure(packet, at)
        self._gauge.received = packet.received
        self._coded |= packet.keyframe
        for frame in self._decoder.decode(packet):
            self._see(frame)
        if self._now is not None:
            # most packets give no frame to analyse, but the detector may have answered meanwhile
            self._tell(self._pipeline.hear(self._now))

    def close(self) -> None:
        """Close what is open, and the decoder."""
        if self._now is not None:
            self._tell(self._pipeline.finish(self._now))
        self._noting.end()
        self._decoder.close()

    def _see(self, frame: Frame) -> None:
        height, width = frame.luma.shape
        if (width, height) != self._size:
            self._size = width, height
            self._post(Picture(self._params.codec, width, height))
        before = self._now
        self._now, moved = self.wall.of(frame.at, frame.received)
        if moved and before is not None:
            self._tell(self._pipeline.finish(before))
            self._noting.end()
        self._gauge.frames += 1
        self._gauge.seen_at = self._now
        self._tell(self._pipeline.step(frame, self._now))
        if self._pipeline.at == frame.at and self._pipeline.motion is not None:
            self._noting.saw(self._pipeline.motion, self._now, thin=self._thin)
            self._turned(self._view.look(frame.luma, frame.at), frame.at, self._now)
        fault = self._judge.look(frame.luma, frame.at, coded=self._coded)
        self._gauge.picture = PictureFault(fault) if fault else None
        self._coded = False
        if self._sampler is not None:
            self._sampler.look(frame.at, self._now, lambda: self._pipeline.picture(frame))
        if self._masked is not None:
            self._masked.show(lambda: self._pipeline.picture(frame), (width, height), frame.at, frame.received)
        if self._tap.wants_picture():
            self._tap.picture(Still(encode_jpeg(self._pipeline.picture(frame)), width, height, frame.received))

    def _turned(self, since: float | None, at: float, now: datetime) -> None:
        if since is not None:
            self._gauge.turned_at = now - timedelta(seconds=at - since)
            self._noting.turned(self._gauge.turned_at)
            _log.info("camera_turned", camera=self._order.name, since=self._gauge.turned_at.isoformat())

    def _measure(self, packet: Packet, at: float) -> None:
        """Frames a second, and the distance of keyframes while that may still change how we decode."""
        self._packets += 1
        if self._rate_from is None:
            self._rate_from = at, self._packets
        elif at - self._rate_from[0] >= 5:  # noqa: PLR2004 - seconds: long enough for 1 fps, short enough to follow
            self._gauge.fps = round((self._packets - self._rate_from[1]) / (at - self._rate_from[0]), 2)
            self._rate_from = at, self._packets
        if not packet.keyframe or self._order.tier != Tier.KEYFRAMES or len(self._gops) >= GOPS_MEASURED:
            return
        if self._keyframe_at is not None:
            self._gops.append(at - self._keyframe_at)
        self._keyframe_at = at
        if len(self._gops) == GOPS_MEASURED and tier_for(max(self._gops)) is Tier.KEYFRAMES:
            self._decoder.close()
            self._decoder = Decoder(self._params, keyframes_only=True, rate=self._parts.analysis_fps)
            self._thin = True

    def _tell(self, occurrences: list[Occurrence]) -> None:
        for occurrence in occurrences:
            self._post(self._change(occurrence))

    def _change(self, seen: Occurrence) -> EventChange:
        """An occurrence as the hub hears it: the picture is on disk, synced, before the event names it."""
        key, size = self._keep_picture(seen)
        return EventChange(
            id=seen.id,
            revision=seen.revision,
            camera_id=self._order.camera_id,
            kind=seen.kind,
            rule_id=seen.rule_id,
            rule_name=seen.rule_name,
            scene_revision=self._order.scene_revision,
            label=seen.label,
            group=seen.group,
            score=seen.score,
            box=Box(seen.box.x0, seen.box.y0, seen.box.x1, seen.box.y1),
            path=seen.path,
            direction=seen.direction,
            started_at=seen.started_at,
            updated_at=seen.updated_at,
            ended_at=seen.ended_at,
            snapshot=key,
            snapshot_bytes=size,
            snapshot_at=seen.picture_at if key else None,
            node=self._parts.node,
            model=self._parts.inference.name,
            clock_offset_ms=self._order.clock_offset_ms,
        )

    def _keep_picture(self, seen: Occurrence) -> tuple[str | None, int]:
        if seen.picture is None or seen.picture_at is None:
            return None, 0
        key = snapshot_key(seen.id, seen.revision, seen.picture_at)
        data = encode_jpeg(seen.picture)
        try:
            self._parts.media.put(key, data)
        except Unavailable as err:
            if self._gauge.media_ok:
                _log.error("picture_not_kept", camera_id=str(self._order.camera_id), code=err.code, error=err.hint)
            self._gauge.media_ok = False
            return None, 0
        self._gauge.media_ok = True
        return key, len(data)


def _judge_of(order: WatchOrder) -> PictureJudge:
    return PictureJudge(_ignored(order))


def _ignored(order: WatchOrder) -> NDArray[np.bool_] | None:
    """The pixels of the motion mask that the scene's masks touch."""
    masks = masks_of(order.scene)
    return masked_cells(masks, ROWS, COLUMNS) if masks else None


def _sampler_of(order: WatchOrder, parts: Parts) -> Sampler | None:
    masked = bool(masks_of(order.scene))
    return Sampler(parts.stills, order.camera_id, order.camera_no, masked=masked) if parts.stills is not None else None
