"""One stream's packets to segments, in the writer's thread.

A new file is begun at a keyframe: when `segment_s` have passed, when the parameter sets or the reason to record
changed, when the wall clock was set; and after whatever breaks the stream: another pull, a gap, packets left out.
Media time begins at zero in each file, which is its `started_at`: the hub's wall clock of the first frame's decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from camera_hub.live.coding import Init
from camera_hub.live.fmp4 import Muxer
from camera_hub.live.tap import Begun
from camera_hub.recording.disk import Disk
from camera_hub.recording.files import Name
from camera_hub.recording.segment import Segment
from camera_hub.stream.packet import Packet
from registry.model import RecordFault, Stream
from registry.recordings.model import Why

GAP_S = 2.0
_MANY_STEPS = 4.0
"""Frames this many times further apart than those before, and more than GAP_S, are a gap."""
_JUMP_S = 0.01


@dataclass(frozen=True, slots=True)
class Taken:
    """A packet to record; `date` is the wall clock of its presentation."""

    packet: Packet
    date: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class Cut:
    """What follows does not go on from what was before."""


Item = Begun | Taken | Cut


@dataclass(slots=True)
class Subject:
    """Which stream of which camera. What may change is changed by the loop, and holds from the next segment on."""

    camera_id: UUID
    stream: Stream
    segment_s: float
    clock_offset_ms: int | None = None

    @property
    def first_s(self) -> float:
        """Length of a pull's first segment: cameras that began together do not all begin their next files together."""
        return self.segment_s * (0.5 + self.camera_id.int % 997 / 997 / 2)


