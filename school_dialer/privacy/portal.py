"""Keep what staff note on students from users of the website, such as families in Education's portal.

Education's role Student reads every Student, unless the site limits it. Beside Education's own fields there
is what this app adds: whom a court order keeps from the child, the history of that, and comments with what
families answered. There are also e-mails and tags, which Frappe shows to all who may read the student.
`hidden_fields` withholds these columns and rows from each statement that Frappe made for such a user, and
whatever the user saves, `keep` leaves the columns as they were.
"""

import re

import frappe

CHILD = "Student Guardian"
COLUMNS = ("dialer_contact_permission", "dialer_may_receive_records", "dialer_contact_order")
"""What the app adds to a child's link to a guardian."""
HIDDEN = {f"tab{CHILD}": frozenset(COLUMNS), "tabStudent": frozenset({"_comments", "_user_tags"})}
"""By table: hidden columns. Frappe keeps the beginning of each comment, and all tags, with the record too."""
ROWS = {
	"tabcomment": "ifnull(`tabComment`.reference_doctype, '') != 'Student'",
	"tabcommunication": "ifnull(`tabCommunication`.reference_doctype, '') != 'Student'",
	"tabcommunication link": "ifnull(`tabCommunication Link`.link_doctype, '') != 'Student'",
	"tabtag link": "ifnull(`tabTag Link`.document_type, '') != 'Student'",
	"tabversion": "ifnull(`tabVersion`.ref_doctype, '') != 'Student'",
}
"""By table in lowercase: the rows that remain."""
TABLES = re.compile("|".join((r"tabStudent\b", *ROWS)), re.IGNORECASE)


def concerns(statement: str, user: str) -> bool:
	return bool(TABLES.search(statement)) and is_of_website(user)


def is_of_website(user: str) -> bool:
	"""Return whether this user does not work in the Desk, as guests and those who have left do not."""
	return frappe.db.get_value("User", user, "user_type", cache=True) in (None, "Website User")


def keep(doc, _event: str | None = None) -> None:
	"""Leave `COLUMNS` as they are stored. Hook for before_validate of documents with a table of guardians.

	A document that was read for a user of the website is without them. A guardian whom the user adds gets
	what a new one has.
	"""
	if doc.is_new() or not is_of_website(frappe.session.user):
		return
	of_doc = {"parent": doc.name, "parenttype": doc.doctype}
	stored = frappe.get_all(CHILD, of_doc, ["name", "guardian", *COLUMNS], order_by="idx")
	by_row = {row.name: row for row in stored}
	by_guardian = {row.guardian: row for row in stored if row.guardian}
	added = frappe.new_doc(CHILD)
	for version in filter(None, (doc, doc.get_doc_before_save())):
		for row in version.get("guardians") or ():
			row_before = by_row.get(row.name) or by_guardian.get(row.guardian) or added
			row.update({column: row_before.get(column) for column in COLUMNS})
