"""Ways to a number that are no single method.

They are what is saved and run later, jobs, templates, and lists made for another user.
"""

import json

import frappe
import pytest
from frappe.desk.doctype.tag import tag
from frappe.permissions import get_role_permissions
from frappe.utils.background_jobs import execute_job

from school_dialer.base.written_by_code import AppendOnly
from school_dialer.privacy import asker, hidden_fields
from tests.integration.privacy.conftest import GUARDED


@pytest.fixture
def as_agent(scene):
	"""Act as the agent in this process, watched as a request is."""
	hidden_fields.begin()
	frappe.set_user(scene.agent.user)
	yield scene
	del frappe.local.dialer_hidden
	frappe.set_user("Administrator")


@pytest.mark.parametrize("doctype", GUARDED)
@pytest.mark.parametrize("kind", ["Group By", "Sum", "Count"])
def test_a_saved_chart_counts_by_no_number(scene, doctype, kind):
	"""Check charts, which every user may make."""
	right, wrong = (
		[[doctype, "phone", "like", guess + "%"]] for guess in (scene.number[:11], scene.wrong[:11])
	)
	answers = []
	for filters in (right, wrong):
		chart = {
			"doctype": "Dashboard Chart",
			"chart_name": frappe.generate_hash(length=8),
			"chart_type": kind,
			"document_type": doctype,
			"based_on": "creation",
			"value_based_on": "phone",
			"group_by_type": "Count",
			"group_by_based_on": "phone" if kind == "Group By" else "",
			"timeseries": int(kind != "Group By"),
			"timespan": "Last Year",
			"time_interval": "Yearly",
			"filters_json": json.dumps(filters),
			"type": "Bar",
		}
		made = scene.agent.call("frappe.client.insert", doc=chart)
		name = made.json().get("message", {}).get("name", "")
		answer = scene.agent.call(
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get", chart_name=name, refresh="1"
		)
		assert scene.digits not in answer.text
		answers.append((answer.status_code, answer.json().get("message")))
		if name:
			frappe.db.rollback()
			frappe.delete_doc("Dashboard Chart", name, force=True)
			frappe.db.commit()
	assert answers[0] == answers[1] and answers[0][0] != 200


@pytest.mark.parametrize("doctype", GUARDED)
def test_a_template_reads_no_number(as_agent, doctype):
	"""Check templates: a user who gets Frappe to render their text has its whole read API."""
	name = as_agent.names[doctype]
	for words in (
		"{{ frappe.get_doc(doctype, name).phone }}",
		"{{ frappe.get_doc(doctype, name).as_json() }}",
		"{{ frappe.db.get_value(doctype, name, '*', as_dict=1) }}",
		"{{ frappe.get_all(doctype, filters={'name': name}, fields=['*']) }}",
		"{{ frappe.db.sql('select * from `tab' + doctype + '`') }}",
	):
		try:
			text = frappe.render_template(words, {"doctype": doctype, "name": name})
		except (frappe.PermissionError, frappe.ValidationError):
			continue
		assert as_agent.digits not in text and "203.0.113.9" not in text
	for words in (
		"{{ frappe.db.get_value(doctype, name, 'phone') }}",
		"{{ frappe.get_all(doctype, filters={'phone': ['like', '+1%']}) }}",
		"{{ frappe.db.sql('select phone from `tab' + doctype + '`') }}",
	):
		with pytest.raises(Exception, match="search, sort or count by"):
			frappe.render_template(words, {"doctype": doctype, "name": name})


def test_only_who_may_write_a_record_tags_it(as_agent, as_role):
	"""Check tags, for which Frappe asks for no right. No one tags the evidence."""
	names = {**as_agent.names, "Dialer Campaign": as_agent.campaign.name}
	frappe.set_user("Administrator")
	manager, outcomes = as_role("Dialer Manager"), set()
	for user in (as_agent.agent.user, as_agent.officer.user, manager):
		frappe.set_user(user)
		for doctype, name in names.items():
			may = bool(get_role_permissions(frappe.get_meta(doctype), user=user).get("write"))
			for way in (tag.add_tag, tag.remove_tag):
				try:
					way("tried", doctype, name)
					outcomes.add((doctype, may, True))
				except frappe.PermissionError:
					outcomes.add((doctype, may, False))
	assert all(may == tagged for _doctype, may, tagged in outcomes), outcomes
	assert ("Consent Event", False, False) in outcomes and ("Dialer Campaign", True, True) in outcomes


@pytest.mark.parametrize("doctype", GUARDED)
def test_a_document_that_frappe_loads_is_without_the_number(as_agent, doctype):
	loaded = frappe.get_doc(doctype, as_agent.names[doctype])
	assert loaded.phone is None and loaded.phone_masked
	with pytest.raises((frappe.PermissionError, AppendOnly)):
		loaded.db_update()
	frappe.set_user("Administrator")
	assert frappe.get_doc(doctype, as_agent.names[doctype]).phone == as_agent.number


def test_a_job_is_watched_as_a_request_is(scene):
	"""Check exports and reports that run in jobs, as the user who asked for them."""
	frappe.set_user(scene.agent.user)
	arguments = {"doctype": "Dialer Call Log", "filters": {"phone": scene.number}}
	try:
		with pytest.raises(frappe.PermissionError):
			execute_job(
				frappe.local.site, "frappe.client.get_count", None, "count", arguments, is_async=False
			)
	finally:
		del frappe.local.dialer_hidden


def test_a_list_made_for_another_user_is_theirs(scene):
	"""Check a list that Administrator's job makes for another user, as for reports sent by e-mail."""
	hidden_fields.begin()
	try:
		of_agent = {"user": scene.agent.user, "filters": {"phone": scene.number}}
		with pytest.raises(frappe.PermissionError):
			frappe.get_list("Dialer Call Log", **of_agent)
		assert frappe.get_list("Dialer Call Log", filters={"phone": scene.number})
	finally:
		del frappe.local.dialer_hidden


def test_what_the_app_itself_asks_for_is_answered(as_agent):
	"""Check that an agent can look a number up by the app's own method, and gets a masked response."""
	answer = as_agent.agent.call("school_dialer.desk.consent.look_up", phone=as_agent.number)
	assert answer.ok and as_agent.digits not in answer.text


def test_what_runs_in_place_of_a_method_of_frappe_asks_for_the_user():
	"""Check that our overrides of Frappe's methods count as the user's requests, as those methods would.

	Unlike other code of ours, they do not mask by themselves.
	"""
	hooks = ("override_whitelisted_methods", "override_doctype_class")
	ours = [path for hook in hooks for path in frappe.get_hooks(hook, app_name="school_dialer").values()]
	assert {path.rpartition(".")[0] for (path,) in ours} == asker.IN_PLACE_OF_FRAPPE
