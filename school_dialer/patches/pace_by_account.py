"""Keep the configured pace.

A number's single pace for calls and texts becomes its pace for each, and the account's pace becomes the sum
over all numbers.
"""

import frappe


def execute() -> None:
	frappe.db.sql(
		"""update `tabDialer Sending Number` set segments_per_second = calls_per_second
		where channel like '%Text%' and ifnull(segments_per_second, 0) = 0"""
	)
	calls = frappe.db.sql(
		"""select sum(calls_per_second) from `tabDialer Sending Number`
		where parent = 'Dialer Settings' and enabled = 1 and channel like '%Voice%'"""
	)[0][0]
	if calls:
		frappe.db.set_single_value(
			"Dialer Settings", "account_calls_per_second", calls, update_modified=False
		)
