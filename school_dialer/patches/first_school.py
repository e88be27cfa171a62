"""Make the one Dialer School of a site from its settings, with all times as in the settings."""

from school_dialer.schools import first


def execute() -> None:
	first.make()
