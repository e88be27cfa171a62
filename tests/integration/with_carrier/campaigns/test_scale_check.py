"""A manual campaign about records: its allowed audience, and the confirmation of an unusually large one."""

import json

import frappe
import pytest

from school_dialer.campaigns import actions, scale_check
from school_dialer.desk import campaigns as desk
from tests.integration import factories as make

MARKED = {"voice": "Your child was marked absent.", "voicemail": "Please call us.", "text": "Please call us."}
ABSENT = {"only": [{"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 7}]}


@pytest.fixture
def by_hand(families):
	"""Return a function that makes a draft to all guardians of the demo school."""

	def draft(purpose: str, said: dict | None = None, filters: dict | None = None, **values):
		return frappe.get_doc(
			{
				"doctype": "Dialer Campaign",
				"title": f"{make.OURS}by hand",
				"purpose": purpose,
				"channel": "Voice",
				"audience_source": "All guardians",
				"audience_filters": json.dumps(filters) if filters else None,
				"template": make.template(purpose, said=said),
				**values,
			}
		).insert()

	return draft


@pytest.mark.parametrize(
	("purpose", "said"),
	[("Attendance", "Your child was marked absent."), ("Fees", "Your account is past due.")],
)
def test_words_about_a_record_do_not_go_to_everyone(by_hand, purpose, said):
	doc = by_hand(purpose, MARKED | {"voice": said})
	for act in (actions.start, actions.schedule, desk.preview_audience):
		if act is actions.schedule:
			frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", "2099-01-01 10:00:00")
		with pytest.raises(frappe.ValidationError, match="everyone in this audience would hear"):
			act(doc.name)


def test_a_condition_or_a_list_of_names_says_for_whom(by_hand):
	student = frappe.get_all("Student", limit=1, pluck="name", order_by="name")
	for filters in (ABSENT, {"only": [{"kind": "People", "doctype": "Student", "names": student}]}):
		scale_check.check_words(by_hand("Attendance", MARKED, filters))
	with pytest.raises(frappe.ValidationError, match="everyone in this audience"):
		scale_check.check_words(by_hand("Attendance", MARKED, {"except": ABSENT["only"]}))


def test_details_are_read_like_the_words(by_hand):
	doc = by_hand("Event", details="Your child was marked absent.")
	with pytest.raises(frappe.ValidationError, match="Choose a purpose"):
		actions.start(doc.name)


def test_unusually_many_ask_the_person_who_starts(by_hand):
	doc = by_hand("Attendance", {"voice": "Please listen to a message."})
	asked = desk.preview_audience(doc.name)["mass"]
	assert asked["people"] > 50 and str(asked["people"]) in asked["sentence"]
	for confirmed in (0, asked["people"] - 1):
		with pytest.raises(scale_check.NotConfirmed, match="Is that right"):
			desk.start(doc.name, confirmed)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == "Draft"
	desk.start(doc.name, asked["people"])
	row = frappe.get_doc("Dialer Campaign", doc.name)
	assert (row.mass_count, row.mass_confirmed_by) == (
		asked["people"],
		"Administrator",
	) and row.mass_confirmed_at


def test_who_confirmed_is_not_for_forms(by_hand):
	doc = by_hand("Attendance", {"voice": "Please listen."}, mass_count=99, mass_confirmed_by="Guest")
	assert not doc.mass_count and not doc.mass_confirmed_by


@pytest.mark.parametrize("purpose", ["Event", "General"])
def test_other_purposes_ask_nothing(by_hand, purpose):
	assert scale_check.question(by_hand(purpose)) is None


def test_few_ask_nothing(by_hand):
	student = frappe.get_all("Student", limit=1, pluck="name", order_by="name")
	filters = {"only": [{"kind": "People", "doctype": "Student", "names": student}]}
	assert scale_check.question(by_hand("Fees", filters=filters)) is None
