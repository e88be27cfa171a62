"""People that another campaign reached or did not reach.

They are matched by person, by number, and by the household that shares a call.
"""

import json
import secrets

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.parties import asking
from school_dialer.outbound.attempts import refusals
from tests.integration import factories as make
from tests.integration.audience.conftest import GUARDIANS, Place


@pytest.fixture
def earlier(place: Place) -> str:
	"""Return a campaign that reached two people out of three that it called.

	It reached the mother, who pressed a key, and the uncle. It did not reach the aunt. It did not call the
	father.
	"""
	name = make.campaign(audience_source=GUARDIANS, audience_name=place.named("All")).name
	settle(place, name, Mother="Reached", Uncle="Reached", Aunt="Not Reached", Father="Blocked")
	(recipient,) = frappe.get_all("Dialer Recipient", {"person": place.named("Mother")}, pluck="name")
	log = {
		"name": secrets.token_hex(6),
		"attempt_key": secrets.token_hex(8),
		"campaign": name,
		"recipient": recipient,
		"direction": "Outbound",
		"verdict": "ALLOW",
		"acknowledged": 1,
	}
	Bulk().insert("Dialer Call Log", [log])
	return name


def settle(place: Place, campaign: str, **states: str) -> None:
	rows = [
		{
			"name": secrets.token_hex(6),
			"campaign": campaign,
			"status": status,
			"attempts": int(status != "Blocked"),
			"person_doctype": "Guardian",
			"person": place.named(person),
			"phone": place.phones[person],
			"raw_phone": place.phones[person],
			"household_key": place.phones[person],
		}
		for person, status in states.items()
	]
	Bulk().insert("Dialer Recipient", rows)


def those(campaign: str, outcome: str) -> dict:
	return {"kind": "Campaign", "campaign": campaign, "outcome": outcome}


@pytest.mark.parametrize(
	("outcome", "people"),
	[
		("Reached", {"Mother", "Uncle"}),
		("Acknowledged", {"Mother"}),
		("Not Reached", {"Aunt"}),
		("Called", {"Mother", "Uncle", "Aunt"}),
		("Anybody", {"Mother", "Uncle", "Aunt", "Father"}),
	],
)
def test_by_what_became_of_them(place: Place, earlier: str, outcome: str, people: set[str]):
	only, exclude = {"only": [those(earlier, outcome)]}, {"except": [those(earlier, outcome)]}
	assert set(place.eligible(only)) == people
	assert set(place.eligible(exclude)) == {"Mother", "Father", "Aunt", "Uncle"} - people
	assert place.count(only).people == len(people)
	assert place.count(exclude).people == 4 - len(people)


def test_a_number_that_another_person_shares_is_not_called_again(place: Place, earlier: str):
	"""Check that the number matches however it is written on the other person's record."""
	number = place.phones["Mother"]
	written = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
	frappe.db.set_value("Guardian", place.named("Aunt"), "mobile_number", written)
	assert set(place.eligible({"except": [those(earlier, "Reached")]})) == {"Father"}


def test_lines_of_a_file_are_told_apart_by_number(place: Place, earlier: str):
	people = [("Somebody", place.phones["Mother"]), ("Anybody", make.phone())]
	asked = {"label": "CSV file", "audience_file": make.csv_file(people)}
	source = place.source({"except": [those(earlier, "Reached")]}, **asked)
	households, _cursor = source.eligible_households("", 10)
	assert [one.person_name for (one,) in households] == ["Anybody"]
	assert (source.count().people, source.count().households, source.count().students) == (1, 1, None)
	file = frappe.db.get_value("File", {"file_url": asked["audience_file"]})
	frappe.db.sql("update `tabDialer Recipient` set person_doctype = 'File', person = %s", file)
	assert place.source({"only": [those(earlier, "Reached")]}, **asked).eligible_households("", 10)[0][0][
		0
	].phones == (place.phones["Mother"],)


def test_of_a_household_in_which_one_is_enough_all_are_settled(place: Place, earlier: str):
	share = "One guardian of each student"
	frappe.db.set_value("Dialer Campaign", earlier, "reach", share)
	lines = [
		ContactPoint(place.phones[one], "Guardian", place.named(one), one, "en", (place.named("Ana"),))
		for one in ("Mother", "Father")
	]
	(name,) = frappe.get_all("Dialer Recipient", {"person": place.named("Mother")}, pluck="name")
	make.parties(name, *lines)
	assert set(place.eligible({"except": [those(earlier, "Reached")]})) == {"Aunt"}