class Reel:
    """Used by the writer's thread, but for what says otherwise.

    `tell` hears of segments begun, `finish` of those that nobody writes any more, with their end. What the disk says
    comes out of `roll` and `end` as OSError; the reel then goes on with a new segment at the next keyframe.
    """

    def __init__(
        self,
        subject: Subject,
        disk: Disk,
        *,
        tell: Callable[[Segment], None],
        finish: Callable[[Segment, datetime], None],
    ) -> None:
        self.subject = subject
        self.frames = 0
        self.bytes = 0
        self.dropped = 0
        """Frames left out because the disk was slow, full or broken; any thread may read the three."""
        self.fault: RecordFault | None = None
        self.again_at = 0.0
        """The writer's: what is wrong with the disk, and when it is tried again, on the monotonic clock."""
        self._disk = disk
        self._tell = tell
        self._finish = finish
        self._begun: Begun | None = None
        self._muxer: Muxer | None = None
        self._segment: Segment | None = None
        self._parts: list[bytes] = []
        self._fresh = 0
        self._holds_s = 0.0
        """How much of the open file's time is in it; the muxer's own is of what still waits, too."""
        self._rotate_at = 0.0
        self._anchor = 0.0
        self._last_at = 0.0
        self._step = 0.0
        self._long = False

    @property
    def recording(self) -> bool:
        """Whether a file is open."""
        return self._segment is not None

    def roll(self, items: Iterable[Item]) -> None:
        """Record what came; all of it is with the operating system on return."""
        coming = iter(items)
        try:
            for item in coming:
                if isinstance(item, Taken):
                    self._take(item)
                else:
                    if isinstance(
                        item, Begun
                    ):  # first: should the disk fail, what follows is of this pull all the same
                        self._begun, self._long = item, False
                    self._close()
            self._flush()
        except OSError:
            self._give_up()
            self.leave_out(coming)
            raise

    def leave_out(self, items: Iterable[Item]) -> None:
        """Let go of what came: the disk takes nothing now."""
        for item in items:
            if isinstance(item, Taken):
                self.dropped += 1
            elif isinstance(item, Begun):
                self._begun, self._long = item, False

    def end(self) -> None:
        """Close what is open."""
        self.roll((Cut(),))

    def lost(self) -> bool:
        """Whether the open file was deleted; it is let go then."""
        if self._segment is None or not self._segment.is_gone:
            return False
        self.let_go()
        return True

    def let_go(self) -> None:
        """Close the open file as it is, and tell nobody."""
        self._parts, self._fresh = [], 0
        segment, self._segment, self._muxer = self._segment, None, None
        if segment is not None:
            segment.release()

    def _take(self, taken: Taken) -> None:
        if self._begun is None:
            return
        tick = float(self._begun.params.time_base)
        at = taken.packet.dts * tick
        anchor = taken.date.timestamp() - taken.packet.pts * tick
        step = at - self._last_at
        if self._segment is not None:
            if step <= 0 or step > max(GAP_S, _MANY_STEPS * self._step):
                self._close()
            elif taken.packet.keyframe and self._turns(taken, at, anchor):
                self._close(self._until(at, anchor))
            else:
                self._step = step
        self._last_at = at
        if self._segment is None or self._muxer is None:
            self._open(taken, self._begun, at, anchor)
            return
        init, frame = self._muxer.feed(taken.packet)
        if init is not None:  # other parameter sets: what this muxer gives now belongs to another file
            self._close(self._until(at, anchor))
            self._open(taken, self._begun, at, anchor)
        elif frame is not None:
            self._parts.append(frame.data)
            self._fresh += 1

    def _turns(self, taken: Taken, at: float, anchor: float) -> bool:
        """Whether a keyframe begins a new file."""
        why = self._segment is not None and self._segment.why is not taken.why
        return at >= self._rotate_at or why or abs(anchor - self._anchor) > _JUMP_S

    def _until(self, at: float, anchor: float) -> float:
        """When a file ends that another goes on from, at stream time `at`: by the clock the file began by."""
        return at + (anchor if abs(anchor - self._anchor) <= _JUMP_S else self._anchor)

    def _open(self, taken: Taken, begun: Begun, at: float, anchor: float) -> None:
        """Begin a segment, if the packet is a keyframe whose parameter sets are known."""
        if not taken.packet.keyframe:
            return
        muxer = Muxer(begun.params)
        init, frame = muxer.feed(taken.packet)
        if init is None or frame is None:
            return
        self._muxer = muxer
        self._segment = self._create(init, _moment(anchor + at), begun, taken.why)
        self._anchor, self._step = anchor, 0.0
        self._rotate_at = at + (self.subject.segment_s if self._long else self.subject.first_s)
        self._long = True
        self._parts += (init.data, frame.data)
        self._fresh += 1
        self._flush()
        self._tell(self._segment)

    def _create(self, init: Init, started_at: datetime, begun: Begun, why: Why) -> Segment:
        return Segment(
            Name(self.subject.camera_id, self.subject.stream, started_at),
            self._disk,
            init,
            codec=begun.params.codec,
            why=why,
            masked=begun.masked,
            clock_offset_ms=self.subject.clock_offset_ms,
        )

    def _flush(self) -> None:
        if self._segment is None or self._muxer is None or not self._parts:
            return
        data, frames = b"".join(self._parts), self._fresh
        self._segment.write(data, frames)
        self._parts, self._fresh, self._holds_s = [], 0, self._muxer.end
        self.bytes += len(data)
        self.frames += frames

    def _close(self, until: float | None = None) -> None:
        """End the open segment; `until` is the epoch second of the frame that goes on from it."""
        if self._segment is None or self._muxer is None:
            return
        self._flush()
        ended_at = self._segment.name.started_at + timedelta(seconds=self._muxer.end)
        if until is not None:
            ended_at = _moment(until)
        segment, self._segment, self._muxer = self._segment, None, None
        self._finish(segment, ended_at)

    def _give_up(self) -> None:
        """After a failed write: what is in the file stays, what did not get in is gone."""
        self.dropped += self._fresh
        self._parts, self._fresh = [], 0
        segment, self._segment, self._muxer = self._segment, None, None
        if segment is None:
            return
        if segment.frames:
            self._finish(segment, segment.name.started_at + timedelta(seconds=self._holds_s))
        else:
            segment.discard()


def _moment(epoch: float) -> datetime:
    """To the millisecond, downwards, as segments are named."""
    return datetime.fromtimestamp(int(epoch * 1000) / 1000, UTC)
