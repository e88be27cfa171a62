"""What a teacher may not do: others' groups, others' messages, other words, and hostile details."""

import frappe
import pytest
from frappe.client import get_list

from school_dialer.campaigns import actions
from school_dialer.campaigns.teachers import words
from school_dialer.desk import campaigns, linked, recipients
from school_dialer.desk.teachers import messages
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import Classroom, as_user, begin, template

PRIVATE = (
	"Dialer Campaign",
	"Dialer Recipient",
	"Dialer Call Log",
	"Contact Consent",
	"Consent Event",
	"Dialer Message Template",
	"Dialer Settings",
	"Dialer Disclosure",
	"Dialer Conversation",
)


def refused(lesson, **values) -> Exception:
	before = frappe.db.count("Dialer Campaign")
	with pytest.raises((frappe.ValidationError, frappe.PermissionError)) as caught:
		lesson.send(**values)
	frappe.db.rollback()
	assert frappe.db.count("Dialer Campaign") == before
	return caught.value


def test_another_teachers_group(lesson):
	other = Classroom()
	assert isinstance(refused(lesson, group=other.group), frappe.PermissionError)
	assert isinstance(refused(lesson, group="no such group"), frappe.PermissionError)
	assert isinstance(refused(lesson, group="' or 1=1 -- "), frappe.PermissionError)


def test_a_message_that_is_not_for_teachers(lesson):
	for name in (template(marked=0), template("Fundraising"), "no such message", "%"):
		frappe.db.commit()
		assert isinstance(refused(lesson, template=name), frappe.PermissionError)


def test_another_channel(lesson):
	for channel in ("Email", "", "text", "<b>Text</b>"):
		refused(lesson, channel=channel)


@pytest.mark.parametrize("purpose", ["Emergency", "Attendance", "Academic", "Fees", "Fundraising"])
def test_purposes_that_are_not_for_teachers(purpose):
	doc = frappe.get_doc("Dialer Message Template", make.template(purpose))
	doc.teachers_may_use = 1
	with pytest.raises(frappe.ValidationError, match="Teachers May Use"):
		doc.save()


@pytest.mark.parametrize(
	"said",
	[
		{"voice": "Your child was marked absent today.", "text": "Your child was marked absent today."},
		{"voice": "You owe {{ amount_due }}.", "text": "You owe us."},
	],
)
def test_words_about_records_are_not_for_teachers(said):
	with pytest.raises(frappe.ValidationError):
		doc = frappe.get_doc("Dialer Message Template", make.template("General", said=said))
		doc.teachers_may_use = 1
		doc.save()


def test_an_event_is_for_teachers():
	doc = frappe.get_doc("Dialer Message Template", make.template("Event"))
	doc.teachers_may_use = 1
	doc.save()
	assert doc.name in words.offered()


@pytest.mark.parametrize(
	"details",
	[
		"{{ student_name }}",
		"{% for x in y %}",
		"<script>alert(1)</script>",
		"Read https://evil.example/login",
		"Write to me@evil.example",
		"Visit evil.com now",
		"Call me at 312 555 0142",
		"+1 (312) 555-0142",
		"Your child was absent today",
		"You owe the school money for lunch",
		"x" * 301,
	],
)
def test_hostile_details(lesson, details):
	said = {"voice": "News: {{ campaign_details }}", "text": "News: {{ campaign_details }}"}
	lesson.template = template("General", said=said)
	frappe.db.commit()
	refused(lesson, details=details)


def test_details_name_no_student_of_the_group(lesson):
	said = {"voice": "News: {{ campaign_details }}", "text": "News: {{ campaign_details }}"}
	lesson.template = template("General", said=said)
	frappe.db.set_value("Student", lesson.group_class.student(0), "student_name", "Ana Maria Reyes")
	frappe.db.commit()
	assert "name a student" in str(refused(lesson, details="Ask about ana reyes."))
	lesson.send(details="Ana brings the cake.")


def test_details_of_a_message_without_any_are_dropped(lesson):
	assert not frappe.db.get_value("Dialer Campaign", lesson.send(details="Psst"), "details")


def test_others_messages(lesson):
	other = Classroom()
	name, ordinary = other.send(), make.campaign().name
	frappe.db.commit()
	for campaign in (name, ordinary, "no such campaign", ""):
		for method in (messages.stop, messages.result):
			with pytest.raises(frappe.PermissionError, match="not a message of yours"):
				as_user(lesson.teacher, lambda method=method, campaign=campaign: method(campaign))
	assert as_user(lesson.teacher, messages.mine) == []


def test_no_record_of_the_app_is_readable(lesson):
	name = lesson.send()
	begin(name)
	frappe.set_user(lesson.teacher)
	for doctype in PRIVATE:
		assert not frappe.has_permission(doctype, "read")
		# a single has no rows
		lists = () if frappe.get_meta(doctype).issingle else (get_list, frappe.get_list)
		for look in (linked.count, *lists):
			with pytest.raises(frappe.PermissionError):
				look(doctype)
	for method in (
		campaigns.start,
		campaigns.approve,
		campaigns.cancel,
		campaigns.progress,
		campaigns.preview_audience,
		recipients.results,
	):
		with pytest.raises(frappe.PermissionError):
			method(name)


def test_frappes_own_count_asks_for_the_right(lesson):
	method = frappe.get_hooks("override_whitelisted_methods")["frappe.client.get_count"][-1]
	name = lesson.send()
	begin(name)
	assert frappe.get_attr(method)("Dialer Recipient", {"campaign": name}) == 2
	frappe.set_user(lesson.teacher)
	with pytest.raises(frappe.PermissionError):
		frappe.get_attr(method)("Dialer Recipient", {"campaign": name})
	assert frappe.get_attr(method)("Country", {"name": "Mexico"}) == 1


def test_the_mark_of_a_teacher_is_not_forged(lesson):
	"""Check that no form, REST call or import makes a campaign a teacher's, or takes the mark away."""
	doc = make.campaign(teacher=lesson.teacher)
	assert not doc.teacher
	sent = frappe.get_doc("Dialer Campaign", lesson.send())
	sent.teacher = None
	sent.save()
	assert frappe.db.get_value("Dialer Campaign", sent.name, "teacher") == lesson.teacher
	with pytest.raises(frappe.ValidationError, match="cannot be changed"):
		sent.audience_source = "All guardians"
		sent.audience_name = None
		sent.save()
	assert actions.waits_for(sent) is None
