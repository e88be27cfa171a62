"""In maintenance nothing leaves the site, from workers that run already too; staff hear when it has ended."""

from contextlib import contextmanager

import frappe
import pytest

from dev.demo import stage
from dev.demo.people import APPROVER, MANAGER
from dev.site.layout import current
from school_dialer import scheduler
from school_dialer.base import states
from school_dialer.calls import missed_texts
from school_dialer.campaigns import standstill
from school_dialer.campaigns.planning import planner
from school_dialer.continuity import decision, maintenance
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.dispatch.chunk_sender import ChunkSender
from school_dialer.settings import carrier_settings
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare, state_of

ENDED = "%Maintenance is over%"


@pytest.fixture(autouse=True)
def nothing_noted(nothing_left):
	"""Forget what stood still, before and after each test."""
	forget()
	yield
	frappe.db.rollback()
	forget()


def forget() -> None:
	maintenance.forget()
	maintenance.heard()
	missed_texts.forget()
	frappe.db.delete("Notification Log", {"subject": ("like", ENDED)})
	frappe.db.commit()


@contextmanager
def configured(key: str):
	with stage.site_config(current(), {key: 1}):
		yield


def in_maintenance():
	return configured(maintenance.KEY)


def planned(people: int = 1) -> tuple:
	numbers = make.many_phones(people)
	make.consents(numbers)
	doc = make.campaign(numbers)
	frappe.db.commit()
	prepare(doc)
	return doc, numbers


def called(carrier, numbers: list[str]) -> int:
	carrier.wait_until_idle()
	return len([one for one in carrier.log("call") if one["to"] in numbers])


def alarms() -> list[str]:
	found = {"subject": ("like", ENDED)}
	return frappe.get_all("Notification Log", found, pluck="for_user", order_by="name")


def test_nothing_is_dialed_in_maintenance_and_everything_after_it(carrier):
	doc, numbers = planned()
	with in_maintenance():
		dial(carrier)
		assert not called(carrier, numbers) and state_of(doc) == states.RUNNING
	scheduler.tick()
	dial(carrier)
	assert called(carrier, numbers) == 1


def test_a_paused_scheduler_stops_no_call_and_no_emergency(carrier):
	"""Check it alone: the site answers families, and an emergency must not wait until it goes on."""
	doc, numbers = planned()
	urgent = [make.phone()]
	emergency = emergencies.approved(urgent)
	with configured("pause_scheduler"):
		planner.run(emergency.name)
		dial(carrier, emergency=True)
		assert called(carrier, urgent) == 1
		dial(carrier)
		assert called(carrier, numbers) == 1
	assert not maintenance.since() and state_of(doc) == states.COMPLETED


def test_a_maintenance_in_which_nothing_was_due_alarms_no_one(school):
	with in_maintenance():
		assert standstill.stand_still()
	standstill.go_on()
	assert not maintenance.since() and not alarms()


def test_no_one_hears_that_calls_go_on_while_a_new_host_proves_itself(school, monkeypatch):
	"""Check an update that moved the site to another host."""
	with in_maintenance():
		assert maintenance.hold_back()
	monkeypatch.setattr(standstill.watch, "finding", lambda: decision.UNPROVEN)
	monkeypatch.setattr(standstill.watch, "ask_in", lambda: None)
	standstill.go_on()
	assert maintenance.since() and not alarms()
	monkeypatch.setattr(standstill.watch, "finding", lambda: decision.CONTINUES)
	standstill.go_on()
	assert not maintenance.since() and MANAGER in alarms()


def test_an_emergency_waits_too_and_those_who_answer_for_it_hear_when_it_ends(carrier):
	numbers = [make.phone()]
	doc = emergencies.approved(numbers)
	with in_maintenance():
		planner.run(doc.name)
		dispatcher.run(emergency=True)
		assert not called(carrier, numbers) and state_of(doc) == states.PREPARING
		standstill.go_on()
		assert not alarms(), "it has not ended"
	standstill.go_on()
	of_emergency = {"document_name": doc.name, "subject": ("like", "%in trouble%"), "for_user": APPROVER}
	assert MANAGER in alarms() and frappe.db.count("Notification Log", of_emergency) == 1
	before = alarms()
	standstill.go_on()
	assert alarms() == before and frappe.db.count("Notification Log", of_emergency) == 1
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert called(carrier, numbers) == 1


def test_a_worker_that_runs_already_stops(carrier, monkeypatch, set_pace):
	"""Check a dispatcher that began before: it has read the configuration once, when its job began."""
	set_pace(5)
	doc, numbers = planned(20)
	real, stack = ChunkSender.send_in_thread, []

	def sent(self, *arguments):
		if not stack:
			stack.append(in_maintenance())
			stack[0].__enter__()
		return real(self, *arguments)

	monkeypatch.setattr(ChunkSender, "send_in_thread", sent)
	try:
		dispatcher.run()
		some = called(carrier, numbers)
		assert 0 < some < len(numbers) and state_of(doc) == states.RUNNING
		assert maintenance.since() and maintenance.is_unheard()
	finally:
		stack[0].__exit__(None, None, None)
	set_pace(40)
	dial(carrier)
	assert {one["to"] for one in carrier.log("call")} >= set(numbers)


def test_no_permit_is_made_and_the_form_says_why(school):
	with in_maintenance():
		with pytest.raises(maintenance.Maintenance, match=maintenance.KEY):
			maintenance.refuse()
		assert maintenance.sentence() in carrier_settings.missing_for("Voice")
	maintenance.refuse()


def test_a_configuration_that_is_half_written_changes_nothing(school):
	path = current().site_config
	with in_maintenance():
		assert maintenance.is_on()
		whole = path.read_text()
		try:
			path.write_text(whole[:20])
			assert maintenance.is_on()
		finally:
			path.write_text(whole)
	assert not maintenance.is_on()
