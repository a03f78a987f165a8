"""One camera's stream: from an address to packets, from packets to frames."""
