"""`bench --site SITE dialer ...` for campaigns and numbers: the methods of `desk`, run as the named user."""

import sys

import click
import frappe

from school_dialer.base import states
from school_dialer.compliance.vocabulary import CHANNELS, PURPOSES, SCOPES
from school_dialer.desk import campaigns, consent, numbers
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

VERDICTS = {"ALLOW": "Yes, now.", "DEFER": "Not now.", "BLOCK": "No."}
FIELDS = ("name", "title", "status", "purpose", "channel", "status_message", "started_at", "ended_at")
SHOWN = 50


@click.command(epilog=example("plan 'Spring concert'", "plan DC-2026-00042 --json"))
@click.argument("campaign")
@as_user
@as_json
@command
def plan(campaign: str, as_json: bool) -> int:
	"""Who would be called if CAMPAIGN started now, who would not, and why. Writes nothing and calls no one.

	CAMPAIGN is a name or a title. Exits 1 when no one would be called, now or later.
	"""
	name = campaign_named(campaign)
	audience = campaigns.preview_audience(name)
	verdicts = audience["verdicts"]
	lines = [f"{audience['people']} people{' and more' if audience['more'] else ''}:"]
	for verdict, words in (
		("ALLOW", "would be called now"),
		("DEFER", "would wait"),
		("BLOCK", "would not be called"),
	):
		lines.append(f"  {verdicts.get(verdict, 0):>7}  {words}")
	lines += [f"  {count:>7}    {code}" for code, count in sorted(audience["reasons"].items())]
	if audience["next_due"]:
		lines.append(f"The first who waits is due at {audience['next_due']}.")
	lines += [f"Missing: {lack}" for lack in audience["missing"]]
	show({"campaign": name, **audience}, lines, as_json)
	able = verdicts.get("ALLOW", 0) + verdicts.get("DEFER", 0)
	return DONE if able and not audience["missing"] else NO


@click.command(
	epilog=example("start 'Spring concert'", "start DC-2026-00042 --yes --user manager@school.edu --json")
)
@click.argument("campaign")
@click.option(
	"--confirmed", type=int, default=0, help="With --yes: the number of people, where so many are unusual."
)
@as_user
@yes
@as_json
@command
def start(campaign: str, confirmed: int, yes: bool, as_json: bool) -> int:
	"""Start CAMPAIGN. Emergencies then wait for the approval of a second person, which is given in the Desk
	alone.
	"""
	name = campaign_named(campaign)
	if not yes:
		preview = campaigns.preview_audience(name)
		counts = preview["verdicts"]
		confirm(
			f"{counts.get('ALLOW', 0)} people are called now and {counts.get('DEFER', 0)} later. Start?", yes
		)
		if unusual := preview["mass"]:
			confirm(unusual["sentence"], yes)
			confirmed = unusual["people"]
	status = campaigns.start(name, confirmed=confirmed)
	show({"campaign": name, "status": status}, [f"{status}."], as_json)
	return DONE


@click.command(epilog=example("status", "status 'Spring concert' --json"))
@click.argument("campaign", required=False)
@as_user
@as_json
@command
def status(campaign: str | None, as_json: bool) -> int:
	"""How far CAMPAIGN is; without one, all campaigns that have not ended. Exits 1 when CAMPAIGN was
	cancelled or failed.
	"""
	if not campaign:
		rows = open_campaigns()
		lines = [f"{row.name}  {row.status:<18} {row.title}" for row in rows]
		show({"campaigns": rows}, lines or ["No campaign is open."], as_json)
		return DONE
	name = campaign_named(campaign)
	shown = campaigns.progress(name)
	lines = [f"{shown['status']}. {shown['status_message'] or ''}".strip(), f"{shown['total']} people:"]
	lines += [f"  {count:>7}  {state}" for state, count in sorted(shown["counts"].items())]
	lines += [f"  {count:>7}    {code}" for code, count in sorted(shown["blocked"].items())]
	show({"campaign": name, **shown}, lines, as_json)
	return NO if shown["status"] in (states.CANCELLED, states.FAILED) else DONE


@click.command(epilog=example("pause 'Spring concert'"))
@click.argument("campaign")
@as_user
@as_json
@command
def pause(campaign: str, as_json: bool) -> int:
	"""Pause CAMPAIGN. When this answers no further call begins; calls on the line end as they end."""
	name = campaign_named(campaign)
	campaigns.pause(name)
	show({"campaign": name, "status": states.PAUSED}, [f"{states.PAUSED}."], as_json)
	return DONE


@click.command(epilog=example("resume 'Spring concert'"))
@click.argument("campaign")
@as_user
@as_json
@command
def resume(campaign: str, as_json: bool) -> int:
	"""Go on with the paused CAMPAIGN."""
	name = campaign_named(campaign)
	status = campaigns.resume(name)
	show({"campaign": name, "status": status}, [f"{status}."], as_json)
	return DONE