def test_a_family_is_left_out_when_one_of_them_was_reached_and_one_is_enough(place: Place, earlier: str):
	found = place.eligible({"except": [those(earlier, "Reached")]}, reach="One guardian of each student")
	assert set(found) == {"Aunt"}
	found = place.eligible({"only": [those(earlier, "Reached")]}, reach="One guardian of each student")
	assert set(found) == {"Mother", "Father", "Uncle"}


def test_anyone_who_was_reached_meanwhile_is_not_called(place: Place, earlier: str):
	filters = json.dumps({"except": [those(earlier, "Reached")]})
	doc = make.campaign(audience_source=GUARDIANS, audience_name=place.named("All"), audience_filters=filters)
	settle(place, doc.name, Father="Dialing", Aunt="Dialing")
	assert [row.person for row in wanted(doc)] == [place.named("Aunt"), place.named("Father")]
	frappe.db.set_value(
		"Dialer Recipient", {"campaign": earlier, "person": place.named("Aunt")}, "status", "Reached"
	)
	assert [row.person for row in wanted(doc)] == [place.named("Father")]
	status, why = frappe.db.get_value(
		"Dialer Recipient", {"campaign": doc.name, "person": place.named("Aunt")}, ["status", "outcome"]
	)
	assert status == "Cancelled" and "filters" in why


def test_who_shares_a_number_with_anyone_reached_meanwhile_is_called(place: Place, earlier: str):
	filters = json.dumps({"except": [those(earlier, "Reached")]})
	doc = make.campaign(audience_source=GUARDIANS, audience_name=place.named("All"), audience_filters=filters)
	settle(place, doc.name, Father="Dialing")
	fields = ["name", "phone", "person_doctype", "person", "students"]
	(row,) = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, fields)
	for people, kept in ((("Mother", "Father"), ["Father"]), (("Mother",), [])):
		lines = [
			ContactPoint(
				row.phone, "Guardian", place.named(one), one, "en", (place.named(f"Child of {one}"),)
			)
			for one in people
		]
		make.parties(row.name, *lines)
		asking.attach([row])
		found = refusals.recheck_audience(doc, [row])
		assert [point.person_name for one in found for point in one.parties] == kept
		assert frappe.db.get_value(
			"Dialer Party", {"parent": row.name, "person": lines[0].person}, "state"
		) == ("Withdrawn")
	assert frappe.db.get_value("Dialer Recipient", row.name, "status") == "Cancelled"


def test_whom_the_campaign_leaves_out_leaves_the_other_guardian_to_it(place: Place, earlier: str):
	filters = json.dumps({"only": [those(earlier, "Not Reached")]})
	doc = make.campaign(audience_source=GUARDIANS, audience_name=place.named("All"), audience_filters=filters)
	settle(place, doc.name, Father="Dialing")
	fields = ["name", "phone", "person_doctype", "person", "students"]
	(row,) = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, fields)
	lines = [
		ContactPoint(place.phones[one], "Guardian", place.named(one), one, "en", (place.named("Ana"),))
		for one in ("Aunt", "Father")
	]
	make.parties(row.name, *lines)
	asking.attach([row])
	assert refusals.recheck_audience(doc, [row]) == []
	now = frappe.db.get_value("Dialer Recipient", row.name, ["status", "phone", "person_name"])
	assert now == ("Pending", place.phones["Aunt"], "Aunt")


def wanted(doc) -> list:
	rows = frappe.db.sql(
		"""select name, phone, person_doctype, person, students from `tabDialer Recipient`
		where campaign = %s and status = 'Dialing' order by person""",
		doc.name,
		as_dict=True,
	)
	for row in rows:
		row.students = ()
	return refusals.recheck_audience(doc, rows)


def test_itself_is_no_other_campaign(place: Place, earlier: str):
	doc = frappe.get_doc("Dialer Campaign", earlier)
	doc.audience_filters = json.dumps({"only": [those(earlier, "Reached")]})
	with pytest.raises(frappe.ValidationError, match="another campaign"):
		doc.save()
