"""Filters are untrusted input: only known conditions are accepted.

No user may filter by records that they may not read.
"""

import json

import frappe
import pytest
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.permissions import add_user_permission

from school_dialer.audience.filters.condition import BadFilter
from school_dialer.audience.filters.filters import parsed
from school_dialer.desk import audience
from tests.integration import factories as make
from tests.integration.audience.conftest import GUARDIANS, Place

SUBJECTS = {"Student": "student", "Guardian": "guardian"}
FIELD = {
	"kind": "Field",
	"doctype": "Guardian",
	"fieldname": "occupation",
	"operator": "is",
	"value": "Baker",
}
ABSENT = {"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 7}
FEES = {"kind": "Fees", "overdue": False, "over": 0}
GROUP = {"kind": "Student Group", "names": ["A"]}


@pytest.mark.parametrize(
	"text",
	[
		"{",
		"[]",
		"1",
		'"only"',
		"[" * 100_000,
		'{"only": ' + "[" * 5000 + "]" * 5000 + "}",
		'{"only": {"kind": "Field"}}',
		'{"only": "Field"}',
		'{"or": []}',
		'{"only": [null]}',
		'{"only": [[]]}',
		json.dumps({"only": [FIELD] * 21}),
		json.dumps({"only": [{**FIELD, "value": "x" * 100_000}]}),
		'{"only": [{"kind": "Student Group", "names": ["\\ud800"]}]}',
	],
)
def test_what_is_no_list_of_conditions(text: str):
	with pytest.raises(BadFilter):
		parsed(text, SUBJECTS)


@pytest.mark.parametrize(
	"condition",
	[
		{},
		{"kind": "Nothing"},
		{"kind": ["Field"]},
		{"kind": {"Field": 1}},
		{"kind": "__class__"},
		{**FIELD, "doctype": "User"},
		{**FIELD, "doctype": "tabGuardian` guardian; drop table x"},
		{**FIELD, "doctype": None},
		{**FIELD, "fieldname": "occupation` or 1=1 or `occupation"},
		{**FIELD, "fieldname": "owner"},
		{**FIELD, "fieldname": "name"},
		{**FIELD, "fieldname": "_user_tags"},
		{**FIELD, "fieldname": "students"},
		{**FIELD, "fieldname": "work_address"},
		{**FIELD, "fieldname": ["occupation"]},
		{**FIELD, "fieldname": "x" * 141},
		{**FIELD, "operator": "="},
		{**FIELD, "operator": "like"},
		{**FIELD, "operator": "is or 1=1"},
		{**FIELD, "operator": "at least"},
		{**FIELD, "operator": ["is"]},
		{**FIELD, "value": ["Baker"]},
		{**FIELD, "value": {"like": "%"}},
		{**FIELD, "value": None},
		{**FIELD, "value": ""},
		{**FIELD, "value": 5},
		{**FIELD, "value": "x" * 141},
		{**FIELD, "more": "or 1=1"},
		{**FIELD, "fieldname": "date_of_birth", "value": "2010-13-01"},
		{**FIELD, "fieldname": "date_of_birth", "value": "now()"},
		{**FIELD, "doctype": "Student", "fieldname": "enabled", "value": "1 or 1"},
		{"kind": "Student Group", "names": []},
		{"kind": "Student Group", "names": "A"},
		{"kind": "Student Group", "names": [["A"]]},
		{"kind": "Student Group", "names": [{"like": "%"}]},
		{"kind": "Student Group", "names": [""]},
		{"kind": "Student Group", "names": [str(one) for one in range(501)]},
		{"kind": "People", "doctype": "User", "names": ["Administrator"]},
		{"kind": "People", "doctype": "Guardian", "names": [1]},
		{**ABSENT, "status": "Absent' or '1'='1"},
		{**ABSENT, "at_least": 0},
		{**ABSENT, "at_least": 1.5},
		{**ABSENT, "at_least": True},
		{**ABSENT, "at_least": "1"},
		{**ABSENT, "days": -1},
		{**ABSENT, "days": 367},
		{**ABSENT, "from": "2026-01-01"},
		{**ABSENT, "days": None, "from": "2026-01-02", "to": "2026-01-01"},
		{**ABSENT, "days": None, "from": "2020-01-01", "to": "2026-01-01"},
		{**ABSENT, "days": None, "from": "2026-01-01"},
		{**FEES, "over": -1},
		{**FEES, "over": 1e400},
		{**FEES, "over": float("nan")},
		{**FEES, "over": "0) or (1=1"},
		{**FEES, "overdue": "yes"},
		{"kind": "Campaign", "campaign": "DC-0000", "outcome": "Reached"},
		{"kind": "Campaign", "campaign": ["like", "%"], "outcome": "Reached"},
	],
)
def test_a_condition_that_is_not_as_it_should_be(condition: dict):
	with pytest.raises(BadFilter):
		parsed(json.dumps({"only": [condition]}), SUBJECTS)


def test_an_outcome_is_one_of_those_known():
	condition = {"kind": "Campaign", "campaign": make.campaign().name, "outcome": "1=1"}
	with pytest.raises(BadFilter):
		parsed(json.dumps({"only": [condition]}), SUBJECTS)


@pytest.mark.parametrize(
	"value", ["' or '1'='1", "Baker'; drop table `tabGuardian`; --", "%", "\\", "%(group)s", "{0}"]
)
def test_a_value_is_only_a_value(place: Place, value: str):
	assert place.eligible({"only": [{**FIELD, "value": value}]}) == {}
	assert len(place.eligible({"except": [{**FIELD, "value": value}]})) == 4
	assert place.count({"only": [{**FIELD, "operator": "contains", "value": value}]}).people == 0


def test_a_message_shows_what_was_sent_as_text():
	with pytest.raises(BadFilter, match="&lt;img"):
		parsed('{"only": [{"kind": "<img src=x onerror=alert(1)>"}]}', SUBJECTS)


def ask(place: Place, *conditions: dict) -> dict:
	return audience.count(GUARDIANS, place.named("All"), filters=json.dumps({"only": conditions}))


def save(place: Place, *conditions: dict):
	return make.campaign(
		audience_source=GUARDIANS,
		audience_name=place.named("All"),
		audience_filters=json.dumps({"only": conditions}),
	)


@pytest.fixture
def manager(as_role) -> str:
	return as_role("Dialer Manager", "Academics User")


def refused(place: Place, *conditions: dict) -> None:
	for way in (ask, save):
		with pytest.raises(frappe.PermissionError):
			way(place, *conditions)


def test_no_one_filters_by_records_that_their_roles_do_not_let_them_read(place: Place, as_role):
	earlier = make.campaign().name
	group = {**GROUP, "names": [place.named("A")]}
	as_role("Dialer Manager")
	for condition in (FIELD, ABSENT, FEES, group, {"kind": "Program", "names": [place.named("P")]}):
		refused(place, condition)
	assert [one["kind"] for one in audience.conditions(GUARDIANS)["kinds"]] == ["Campaign"]
	assert audience.conditions(GUARDIANS)["records"] == [] == audience.conditions(GUARDIANS)["statuses"]
	assert (
		ask(place, {"kind": "Campaign", "campaign": earlier, "outcome": "Reached"})["counted"]["people"] == 0
	)


def test_with_the_right_to_read_them_anybody_who_makes_campaigns_may(place: Place, manager: str):
	group = {**GROUP, "names": [place.named("A")]}
	assert ask(place, group)["counted"] == {"people": 2, "households": 2, "students": 2}
	assert ask(place, FIELD, ABSENT, FEES)["counted"]["people"] == 0
	assert save(place, FIELD).audience_filters


@pytest.mark.parametrize(("change", "value"), [("permlevel", 1), ("hidden", 1)])
def test_a_field_that_the_user_does_not_see_is_not_for_filtering(
	place: Place, manager: str, change: str, value: int
):
	frappe.set_user("Administrator")
	kind = "Int" if change == "permlevel" else "Check"
	make_property_setter("Guardian", "occupation", change, value, kind, validate_fields_for_doctype=False)
	frappe.set_user(manager)
	for way in (ask, save):
		with pytest.raises((frappe.PermissionError, BadFilter)):
			way(place, FIELD)
	(guardian,) = (one for one in audience.conditions(GUARDIANS)["records"] if one["doctype"] == "Guardian")
	assert "occupation" not in {field["fieldname"] for field in guardian["fields"]}


def test_who_may_read_some_records_only_does_not_count_the_others(place: Place, manager: str):
	frappe.set_user("Administrator")
	add_user_permission("Student Group", place.named("A"), manager)
	frappe.set_user(manager)
	refused(place, {**GROUP, "names": [place.named("A")]})
	refused(place, {**GROUP, "names": [place.named("B")]})


def test_names_that_are_not_on_record_are_told(place: Place, manager: str):
	with pytest.raises(frappe.DoesNotExistError):
		ask(place, {**GROUP, "names": ["No such group"]})


def test_the_list_of_another_campaign_is_not_counted(place: Place, as_role):
	"""Check that a private file of another user is refused."""
	file = make.csv_file([("Ana", make.phone())])
	as_role("Dialer Manager")
	with pytest.raises(frappe.PermissionError):
		audience.count("CSV file", audience_file=file)
	with pytest.raises(frappe.DoesNotExistError):
		audience.count("CSV file", audience_file="/private/files/none.csv")


@pytest.mark.parametrize("roles", [(), ("Dialer Agent",), ("Dialer Compliance Officer",)])
def test_counting_is_for_those_who_make_campaigns(place: Place, as_role, roles: tuple[str, ...]):
	as_role("Academics User", *roles)
	with pytest.raises(frappe.PermissionError):
		ask(place)
	with pytest.raises(frappe.PermissionError):
		audience.conditions(GUARDIANS)


def test_a_rule_s_own_audience_is_not_for_counting(place: Place, manager: str):
	with pytest.raises(frappe.ValidationError):
		audience.count("Guardians found by a rule", "x")


def test_a_filter_that_stands_may_be_kept_by_who_could_not_set_it(place: Place, manager: str, as_role):
	doc = save(place, FIELD)
	as_role("Dialer Manager")
	doc.title += " again"
	doc.save()
	doc.audience_filters = json.dumps({"only": [FIELD, ABSENT]})
	with pytest.raises(frappe.PermissionError):
		doc.save()
	with pytest.raises(frappe.PermissionError):
		frappe.copy_doc(frappe.get_doc("Dialer Campaign", doc.name)).insert()
