"""`bench dialer verify-ledger` and `rebuild-consent` as an administrator runs them."""

import json

import frappe

from school_dialer.consent.integrity import triggers
from tests.integration import factories as make


def test_verify_and_rebuild(bench, committed_phones):
	(phone,) = committed_phones(1)
	make.consent(phone)
	make.consent(phone, purpose="Fees")
	frappe.db.commit()
	before = json.loads(bench("verify-ledger", "--json").stdout)
	assert not [each for each in before["problems"] if each["phone"] == "mine"]
	assert bench("rebuild-consent", "--check").returncode == 0

	frappe.db.sql("update `tabContact Consent` set basis = 'express written' where phone = %s limit 1", phone)
	frappe.db.commit()
	differing = bench("rebuild-consent", "--check")
	assert differing.returncode == 1 and "differs in basis" in differing.stdout
	assert phone not in differing.stdout
	assert bench("rebuild-consent").returncode == 0
	assert bench("rebuild-consent", "--check").returncode == 0

	triggers.remove()
	frappe.db.sql("update `tabConsent Event` set kind = 'Opt In' where phone = %s and seq = 2", phone)
	frappe.db.commit()
	found = bench("verify-ledger")
	assert found.returncode == 1 and "edited: event 2" in found.stdout
	assert phone not in found.stdout


def test_a_signature_kept_elsewhere_has_to_be_there(bench):
	done = bench("verify-ledger", "--signature", "0" * 64)
	assert done.returncode == 1 and "no anchor has the signature" in done.stdout
