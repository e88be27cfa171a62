"""Policies on a site as the law changes: new versions next to old ones, and rules due for review."""

import json
from datetime import date, datetime, timezone

import frappe
import pytest

from school_dialer import gate
from school_dialer.compliance import policies
from school_dialer.gate import policy_review, site_policies
from school_dialer.settings import live_checklist

pytestmark = pytest.mark.dates

OFFICER = "Dialer Compliance Officer"
US = policies.load("US")
TODAY = date(2026, 9, 9)


@pytest.fixture
def forgotten(school):
	"""Forget the policies read in this request, before and after the test."""
	frappe.local.dialer_policies = None
	yield
	frappe.local.dialer_policies = None


def amended(version: str, review_by: str) -> None:
	data = US.to_dict() | {"version": version, "effective_from": "2026-06-01"}
	data["review"]["OPTED_OUT"]["review_by"] = review_by
	data["review"]["OPTED_OUT"]["checked_on"] = "2026-01-01"
	site_policies.insert(US.from_dict(data))
	frappe.db.set_value("Dialer Policy", {"policy_name": US.name, "version": version}, "enabled", 1)
	frappe.local.dialer_policies = None


def announcements() -> list[str]:
	return frappe.get_all(
		"Notification Log",
		{"subject": ("like", "Rules of law%")},
		pluck="subject",
		order_by="creation",
	)


def test_a_site_of_before_gets_the_new_version_beside_the_old(forgotten):
	frappe.db.delete("Dialer Policy", {"policy_name": US.name})
	before = policies.load(US.name, "2026.1")
	site_policies.insert(before)
	frappe.db.set_value("Dialer Policy", {"policy_name": US.name}, {"enabled": 1, "used": 1})
	assert site_policies.policy_of("US").version == "2026.1"
	site_policies.load_packs()
	site_policies.load_packs()
	frappe.local.dialer_policies = None
	versions = frappe.get_all("Dialer Policy", {"policy_name": US.name}, pluck="version", order_by="version")
	assert versions == ["2026.1", US.version]
	assert site_policies.policy_of("US").version == US.version
	kept = site_policies.stored_policies()
	assert kept[US.name, "2026.1"].digest == before.digest


def test_a_policy_with_a_field_of_before_still_holds_and_a_new_one_is_refused(forgotten):
	data = US.to_dict() | {"version": "2026.2-school", "effective_from": "2026-06-01", "remark": "ours"}
	doc = {"doctype": "Dialer Policy", "policy_name": US.name, "version": "2026.2-school", "enabled": 1}
	with pytest.raises(frappe.ValidationError, match="remark is not known"):
		frappe.get_doc({**doc, "rules": json.dumps(data)}).insert()
	del data["remark"]
	made = frappe.get_doc({**doc, "rules": json.dumps(data)}).insert()
	assert "Cal. Pub. Util. Code" in made.citation and "Fla. Stat. 501.616" in made.citation
	made.db_set("rules", json.dumps({**data, "remark": "ours"}))
	frappe.local.dialer_policies = None
	assert site_policies.policy_of("US").version == "2026.2-school"
	made.reload()
	made.enabled = 0
	made.save()
	twice = json.dumps(data)[:-1] + ', "caps": []}'
	with pytest.raises(frappe.ValidationError, match="caps is there twice"):
		frappe.get_doc({**doc, "version": "2026.2-school", "rules": twice}).insert()


def test_a_rule_that_is_due_is_announced_once(forgotten, as_role):
	as_role(OFFICER)
	frappe.set_user("Administrator")
	amended("2026.8", "2026-02-01")
	assert [one.rule for one in policy_review.due_reviews(date(2026, 2, 1))] == ["OPTED_OUT"]
	assert policy_review.due_reviews(date(2026, 1, 31)) == []
	before = len(announcements())
	policy_review.announce(TODAY)
	told = announcements()[before:]
	assert told and "OPTED_OUT" in told[0]
	policy_review.announce(TODAY)
	assert len(announcements()) == before + len(told)
	amended("2026.9", "2026-03-01")
	policy_review.announce(TODAY)
	assert len(announcements()) == before + 2 * len(told)


def test_the_checklist_names_what_is_due_and_does_not_refuse_for_it(forgotten):
	amended("2026.8", "2026-02-01")
	(line,) = live_checklist.about_law()
	assert not line.done and line.optional and "02" in line.missing
	amended("2026.9", "2099-01-01")
	doc = frappe.get_doc("Dialer Settings")
	assert "Rules of law checked lately" in [one.title for one in live_checklist.advice(doc)]


def settings(**values) -> None:
	doc = frappe.get_doc("Dialer Settings")
	for field, value in values.items():
		doc.set(field, value)
	doc.save()


@pytest.fixture
def settled(school):
	yield
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


CASE = gate.CallContext("Voice", "General")
NEW_ORLEANS, PORTLAND = "+15045550142", "+12075550142"


def answer(phone: str, at) -> tuple[str, tuple[str, ...]]:
	asked = gate.ask(CASE, [gate.EligibilityCheck("1", phone, None, None)], at)["1"].decision
	return asked.verdict, asked.codes


def test_a_declared_state_of_emergency_stops_calls_there(settled):
	at = datetime(2026, 9, 9, 17, tzinfo=timezone.utc)
	assert "HOLIDAY" not in answer(NEW_ORLEANS, at)[1]
	settings(states_of_emergency=[{"state": "louisiana", "begins": "2026-09-08", "ends": "2026-09-09"}])
	assert frappe.get_doc("Dialer Settings").states_of_emergency[0].state == "LA"
	assert "HOLIDAY" in answer(NEW_ORLEANS, at)[1]
	assert "HOLIDAY" not in answer(PORTLAND, at)[1]


def test_who_is_calling_is_what_the_settings_say(settled):
	evening = datetime(2026, 9, 9, 22, tzinfo=timezone.utc)
	for kind, outside in (("", True), ("Private school", True), ("Public school or district", False)):
		settings(school_kind=kind)
		assert ("OUTSIDE_CALLING_HOURS" in answer(PORTLAND, evening)[1]) is outside, kind


@pytest.mark.parametrize(
	"row, message",
	[
		(
			{"state": "Lousiana", "begins": "2026-09-08", "ends": "2026-09-09"},
			"no state of the United States",
		),
		({"state": "AE", "begins": "2026-09-08", "ends": "2026-09-09"}, "no state of the United States"),
		({"state": "LA", "begins": "2026-09-08", "ends": "2026-09-07"}, "lies before the first"),
	],
)
def test_a_state_of_emergency_is_checked(settled, row, message):
	with pytest.raises(frappe.ValidationError, match=message):
		settings(states_of_emergency=[row])
