"""Tools of the repository that are not shipped: set-up, model conversion, benchmarks."""
