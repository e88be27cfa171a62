"""What a campaign about students needs before it starts.

It needs a threat on record, no name in a message that anyone may hear, and an officer's approval.
"""

import json

import frappe
import pytest

from dev.demo.people import MANAGER
from school_dialer import gate
from school_dialer.base import states
from school_dialer.calls import live_call
from school_dialer.campaigns import actions, estimate, message_content, notifications, student_records
from school_dialer.campaigns.planning import planner
from school_dialer.messages import store
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial

NAMED = {
	"voice": "{{ student_names }} needs you now.",
	"voicemail": "Please call us.",
	"text": "Please call us.",
}
OFFICER = "Dialer Compliance Officer"


@pytest.fixture(autouse=True)
def staff(school):
	from dev.school import users

	users.create()
	frappe.db.commit()
	yield
	frappe.set_user("Administrator")
	frappe.db.rollback()


def emergency(kind: str = "Health risk", words: dict = NAMED, **values):
	number = make.phone()
	template = make.template("Emergency", text=int(values.get("channel") == "Text"), said=words)
	return make.campaign(
		[number],
		purpose="Emergency",
		emergency_type=kind,
		emergency_reason="What happened",
		template=template,
		**values,
	)


def test_an_emergency_about_single_students_needs_its_threat():
	doc = emergency()
	with pytest.raises(frappe.MandatoryError, match="threat"):
		actions.start(doc.name)
	doc.threat = "Measles in room 4: those who sat there."
	doc.save()
	assert actions.start(doc.name) == states.AWAITING
	doc.reload()
	doc.threat = "Another"
	with pytest.raises(frappe.ValidationError):
		doc.save()


@pytest.mark.parametrize(
	"words",
	[
		{**NAMED, "voice": "SchoolClass is closed today."},
		{**NAMED, "voice": "There is a fire. All are safe."},
	],
)
def test_an_emergency_of_everyone_needs_none(words):
	assert actions.start(emergency("Fire", words).name) == states.AWAITING


def test_an_unexcused_absence_names_no_student_on_voicemail_or_in_a_text():
	assert actions.start(emergency("Unexcused absence").name) == states.AWAITING
	loud = emergency("Unexcused absence", {**NAMED, "voicemail": "{{ student_names }} is not here."})
	with pytest.raises(frappe.ValidationError, match="student records"):
		actions.start(loud.name)
	written = emergency(
		"Unexcused absence", {**NAMED, "text": "{{ student_names }} is not here."}, channel="Text"
	)
	with pytest.raises(frappe.ValidationError, match="student records"):
		actions.start(written.name)


def test_an_unexcused_absence_is_heard_after_a_key(carrier, answering):
	number = make.phone()
	klass = SchoolClass([{"Ana": [number]}])
	answering(number, "answers")
	template = make.template("Emergency", text=0, said=NAMED)
	doc = klass.campaign(
		purpose="Emergency",
		template=template,
		emergency_type="Unexcused absence",
		emergency_reason="Not in class",
	)
	campaign = frappe.get_doc("Dialer Campaign", doc.name)
	assert gate.CallContext.of(campaign).about_records()
	assert live_call.voice.gated(store.example_outgoing(gate.template_of(campaign), frappe._dict()))
	assert not message_content.asks_for_pin(campaign)
	assert estimate.all_words(campaign)


