"""Benchmarks: `./signpost bench` prints one JSON document."""
