"""Alerts of others make drafts, once each, and never more than drafts."""

import json
from datetime import timedelta
from pathlib import Path

import frappe
import pytest
from frappe.utils.background_jobs import get_queue

from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.public_alerts.cap import atom, model, signature, writing
from school_dialer.public_alerts.cap.model import Area, Info
from school_dialer.public_alerts.incoming import polling, taking
from tests.integration import factories as make
from tests.integration.districts import district
from tests.unit.public_alerts import alerts

PLACE = Area("Riverside County", (("SAME", "006065"),))
DIALS = ("planning", "dispatch", "fallback", "reconciler")


def info(language: str = "en-US", **changes) -> Info:
	values = {
		"language": language,
		"event": "Flash flood",
		"categories": ("Met",),
		"urgency": "Immediate",
		"severity": "Severe",
		"certainty": "Observed",
		"sender_name": "Weather Service",
		"headline": "Flash flood warning",
		"description": "The river rises fast.",
		"instruction": "Stay away from the river.",
		"expires": (clock.now() + timedelta(hours=3)).replace(microsecond=0),
		"areas": (PLACE,),
	}
	return Info(**{**values, **changes})


def alert(identifier: str = "", minutes_ago: int = 5, **changes) -> model.Alert:
	at = (clock.now() - timedelta(minutes=minutes_ago)).replace(microsecond=0)
	values = {
		"identifier": identifier or frappe.generate_hash(length=10),
		"sender": "weather@example.org",
		"sent": writing.written(at),
		"sent_at": at,
		"infos": (info(),),
	}
	return model.Alert(**{**values, **changes})


def document(one: model.Alert, signed_by: str = "") -> bytes:
	root = writing.element_of(one)
	if signed_by:
		signature.sign(root, *alerts.keys(signed_by))
	return writing.document(root)


def serve(served, *given: model.Alert, signed_by: str = "") -> None:
	"""Serve these alerts, each at a path of its own, and the feed of them."""
	entries = []
	for one in given:
		served.answers[f"/{one.identifier}"] = document(one, signed_by)
		url = f"https://localhost/{one.identifier}"
		entries.append(atom.Entry(one.identifier, "t", "s", url, one.sent_at))
	served.answers["/feed"] = atom.feed("https://localhost/feed", "t", "a", clock.now(), entries)


def ask(feed, served):
	polling.ask(feed.name, served.rules)
	feed.reload()
	return feed


def drafts(feed) -> list[frappe._dict]:
	names = frappe.get_all(taking.RECEIVED, {"feed": feed.name, "campaign": ("is", "set")}, pluck="campaign")
	return [frappe.get_doc("Dialer Campaign", name) for name in names]


def states_of(feed) -> dict[str, str]:
	rows = frappe.get_all(taking.RECEIVED, {"feed": feed.name}, ["identifier", "state"])
	return {row.identifier: row.state for row in rows}


def test_an_alert_becomes_a_draft(feed, served):
	one = alert(infos=(info("es-US", description="El río crece.", instruction=""), info()))
	serve(served, one)
	found = ask(feed(), served)
	assert not found.problem and found.failures == 0 and found.asked_at
	(draft,) = drafts(found)
	assert (draft.status, draft.purpose, draft.emergency_type) == ("Draft", "Emergency", "Weather closure")
	assert draft.title == "Flash flood warning" and draft.template == found.template
	assert draft.details == "The river rises fast. Stay away from the river."
	assert [(row.language, row.details) for row in draft.details_translations] == [("es", "El río crece.")]
	assert "Weather Service" in draft.emergency_reason and one.sent in draft.emergency_reason
	assert not draft.scheduled_at and not draft.requested_by and not draft.approved_by


def test_a_draft_is_made_once(feed, served):
	"""Also when the feed is asked again, sends the alert twice, and its memory is lost."""
	one = alert()
	serve(served, one, one)
	found = ask(feed(), served)
	ask(found, served)
	polling.forget(found.name)
	ask(found, served)
	assert len(drafts(found)) == 1
	assert served.asked.count(f"/{one.identifier}") == 2


def test_a_feed_that_did_not_change_is_not_read_again(feed, served):
	serve(served, alert())
	served.etags["/feed"] = '"one"'
	found = ask(feed(), served)
	assert found.etag == '"one"'
	served.answers["/feed"] = b"not read"
	assert not ask(found, served).problem


@pytest.mark.parametrize("severity", model.SEVERITIES)
def test_nothing_that_a_feed_can_say_calls_anyone(feed, served, severity):
	"""Whatever the alert and after the scheduler's tick: a draft, no person to call, no job that dials."""
	serve(served, alert(infos=(info(severity=severity, urgency="Immediate", certainty="Observed"),)))
	before = jobs()
	found = ask(feed(least_severity=""), served)
	scheduler.tick()
	(draft,) = drafts(found)
	assert draft.status == states.DRAFT and not draft.started_at
	assert not frappe.db.exists("Dialer Recipient", {"campaign": draft.name})
	assert not frappe.db.exists("Dialer Call Log", {"campaign": draft.name})
	assert not [job for job in jobs() - before if draft.name in job and any(one in job for one in DIALS)]


