"""Only whom the planner chose is dialed: rows that came in another way, or were changed since, are not."""

import json
import secrets
from contextlib import contextmanager

import frappe
import pytest

from dev.demo.people import APPROVER, MANAGER, Person, Refused
from dev.school import users
from school_dialer.base import clock, states
from school_dialer.campaigns import actions, notifications
from school_dialer.campaigns.planning import planner
from school_dialer.desk import decisions
from school_dialer.gate import planned
from school_dialer.outbound.attempts import claims
from school_dialer.patches import seals_of_recipients
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of

FIRE = {"purpose": "Emergency", **emergencies.FIRE}


@pytest.fixture(autouse=True)
def staff(school) -> None:
	users.create()
	frappe.db.commit()


def recipient(campaign: str, number: str) -> dict:
	return {"doctype": "Dialer Recipient", "campaign": campaign, "phone": number, "person_name": "Stranger"}


def paused(doc):
	planner.run(doc.name)
	actions.pause(doc.name)
	frappe.db.commit()
	return doc


def an_ended_one():
	doc = make.campaign()
	prepare(doc)
	assert state_of(doc) == states.COMPLETED
	return doc


def a_canceled_one():
	doc = make.campaign()
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.CANCELLED)
	return doc


def an_approved_survey():
	doc = make.campaign()
	frappe.db.set_value("Dialer Campaign", doc.name, {"approved_by": MANAGER, "status": states.RUNNING})
	return doc


CLOSED = {
	"an emergency that is written": lambda: make.campaign(**FIRE),
	"an emergency that waits for approval": lambda: emergencies.asked_for([make.phone()]),
	"an approved emergency": lambda: emergencies.approved([make.phone()]),
	"a paused emergency": lambda: paused(emergencies.approved([make.phone()])),
	"a completed campaign": an_ended_one,
	"a canceled campaign": a_canceled_one,
	"an approved survey": an_approved_survey,
}


def over_rest(person: Person, row: dict) -> None:
	person.create("Dialer Recipient", row)


def over_client(person: Person, row: dict) -> None:
	person.ask("POST", "/api/method/frappe.client.insert", {"doc": row})


def by_import(person: Person, row: dict) -> None:
	with pytest.MonkeyPatch.context() as patch:
		patch.setitem(frappe.local.flags, "in_import", True)
		frappe.get_doc(row).insert(ignore_permissions=True)


@pytest.mark.parametrize("way", [over_rest, over_client, by_import])
@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_no_manager_adds_anyone(web, closed, way):
	number = make.phone()
	make.consent(number)
	doc = closed()
	frappe.db.commit()
	with pytest.raises((Refused, frappe.PermissionError)):
		way(Person(web, MANAGER), recipient(doc.name, number))
	frappe.db.rollback()
	assert not frappe.db.exists("Dialer Recipient", {"campaign": doc.name, "phone": number})


def test_a_person_added_before_it_became_an_emergency_is_not_called(carrier, posted):
	number, stranger = make.phone(), make.phone()
	make.consent(stranger)
	doc = make.campaign([number])
	frappe.get_doc(recipient(doc.name, stranger)).insert()
	doc.update({**FIRE, "template": make.template("Emergency")})
	doc.save()
	emergencies.approved([], doc=doc)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(stranger))) == (1, 0)


def test_an_ordinary_campaign_still_takes_whom_the_gate_permits(carrier, posted):
	number = make.phone()
	make.consent(number)
	doc = make.campaign()
	row = recipient(doc.name, number) | {"told_again": 1}
	inserted = frappe.get_doc(row).insert()
	assert inserted.told_again == 0
	prepare(doc)
	dial(carrier)
	assert len(posted(number)) == 1


def written_behind(doc, number: str, like: str) -> str:
	"""Write a copy of a planned row with another number into the database, and return its name."""
	(values,) = frappe.db.sql(
		"select * from `tabDialer Recipient` where campaign = %s and phone = %s",
		(doc.name, like),
		as_dict=True,
	)
	values.update(name=secrets.token_hex(10), phone=number, household_key=number)
	frappe.db.bulk_insert("Dialer Recipient", list(values), [tuple(values.values())])
	return values.name


