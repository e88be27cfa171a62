"""A failure of a job is written down without values, and writing it down stops no work."""

import frappe
import pytest

from school_dialer.base import jobs
from school_dialer.base.database.listeners import tell
from school_dialer.base.database.transactions import TRIES, retried
from tests.integration import errors


def test_a_broken_error_log_does_not_stop_the_work(monkeypatch):
	def broken(*_some, **_more) -> None:
		raise frappe.db.InternalError(144, "Table 'tabError Log' is marked as crashed")

	number, written = "+13125550142", []
	monkeypatch.setattr(frappe, "log_error", broken)
	monkeypatch.setattr(frappe.logger("school_dialer"), "error", lambda *words: written.append(words))
	try:
		raise ValueError(number)
	except ValueError as error:
		jobs.report("dispatch of a campaign", error)
	(words,) = written
	assert "dispatch of a campaign" in str(words) and "ValueError" in str(words)
	assert number not in str(words)


def broken_listener() -> None:
	raise RuntimeError


@pytest.mark.parametrize("meetings", [0, 2, TRIES - 1])
def test_what_fails_in_each_try_of_a_transaction_is_in_the_error_log_once(meetings):
	what, tries = f"a listener of {meetings} meetings", []

	def work() -> None:
		tell([broken_listener], what)
		tries.append(True)
		if len(tries) <= meetings:
			raise frappe.QueryDeadlockError
		frappe.db.commit()

	before = errors.about(what)
	retried(work)
	assert len(tries) == meetings + 1
	assert len(errors.about(what) - before) == 1
