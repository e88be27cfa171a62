"""Which function says whose rows of a DocType a user may see, and open. `hooks` hands them to Frappe.

Rows about a child are for users who may read the child (`privacy.student_rows`), all others for users of
their school (`schools.rows`), as `schools.decisions` says.
"""

from school_dialer.schools.decisions import DECISIONS

STUDENT_ROWS, SCHOOL_ROWS = "school_dialer.privacy.student_rows", "school_dialer.schools.rows"

ABOUT_CHILDREN = {
	"Consent Event": "of_events",
	"Contact Consent": "of_consents",
	"Dialer Absence Report": "of_absences",
	"Dialer Answer": "of_answers",
	"Dialer Call Log": "of_call_logs",
	"Dialer Consent Answer": "of_consent_answers",
	"Dialer Consent Family": "of_consent_families",
	"Dialer Consent Request": "of_consent_requests",
	"Dialer Conversation": "of_conversations",
	"Dialer Disclosure": "of_disclosures",
	"Dialer Legal Hold": "of_holds",
	"Dialer Manual Call": "of_manual_calls",
	"Dialer PIN": "of_pins",
	"Dialer Privacy Choice": "of_choices",
	"Dialer Reach": "of_reach",
	"Dialer Recipient": "of_recipients",
	"Dialer Records Request": "of_requests",
	"Dialer Rule Case": "of_cases",
}
PARTS_OF_CONVERSATIONS = {
	"Dialer Conversation Message": "of_messages",
	"Dialer Shared File": "of_shared_files",
}
"""DocTypes with the function of `privacy.student_rows` that builds their condition for lists."""
OF_SCHOOLS = [doctype for doctype in DECISIONS if doctype not in ABOUT_CHILDREN | PARTS_OF_CONVERSATIONS]
PEOPLE = ["Student", "Guardian"]

HAS_PERMISSION = (
	dict.fromkeys(ABOUT_CHILDREN, f"{STUDENT_ROWS}.allowed")
	| dict.fromkeys(PARTS_OF_CONVERSATIONS, f"{STUDENT_ROWS}.may_read_message")
	| dict.fromkeys(OF_SCHOOLS, f"{SCHOOL_ROWS}.allowed")
	| dict.fromkeys(PEOPLE, f"{SCHOOL_ROWS}.may_open_person")
)

QUERY_CONDITIONS = {}
for _doctype, _function in (ABOUT_CHILDREN | PARTS_OF_CONVERSATIONS).items():
	QUERY_CONDITIONS[_doctype] = f"{STUDENT_ROWS}.{_function}"
for _doctype in (*OF_SCHOOLS, *PEOPLE):
	_function = "of_" + _doctype.lower().replace(" ", "_")
	QUERY_CONDITIONS[_doctype] = f"{SCHOOL_ROWS}.{_function}"
