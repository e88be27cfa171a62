"""Each scheduled job has a unique name.

Frappe stores a job under the last two parts of its path. If two jobs share them, only one would ever run.
"""

import frappe

from school_dialer import hooks


def test_each_scheduled_method_has_a_job_of_its_own():
	events = dict(hooks.scheduler_events)
	methods = [method for each in events.pop("cron").values() for method in each]
	methods += [method for each in events.values() for method in each]
	jobs = frappe.get_all(
		"Scheduled Job Type", {"method": ("like", "school_dialer.%")}, pluck="method", order_by="name"
	)
	assert sorted(jobs) == sorted(methods)
