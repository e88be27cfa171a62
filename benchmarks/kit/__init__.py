"""What benchmarks measure and draw with."""
