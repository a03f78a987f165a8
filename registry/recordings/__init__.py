"""What is recorded: segments, gaps, holds; who may see them."""

from registry.recordings.exporting import Export, export, fetch, still
from registry.recordings.playing import Playback, Segment, mark, play, segment
from registry.recordings.segments import record
from registry.recordings.timeline import Timeline, TimelineQuery, bounded, timeline

__all__ = [
    "Export",
    "Playback",
    "Segment",
    "Timeline",
    "TimelineQuery",
    "bounded",
    "export",
    "fetch",
    "mark",
    "play",
    "record",
    "segment",
    "still",
    "timeline",
]
