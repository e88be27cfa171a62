"""Sites from before the account had its own pace."""

import frappe
import pytest

from school_dialer.patches import pace_by_account

pytestmark = pytest.mark.exhaustive


def test_paces_keep_their_values(school):
	frappe.db.sql("update `tabDialer Sending Number` set calls_per_second = 7, segments_per_second = 0")
	frappe.db.set_single_value("Dialer Settings", "account_calls_per_second", 1)
	pace_by_account.execute()
	rows = frappe.get_all(
		"Dialer Sending Number", {"enabled": 1}, ["calls_per_second", "segments_per_second"], order_by="idx"
	)
	assert {(row.calls_per_second, row.segments_per_second) for row in rows} == {(7, 7)}
	assert frappe.db.get_single_value("Dialer Settings", "account_calls_per_second") == 7 * len(rows)


def test_a_pace_of_texts_that_was_set_is_kept(school):
	frappe.db.sql("update `tabDialer Sending Number` set calls_per_second = 7, segments_per_second = 3")
	pace_by_account.execute()
	assert set(frappe.get_all("Dialer Sending Number", pluck="segments_per_second", order_by="idx")) == {3}
