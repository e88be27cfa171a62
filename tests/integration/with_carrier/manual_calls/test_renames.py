"""A family on the list stays on it under the names that its records have by now."""

import json

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.base.database.transactions import retried
from school_dialer.manual_calls import claiming, listing, work
from tests.integration.with_carrier.manual_calls.conftest import listed
from tests.integration.with_carrier.running import dial, number_of


@pytest.mark.parametrize("merge", [False, True])
def test_a_family_is_phoned_about_a_student_who_is_renamed_or_merged(
	school_with, planned, carrier, answering, clerk, merge
):
	school = school_with(1)
	answering(number_of(school, "C0"), "no answer")
	school.mark("C0")
	_rule, campaign = planned(school, max_attempts=1)
	dial(carrier)
	listing.fill()
	frappe.db.commit()
	(row,) = listed(frappe._dict(name=campaign)).values()
	old, new = f"{school.tag}-C0", f"{school.tag}-C0 2"
	if merge:
		links = [{"guardian": f"{school.tag}-G0", "dialer_may_receive_records": 1}]
		Bulk().insert("Student", [{"name": new, "student_name": "C0", "enabled": 1, "guardians": links}])
	frappe.rename_doc("Student", old, new, force=True, merge=merge)
	frappe.db.commit()
	user = clerk()
	retried(lambda: claiming.claim(row.name, user))
	frappe.db.commit()
	(row,) = listed(frappe._dict(name=campaign)).values()
	assert (row.status, json.loads(row.students)) == (work.CLAIMED, [new])
