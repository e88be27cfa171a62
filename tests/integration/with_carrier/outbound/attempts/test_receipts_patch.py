"""Texts that stayed open without a receipt are over after the migration, and those on their way are not."""

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.patches import texts_without_receipt

OPEN = {"channel": "Text", "status": "sent", "status_rank": 30, "result": None, "ended_at": None}


@pytest.mark.parametrize(
	("values", "status"),
	[
		({"ended_at": True}, "unreported"),
		({}, "sent"),
		({"status": "delivered", "status_rank": 90, "ended_at": True}, "delivered"),
	],
)
def test_what_was_given_up_is_over(log, values, status):
	values = OPEN | values
	if values["ended_at"]:
		values["ended_at"] = clock.db_now()
	frappe.db.set_value("Dialer Call Log", log, values, update_modified=False)
	frappe.db.commit()
	for _run in range(2):
		texts_without_receipt.execute()
	found = frappe.db.get_value("Dialer Call Log", log, ["status", "status_rank"])
	assert found == (status, states.rank(status))
