"""Contact Consent made again from its events: it now says which numbers are a stranger's, and who provided a number."""

from school_dialer.consent.integrity import rebuild


def execute() -> None:
	rebuild.rebuild()
