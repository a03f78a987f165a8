"""Packets to segments on disk, and segments back to pictures and clips."""
