"""A link that staff open changes nothing: methods for POST commit nothing in a request by GET."""

import inspect

import frappe
import pytest
from frappe.database.database import Database
from frappe.utils.background_jobs import get_queue
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from school_dialer.desk.support import verb
from tests.integration.http_desk import Desk

QUEUES = ("short", "default", "long")
WAYS = ("frappe.model.mapper.make_mapped_doc", "frappe.model.mapper.map_docs")


@pytest.fixture
def requested(monkeypatch):
	"""Let this process serve a request with a verb. Nothing is committed."""
	monkeypatch.setattr(Database, "commit", lambda _self: None)
	verb.begin()
	yield lambda method: setattr(
		frappe.local, "request", Request(EnvironBuilder(path="/", method=method).get_environ())
	)
	del frappe.local.request


@pytest.fixture
def manager(served):
	desk = Desk(served, "Dialer Manager")
	frappe.db.commit()
	yield desk
	frappe.delete_doc("User", desk.user, force=True)
	frappe.db.commit()


def test_a_link_through_another_method_changes_nothing(scene, manager):
	"""Check a campaign that its manager would cancel by opening a link.

	Frappe calls what a mapper names whatever the verb, and takes back what it wrote. As `cancel` commits
	nothing itself, there is nothing to refuse, and so no error: instead, nothing at all may have changed.
	"""
	name, method = scene.campaign.name, "school_dialer.desk.campaigns.cancel"
	before = state_of(name)
	for path, query in (
		(WAYS[0], {"method": method, "source_name": name}),
		(WAYS[1], {"method": method, "source_names": [name], "target_doc": ""}),
		(method, {"campaign": name}),
	):
		answer = manager.get(f"api/method/{path}", **query)
		frappe.db.rollback()
		assert path in WAYS or answer.status_code == 403
		assert state_of(name) == before, path


def state_of(campaign: str) -> tuple:
	"""Return all that is on record of a campaign and its recipients, and the queued jobs about it."""
	recipients = frappe.get_all("Dialer Recipient", {"campaign": campaign}, ["*"], order_by="name")
	jobs = [job.id for queue in QUEUES for job in get_queue(queue).jobs if campaign in str(job.kwargs)]
	return frappe.db.get_value("Dialer Campaign", campaign, "*", as_dict=True), recipients, jobs


def test_no_method_for_post_commits_in_a_get(requested):
	"""Check every method of this app, by its code on the stack, whatever is between it and the commit."""
	frappe.get_attr("school_dialer.desk.campaigns.cancel")
	ours = {
		inspect.unwrap(method).__code__
		for method, verbs in frappe.allowed_http_methods_for_whitelisted_func.items()
		if "GET" not in verbs and method.__module__.startswith("school_dialer.")
	}
	assert ours and ours <= set(verb.verbs(len(frappe.whitelisted)))

	@frappe.whitelist(methods=["POST"])
	def writes() -> None:
		frappe.db.commit()

	writes.__module__ = "school_dialer.tried"
	try:
		requested("GET")
		with pytest.raises(frappe.PermissionError, match="by a button"):
			frappe.call(writes)
		requested("POST")
		frappe.call(writes)
	finally:
		frappe.whitelisted.remove(writes)
		frappe.allowed_http_methods_for_whitelisted_func.pop(writes, None)
