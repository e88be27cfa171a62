"""What the dialer costs, measured against what the same work costs otherwise. Start with `python -m benchmarks`."""
