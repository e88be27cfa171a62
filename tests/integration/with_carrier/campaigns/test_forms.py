"""What the forms rely on: complete campaigns, explained decisions, a checklist and a connection test."""

import json

import frappe
import pytest

from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.desk import campaigns, decisions
from school_dialer.desk import settings as desk_settings
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.settings.carrier_settings import NotReady
from tests.integration import factories as make

AGENT = "desk.agent@school.test"


@pytest.fixture
def agent():
	"""Become a user whose only role is Dialer Agent."""
	if not frappe.db.exists("User", AGENT):
		user = {"doctype": "User", "email": AGENT, "first_name": "Agent", "send_welcome_email": 0}
		frappe.get_doc({**user, "roles": [{"role": "Dialer Agent"}]}).insert()
	if "Dialer Agent" not in frappe.get_roles(AGENT):
		# An uninstall, such as the last of these tests, takes the role from a remaining user.
		frappe.get_doc("User", AGENT).add_roles("Dialer Agent")
	frappe.set_user(AGENT)
	yield AGENT
	frappe.set_user("Administrator")


@pytest.mark.parametrize(
	("values", "said"),
	[
		({"audience_source": "Everybody"}, "no audience named Everybody"),
		({"audience_file": None}, "Attach a CSV file"),
		({"audience_source": "Guardians of a Student Group"}, "Choose the Student Group"),
		({"purpose": "Emergency"}, "what kind of emergency"),
		(
			{"purpose": "Emergency", "emergency_type": "Snow", "emergency_reason": "Snow"},
			"Choose the kind of emergency",
		),
	],
)
def test_an_incomplete_campaign_is_not_saved(school, values, said):
	with pytest.raises(frappe.ValidationError, match=said):
		make.campaign(**values)


def test_a_preview_shows_an_emergency_as_if_approved(school):
	number = make.phone("312")
	doc = make.campaign(
		[number, "12"], purpose="Emergency", emergency_type="Fire", emergency_reason="Smoke in the hall"
	)
	found = campaigns.preview_audience(doc.name)
	assert found["verdicts"] == {"ALLOW": 1, "BLOCK": 1}
	assert found["reasons"] == {"INVALID_NUMBER": 1}
	assert [(one["zone"], one["people"]) for one in found["local_times"]] == [("America/Chicago", 1)]
	assert frappe.db.get_value("Dialer Campaign", doc.name, ["approved_by", "status"]) == (None, "Draft")


def test_a_preview_names_what_settings_lack(school):
	frappe.db.set_single_value("Dialer Settings", "call_back_number", "")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	found = campaigns.preview_audience(make.campaign().name)
	assert found["missing"] == ["Enter a call-back number in Dialer Settings."]


def test_an_agent_may_not_preview(school, agent):
	frappe.set_user("Administrator")
	name = make.campaign().name
	frappe.set_user(agent)
	with pytest.raises(frappe.PermissionError):
		campaigns.preview_audience(name)


def test_decisions_are_explained_without_the_number(carrier, answering, agent):
	frappe.set_user("Administrator")
	yes, no = make.phone(), make.phone()
	make.consent(yes, "Event")
	answering(yes, "answers")
	doc = make.campaign([yes, no])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dispatcher.run()
	frappe.db.rollback()
	by_phone = {row.phone: row for row in make.recipients(doc.name)}
	frappe.set_user(agent)
	blocked = decisions.explain("Dialer Recipient", by_phone[no].name)
	assert blocked["verdict"] == "BLOCK"
	assert [reason["code"] for reason in blocked["reasons"]] == ["NO_CONSENT"]
	assert all(reason["citation"] and reason["detail"] for reason in blocked["reasons"])
	assert "No consent to calls about events." in blocked["facts"]
	called = decisions.explain("Dialer Call Log", by_phone[yes].last_call_log)
	assert (called["verdict"], called["reasons"]) == ("ALLOW", [])
	given = "Consent to calls about events: they gave us their number"
	assert any(fact.startswith(given) for fact in called["facts"])
	told = json.dumps([blocked, called], default=str)
	assert yes not in told and no not in told
	for doctype, name, number in (
		("Dialer Recipient", by_phone[yes].name, yes),
		("Dialer Call Log", by_phone[yes].last_call_log, yes),
	):
		shown = frappe.get_doc(doctype, name)
		shown.apply_fieldlevel_read_permissions()
		assert number not in shown.as_json()


def test_only_recipients_and_calls_are_explained(school):
	with pytest.raises(frappe.ValidationError, match="recipients and calls"):
		decisions.explain("User", "Administrator")


def test_the_checklist_and_the_connection(carrier):
	assert [row["missing"] for row in desk_settings.readiness()] == [[], []]
	assert desk_settings.test_connection()["name"]


def test_a_refused_connection_says_why(carrier):
	frappe.get_cached_doc("Dialer Settings")
	frappe.db.set_single_value("Dialer Settings", "account_sid", "AC" + "1" * 32)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	with pytest.raises(NotReady, match="does not accept"):
		desk_settings.test_connection()
