"""Benchmarks of the hub: `python -m tools.bench [subject…]`, each subject a module with `run(report)`."""
