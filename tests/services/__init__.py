"""Real servers for the tests: started by the session, on ports of their own, gone when it ends."""
