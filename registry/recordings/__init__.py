"""What is recorded: segments, gaps, holds; who may see them."""

from registry.recordings.segments import record

__all__ = ["record"]
