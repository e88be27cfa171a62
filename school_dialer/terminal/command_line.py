"""Shared parts of all commands: the site, the acting user, how results are printed, and the exit codes.

0 done, or yes. 1 no: refused, or the answer is no. 2 usage: an invalid option, number or campaign. 3 the site
cannot be used: not found, or its database or Redis does not respond. 4 an error in the program, kept in the
Error Log.

With ``--json`` standard output is one JSON object and nothing else; errors are printed on standard error, in
one line that says what to do.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from html import unescape

import click
import frappe
from frappe.commands import get_site, pass_context
from frappe.utils import strip_html
from redis.exceptions import RedisError

from school_dialer.base.database.errors import OperationalErrors
from school_dialer.base.jobs import report

DONE, NO, USAGE, NO_SITE, BROKEN = range(5)

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
as_user = click.option(
	"--user",
	default="Administrator",
	show_default=True,
	help="Act as this user, with that user's permissions.",
)
yes = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def example(*lines: str) -> str:
	"""Return the examples at the end of a help text."""
	return "\b\nExamples:\n" + "\n".join(f"  bench --site SITE dialer {line}" for line in lines)


class Usage(Exception):
	"""The command line is invalid. The message says what is expected."""


def command(method: Callable) -> Callable:
	"""Decorate a function as a command that runs on a site.

	``method`` receives the options except ``user``, and returns its exit code.
	"""

	@pass_context
	@wraps(method)
	def run(context, *args, user: str = "Administrator", **options):
		sys.exit(guarded(context, user, lambda: method(*args, **options)))

	return run


def guarded(context, user: str, method: Callable[[], int]) -> int:
	"""Run a command and return its exit code.

	Commits on success. Errors are printed as a message without a traceback, and the failed transaction is not
	committed.
	"""
	try:
		with site(context):
			try:
				act_as(user)
				code = method()
				frappe.db.commit()
				return code
			except (Usage, frappe.DoesNotExistError) as error:
				return print_refusal(error, USAGE)
			except (frappe.ValidationError, frappe.PermissionError, frappe.TooManyRequestsError) as error:
				return print_refusal(error, NO)
			except (click.Abort, *OperationalErrors, RedisError):
				raise
			except Exception as error:
				report("command", error)
				return print_refusal(
					"This is an error of School Dialer. The site's Error Log says where.", BROKEN
				)
	except click.Abort:
		return print_refusal("Nothing was done.", NO)
	except (*OperationalErrors, RedisError) as error:
		return print_refusal(
			f"The site's database or Redis does not answer ({type(error).__name__}). Is the bench running?",
			NO_SITE,
		)
	except (frappe.IncorrectSitePath, frappe.SiteNotSpecifiedError) as error:
		return print_refusal(
			f"{error or 'There is no such site.'} Name it: bench --site SITE dialer ...", NO_SITE
		)


@contextmanager
def site(context) -> Iterator[None]:
	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		yield
	finally:
		frappe.destroy()


def act_as(user: str) -> None:
	if not frappe.db.get_value("User", user, "enabled"):
		raise Usage(f"There is no enabled user {user}.")
	frappe.set_user(user)


def print_refusal(message: object, code: int) -> int:
	click.echo(f"Error: {plain(str(message))}", err=True)
	return code


def plain(text: str) -> str:
	return unescape(strip_html(text.replace("<br>", "\n"))).strip() or "This is not permitted."


def show(answer: dict, lines: list[str], as_json: bool) -> None:
	"""Print one JSON object for programs, or lines for people."""
	click.echo(json.dumps(answer, default=str) if as_json else "\n".join(lines))


def confirm(question: str, yes: bool) -> None:
	"""Ask for confirmation. Raises `click.Abort` unless the answer is yes.

	The question goes to standard error, because standard output is for the result.
	"""
	if not yes:
		click.echo(f"{question} [y/N]: ", nl=False, err=True)
		if click.get_text_stream("stdin").readline().strip().lower() not in ("y", "yes"):
			raise click.Abort
