"""`bench dialer export-person` and `erase-person` as an administrator runs them."""

import json
import subprocess
import sys

import frappe
import pytest

from school_dialer.privacy import holds


@pytest.fixture
def run(site, sites_path):
	def command(name: str, *options: str) -> subprocess.CompletedProcess:
		program = (
			"import sys, frappe; from school_dialer.privacy import commands;"
			f"commands.{name}(args=sys.argv[2:], obj=frappe._dict(sites=[sys.argv[1]], profile=False, force=False))"
		)
		return subprocess.run(
			[sys.executable, "-c", program, site, *options],
			cwd=sites_path,
			capture_output=True,
			text=True,
			timeout=300,
		)

	return command


def test_export_dry_run_hold_and_erasure(run, called):
	one = called()
	frappe.db.commit()
	found = json.loads(run("export_person", "--phone", one.number, "--json").stdout)
	assert found["kept"]["Dialer Call Log"][0]["person_name"] == one.name
	assert one.campaign in run("export_person", "--phone", one.number).stdout

	said = run("erase_person", "--phone", one.number)
	assert said.returncode == 0 and "Nothing was changed" in said.stdout and one.number not in said.stdout
	assert phone_of(one) == one.number

	made = frappe.get_doc({"doctype": "Dialer Legal Hold", "phone": one.number, "reason": "Case 7"}).insert()
	frappe.db.commit()
	held = run("erase_person", "--phone", one.number, "--yes")
	assert held.returncode == 1 and "legal hold" in held.stdout and phone_of(one) == one.number
	holds.release(made.name, "Closed")
	frappe.db.commit()

	done = json.loads(run("erase_person", "--phone", one.number, "--yes", "--json").stdout)
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
def test_a_wrong_request_says_what_to_do(run, options, words):
	for name in ("export_person", "erase_person"):
		answer = run(name, *options)
		assert answer.returncode in (1, 2) and words in answer.stderr
		assert "Traceback" not in answer.stderr
