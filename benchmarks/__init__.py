"""Benchmarks: what the dialer costs, compared with other ways to do the same work.

Start with `python -m benchmarks`.
"""
