"""Chaos runs: everything breaks while 10,000 people are called.

Afterwards the carrier's own journal shows whether any person was wronged.
"""
