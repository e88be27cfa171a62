"""`bench --site SITE dialer doctor`."""

import click

from school_dialer.health import examine
from school_dialer.health.finding import SEVERITY
from school_dialer.terminal.command_line import as_json, command, example, show

MARKS = {"ok": "ok   ", "warn": "WARN ", "fail": "FAIL "}


@click.command(epilog=example("doctor", "doctor --json", "doctor --no-outside"))
@click.option("--outside/--no-outside", default=True, help="Ask the carrier and the public address too.")
@as_json
@command
def doctor(outside: bool, as_json: bool) -> int:
	"""Is the dialer well? Each check in one line that says what to do. Changes nothing and calls no one.

	For a monitor this command has exit codes of its own: 0 all is well, 1 warnings, 2 something keeps calls
	from going out or a protection is missing. 3 and 4 mean what they mean everywhere.
	"""
	report = examine.as_dict(examine.examine(examine.ALL if outside else examine.INSIDE))
	lines = [f"{MARKS[check['state']]}{check['name']:<12} {check['text']}" for check in report["checks"]]
	show(report, lines, as_json)
	return SEVERITY[report["state"]]
