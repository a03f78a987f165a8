"""Where something moved: which cells of which camera, second by second, and which seconds were watched."""
