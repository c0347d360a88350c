"""Numbers that the project promises, measured; run apart from the tests with `python -m benchmarks`."""
