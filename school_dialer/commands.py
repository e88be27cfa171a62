"""Command group of `bench --site SITE dialer ...`."""

import click

from school_dialer.terminal.archive import export_ledger, restore_ledger
from school_dialer.terminal.dialer import COMMANDS
from school_dialer.terminal.doctor import doctor
from school_dialer.terminal.ledger import rebuild_consent, verify_ledger
from school_dialer.terminal.live_check import live_check
from school_dialer.terminal.people import erase_person, export_person
from school_dialer.terminal.proof import proof_export, proof_key
from school_dialer.terminal.recovery import reconcile_command, safe_mode_command
from school_dialer.terminal.roster import roster


@click.group()
def dialer() -> None:
	"""School Dialer: consent and campaigns from the command line.

	\b
	Exit codes:
	  0  done, or yes
	  1  no: refused, or the answer is no
	  2  usage: an option, a number or a campaign that is none
	  3  the site cannot be used
	  4  an error of the program, kept in the site's Error Log

	With --json standard output is one JSON object and nothing else. Errors go to standard error.
	"""


for each in (
	*COMMANDS,
	doctor,
	live_check,
	verify_ledger,
	rebuild_consent,
	export_ledger,
	restore_ledger,
	proof_export,
	proof_key,
	export_person,
	erase_person,
	roster,
	safe_mode_command,
	reconcile_command,
):
	dialer.add_command(each)

commands = [dialer]
