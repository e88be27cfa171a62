"""Rebuild Contact Consent from its events.

It now records which numbers belong to a stranger and who provided a number.
"""

from school_dialer.consent.integrity import rebuild


def execute() -> None:
	rebuild.rebuild()
