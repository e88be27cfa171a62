"""Automatic school calls and texts: personal, consented, at a decent hour, and provable."""

from school_dialer import moved

__version__ = "1.0.0"

moved.install()
