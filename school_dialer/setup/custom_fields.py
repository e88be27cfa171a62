"""Custom fields on other apps' DocTypes, and on this app's own where they link to other apps' DocTypes.

They are created when this app or the other app is installed, and removed with this app.
"""

from zoneinfo import available_timezones

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

PERMISSIONS = "All\nEmergency Only\nNone by Court Order"

LANGUAGE = {
	"fieldname": "dialer_language",
	"label": "Language of calls",
	"fieldtype": "Link",
	"options": "Language",
	"description": "Calls and texts are in this language. Empty: the user's language, then the school's.",
}
STATE = {
	"fieldname": "dialer_state",
	"label": "State of residence",
	"fieldtype": "Data",
	"length": 2,
	"description": "Two letters. Decides the hours at which this person may be called.",
}
POSTAL_CODE = {"fieldname": "dialer_postal_code", "label": "Postal code", "fieldtype": "Data", "length": 10}

TIME_ZONE = {
	"fieldname": "dialer_time_zone",
	"label": "Time zone of residence",
	"fieldtype": "Autocomplete",
	"options": "\n".join(sorted(available_timezones())),
	"description": (
		"Only where the address does not tell it. Decides the hours at which this person may be called."
	),
}

SPOKEN_NAME = {
	"fieldname": "dialer_spoken_name",
	"label": "Name as spoken in calls",
	"fieldtype": "Data",
	"description": (
		"For a name that a computer's voice says wrongly: write it as it sounds, for example Shi-vawn. Texts "
		"keep the name as it is."
	),
}

HOLIDAY_LIST = {
	"fieldname": "holiday_list",
	"label": "Holiday List",
	"fieldtype": "Link",
	"options": "Holiday List",
}

SCHOOL = {
	"fieldname": "dialer_school",
	"label": "School",
	"fieldtype": "Link",
	"options": "Dialer School",
	"depends_on": "eval:frappe.boot.school_dialer.district",
	"in_standard_filter": 1,
	"search_index": 1,
}

FIELDS = {
	"Guardian": [
		{**SPOKEN_NAME, "insert_after": "guardian_name"},
		{**LANGUAGE, "insert_after": "alternate_number"},
		{**STATE, "insert_after": "dialer_language"},
		{**POSTAL_CODE, "insert_after": "dialer_state"},
		{**TIME_ZONE, "insert_after": "dialer_postal_code"},
	],
	"Student": [
		{**LANGUAGE, "insert_after": "student_mobile_number"},
		{**TIME_ZONE, "insert_after": "dialer_language"},
		{**SPOKEN_NAME, "label": "First name as spoken in calls", "insert_after": "last_name"},
		{**SCHOOL, "insert_after": "student_mobile_number"},
		{
			"fieldname": "dialer_school_from",
			"label": "School Comes From",
			"fieldtype": "Data",
			"insert_after": "dialer_school",
			"hidden": 1,
			"read_only": 1,
			"no_copy": 1,
			"print_hide": 1,
			"report_hide": 1,
			"description": "Where the school comes from. Empty: it was chosen by hand, and stays.",
		},
	],
	"Employee": [
		{**SPOKEN_NAME, "insert_after": "last_name"},
		{**SCHOOL, "insert_after": "dialer_spoken_name"},
	],
	"Instructor": [
		{**SPOKEN_NAME, "insert_after": "instructor_name"},
		{**SCHOOL, "insert_after": "dialer_spoken_name"},
	],
	"Contact": [
		{**SPOKEN_NAME, "insert_after": "last_name"},
		{**TIME_ZONE, "insert_after": "dialer_spoken_name"},
		{**SCHOOL, "insert_after": "dialer_time_zone"},
	],
	"Student Group": [{**SCHOOL, "insert_after": "student_group_name"}],
	"Program": [{**SCHOOL, "insert_after": "program_name"}],
	"Dialer School": [
		{
			"fieldname": "company",
			"label": "Company",
			"fieldtype": "Link",
			"options": "Company",
			"insert_after": "school_kind",
			"description": "This school's company in ERPNext, for your own reports.",
		},
		{
			**HOLIDAY_LIST,
			"insert_after": "holidays",
			"description": "On its days this school's rules do not run. Leave blank for the district's.",
		},
	],
	"Dialer Settings": [
		{
			**HOLIDAY_LIST,
			"insert_after": "holidays",
			"description": (
				"On its days rules do not run. Empty: the one of Education Settings, if it has one, else the "
				"company's."
			),
		}
	],
	"Dialer Rule": [
		{
			**HOLIDAY_LIST,
			"insert_after": "on_holiday",
			"read_only_depends_on": "eval:doc.enabled",
			"description": "Leave blank to use Dialer Settings, or else the school's.",
		}
	],
	"Student Guardian": [
		{
			"fieldname": "dialer_contact_permission",
			"label": "May be contacted",
			"fieldtype": "Select",
			"options": PERMISSIONS,
			"default": "All",
			"insert_after": "relation",
			"in_list_view": 1,
		},
		{
			"fieldname": "dialer_may_receive_records",
			"label": "May Receive Educational Records",
			"fieldtype": "Select",
			"options": "\nYes\nNo",
			"description": (
				"Leave blank to go by the relation: yes for parents and legal guardians, no for others."
			),
			"insert_after": "dialer_contact_permission",
		},
		{
			"fieldname": "dialer_contact_order",
			"label": "Contact order",
			"fieldtype": "Int",
			"insert_after": "dialer_may_receive_records",
		},
	],
}


def present() -> dict[str, list[dict]]:
	"""Return the part of FIELDS that this site supports.

	That is fields whose DocTypes exist, and whose Link fields point to DocTypes that exist.
	"""
	return {
		doctype: [field for field in fields if leads_somewhere(field)]
		for doctype, fields in FIELDS.items()
		if frappe.db.exists("DocType", doctype)
	}


def leads_somewhere(field: dict) -> bool:
	return field["fieldtype"] != "Link" or bool(frappe.db.exists("DocType", field["options"]))


def create() -> None:
	create_custom_fields(present(), ignore_validate=True)


def remove() -> None:
	for doctype, fields in FIELDS.items():
		frappe.db.delete(
			"Custom Field", {"dt": doctype, "fieldname": ("in", [field["fieldname"] for field in fields])}
		)
		frappe.clear_cache(doctype=doctype)
