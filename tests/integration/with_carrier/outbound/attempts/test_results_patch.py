"""Logs from before results were stored get the result that their records show."""

import frappe
import pytest

from school_dialer.patches import results_of_calls
from school_dialer.setup import schema

pytestmark = pytest.mark.exhaustive

OLD = {"result": None, "voicemail_left": None, "status_rank": 90, "answered_by": None, "content": None}


@pytest.mark.parametrize(
	("values", "result", "left"),
	[
		({"status": "completed", "answered_by": "human", "content": "Full"}, "reached", None),
		({"status": "completed", "content": "Full", "dialogue": "answered:2:0"}, "reached", None),
		({"status": "completed", "answered_by": "human"}, "words not fetched", None),
		({"status": "completed", "acknowledged": 1}, "reached", None),
		({"status": "completed", "content": "Generic", "dialogue": "confirm:0:0"}, "not confirmed", None),
		({"status": "completed", "content": "Generic", "dialogue": "no PIN:1:0"}, "no PIN", None),
		(
			{"status": "completed", "content": "Generic", "answered_by": "machine_start"},
			"voicemail",
			"Not known",
		),
		({"status": "completed", "content": "Generic", "answered_by": "fax"}, "voicemail", "No"),
		({"status": "busy"}, "busy", None),
		({"status": "no-answer"}, "no answer", None),
		({"status": "canceled"}, "withdrawn", None),
		({"status": "failed"}, "failed", None),
		({"status": "refused"}, "unusable", None),
		({"status": "delivered", "channel": "Text"}, "reached", None),
		({"status": "undelivered", "channel": "Text"}, "unusable", None),
		({"status": "in-progress", "status_rank": 40}, None, None),
	],
)
def test_old_calls_and_texts_get_their_result(log, values, result, left):
	frappe.db.set_value("Dialer Call Log", log, OLD | values, update_modified=False)
	frappe.db.commit()
	results_of_calls.execute()
	assert frappe.db.get_value("Dialer Call Log", log, ["result", "voicemail_left"]) == (result, left)


def test_each_log_is_read_once(log, monkeypatch):
	"""Check that a chunk begins where the one before it ended, also after rows that get no result."""
	copies = []
	for _copy in range(3):
		doc = frappe.copy_doc(frappe.get_doc("Dialer Call Log", log))
		doc.update(OLD | {"status": "busy", "attempt_key": None})
		doc.name = frappe.generate_hash(length=16)
		doc.db_insert()
		copies.append(doc.name)
	frappe.db.commit()
	monkeypatch.setattr(results_of_calls, "CHUNK", 1)
	begun, read = [], results_of_calls.ended_after

	def watched(name: str) -> list[str]:
		begun.append(name)
		return read(name)

	monkeypatch.setattr(results_of_calls, "ended_after", watched)
	results_of_calls.execute()
	assert begun == sorted(set(begun)) and set(copies) <= set(begun)
	assert {frappe.db.get_value("Dialer Call Log", name, "result") for name in copies} == {"busy"}


def test_the_indexes_are_made_again_with_the_result(school):
	results_of_calls.execute()
	schema.apply()
	columns = frappe.db.sql(
		"select index_name, group_concat(column_name order by seq_in_index) "
		"""from information_schema.statistics
		where table_schema = database() and table_name = 'tabDialer Call Log'
		and index_name in ('dialer_attempts', 'dialer_ended') group by index_name""",
	)
	wanted = schema.INDEXES["Dialer Call Log"]
	assert dict(columns) == {name: ",".join(wanted[name]) for name in ("dialer_attempts", "dialer_ended")}
	results_of_calls.execute()
	schema.apply()
