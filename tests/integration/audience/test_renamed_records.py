"""The groups, programs, and people that filters name are found under the names that they have now."""

import json

import frappe
import pytest

from school_dialer.base import states
from school_dialer.campaigns.planning import planner
from tests.integration import factories as make
from tests.integration.audience.conftest import GUARDIANS, Place


def named(place: Place, doctype: str, name: str) -> dict:
	if doctype in ("Student", "Guardian"):
		return {"kind": "People", "doctype": doctype, "names": [place.named(name)]}
	return {"kind": doctype, "names": [place.named(name)]}


def campaign(place: Place, filters: dict):
	asked = {"audience_source": GUARDIANS, "audience_name": place.named("All")}
	return make.campaign(audience_filters=json.dumps(filters), **asked)


def called(place: Place, doc) -> set[str]:
	return {place.short(option.candidate.person) for option in planner.preview(doc)}


def rename(place: Place, doctype: str, name: str, new: str, merge: bool = False) -> None:
	frappe.rename_doc(doctype, place.named(name), new, force=True, merge=merge)


CASES = [
	("Student Group", "B", {"Aunt", "Uncle"}),
	("Program", "P", {"Mother", "Father", "Aunt"}),
	("Student", "Cam", {"Aunt"}),
	("Guardian", "Uncle", {"Uncle"}),
]


@pytest.mark.parametrize("new", ["Fifth", 'Class "5" é 100%'])
@pytest.mark.parametrize(("doctype", "name", "meant"), CASES)
def test_the_same_families_are_called_and_left_out_under_a_new_name(place: Place, doctype, name, meant, new):
	own = [named(place, doctype, name)]
	only, exclude = campaign(place, {"only": own}), campaign(place, {"except": own})
	before = called(place, only), called(place, exclude)
	assert before[0] == meant
	rename(place, doctype, name, f"{place.tag}-{new}")
	later = {new: name} if doctype == "Guardian" else {}
	for doc, families in zip((only, exclude), before, strict=True):
		doc.reload()
		assert {later.get(one, one) for one in called(place, doc)} == families
	if doctype == "Student Group":
		assert place.named(new) in only.filters_in_words


def test_a_group_that_is_merged_stays_left_out(place: Place):
	doc = campaign(place, {"except": [named(place, "Student Group", one) for one in ("A", "B")]})
	assert called(place, doc) == set()
	rename(place, "Student Group", "A", place.named("B"), merge=True)
	doc.reload()
	assert json.loads(doc.audience_filters)["except"][0]["names"] == [place.named("B")]


def test_a_link_on_the_record_is_found_under_its_new_name(place: Place):
	frappe.get_doc({"doctype": "Gender", "gender": place.named("One")}).insert()
	frappe.db.set_value("Student", place.named("Cam"), "gender", place.named("One"))
	asked = {"kind": "Field", "doctype": "Student", "fieldname": "gender"}
	doc = campaign(place, {"except": [{**asked, "operator": "is", "value": place.named("One")}]})
	left = called(place, doc)
	assert "Aunt" not in left
	rename(place, "Gender", "One", place.named("Other"))
	doc.reload()
	assert called(place, doc) == left


def test_rules_and_saved_audiences_follow_too(place: Place):
	filters = json.dumps({"except": [named(place, "Student Group", "B")]})
	chosen = {"audience_source": GUARDIANS, "audience_name": place.named("All"), "audience_filters": filters}
	saved = frappe.get_doc({"doctype": "Dialer Audience", "title": place.named("Saved"), **chosen}).insert()
	rule = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": place.named("Rule"),
			"kind": "Recurring",
			"purpose": "General",
			"channel": "Voice",
			"cron": "0 10 * * *",
			**chosen,
		}
	).insert()
	rename(place, "Student Group", "B", place.named("Fifth"))
	for doc in (saved, rule):
		doc.reload()
		assert json.loads(doc.audience_filters)["except"][0]["names"] == [place.named("Fifth")]
		assert place.named("Fifth") in doc.filters_in_words


@pytest.mark.parametrize(("status", "follows"), [(states.RUNNING, True), (states.COMPLETED, False)])
def test_what_was_planned_follows_until_it_has_ended(place: Place, status, follows):
	doc = campaign(place, {"except": [named(place, "Student Group", "B")]})
	frappe.db.set_value("Dialer Campaign", doc.name, {"status": status, "planned_at": doc.creation})
	rename(place, "Student Group", "B", place.named("Fifth"))
	kept = frappe.db.get_value("Dialer Campaign", doc.name, "audience_filters")
	assert (place.named("Fifth") in kept) == follows
