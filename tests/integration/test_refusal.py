"""How this app refuses."""

import frappe
import pytest

from school_dialer.base import refusal


@pytest.mark.parametrize(
	("kind", "title"),
	[
		(frappe.PermissionError, "Not Permitted"),
		(frappe.DoesNotExistError, "Not Found"),
		(frappe.ValidationError, "Please Check"),
		(type("OurOwn", (frappe.PermissionError,), {}), "Not Permitted"),
	],
)
def test_the_title_says_what_kind_of_refusal_it_is(kind, title):
	with pytest.raises(kind, match="Why"):
		refusal.throw("Why", kind)
	assert frappe.get_message_log()[-1]["title"] == title


def test_a_title_of_its_own_stays():
	with pytest.raises(frappe.ValidationError):
		refusal.throw("Why", title="Not now")
	assert frappe.get_message_log()[-1]["title"] == "Not now"