@click.command(epilog=example("cancel 'Spring concert' --yes"))
@click.argument("campaign")
@as_user
@yes
@as_json
@command
def cancel(campaign: str, yes: bool, as_json: bool) -> int:
	"""End CAMPAIGN for good; calls queued at the carrier are taken back."""
	name = campaign_named(campaign)
	confirm("No one else will be called, and this cannot be undone. Cancel the campaign?", yes)
	waiting = campaigns.cancel(name)
	answer = {"campaign": name, "status": states.CANCELLED, "not_called": waiting}
	show(answer, [f"{states.CANCELLED}. {waiting} people were still waiting."], as_json)
	return DONE


@click.command(
	epilog=example("why '+1 312 555 0142' --purpose Attendance", "why - --channel Text --json < number.txt")
)
@click.argument("phone")
@click.option("--channel", type=click.Choice(CHANNELS), default="Voice", show_default=True)
@click.option("--purpose", type=click.Choice(PURPOSES), default="General", show_default=True)
@click.option(
	"--limit", default=SHOWN, show_default=True, help="How many entries of the number's history are shown."
)
@as_user
@as_json
@command
def why(phone: str, channel: str, purpose: str, limit: int, as_json: bool) -> int:
	"""May PHONE be called now, why or why not, and what happened to it before.

	With - the number is read from standard input, and so kept out of the shell's history. Exits 1 when it may
	not.
	"""
	number = typed_number(phone)
	answer = numbers.may_call(number, channel, purpose)
	past = numbers.story(number, limit)["story"]
	lines = [f"{answer['number']}, {channel}, {purpose}: {VERDICTS[answer['verdict']]}"]
	for reason in answer["reasons"]:
		until = f" Until {reason['until']}." if reason["until"] else ""
		lines.append(f"  {reason['code']}: {reason['detail']}{until} ({reason['citation']})")
	lines += ["What is known:", *(f"  {fact}" for fact in answer["facts"])]
	lines += ["What happened:", *(f"  {event['at']:%Y-%m-%d %H:%M}  {event['text']}" for event in past)]
	show({**answer, "story": past}, lines if past else [*lines[:-1], "Nothing happened before."], as_json)
	return DONE if answer["may_call"] else NO


@click.command(
	"opt-out",
	epilog=example(
		"opt-out '+1 312 555 0142' --source E-mail --wording 'Please stop calling me'",
		"opt-out - --scope everything --json < number.txt",
	),
)
@click.argument("phone")
@click.option("--scope", type=click.Choice(SCOPES), default="all non-emergency", show_default=True)
@click.option("--channel", type=click.Choice((*CHANNELS, "Any")), default="Any", show_default=True)
@click.option("--purpose", type=click.Choice(PURPOSES), help="Needed with the scope 'this purpose'.")
@click.option("--school", help="Needed with the scope 'this school': a Dialer School of this district.")
@click.option("--source", type=click.Choice(consent.OPT_OUT_SOURCES), default="Agent", show_default=True)
@click.option("--wording", help="The person's own words.")
@click.option("--note", help="What else there is to know.")
@click.option(
	"--received-at", help="When the person said it, in the site's time: 2026-03-01 14:30. By default now."
)
@as_user
@as_json
@command
def opt_out(phone: str, scope: str, purpose: str | None, as_json: bool, **evidence) -> int:
	"""Record that the person at PHONE does not want to be called. When this answers, it holds.

	With - the number is read from standard input, and so kept out of the shell's history.
	"""
	if scope == "this purpose" and not purpose:
		raise Usage("The scope 'this purpose' needs --purpose.")
	if scope == "this school" and not evidence.get("school"):
		raise Usage("The scope 'this school' needs --school.")
	done = consent.record_opt_out(typed_number(phone), scope=scope, purpose=purpose, **evidence)
	show({**done, "scope": scope}, [f"Recorded for {done['number']}: {scope} ({done['event']})."], as_json)
	return DONE


def typed_number(phone: str) -> str:
	"""Return the typed number, or the one on standard input for "-". Raises `Usage` without repeating it."""
	text = sys.stdin.readline().strip() if phone == "-" else phone
	try:
		return numbers.access.number(text)
	except frappe.ValidationError as error:
		raise Usage(f"{error} Write it with its country code, for example +13125550142.") from None


def campaign_named(text: str) -> str:
	"""Return the campaign's name, found by name or by a title that only one campaign has.

	Campaigns that the user may not read are treated as missing.
	"""
	names = frappe.get_list("Dialer Campaign", {"name": text}, pluck="name", order_by="name")
	names = names or frappe.get_list(
		"Dialer Campaign", {"title": text}, pluck="name", order_by="creation desc"
	)
	if not names:
		raise Usage(f"There is no campaign {text!r}. `dialer status` lists those that are open.")
	if len(names) > 1:
		raise Usage(f"{len(names)} campaigns have this title. Name one of: {', '.join(names)}.")
	return names[0]


def open_campaigns() -> list[dict]:
	return frappe.get_list(
		"Dialer Campaign",
		{"status": ("not in", states.ENDED)},
		list(FIELDS),
		order_by="creation desc",
	)


COMMANDS = (plan, start, status, pause, resume, cancel, why, opt_out)
