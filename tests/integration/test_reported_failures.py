"""A failure of a job is written down without values, and writing it down stops no work."""

import frappe

from school_dialer import jobs


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
