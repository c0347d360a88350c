"""What the project promises in numbers, measured beside its peers: `python -m benchmarks`, apart from the tests."""
