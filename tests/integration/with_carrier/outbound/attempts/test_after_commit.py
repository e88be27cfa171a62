"""What follows a commit meets another process: what was committed stands, and nothing else is left undone."""

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.base import states
from school_dialer.base.database.transactions import RETRIED
from school_dialer.outbound.attempts import after_commit
from tests.integration import errors
from tests.integration import factories as make
from tests.integration.with_carrier.running import prepare, state_of


@pytest.fixture
def last_call_ended(carrier):
	"""Return a running campaign whose last call has just ended, in a transaction that is not committed."""
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	frappe.db.sql("update `tabDialer Recipient` set status = 'Reached' where campaign = %s", doc.name)
	after_commit.complete(doc.name)
	return doc


@pytest.fixture
def others():
	"""Return what others did after the commit, here one who was added last."""
	done: list[str] = []
	frappe.db.after_commit.add(lambda: done.append("done"))
	return done


def test_a_campaign_is_completed_although_it_met_another_process(last_call_ended, others, monkeypatch):
	errors.fail_once(monkeypatch, after_commit, "complete_if_done", frappe.QueryDeadlockError)
	frappe.db.commit()
	assert state_of(last_call_ended) == states.COMPLETED
	assert others == ["done"]


@pytest.mark.parametrize("error", RETRIED)
def test_what_cannot_be_completed_is_left_to_the_tick(last_call_ended, others, monkeypatch, error):
	before = errors.about("after a commit")

	def complete_if_done(_name: str) -> None:
		frappe.db.set_value("Dialer Campaign", last_call_ended.name, "status_message", "half done")
		raise error

	with monkeypatch.context() as patch:
		patch.setattr(after_commit, "complete_if_done", complete_if_done)
		frappe.db.commit()
	assert others == ["done"]
	assert errors.about("after a commit") - before
	row = frappe.db.get_value("Dialer Campaign", last_call_ended.name, ["status", "status_message"])
	assert row[0] == states.RUNNING and row[1] != "half done"
	scheduler.tick()
	assert state_of(last_call_ended) == states.COMPLETED
