"""What follows a commit meets another process: what was committed stands, and nothing else is left undone."""

import frappe
import pytest
from redis.exceptions import ConnectionError

from school_dialer import scheduler
from school_dialer.base import states
from school_dialer.base.database.transactions import RETRIED
from school_dialer.campaigns import notifications
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
def test_what_cannot_be_completed_is_left_to_a_job(last_call_ended, others, monkeypatch, error):
	before = errors.about("after a commit")

	def complete_if_done(_name: str) -> None:
		frappe.db.set_value("Dialer Campaign", last_call_ended.name, "status_message", "half done")
		raise error

	with monkeypatch.context() as patch:
		patch.setattr(after_commit, "complete_if_done", complete_if_done)
		jobs = enqueued(patch)
		frappe.db.commit()
	assert others == ["done"]
	assert errors.about("after a commit") - before
	row = frappe.db.get_value("Dialer Campaign", last_call_ended.name, ["status", "status_message"])
	assert row[0] == states.RUNNING and row[1] != "half done"
	run(jobs)
	assert state_of(last_call_ended) == states.COMPLETED


def test_staff_hear_of_a_lost_text_although_it_met_another_process(last_call_ended, others, monkeypatch):
	"""Check the steps to which the tick does not come back."""
	frappe.db.commit()
	assert state_of(last_call_ended) == states.COMPLETED
	after_commit.lose(last_call_ended.name)
	with monkeypatch.context() as patch:
		errors.fail_once(patch, notifications, "texts_lost", frappe.QueryTimeoutError)
		jobs = enqueued(patch)
		frappe.db.commit()
	assert notifications.LATE not in waiting_news(last_call_ended)
	run(jobs)
	assert notifications.LATE in waiting_news(last_call_ended)


def test_the_tick_completes_a_campaign_whose_job_could_not_be_enqueued(last_call_ended, others, monkeypatch):
	def fails(*_given, **_more) -> None:
		raise ConnectionError

	with monkeypatch.context() as patch:
		errors.fail_once(patch, after_commit, "complete_if_done", frappe.QueryTimeoutError)
		patch.setattr(frappe, "enqueue", fails)
		frappe.db.commit()
	assert others == ["done"]
	scheduler.tick()
	assert state_of(last_call_ended) == states.COMPLETED


def enqueued(patch: pytest.MonkeyPatch) -> list[tuple[str, dict]]:
	"""Keep the jobs enqueued from here on, each by its method, out of the queue."""
	jobs: list[tuple[str, dict]] = []
	patch.setattr(frappe, "enqueue", lambda method, queue, **values: jobs.append((method, values)))
	return jobs


def run(jobs: list[tuple[str, dict]]) -> None:
	for method, values in jobs:
		frappe.get_attr(method)(**values)


def waiting_news(campaign) -> str:
	return frappe.db.get_value("Dialer Campaign", campaign.name, "pending_notification") or ""
