"""One camera's stream on its way to those who watch it now: from the pull's thread to a browser."""