def jobs() -> set[str]:
	found = set()
	for name in ("short", "default", "long"):
		for job in get_queue(name).get_jobs():
			said = json.dumps(job.kwargs, default=str, sort_keys=True)
			found.add(f"{job.id} {said}")
	return found


def test_the_contract_that_forbids_it_stands():
	"""import-linter holds it (make lint): through no import does the reading of alerts reach what dials."""
	text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
	contract = text.partition('source_modules = ["school_dialer.public_alerts.incoming"]')[2].partition("]")[
		0
	]
	rooms = "campaigns outbound.dispatch carriers gate calls scheduler followup automation"
	for room in rooms.split():
		assert f'"school_dialer.{room}"' in contract


def test_hostile_words_become_plain(feed, served):
	long = "word " * 2_000
	evil = '<img src=x onerror="alert(1)">\u202eevil\u202c &lt;script&gt;x{{ 7*7 }}'
	serve(served, alert(infos=(info(headline=evil, description=evil + long, sender_name=evil),)))
	(draft,) = drafts(ask(feed(), served))
	for said in (draft.title, draft.details, draft.emergency_reason):
		assert "<" not in said and "\u202e" not in said and "evil" in said
	assert len(draft.title) <= 140 and len(draft.details) <= 700
	assert "{{ 7*7 }}" in draft.details
	notice = frappe.get_all("Notification Log", {"document_name": draft.name}, pluck="subject")
	assert not any("<img" in one for one in notice)


@pytest.mark.parametrize(
	("values", "made"),
	[
		({"areas": "Riverside"}, 1),
		({"areas": "Orange\nSAME=0060*"}, 1),
		({"areas": "Orange County"}, 0),
		({"least_severity": "Extreme"}, 0),
	],
)
def test_filters(feed, served, values, made):
	serve(served, alert())
	assert len(drafts(ask(feed(**values), served))) == made


@pytest.mark.parametrize("changes", [{"status": "Exercise"}, {"status": "Test"}, {"kind": "Ack"}])
def test_what_is_not_meant_for_the_public_is_left(feed, served, changes):
	serve(served, alert(**changes))
	found = ask(feed(), served)
	assert not drafts(found) and not found.problem


def test_an_update_marks_the_draft_and_makes_another(feed, served):
	first = alert("first", 20)
	second = alert("second", 10, kind="Update", references=(first.reference,))
	serve(served, first)
	found = ask(feed(), served)
	(old,) = drafts(found)
	serve(served, first, second)
	ask(found, served)
	assert states_of(found) == {"first": "Outdated", "second": "Draft Made"}
	old.reload()
	assert old.status == "Draft" and old.status_message.startswith("Outdated: the sender replaced")


def test_a_cancellation_marks_the_draft_once(feed, served):
	first = alert("one", 20)
	gone = alert("gone", 5, kind="Cancel", references=(first.reference,), infos=())
	serve(served, first, gone)
	found = ask(feed(), served)
	assert states_of(found) == {"one": "Outdated", "gone": "Withdrawal"}
	(draft,) = drafts(found)
	assert draft.status_message.startswith("Outdated: the sender took the alert back")


def test_others_cannot_take_an_alert_back(feed, served):
	first = alert("mine", 20)
	other = alert("theirs", 5, kind="Cancel", sender="evil@example.org", references=(first.reference,))
	serve(served, first, other)
	assert states_of(ask(feed(), served)) == {"mine": "Draft Made"}


def test_a_campaign_that_started_is_left_as_it_is(feed, served):
	first = alert("begun", 20)
	serve(served, first)
	found = ask(feed(), served)
	(draft,) = drafts(found)
	draft.db_set({"status": "Completed"})
	frappe.db.commit()
	serve(served, first, alert("end", 5, kind="Cancel", references=(first.reference,), infos=()))
	ask(found, served)
	draft.reload()
	assert draft.status == "Completed" and not draft.status_message


def test_signed_alerts_are_taken_and_others_refused(feed, served):
	trusted = alerts.pem(alerts.keys("signer")[1])
	good, bad = alert("good"), alert("bad")
	serve(served, good, signed_by="signer")
	found = ask(feed(certificate=trusted), served)
	assert states_of(found) == {"good": "Draft Made"}
	assert frappe.db.get_value(taking.RECEIVED, {"feed": found.name}, "signed") == 1
	serve(served, bad, signed_by="someone else")
	assert "not of the certificate" in ask(found, served).problem
	serve(served, alert("unsigned"))
	assert "not signed" in ask(found, served).problem
	assert states_of(found) == {"good": "Draft Made"}


def test_a_draft_is_of_the_feeds_school(feed, served):
	with district("One", "Two", committed=True) as (one, _two):
		serve(served, alert())
		(draft,) = drafts(ask(feed(school=one), served))
		assert draft.school == one
		made = make.campaign(purpose="Emergency", emergency_type="Fire", emergency_reason="Smoke")
		assert not made.school
		frappe.db.rollback()
		for name in frappe.get_all(polling.FEED, {"school": one}, pluck="name"):
			frappe.db.set_value(polling.FEED, name, "school", None)
			frappe.db.sql("update `tabDialer Received Alert` set school = null where feed = %s", name)
		frappe.db.set_value("Dialer Campaign", draft.name, "school", None)
		frappe.db.commit()
