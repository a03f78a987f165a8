"""What is recorded: segments, gaps, holds; who may see them."""

from registry.recordings.exporting import Export, export, fetch, still
from registry.recordings.playing import Playback, Segment, mark, play, segment, segment_at
from registry.recordings.segments import record
from registry.recordings.timeline import Lane, Timeline, TimelineQuery, lanes, timeline

__all__ = [
    "Export",
    "Lane",
    "Playback",
    "Segment",
    "Timeline",
    "TimelineQuery",
    "export",
    "fetch",
    "lanes",
    "mark",
    "play",
    "record",
    "segment",
    "segment_at",
    "still",
    "timeline",
]
