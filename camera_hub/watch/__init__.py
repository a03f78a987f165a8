"""Frames to events: one camera, many cameras, many processes."""
