"""`bench --site SITE dialer ...` as an administrator types it: output, exit codes, helpful errors."""

import json
import subprocess

import frappe
import pytest

from school_dialer.base import states
from school_dialer.consent import ledger
from school_dialer.terminal.dialer import COMMANDS
from tests.integration import factories as make

DONE, NO, USAGE, NO_SITE = range(4)


pytestmark = pytest.mark.usefixtures("carrier")


def answer(done: subprocess.CompletedProcess, code: int = DONE) -> dict:
	assert done.returncode == code, (done.stdout, done.stderr)
	return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess, code: int, *words: str) -> None:
	assert done.returncode == code, (done.stdout, done.stderr)
	assert not done.stdout
	assert all(word in done.stderr for word in words), done.stderr


def a_campaign(*numbers: str):
	doc = make.campaign(list(numbers))
	frappe.db.commit()
	return doc


def test_a_campaign_from_plan_to_cancel(bench):
	yes, no = make.phone("312"), make.phone("312")
	make.consent(yes)
	doc = a_campaign(yes, no)
	planned = answer(bench("plan", doc.title, "--json"))
	assert planned["verdicts"] == {"ALLOW": 1, "BLOCK": 1}
	assert planned["reasons"] == {"NO_CONSENT": 1}
	assert "NO_CONSENT" in bench("plan", doc.name).stdout

	refused(bench("start", doc.name, typed="n\n"), NO, "1 people are called now", "Nothing was done")
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.DRAFT
	assert answer(bench("start", doc.name, "--yes", "--json"))["status"] == states.PREPARING
	refused(bench("start", doc.name, "--yes"), NO, "already")

	assert answer(bench("status", doc.name, "--json"))["status"] == states.PREPARING
	assert doc.name in {row["name"] for row in answer(bench("status", "--json"))["campaigns"]}
	assert answer(bench("pause", doc.name, "--json"))["status"] == states.PAUSED
	assert answer(bench("resume", doc.name, "--json"))["status"] == states.PREPARING
	assert answer(bench("cancel", doc.name, "--yes", "--json"))["status"] == states.CANCELLED
	assert answer(bench("status", doc.name, "--json"), NO)["status"] == states.CANCELLED
	refused(bench("resume", doc.name), NO, "Cancelled")


def test_why_and_opt_out(bench):
	number = make.phone("312")
	make.consent(number)
	frappe.db.commit()
	found = answer(bench("why", number, "--purpose", "Event", "--json"))
	assert (found["may_call"], found["verdict"]) == (True, "ALLOW")
	assert found["story"][0]["text"].startswith("Agreed to calls and texts")

	done = bench("opt-out", "-", "--source", "E-mail", "--wording", "Leave me alone", "--json", typed=number)
	assert number not in done.stdout and answer(done)["event"]
	assert ledger.read([number])[number].opt_outs

	blocked = bench("why", number, "--purpose", "Event")
	assert blocked.returncode == NO
	assert "OPTED_OUT" in blocked.stdout and "47 CFR" in blocked.stdout and "No more calls" in blocked.stdout
	assert number not in blocked.stdout


def test_a_plan_that_calls_no_one_is_a_no(bench_process):
	doc = a_campaign(make.phone())
	assert answer(bench_process("plan", doc.name, "--json"), NO)["verdicts"] == {"BLOCK": 1}


@pytest.mark.parametrize(
	("arguments", "code", "words"),
	[
		(("plan", "no such campaign"), USAGE, ("no campaign", "dialer status")),
		(("plan",), USAGE, ("Missing argument",)),
		(("why", "12"), USAGE, ("not a telephone number", "+13125550142")),
		(("why", "+13125550142", "--purpose", "Birthday"), USAGE, ("Birthday", "Attendance")),
		(("opt-out", "+13125550142", "--scope", "this purpose"), USAGE, ("needs --purpose",)),
		(("status", "--user", "nobody@school.example"), USAGE, ("no enabled user",)),
		(("frobnicate",), USAGE, ("No such command",)),
	],
)
def test_usage(bench, arguments, code, words):
	refused(bench(*arguments), code, *words)


def test_a_user_without_the_role_is_refused(bench, as_role):
	doc = a_campaign(make.phone())
	user = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	frappe.db.commit()
	refused(bench("start", doc.name, "--yes", "--user", user), NO)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.DRAFT


def test_a_site_that_is_none(bench_process):
	refused(bench_process("status", site="no.such.site"), NO_SITE, "no.such.site")


def test_each_command_has_help_with_an_example(bench):
	overview = bench("--help").stdout
	assert "Exit codes" in overview
	for command in COMMANDS:
		assert command.name in overview
		assert "Examples:" in command.epilog and f"dialer {command.name}" in command.epilog
	assert "Examples:" in bench("why", "--help").stdout
