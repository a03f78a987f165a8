"""The hub itself: streams, watching, settings, the command line and the demo."""