def test_a_row_that_was_written_past_the_app_is_not_dialed(carrier, posted):
	number, stranger = make.phone(), make.phone()
	doc = emergencies.approved([number])
	planner.run(doc.name)
	name = written_behind(doc, stranger, like=number)
	frappe.db.commit()
	dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(stranger))) == (1, 0)
	row = frappe.db.get_value("Dialer Recipient", name, ["status", "reasons"])
	assert row == (states.BLOCKED, planned.NOT_PLANNED)
	found = decisions.explain("Dialer Recipient", name)
	assert (found["verdict"], found["reasons"][-1]["title"]) == ("BLOCK", "Not planned by this app")
	assert state_of(doc) == states.COMPLETED


SEALED = ("name", "seal", *planned.FIELDS)
CHANGES = {
	"phone": "+13125550198",
	"person": "another",
	"person_doctype": "Guardian",
	"students": '["another"]',
	"seal": None,
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_planned_row_that_was_changed_is_not_dialed(carrier, posted, field):
	numbers = [make.phone(), make.phone()]
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	row = {"campaign": doc.name, "phone": numbers[0]}
	name = frappe.db.get_value("Dialer Recipient", row)
	frappe.db.set_value("Dialer Recipient", name, field, CHANGES[field], update_modified=False)
	frappe.db.commit()
	dial(carrier, emergency=True)
	assert (len(posted(numbers[0])), len(posted(numbers[1]))) == (0, 1)
	assert frappe.db.get_value("Dialer Recipient", name, "reasons") == planned.NOT_PLANNED


def alarmed(doc) -> list[str]:
	"""Return the users who were alarmed about rows without a seal, one for each alarm."""
	words = {"document_name": doc.name, "subject": f"Some people are not called: {doc.title}"}
	return frappe.get_all("Notification Log", words, pluck="for_user", order_by="creation")


def test_staff_is_alarmed_once_for_a_campaign(carrier):
	numbers = [make.phone(), make.phone()]
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	for _ in range(2):
		name = written_behind(doc, make.phone(), like=numbers[0])
		frappe.db.set_value("Dialer Recipient", name, {"status": states.PENDING, "claim": None})
		frappe.db.commit()
		claims.claim(doc.name, 50)
	blocked = {"campaign": doc.name, "status": states.BLOCKED}
	assert frappe.db.count("Dialer Recipient", blocked) == 2
	assert alarmed(doc).count(APPROVER) == alarmed(doc).count(MANAGER) == 1


def test_they_are_blocked_although_the_alarm_fails_and_staff_is_alarmed_later(carrier, posted, monkeypatch):
	number, stranger = make.phone(), make.phone()
	doc = emergencies.approved([number])
	planner.run(doc.name)
	name = written_behind(doc, stranger, like=number)
	frappe.db.commit()
	with monkeypatch.context() as patch:
		patch.setattr(notifications, "notify_once", lambda *_about: 1 / 0)
		dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(stranger))) == (1, 0)
	assert frappe.db.get_value("Dialer Recipient", name, "status") == states.BLOCKED
	assert not alarmed(doc)
	notifications.notify_pending(doc.name)
	assert alarmed(doc).count(APPROVER) == alarmed(doc).count(MANAGER) == 1


OTHER = "recipient of another site"


@contextmanager
def another_key():
	"""Let the site have another encryption key, as far as seals of recipients go."""
	real = planned.keys.derive
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(planned.keys, "derive", lambda label: real(OTHER if label == "recipient" else label))
		yield


def test_a_campaign_pauses_until_the_site_has_its_key_again(carrier, posted):
	numbers = [make.phone(), make.phone()]
	make.consents(numbers)
	doc = make.campaign(numbers)
	prepare(doc)
	with another_key():
		dial(carrier)
	assert state_of(doc) == states.PAUSED
	assert "encryption_key" in frappe.db.get_value("Dialer Campaign", doc.name, "status_message")
	assert not any(map(posted, numbers))
	actions.resume(doc.name)
	frappe.db.commit()
	dial(carrier)
	assert [len(posted(number)) for number in numbers] == [1, 1]


