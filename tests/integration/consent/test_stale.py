"""A consent that went stale: only what the person does renews it, and staff record that with evidence."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.audience.base import country_code
from school_dialer.base import clock
from school_dialer.compliance.rules.consent import is_stale
from school_dialer.consent import ledger
from school_dialer.consent.events import Event, Evidence
from school_dialer.consent.integrity import rebuild
from school_dialer.desk import consent as desk
from school_dialer.gate import site_policies
from school_dialer.lines.record import OWN_ACTS
from school_dialer.patches import stale_consents
from tests.integration import factories as make

pytestmark = pytest.mark.dates

LIMIT = 730
STAFFS = ("Agent", "E-mail", "Ticket", "Inbound Call", "Import", "System")


def stale(phone: str, in_days: int = 0) -> bool:
	policy, at = site_policies.policy_of(country_code()), clock.now() + timedelta(days=in_days)
	assert policy.stale_after_days == LIMIT
	answers = {is_stale(one, policy, at) for one in ledger.read([phone])[phone].consents}
	assert len(answers) == 1
	return answers.pop()


@pytest.fixture
def old(phone) -> str:
	make.consent(phone, at=clock.now() - timedelta(days=800))
	assert stale(phone)
	return phone


def test_verify_by_staff_is_on_record_and_revives_nothing(old, as_role):
	as_role("Dialer Agent")
	answer = desk.verify(phone=old, note="Asked the aunt.")
	assert answer["stale"] is True and stale(old)
	event = frappe.get_doc("Consent Event", answer["event"])
	assert (event.kind, event.source) == ("Verify", "Agent")
	row = frappe.get_all("Contact Consent", {"phone": old}, ["unconfirmed_days", "status"])[0]
	assert row == {"unconfirmed_days": 800, "status": "Granted"}
	assert desk.verify(phone=old, note="Asked once more.")["stale"] is True


@pytest.mark.parametrize("source", STAFFS)
def test_no_other_way_of_staff_revives_it(old, source):
	ledger.verify(old, evidence=make.evidence(source))
	ledger.record_many([Event("Verify", old, make.evidence(source))])
	assert stale(old)


@pytest.mark.parametrize("source", OWN_ACTS)
def test_the_persons_own_act_does(old, source):
	desk.verify(phone=old, note="Asked the aunt.")
	ledger.verify(old, evidence=make.evidence(source))
	assert not stale(old) and stale(old, LIMIT)


def test_verify_keeps_a_consent_from_going_stale(phone):
	make.consent(phone, at=clock.now() - timedelta(days=LIMIT - 1))
	assert desk.verify(phone=phone, note="Asked her.")["stale"] is False
	assert not stale(phone, LIMIT - 1) and stale(phone, LIMIT)


def test_a_signed_letter_is_recorded_as_a_new_consent(old, as_role):
	form = frappe.get_doc(
		{"doctype": "File", "file_name": f"{old}.txt", "content": "signed", "is_private": 1}
	).insert()
	signed = {"basis": "number provided", "phone": old, "source": "Signed Form", "given_at": "2026-05-01"}
	user = as_role("Dialer Manager")
	frappe.db.set_value("File", form.name, "owner", user)
	with pytest.raises(frappe.ValidationError, match="exact words"):
		desk.record_consent(**signed, note="She said so.")
	assert stale(old)
	event = frappe.get_doc("Consent Event", desk.record_consent(**signed, attachment=form.file_url)["event"])
	assert (event.actor, event.attachment, str(event.received_at)) == (
		user,
		form.file_url,
		"2026-05-01 00:00:00",
	)
	assert not stale(old)


def test_a_weaker_consent_of_the_person_renews_a_stronger_one(phone):
	make.consent(phone, basis="express written", at=clock.now() - timedelta(days=800))
	desk.record_consent(basis="express oral", phone=phone, wording="Yes, do call me.")
	assert not stale(phone)


def test_the_events_give_the_same_state(old):
	desk.verify(phone=old, note="Asked the aunt.")
	assert old not in {one.phone for one in rebuild.differences()}


def test_a_site_of_before_is_set_right(committed_phones):
	"""The earlier version took the word of staff as a renewal."""
	old, own = committed_phones(2)
	for one in (old, own):
		make.consent(one, at=clock.now() - timedelta(days=800))
	ledger.verify(own, evidence=Evidence("Keypad", wording="Pressed 1"))
	desk.verify(phone=old, note="Asked the aunt.")
	frappe.db.sql("update `tabContact Consent` set unconfirmed_days = 0 where phone in %s", ((old, own),))
	frappe.db.commit()
	names = frappe.get_all("Contact Consent", {"phone": own}, pluck="name", order_by="name")
	assert not stale(old)
	stale_consents.execute()
	assert stale(old) and not stale(own)
	assert frappe.get_all("Contact Consent", {"phone": own}, pluck="name", order_by="name") == names
