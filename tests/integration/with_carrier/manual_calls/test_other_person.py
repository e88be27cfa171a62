"""A person reached one of a family, or was told to stop. Who else must hear is left to be called."""

import frappe
import pytest

from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base.database.transactions import retried
from school_dialer.gate import planned
from school_dialer.manual_calls import claiming, listing, outcomes, work
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.manual_calls.conftest import listed
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def parents(carrier, answering, clerk):
	"""Return a function that calls parents with one home in vain, and has a clerk take the family.

	The father was called last. Returns the campaign, the name of the row, the clerk, and the mother's number.
	"""

	def call(reach: str = "Everyone", home: bool = True):
		shared, mother, father = (make.unlisted_phone() for _ in range(3))
		for number in (shared, mother, father):
			answering(number, "no answer")
		at_home = [shared] if home else []
		doc = SchoolClass([{"Ana": [*at_home, mother], "Ben": [*at_home, father]}]).campaign(
			reach=reach, max_attempts=1
		)
		prepare(doc)
		dial(carrier)
		assert state_of(doc) == "Completed"
		listing.fill_soon(doc.name)
		((phone, row),) = listed(doc).items()
		assert (phone, row.person_name) == (father, "Ben")
		user = clerk()
		claim(row.name, user)
		return doc, row.name, user, shared if home else mother

	return call


def claim(name: str, user: str) -> None:
	retried(lambda: claiming.claim(name, user))
	frappe.db.commit()


def note(name: str, user: str, outcome: str, **more) -> str:
	status = retried(lambda: outcomes.note(name, user, outcomes.Noted(outcome, **more)))
	frappe.db.commit()
	return status


def row_of(name: str):
	frappe.db.rollback()
	return frappe.db.get_value(listing.DOCTYPE, name, [*claiming.READ], as_dict=True)


def recipient_of(name: str):
	"""Return the recipient, whose seal has to be valid."""
	fields = [*planned.FIELDS, "person_name", "seal", "status", "outcome"]
	row = frappe.db.get_value("Dialer Recipient", row_of(name).recipient, fields, as_dict=True)
	assert planned.divided([row])[0] == [row]
	return row


def told(doc) -> set[str]:
	rows = frappe.get_all(
		"Dialer Party", {"campaign": doc.name, "state": "Informed"}, ["person_name"], order_by="name"
	)
	return {row.person_name for row in rows}


def test_the_other_guardian_is_left_to_be_called(parents):
	doc, name, user, shared = parents()
	assert note(name, user, work.REACHED) == work.WAITING
	row, recipient = row_of(name), recipient_of(name)
	assert (row.phone, row.person_name, row.attempts) == (shared, "Ana", 0)
	assert (recipient.status, recipient.phone, recipient.person_name) == ("Not Reached", shared, "Ana")
	assert told(doc) == {"Ben"}
	claim(name, user)
	assert note(name, user, work.REACHED) == work.DONE
	assert recipient_of(name).status == "Reached" and told(doc) == {"Ana", "Ben"}


def test_where_one_guardian_is_enough_the_family_is_done(parents):
	doc, name, user, _shared = parents(ONE_GUARDIAN)
	assert note(name, user, work.REACHED) == work.DONE
	assert recipient_of(name).status == "Reached" and told(doc) == {"Ben"}


def test_only_the_last_of_two_who_were_reached_is_taken_back(parents):
	doc, name, user, shared = parents()
	before = recipient_of(name)
	note(name, user, work.REACHED)
	retried(lambda: outcomes.take_back(name, user))
	frappe.db.commit()
	row = row_of(name)
	assert (row.status, row.person_name, row.phone) == (work.CALLED, "Ben", before.phone)
	assert recipient_of(name) == before and told(doc) == set()
	note(name, user, work.REACHED)
	claim(name, user)
	note(name, user, work.REACHED)
	retried(lambda: outcomes.take_back(name, user))
	frappe.db.commit()
	assert (row_of(name).phone, told(doc)) == (shared, {"Ben"})


def test_the_other_guardian_is_offered_after_one_asked_to_stop(parents):
	_doc, name, user, mother = parents(ONE_GUARDIAN, home=False)
	assert note(name, user, work.STOP) == work.WAITING
	row = row_of(name)
	assert (row.phone, row.person_name, row.attempts) == (mother, "Ana", 0)
	claim(name, user)
	assert note(name, user, work.STOP) == work.DONE
