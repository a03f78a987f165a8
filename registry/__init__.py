"""What the hub remembers: places, devices, cameras, consents, events, cases, users and the register of look-ups."""
