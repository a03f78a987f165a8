"""What is recorded: segments, gaps, holds; who may see them."""

from registry.recordings.playing import Playback, Segment, mark, play, segment
from registry.recordings.segments import record
from registry.recordings.timeline import Timeline, TimelineQuery, timeline

__all__ = ["Playback", "Segment", "Timeline", "TimelineQuery", "mark", "play", "record", "segment", "timeline"]
