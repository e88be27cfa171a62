"""Who may hear no more of the child after a call in vain is called, texted, and written to no more."""

import frappe
import pytest

from school_dialer.base.database.transactions import retried
from school_dialer.calls import inbound_calls
from school_dialer.campaigns import resending
from school_dialer.manual_calls import claiming, listing
from tests.integration import factories as make
from tests.integration.with_carrier import corrections
from tests.integration.with_carrier.follow_ups import addresses, follow_up, texts
from tests.integration.with_carrier.households import SchoolClass, make_due, set_settings
from tests.integration.with_carrier.running import dial, prepare


def remove(school: SchoolClass) -> None:
	frappe.db.delete("Student Guardian", {"parent": school.student(0), "guardian": f"{school.tag}-Ana"})


def bar(school: SchoolClass) -> None:
	corrections.barred(school, "Ana")


def leave(school: SchoolClass) -> None:
	frappe.db.set_value("Student", school.student(0), "enabled", 0)


@pytest.fixture(params=[remove, bar, leave], ids=lambda change: change.__name__)
def missed(request, carrier, answering, mailer):
	"""Return a function that calls a mother in vain, and then lets her hear no more of the child.

	It returns her number and the campaign.
	"""

	def call(**values) -> tuple:
		number = make.unlisted_phone()
		answering(number, "no answer")
		school = SchoolClass([{"Ana": [number]}])
		frappe.db.set_value("Guardian", f"{school.tag}-Ana", "email_address", "ana@family.example")
		doc = school.campaign(**{"max_attempts": 1, "purpose": "Event", **values})
		prepare(doc)
		dial(carrier)
		request.param(school)
		frappe.db.commit()
		return number, doc

	return call


def test_no_second_call(carrier, posted, missed):
	number, doc = missed(max_attempts=2)
	for row in make.recipients(doc.name, "name"):
		make_due(row)
	dial(carrier)
	assert len(posted(number)) == 1


def test_no_text_and_no_email(carrier, missed):
	number, doc = missed(text_fallback=1, email_fallback=1)
	follow_up(doc, carrier)
	assert not texts(carrier, number) and not addresses(doc)


def test_no_other_try(carrier, missed):
	number, doc = missed()
	draft = corrections.ours(resending.make(doc.name, "Text"))
	prepare(draft)
	dial(carrier)
	assert {row.status for row in make.recipients(draft.name)} == {"Blocked"}
	assert not texts(carrier, number)


def test_no_member_of_staff_phones(missed):
	before = frappe.db.get_single_value("Dialer Settings", "phone_event")
	set_settings({"phone_event": 1})
	_number, doc = missed()
	listing.fill_soon(doc.name)
	frappe.db.commit()
	(name,) = frappe.get_all(listing.DOCTYPE, {"campaign": doc.name}, pluck="name")
	try:
		with pytest.raises(claiming.Taken):
			retried(lambda: claiming.claim(name, "Administrator"))
	finally:
		frappe.db.rollback()
		set_settings({"phone_event": before})


def test_who_calls_back_hears_no_name(carrier, missed):
	number, _doc = missed()
	words = inbound_calls.last_words(number)
	assert not words or "Student" not in words[0]
