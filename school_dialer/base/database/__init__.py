"""Rows written in sets, short transactions that are retried, and work on a second connection."""
