"""What is kept of families on the list, for how long, and who sees it."""

import json
from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database.transactions import retried
from school_dialer.desk.inbox import manual_calls as desk
from school_dialer.manual_calls import claiming, listing, outcomes, work
from school_dialer.privacy import erasure, holds, person, retention
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare


@pytest.fixture
def done(unreached, clerk):
	"""Return a family that was phoned, with a note."""
	user = clerk()
	_doc, rows = unreached()
	(row,) = rows.values()
	retried(lambda: claiming.next_family(user, []))
	frappe.db.commit()
	noted = outcomes.Noted(work.REACHED, note="Grandmother answers", by_own_phone=True)
	retried(lambda: outcomes.note(row.name, user, noted))
	frappe.db.commit()
	return row


def now(row):
	return frappe.db.get_value(listing.DOCTYPE, row.name, ["*"], as_dict=True)


def test_an_access_request_shows_it(done):
	found = person.rows_about(
		person.of_phone(done.phone), listing.DOCTYPE, person.COLUMNS[listing.DOCTYPE], ""
	)
	assert [one.note for one in found] == ["Grandmother answers"]


def test_erasure_removes_the_family_and_keeps_what_was_done(done):
	erasure.erase(person.of_phone(done.phone), really=True)
	found = now(done)
	assert (found.person_name, found.note) == (None, None) and not found.phone.startswith("+")
	assert (found.outcome, found.status) == (work.REACHED, work.DONE)


def test_a_hold_keeps_it(done):
	frappe.get_doc({"doctype": holds.DOCTYPE, "phone": done.phone, "reason": "Court"}).insert()
	assert erasure.erase(person.of_phone(done.phone), really=True).held
	assert now(done).note == "Grandmother answers"


def test_retention_removes_it_when_its_time_is_over(done):
	old = clock.to_db(clock.now() - timedelta(days=400))
	frappe.db.set_value(listing.DOCTYPE, done.name, "creation", old, update_modified=False)
	kept = dict.fromkeys(retention.SETTINGS, 0) | {"keep_recipients_days": 365}
	for _chunk in retention.purge(kept, True):
		pass
	assert now(done).note is None and not now(done).phone.startswith("+")


def test_open_rows_are_not_touched(unreached):
	_doc, rows = unreached()
	(row,) = rows.values()
	old = clock.to_db(clock.now() - timedelta(days=400))
	frappe.db.set_value(listing.DOCTYPE, row.name, "creation", old, update_modified=False)
	kept = dict.fromkeys(retention.SETTINGS, 0) | {"keep_recipients_days": 365}
	for _chunk in retention.purge(kept, True):
		pass
	assert now(row).phone == row.phone


def test_no_answer_of_the_api_holds_a_number(unreached, clerk):
	_doc, rows = unreached(2)
	user = clerk()
	frappe.set_user(user)
	name = desk.take_next()["name"]
	frappe.db.commit()
	answers = json.dumps([desk.board(), desk.card(name), desk.call_state(name)], default=str)
	assert not [phone for phone in rows if phone[2:] in answers]
	assert desk.board()["working"] == []


def test_a_manager_sees_who_works_on_what_and_gives_it_back(unreached, clerk):
	unreached()
	agent, manager = clerk(), clerk("Dialer Manager")
	name = retried(lambda: claiming.next_family(agent, []))
	frappe.db.commit()
	frappe.set_user(manager)
	assert [one["name"] for one in desk.board()["working"]] == [name]
	desk.release(name)
	assert desk.board()["working"] == [] and now(frappe._dict(name=name)).status == work.WAITING


def test_an_agent_gives_back_no_one_elses(unreached, clerk):
	unreached()
	one, other = clerk(), clerk()
	name = retried(lambda: claiming.next_family(one, []))
	frappe.db.commit()
	frappe.set_user(other)
	for action in (desk.release, desk.give_up):
		with pytest.raises(frappe.PermissionError):
			action(name)
	with pytest.raises(claiming.NotYours):
		desk.note_outcome(name, work.REACHED)
	with pytest.raises(frappe.ValidationError, match="Choose what came"):
		desk.note_outcome(name, work.BY_MACHINE)


def test_a_clerk_gets_no_family_of_a_student_they_may_not_read(carrier, answering, clerk):
	school = SchoolClass([{"One": [make.unlisted_phone()]}, {"Two": [make.unlisted_phone()]}])
	for (number,) in school.numbers.values():
		answering(number, "no answer")
	doc = school.campaign(max_attempts=1)
	prepare(doc)
	dial(carrier)
	listing.fill_soon(doc.name)
	user = clerk("Dialer Agent", "Academics User")
	frappe.get_doc(
		{"doctype": "User Permission", "user": user, "allow": "Student", "for_value": school.student(1)}
	).insert()
	frappe.db.commit()
	frappe.set_user(user)
	name = desk.take_next()["name"]
	frappe.db.commit()
	assert json.loads(now(frappe._dict(name=name)).students) == [school.student(1)]
	assert sum(row["waiting"] + row["claimed"] for row in desk.board()["counts"]) == 1
	other = frappe.db.get_value(listing.DOCTYPE, {"campaign": doc.name, "name": ("!=", name)})
	with pytest.raises(frappe.PermissionError):
		desk.card(other)
	frappe.set_user("Administrator")
	frappe.db.delete("User Permission", {"user": user})
	frappe.db.commit()
