"""`bench --site SITE dialer live-check`: check the school's carrier account with the operator's phone."""

from dataclasses import asdict

import click
import frappe

from school_dialer.base.phone import InvalidNumber, mask, parse
from school_dialer.calls.live_check import steps, words
from school_dialer.calls.live_check.phone import Phone
from school_dialer.calls.live_check.steps import STEPS, USUAL, Result
from school_dialer.calls.own_number import sample_call
from school_dialer.desk.support import access
from school_dialer.settings import carrier_settings
from school_dialer.terminal.command_line import (
	DONE,
	NO,
	Usage,
	as_json,
	as_user,
	command,
	confirm,
	example,
	show,
	yes,
)

SHORTEST, LONGEST = 5, 900
CHANNEL = {
	**dict.fromkeys((steps.ANSWERED, steps.VOICEMAIL, steps.SILENT, steps.DOWN), "Voice"),
	**dict.fromkeys((steps.TEXT, steps.STOP), "Text"),
}


@click.command(
	"live-check",
	epilog=example(
		"live-check --phone '+1 312 555 0142' --user manager@school.example",
		"live-check --phone '+1 312 555 0142' --user manager@school.example --only text --only stop --only "
		"start --yes --json",
	),
)
@click.option("--phone", required=True, help="Your own number, the one that you have verified in the Desk.")
@click.option("--only", type=click.Choice(STEPS), multiple=True, help="This step alone; may be repeated.")
@click.option(
	"--timeout",
	type=click.IntRange(SHORTEST, LONGEST),
	default=180,
	show_default=True,
	help="Seconds that each step waits at most.",
)
@click.option("--template", help="The message to say. By default one that tells nothing of a student.")
@as_user
@yes
@as_json
@command
def live_check(
	phone: str, only: tuple[str, ...], timeout: int, template: str | None, yes: bool, as_json: bool
) -> int:
	"""Call and text your own phone through your carrier account, and say of each step whether it passed.

	It asks where your numbers lead, makes two calls, one to answer and one to leave to voicemail, sends one
	text, and waits for the HELP, STOP, 1, and START that you send, and for your call to the school. The steps
	silent, down, and hidden run with --only. Exits 1 unless every step passed. What to do next is said on
	standard error.
	"""
	access.may("write", "Dialer Settings")
	number = own_number(phone)
	chosen = only or USUAL
	for channel in sorted({CHANNEL[step] for step in chosen if step in CHANNEL}):
		carrier_settings.check_ready(channel)
	mode = carrier_settings.settings().mode
	confirm(
		f"{mode} mode. This calls and texts {mask(number)}, your own number, by your own wish. Go on?",
		yes,
	)
	checked = Phone(number, frappe.session.user, words_of(template), timeout)
	results = []
	for result in steps.run(checked, chosen, instruct):
		results.append(result)
		if not as_json:
			click.echo(line(result))
	return finished(checked, mode, results, as_json)


def instruct(what: str) -> None:
	click.echo(f"  {what}", err=True)


def finished(phone: Phone, mode: str, results: list[Result], as_json: bool) -> int:
	passed = all(result.passed for result in results)
	stopped = steps.still_stopped(phone)
	last = [f"{sum(result.passed for result in results)} of {len(results)} passed."]
	if stopped:
		last.append("You are opted out now. Text START to the school's number to get calls and texts again.")
	answer = {
		"mode": mode,
		"number": mask(phone.number),
		"passed": passed,
		"opted_out": bool(stopped),
		"steps": [asdict(result) for result in results],
	}
	show(answer, last, as_json)
	return DONE if passed else NO


def line(result: Result) -> str:
	return f"{'pass' if result.passed else 'FAIL'}  {result.title}: {result.detail} ({result.seconds:.0f} s)"


def own_number(typed: str) -> str:
	"""Return the number in E.164 form.

	Raises `Usage`, without repeating it, unless the acting user has verified it.
	"""
	try:
		number = parse(typed).e164
	except InvalidNumber as error:
		raise Usage(f"--phone is not a telephone number: {error}. Write it as +13125550142.") from None
	try:
		own_phone = sample_call.own_number(frappe.session.user).phone
	except sample_call.NotVerified:
		frappe.clear_messages()
		own_phone = None
	if number != own_phone:
		raise Usage(
			f"--phone is not the number that {frappe.session.user} has verified. The check calls your own "
			"phone and no other: verify it "
			"with a code under Send test to me on a campaign, or name yourself with --user."
		)
	return number


def words_of(template: str | None) -> str:
	name = template or words.template()
	if not name or not frappe.db.exists("Dialer Message Template", name):
		raise Usage("There is no such message. Name one for calls and texts with --template.")
	if not words.fits(name):
		raise Usage(
			"This message asks for a key first, or tells of a student's records. Name another one with "
			"--template."
		)
	return name
