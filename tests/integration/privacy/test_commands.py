"""`bench dialer export-person` and `erase-person` as an administrator runs them."""

import json

import frappe
import pytest

from school_dialer.privacy import holds
from school_dialer.terminal.command_line import NO_SITE, USAGE

pytestmark = pytest.mark.exhaustive


def test_export_dry_run_hold_and_erasure(bench, called):
	one = called()
	frappe.db.commit()
	found = json.loads(bench("export-person", "--phone", one.number, "--json").stdout)
	assert found["kept"]["Dialer Call Log"][0]["person_name"] == one.name
	assert one.campaign in bench("export-person", "--phone", "-", typed=one.number).stdout

	said = bench("erase-person", "--phone", one.number)
	assert said.returncode == 0 and "Nothing was changed" in said.stdout and one.number not in said.stdout
	assert phone_of(one) == one.number

	made = frappe.get_doc({"doctype": "Dialer Legal Hold", "phone": one.number, "reason": "Case 7"}).insert()
	frappe.db.commit()
	held = bench("erase-person", "--phone", one.number, "--yes")
	assert held.returncode == 1 and "legal hold" in held.stdout and phone_of(one) == one.number
	holds.release(made.name, "Closed")
	frappe.db.commit()

	done = json.loads(bench("erase-person", "--phone", one.number, "--yes", "--json").stdout)
	assert done["done"] and done["removed"] and any("28 USC 1658" in sentence for sentence in done["kept"])
	assert phone_of(one).startswith("hash:")


def phone_of(one) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Call Log", one.log, "phone")


@pytest.mark.parametrize(
	("options", "words"),
	[
		((), "Give --phone, or --doctype and --name."),
		(("--phone", "+13125550142", "--doctype", "Guardian", "--name", "x"), "Give --phone"),
		(("--doctype", "Guardian"), "Give --phone"),
		(("--phone", "nonsense"), "not a telephone number"),
		(("--doctype", "Guardian", "--name", "nobody at all"), "There is no Guardian"),
		(("--doctype", "DocType", "--name", "User"), "People are kept as one of"),
	],
)
def test_a_wrong_request_says_what_to_do(bench, options, words):
	for name in ("export-person", "erase-person"):
		answer = bench(name, *options)
		assert answer.returncode == USAGE and words in answer.stderr and not answer.stdout


def test_a_site_that_is_none_and_help_as_of_all_commands(bench):
	for name in ("export-person", "erase-person"):
		answer = bench(name, "--phone", "+13125550142", site="no.such.site")
		assert answer.returncode == NO_SITE and "no.such.site" in answer.stderr
		assert "Examples:" in bench(name, "--help").stdout
