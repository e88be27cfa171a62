"""From the bytes of a zip to rows of text: limits, encodings, columns, cells. Pure Python.

Start with `roster.read`.
"""
