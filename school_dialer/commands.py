"""`bench --site SITE dialer ...`"""

import click

from school_dialer.consent.commands import rebuild_consent, verify_ledger


@click.group()
def dialer() -> None:
	"""School Dialer: consent and campaigns from the command line."""


dialer.add_command(verify_ledger)
dialer.add_command(rebuild_consent)

commands = [dialer]
