"""With the pretend carrier a user sees their code on the screen, and a test call rings no phone."""

import frappe

from school_dialer.calls import pretend_line
from school_dialer.calls.own_number import code, record, sample_call
from school_dialer.outbound.attempts import reconciler
from school_dialer.settings import carrier_settings
from tests.integration import factories as make


def test_the_code_is_on_the_screen(no_carrier, tester):
	user = tester()
	state = code.send_code(user, make.unlisted_phone(), "Text")
	assert code.verify(user, state["code"])


def test_with_a_carrier_the_code_is_on_the_phone_only(carrier, tester):
	assert code.send_code(tester(), make.unlisted_phone(), "Text")["code"] == ""


def test_a_test_call_is_made(no_carrier, caller):
	log = sample_call.place_sample(make.campaign(), caller.name)
	pretend_line.run()
	assert frappe.db.get_value("Dialer Call Log", log, "status") in ("completed", "busy", "no-answer")


def test_the_tick_finds_calls_whose_job_is_gone(no_carrier, caller, monkeypatch):
	asked = []
	sample_call.place_sample(make.campaign(), caller.name)
	monkeypatch.setattr(frappe, "enqueue", lambda method, **_more: asked.append(method))
	pretend_line.look()
	assert asked == ["school_dialer.calls.pretend_line.run"]
	pretend_line.run()
	asked.clear()
	pretend_line.look()
	assert asked == []


def test_a_number_verified_with_it_does_not_count_elsewhere(no_carrier, caller, monkeypatch):
	assert record.verified(caller.name)
	monkeypatch.setattr(carrier_settings.settings(), "mode", "Live")
	assert record.verified(caller.name) is None


def test_reconciling_leaves_what_waits_to_its_job(no_carrier, caller, pass_time):
	log = sample_call.place_sample(make.campaign(), caller.name)
	pass_time(minutes=15)
	reconciler.release_lost_claims()
	assert frappe.db.get_value("Dialer Call Log", log, "status") == "queued"
