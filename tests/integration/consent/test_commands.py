"""`bench dialer verify-ledger` and `rebuild-consent` as an administrator runs them."""

import json
import subprocess
import sys
from pathlib import Path

import frappe
import pytest

from school_dialer.consent import triggers
from tests.integration import factories as make

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(site, sites_path):
	def command(name: str, *options: str) -> subprocess.CompletedProcess:
		program = (
			"import sys, frappe; from school_dialer.consent import commands;"
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


def test_verify_and_rebuild(run, committed_phones):
	(phone,) = committed_phones(1)
	make.consent(phone)
	make.consent(phone, purpose="Fees")
	frappe.db.commit()
	before = json.loads(run("verify_ledger", "--json").stdout)
	assert not [each for each in before["problems"] if each["phone"] == "mine"]
	assert run("rebuild_consent", "--check").returncode == 0

	frappe.db.sql("update `tabContact Consent` set basis = 'express written' where phone = %s limit 1", phone)
	frappe.db.commit()
	differing = run("rebuild_consent", "--check")
	assert differing.returncode == 1 and "differs in basis" in differing.stdout
	assert phone not in differing.stdout
	assert run("rebuild_consent").returncode == 0
	assert run("rebuild_consent", "--check").returncode == 0

	triggers.remove()
	frappe.db.sql("update `tabConsent Event` set kind = 'Opt In' where phone = %s and seq = 2", phone)
	frappe.db.commit()
	found = run("verify_ledger")
	assert found.returncode == 1 and "edited: event 2" in found.stdout
	assert phone not in found.stdout


def test_a_signature_kept_elsewhere_has_to_be_there(run):
	done = run("verify_ledger", "--signature", "0" * 64)
	assert done.returncode == 1 and "no anchor has the signature" in done.stdout
