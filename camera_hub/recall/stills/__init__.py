"""Small pictures of cameras every few minutes: taken, kept, shown as a film strip, and compared."""
