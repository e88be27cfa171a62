"""An attempt that does not count is taken off once, however often it is reported."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.outbound.attempts import uncounted
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply


@pytest.fixture
def second(log) -> str:
	"""Return the log of a recipient's second attempt, which is under way in an emergency."""
	recipient, campaign = frappe.db.get_value("Dialer Call Log", log, ["recipient", "campaign"])
	frappe.db.set_value("Dialer Call Log", log, {"attempt": 2, "attempt_key": f"{recipient}:2"})
	frappe.db.set_value("Dialer Recipient", recipient, "attempts", 2)
	frappe.db.set_value("Dialer Campaign", campaign, "purpose", "Emergency")
	return log


def recipient_of(log: str) -> frappe._dict:
	row = {"last_call_log": log}
	return frappe.db.get_value("Dialer Recipient", row, ["name", "status", "attempts"], as_dict=True)


def lost(log: str) -> None:
	frappe.db.set_value("Dialer Call Log", log, {"status": states.LOST, "status_rank": 5})
	frappe.db.set_value("Dialer Recipient", recipient_of(log).name, "status", states.UNKNOWN)


def test_a_call_that_is_given_back_twice(second):
	for _ in range(2):
		uncounted.return_to_waiting([second], "", 0)
		assert recipient_of(second).attempts == 1
		frappe.db.set_value("Dialer Recipient", recipient_of(second).name, "status", states.DIALING)


def test_a_lost_call_that_is_made_again_and_then_turns_out_not_to_have_been_sent(second):
	lost(second)
	assert uncounted.call_once_more([second])
	uncounted.mark_not_sent([second], "Never reached the carrier")
	assert (recipient_of(second).attempts, recipient_of(second).status) == (1, states.PENDING)
	assert frappe.db.get_value("Dialer Call Log", second, "status") == states.REFUSED


def test_no_late_callback_replaces_what_was_not_sent(second):
	lost(second)
	uncounted.mark_not_sent([second], "Never reached the carrier")
	apply(second, StatusUpdate("completed", duration=9))
	assert frappe.db.get_value("Dialer Call Log", second, "status") == states.REFUSED


def test_a_lost_call_that_was_not_sent_waits_again(second):
	lost(second)
	uncounted.mark_not_sent([second], "Never reached the carrier")
	assert (recipient_of(second).attempts, recipient_of(second).status) == (1, states.PENDING)
