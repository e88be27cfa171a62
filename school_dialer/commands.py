"""`bench --site SITE dialer ...`"""

import click

from school_dialer.consent.commands import rebuild_consent, verify_ledger
from school_dialer.privacy.commands import erase_person, export_person


@click.group()
def dialer() -> None:
	"""School Dialer: consent and campaigns from the command line."""


dialer.add_command(verify_ledger)
dialer.add_command(rebuild_consent)
dialer.add_command(export_person)
dialer.add_command(erase_person)

commands = [dialer]
