"""All recorders of a worker: who records what, by the orders. Used from the worker's loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from camera_hub.live.tap import Tap
from camera_hub.recording.occasion import Occasion
from camera_hub.recording.recorder import Recorder
from camera_hub.recording.reel import Subject
from camera_hub.recording.writer import Counts, Writer
from registry.model import EventChange, RecordFault, Stream
from registry.orders import WatchOrder
from registry.recordings.model import RecordMode


@dataclass(slots=True)
class _Camera:
    occasion: Occasion = field(default_factory=Occasion)
    recorders: dict[Stream, Recorder] = field(default_factory=dict)


class Crew:
    """`tap` gives a camera's stream, whether it is pulled or not; joining it has it pulled."""

    def __init__(
        self,
        writer: Writer,
        tap: Callable[[UUID, Stream], Tap],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._writer = writer
        self._tap = tap
        self._monotonic = monotonic
        self._cameras: dict[UUID, _Camera] = {}

    def follow(self, order: WatchOrder) -> None:
        """Record a camera by its order, with whatever changed; call it before the camera's pull begins."""
        record = order.record
        none = order.halt is not None or record.mode is RecordMode.NONE
        camera = self._cameras.setdefault(order.camera_id, _Camera())
        for stream in tuple(camera.recorders):
            if none or stream not in record.streams:
                camera.recorders.pop(stream).end()
        for stream in () if none else record.streams:
            recorder = camera.recorders.get(stream)
            if recorder is None:
                subject = Subject(order.camera_id, stream, record.segment_s, order.clock_offset_ms)
                tap = self._tap(order.camera_id, stream)
                recorder = Recorder(tap, self._writer, self._writer.reel(subject), record, camera.occasion)
                camera.recorders[stream] = recorder
                recorder.begin()
            else:
                recorder.reel.subject.segment_s = record.segment_s
                recorder.reel.subject.clock_offset_ms = order.clock_offset_ms
                recorder.follow(record)

    def forget(self, camera_id: UUID) -> None:
        """The camera is no more this worker's."""
        camera = self._cameras.pop(camera_id, None)
        for recorder in camera.recorders.values() if camera else ():
            recorder.end()

    def happened(self, change: EventChange) -> None:
        """An event opened, changed or closed."""
        if (camera := self._cameras.get(change.camera_id)) is not None:
            camera.occasion.happened(change, self._monotonic())

    def quiet(self, camera_id: UUID) -> None:
        """The camera's pull is over, and so is what happened."""
        if (camera := self._cameras.get(camera_id)) is not None:
            camera.occasion.quiet(self._monotonic())

    def fault(self, camera_id: UUID) -> RecordFault | None:
        """Why a camera is not recorded as it should be, if so."""
        camera = self._cameras.get(camera_id)
        faults = (recorder.fault for recorder in camera.recorders.values()) if camera else ()
        return next((fault for fault in faults if fault is not None), None)

    @property
    def counts(self) -> Counts:
        """What all of them recorded."""
        return self._writer.counts
