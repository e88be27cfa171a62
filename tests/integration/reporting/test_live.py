"""The live view's figures, the groups of a preview, and the rehearsal, for the ten people of the fixture."""

import frappe
import pytest

from school_dialer.campaigns import rehearsals
from school_dialer.campaigns.planning import planner
from school_dialer.desk import campaigns as desk
from school_dialer.reporting import live, rehearsal
from school_dialer.reporting.breakdown import Breakdown
from school_dialer.settings import carrier_faults
from tests.integration import factories as make
from tests.integration.reporting.conftest import CHICAGO
from tests.integration.reporting.explain import explained


def test_outcomes_errors_and_opt_outs(ran, prices):
	found = live.live_figures(ran.doc)
	assert found["outcomes"] == {"Answered": 3, "Voicemail": 1, "No Answer": 1, "Failed": 1}
	(error,) = found["errors"]
	assert (error["code"], error["attempts"]) == ("21211", 1)
	assert error["words"] == "The number is not in service" and error["remedy"]
	assert found["total"] == sum(found["counts"].values()) == 10
	assert found["blocked"] == {"NO_CONSENT": 3, "OPTED_OUT": 1, "INVALID_NUMBER": 1}
	assert found["pace"] == pytest.approx(0.6)
	(step,) = explained(lambda: live.pace(ran.name))
	assert step.key == "dialer_ended" and step.type == "range"
	assert found["opt_outs"] == 0
	make.ledger.opt_out(ran.answered[0], evidence=make.evidence("Text", wording="STOP"))
	ran.doc.reload()
	assert live.live_figures(ran.doc)["opt_outs"] == 1


def test_a_poll_reads_indexes_alone(ran):
	steps = explained(
		lambda: (
			live.recipients(ran.name),
			live.waiting_span(ran.name),
			frappe.db.sql(live.ATTEMPTS, {"campaign": ran.name}),
			live.limits.spent(ran.doc, 1.0),
		)
	)
	assert len(steps) == 6
	for step in steps:
		assert any(
			words in step.Extra for words in ("Using index", "optimized away", "No matching min/max row")
		)


@pytest.mark.parametrize(
	"code", ["21211", "21614", "21408", "30007", "20003", "20429", "21606", "21610", "99999", ""]
)
def test_each_error_says_what_to_do(code):
	words, remedy = carrier_faults.fault_words(code)
	assert words and remedy


@pytest.fixture
def draft(identity, morning):
	"""Yield a draft campaign to five people.

	One is called, one has no consent, one opted out, one has no number, and for one it is night.
	"""
	called, unasked, stopped, night = (
		make.phone(CHICAGO),
		make.phone("617"),
		make.phone("303"),
		make.phone("671"),
	)
	for number in (called, stopped, night):
		make.consent(number)
	make.ledger.opt_out(stopped, evidence=make.evidence("Text", wording="STOP"))
	doc = make.campaign([called, unasked, stopped, night, "call the office"])
	yield doc
	frappe.cache().delete_value(rehearsals.key(doc.name))


EXPECTED = {
	"ALLOW": 1,
	"BLOCK:NO_CONSENT": 1,
	"BLOCK:OPTED_OUT": 1,
	"BLOCK:INVALID_NUMBER": 1,
	"DEFER:OUTSIDE_CALLING_HOURS:Pacific/Guam": 1,
}


def test_a_preview_puts_each_household_into_one_group(draft):
	found = desk.preview_audience(draft.name)
	assert {row["group"]: row["people"] for row in found["groups"]} == EXPECTED
	waiting = next(row for row in found["groups"] if row["verdict"] == "DEFER")
	assert (waiting["place"], waiting["time"]) == ("Guam", "08:00")
	for row in found["groups"]:
		(one,) = desk.preview_people(draft.name, row["group"])
		assert one["person_name"] and (row["verdict"] == "ALLOW" or row["words"] in one["why"])
	assert desk.preview_people(draft.name, "BLOCK:NOTHING") == []


def test_a_better_number_of_a_household_replaces_the_worse_one(draft):
	options = planner.preview(draft)
	called = next(one for one in options if one.answer.decision.verdict == "ALLOW")
	groups = Breakdown(10)
	groups.add([called], {called.household_key: "No name."})
	assert groups.counts() == {"BLOCK:MISSING_DATA": 1}
	groups.add([called])
	groups.add([called], {called.household_key: "No name."})
	assert groups.counts() == {"ALLOW": 1}
	assert [len(people) for people in groups.people.values()] == [0, 1]


def test_a_rehearsal_decides_on_everybody_and_writes_nothing(draft, monkeypatch):
	monkeypatch.setattr(planner, "CHUNK", 2)
	before = {doctype: frappe.db.count(doctype) for doctype in ("Dialer Recipient", "Dialer Call Log")}
	rehearsal.run(draft.name)
	found = desk.rehearsal_state(draft.name)
	assert (found["state"], found["people"], found["changed"]) == ("Done", 5, False)
	assert {row["group"]: row["people"] for row in found["rows"]} == EXPECTED, found["listed"]
	assert sum(found["languages"].values()) == 2
	assert (
		found["estimate"]["calls"] == 2 and found["estimate"]["minutes"] >= 2 and found["estimate"]["finish"]
	)
	assert found["listed"]["BLOCK:NO_CONSENT"][0]["why"] == "No consent on file"
	assert before == {doctype: frappe.db.count(doctype) for doctype in before}
	assert frappe.db.get_value("Dialer Campaign", draft.name, "status") == "Draft"
	draft.reload()
	draft.details = "Another room."
	draft.save()
	assert desk.rehearsal_state(draft.name)["changed"]


def test_a_rehearsal_says_what_is_wrong(draft):
	draft.db_set("audience_file", None)
	rehearsal.run(draft.name)
	found = desk.rehearsal_state(draft.name)
	assert found["state"] == "Failed" and "Attach a CSV file" in found["problem"]


def test_the_number_is_typed_above_the_threshold(draft):
	frappe.db.set_single_value("Dialer Settings", "confirm_above", 1)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	assert desk.preview_audience(draft.name)["type_number"]
	for above in (2, 0):
		frappe.db.set_single_value("Dialer Settings", "confirm_above", above)
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
		assert not desk.preview_audience(draft.name)["type_number"]
