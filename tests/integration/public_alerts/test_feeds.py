"""A feed that fails says why, and is left alone after an hour, until someone enables it again."""

import frappe
import pytest

from school_dialer.health import public_alerts as health
from school_dialer.public_alerts.incoming import polling
from tests.integration import factories as make
from tests.unit.public_alerts import alerts


def ask(feed, served):
	polling.ask(feed.name, served.rules)
	feed.reload()
	return feed


@pytest.mark.parametrize(
	("content", "reason"),
	[
		(404, "HTTP 404"),
		(500, "HTTP 500"),
		(b"<html><body>Hello</body></html>", "neither an alert"),
		(b"nothing", "not well-formed"),
		(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
		(b"<a>" * 200, "not well-formed"),
		(b"x" * 1_000_001, "1000000 bytes"),
		(alerts.document(alerts.COMMON.replace("Actual", "Real")), "status"),
	],
)
def test_what_is_wrong_is_said(feed, served, content, reason):
	served.answers["/feed"] = content
	found = ask(feed(), served)
	assert reason in found.problem and found.failures == 1 and found.enabled


def test_it_is_not_asked_any_more_after_an_hour(feed, served):
	found = feed()
	for _time in range(polling.MOST_FAILURES):
		assert found.enabled
		ask(found, served)
	assert not found.enabled and found.stopped_at
	assert health.feeds().state == "warn" and health.feeds().figures["alert_feeds_stopped"] >= 1
	asked = len(served.asked)
	polling.ask_feeds()
	assert len(served.asked) == asked
	found.enabled = 1
	found.save()
	assert (found.failures, found.problem, found.stopped_at) == (0, None, None)
	frappe.db.commit()


def test_one_answer_ends_the_count(feed, served):
	found = ask(feed(), served)
	assert found.failures == 1 and health.feeds().figures["alert_feeds_failing"] >= 1
	served.answers["/feed"] = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'
	assert (ask(found, served).failures, found.problem) == (0, "")


def test_a_message_that_is_gone_is_said_and_tried_again(feed, served):
	"""The alert is not lost: it makes its draft once the feed's message is right."""
	from school_dialer.base import clock

	now = clock.now().isoformat(timespec="seconds")
	served.answers["/feed"] = alerts.document((alerts.COMMON + alerts.INFO).replace(alerts.SENT, now))
	found = feed()
	right = found.template
	frappe.db.set_value(polling.FEED, found.name, "template", "No such message")
	frappe.db.commit()
	assert ask(found, served).problem
	assert not frappe.db.exists("Dialer Received Alert", {"feed": found.name})
	frappe.db.set_value(polling.FEED, found.name, "template", right)
	frappe.db.commit()
	assert not ask(found, served).problem
	assert frappe.db.exists("Dialer Received Alert", {"feed": found.name})


@pytest.mark.parametrize(
	("values", "reason"),
	[
		({"url": "http://example.org/feed"}, "https"),
		({"url": "https://example.org:8443/feed"}, "https"),
		({"url": "https://user:word@example.org/"}, "https"),
		({"url": "https://example.org/" + "x" * 500}, "https|characters"),
		({"certificate": "no certificate"}, "not readable"),
		({"areas": "a"}, "nearly every"),
		({"areas": "SAME=0*"}, "nearly every"),
	],
)
def test_the_form_refuses(feed, values, reason):
	with pytest.raises(frappe.ValidationError, match=reason):
		feed(**values)


def test_the_form_takes_only_a_message_for_emergencies(feed):
	with pytest.raises(frappe.ValidationError, match="emergencies"):
		feed(template=make.template("Event"))


def test_what_a_look_noted_is_not_changed_by_the_form(feed):
	found = feed()
	found.failures, found.etag = 7, "mine"
	found.save()
	assert (found.failures, found.etag) == (0, None)


def test_received_alerts_are_never_saved_by_hand():
	for doctype in ("Dialer Received Alert", "Dialer Public Alert"):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc({"doctype": doctype, "headline": "x"}).insert()
