"""The sides of the benchmarks: one module each, with the works that it can do under `JOBS`."""