def test_an_emergency_does_not_pause_and_staff_is_alarmed(carrier, posted):
	number = make.phone()
	doc = emergencies.approved([number])
	planner.run(doc.name)
	with another_key():
		dial(carrier, emergency=True)
	assert not posted(number) and alarmed(doc).count(APPROVER) == 1
	(row,) = make.recipients(doc.name)
	assert (row.status, row.reasons) == (states.BLOCKED, planned.NOT_PLANNED)


def test_a_single_row_of_an_ordinary_campaign_is_blocked(carrier, posted):
	number, stranger = make.phone(), make.phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	frappe.db.set_value("Dialer Campaign", doc.name, {"status": states.RUNNING, "ended_at": None})
	name = written_behind(doc, stranger, like=number)
	frappe.db.set_value("Dialer Recipient", name, "status", states.PENDING)
	frappe.db.commit()
	dial(carrier)
	assert not posted(stranger) and state_of(doc) == states.COMPLETED
	assert frappe.db.get_value("Dialer Recipient", name, "reasons") == planned.NOT_PLANNED


def test_no_one_is_blocked_before_the_update_has_sealed_older_rows(carrier, posted):
	number, older = make.phone(), make.phone()
	doc = emergencies.approved([number, older])
	planner.run(doc.name)
	row = {"campaign": doc.name, "phone": older}
	frappe.db.set_value("Dialer Recipient", row, "seal", None)
	frappe.db.commit()
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(planned, "SEALED_BY", "school_dialer.patches.that_did_not_run")
		dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(older))) == (1, 0)
	assert frappe.db.get_value("Dialer Recipient", row, "status") == states.PENDING and not alarmed(doc)
	seals_of_recipients.execute()
	frappe.db.set_value("Dialer Recipient", row, "not_before", clock.db_now())
	frappe.db.commit()
	dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(older))) == (1, 1)


def test_two_guardians_with_one_number_are_one_call_about_both_children(carrier, monkeypatch):
	monkeypatch.setattr(planner, "CHUNK", 1)
	number = make.phone()
	school = SchoolClass([{"Ana": [number]}, {"Ben": [number]}])
	doc = school.campaign()
	prepare(doc)
	(row,) = make.recipients(doc.name, *SEALED)
	assert json.loads(row.students) == [school.student(0), school.student(1)]
	assert planned.divided([row])[1] == []


@pytest.mark.parametrize("left_out", ["seal", *planned.FIELDS])
def test_a_row_whose_seal_was_not_read_is_an_error(left_out):
	row = frappe._dict(dict.fromkeys({"seal", *planned.FIELDS} - {left_out}))
	for judge in (lambda: planned.divided([row]), lambda: planned.resealed(row, {})):
		with pytest.raises(KeyError):
			judge()


def test_a_family_is_planned_over_a_row_that_stands_in_its_place(carrier, posted):
	number, other = make.phone(), make.phone()
	doc = emergencies.approved([number, other])
	planner.run(doc.name)
	again = {"plan_cursor": None, "planned_at": None, "status": states.PREPARING}
	frappe.db.set_value("Dialer Campaign", doc.name, again)
	frappe.db.sql("update `tabDialer Recipient` set seal = null where campaign = %s", doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert (len(posted(number)), len(posted(other))) == (1, 1)


def test_rows_planned_before_the_update_are_sealed(carrier, posted, monkeypatch):
	monkeypatch.setattr(seals_of_recipients, "CHUNK", 2)
	numbers = [make.phone() for _ in range(5)]
	doc = emergencies.approved(numbers)
	planner.run(doc.name)
	frappe.db.sql("update `tabDialer Recipient` set seal = null where campaign = %s", doc.name)
	frappe.db.commit()
	seals_of_recipients.execute()
	dial(carrier, emergency=True)
	assert [len(posted(number)) for number in numbers] == [1] * 5