@pytest.mark.parametrize(
	("purpose", "words", "check", "pin"),
	[
		("Academic", NAMED, None, True),
		("Fees", NAMED, None, True),
		("Attendance", NAMED, None, False),
		("Event", NAMED, None, False),
		("Event", {**NAMED, "voice": "Hello. The grade is {{ result_grade }}."}, None, True),
		("Fees", NAMED, "Key 1", False),
		("Attendance", NAMED, "PIN", True),
	],
)
def test_a_pin_opens_grades_and_fees_by_default(purpose, words, check, pin):
	before = frappe.db.get_single_value("Dialer Settings", "identity_check")
	frappe.db.set_single_value("Dialer Settings", "identity_check", "PIN for Grades and Fees")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	try:
		doc = make.campaign(
			purpose=purpose, template=make.template(purpose, text=0, said=words), identity_check=check
		)
		assert message_content.asks_for_pin(doc) is pin
	finally:
		frappe.db.set_single_value("Dialer Settings", "identity_check", before)
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_the_threat_is_on_the_disclosure_log(carrier, answering):
	number = make.phone()
	klass = SchoolClass([{"Ana": [number]}])
	answering(number, "answers")
	doc = klass.campaign(
		purpose="Emergency",
		template=make.template("Emergency", text=0, said=NAMED),
		emergency_type="Health risk",
		emergency_reason="A case",
		threat="Measles in room 4",
	)
	emergencies.approved([], doc=doc)
	planner.run(doc.name)
	dial(carrier)
	frappe.db.rollback()
	(row,) = frappe.get_all(
		"Dialer Disclosure",
		{"campaign": doc.name},
		["legal_basis", "threat", "fields_disclosed", "certainty"],
		order_by="name",
	)
	assert (row.legal_basis, row.threat) == ("Health or Safety Emergency (34 CFR 99.36)", "Measles in room 4")
	assert json.loads(row.fields_disclosed) == ["student_names"] and row.certainty == "Certain"


def poll(question: str, source: str = "Students of a Student Group", **values):
	klass = SchoolClass([{"Ana": [make.phone()]}])
	template = frappe.get_doc("Dialer Message Template", make.template("Event", text=0))
	template.asks = "Poll"
	template.translations[0].update({"question": question, "answers": "Yes\nNo"})
	return make.campaign(
		audience_source=source,
		audience_name=klass.group,
		audience_file=None,
		template=template.save().name,
		**values,
	)


@pytest.mark.parametrize(
	("question", "source", "declared", "waits"),
	[
		("Do you use drugs?", "Students of a Student Group", 0, True),
		("Will you come?", "Students of a Student Group", 0, False),
		("Will you come?", "Students of a Student Group", 1, True),
		("Does your family go to church?", "Guardians of a Student Group", 0, False),
		("Will you come?", "Guardians of a Student Group", 1, True),
	],
)
def test_which_surveys_wait_for_the_officer(question, source, declared, waits):
	doc = frappe.get_doc("Dialer Campaign", poll(question, source, protected_survey=declared).name)
	assert student_records.awaits_officer(doc) is waits
	assert actions.waits_for(doc) == (OFFICER if waits else None)


def test_an_officer_who_did_not_ask_for_it_approves_a_survey(monkeypatch, as_role):
	monkeypatch.setattr(actions, "validate_campaign", lambda campaign: None)
	doc = poll("Have you felt depressed?")
	frappe.set_user(MANAGER)
	assert actions.start(doc.name) == states.AWAITING
	frappe.set_user("Administrator")
	waiting = frappe.get_doc("Dialer Campaign", doc.name)
	officers = notifications.staff.with_roles(OFFICER)
	assert notifications.concerned(waiting, states.AWAITING) == officers - {MANAGER}
	assert "Survey" in notifications.subject_of(waiting, states.AWAITING)
	for role in ("Dialer Manager", "Dialer Emergency Approver"):
		as_role(role)
		with pytest.raises(frappe.PermissionError):
			actions.approve(doc.name)
		with pytest.raises(frappe.PermissionError):
			actions.reject(doc.name, "No")
	officer = as_role(OFFICER)
	actions.approve(doc.name)
	frappe.set_user("Administrator")
	waiting.reload()
	assert (waiting.status, waiting.approved_by) == (states.PREPARING, officer) and waiting.approved_at


def test_an_officer_does_not_approve_their_own_survey(monkeypatch, as_role):
	monkeypatch.setattr(actions, "validate_campaign", lambda campaign: None)
	doc = poll("Have you felt depressed?")
	as_role(OFFICER, "Dialer Manager")
	actions.start(doc.name)
	with pytest.raises(frappe.PermissionError, match="second person"):
		actions.approve(doc.name)


def test_a_survey_is_not_scheduled(monkeypatch):
	monkeypatch.setattr(actions, "validate_campaign", lambda campaign: None)
	doc = poll("Do you pray?", scheduled_at=frappe.utils.add_days(make.clock.db_now(), 3))
	with pytest.raises(frappe.ValidationError, match="Compliance Officer"):
		actions.schedule(doc.name)
