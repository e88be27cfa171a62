"""The results of a rehearsal name people for a day. An erasure and a change of consent reach them."""

import json

import frappe
import pytest
from redis.exceptions import ConnectionError

from school_dialer.campaigns import rehearsals
from school_dialer.consent import ledger
from school_dialer.desk import campaigns as desk
from school_dialer.privacy import erasure, person
from school_dialer.reporting import rehearsal
from tests.integration import factories as make


@pytest.fixture
def rehearsed(monkeypatch):
	"""Yield a campaign with a stored rehearsal, and the number of a person that it would call."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	number = make.phone("312")
	make.consent(number)
	doc = make.campaign([number])
	rehearsal.run(doc.name)
	found = json.dumps(desk.rehearsal_state(doc.name), default=str)
	assert "Person 0" in found and number not in found
	yield frappe._dict(number=number, campaign=doc.name)
	rehearsals.forget_all()


def test_an_erasure_drops_what_a_rehearsal_found(rehearsed):
	erasure.erase(person.of_phone(rehearsed.number), really=False)
	assert desk.rehearsal_state(rehearsed.campaign), "that was only a question"
	erasure.erase(person.of_phone(rehearsed.number), really=True)
	assert desk.rehearsal_state(rehearsed.campaign) is None


def test_an_opt_out_drops_it(rehearsed):
	ledger.opt_out(rehearsed.number, evidence=make.evidence("Agent"))
	assert desk.rehearsal_state(rehearsed.campaign) is None


def test_what_runs_while_somebody_is_erased_is_not_kept(rehearsed, monkeypatch):
	real = rehearsal.rehearsed

	def meanwhile(campaign):
		found = real(campaign)
		erasure.erase(person.of_phone(rehearsed.number), really=True)
		return found

	monkeypatch.setattr(rehearsal, "rehearsed", meanwhile)
	rehearsal.run(rehearsed.campaign)
	found = desk.rehearsal_state(rehearsed.campaign)
	assert found["state"] == rehearsal.FAILED and "Rehearse again" in found["problem"]
	assert "Person 0" not in json.dumps(found, default=str)


def test_an_opt_out_is_recorded_while_redis_does_not_answer(rehearsed, monkeypatch):
	def gone(*_given):
		raise ConnectionError("refused")

	with monkeypatch.context() as patch:
		patch.setattr(rehearsals.frappe.cache(), "smembers", gone)
		assert ledger.opt_out(rehearsed.number, evidence=make.evidence("Agent"))
		with pytest.raises(ConnectionError):
			erasure.erase(person.of_phone(rehearsed.number), really=True)
	assert ledger.read([rehearsed.number])[rehearsed.number].opt_outs


def test_nothing_kept_is_nothing_to_forget(rehearsed):
	rehearsals.forget_all()
	rehearsals.forget_all()
	assert desk.rehearsal_state(rehearsed.campaign) is None
