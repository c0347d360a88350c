"""Numbers that the project promises, measured beside its peers; run apart from the tests with `python -m benchmarks`."""
