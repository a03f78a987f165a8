"""Sees: arrays in, facts out. No I/O but model files, no clock, no camera."""
