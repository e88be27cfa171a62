"""Remove tags from plain-text fields on save of this app's documents and in Frappe's print formats.

Frappe's own filter lets through an unclosed tag and any text that is valid JSON. Fields that keep a person's
exact words as evidence are Code fields, which every screen escapes; they are not changed on save.
"""

from frappe.model.document import Document

from school_dialer.base.bounds import plain_text

FIELDTYPES = ("Data", "Small Text")
FILES = ("Attach", "Attach Image", "Signature")
PRINTED = (
	*FIELDTYPES,
	*FILES,
	"Text",
	"Long Text",
	"Code",
	"Select",
	"Link",
	"Dynamic Link",
	"Read Only",
	"Autocomplete",
	"Text Editor",
	"HTML Editor",
	"Markdown Editor",
)
"""Field types whose text print formats show as is. None of this app's DocTypes has an HTML field."""


def before_validate(doc: Document, method: str | None = None) -> None:
	"""Clean plain-text fields of the document and its child rows (document event `before_validate`)."""
	for row in (doc, *doc.get_all_children()):
		for field in row.meta.fields:
			value = row.get(field.fieldname)
			if field.fieldtype in FIELDTYPES and isinstance(value, str) and "<" in value:
				row.set(field.fieldname, plain_text.untagged(value))


def before_print(doc: Document, method: str | None = None, settings: object = None) -> None:
	"""Clean the text that a print format is about to show (document event `before_print`).

	Frappe's own formats escape nothing and put a file's address into an HTML attribute. The document is the
	printer's copy, so nothing is saved. This app's own formats read the evidence again and escape it.
	"""
	for row in (doc, *doc.get_all_children()):
		for field in row.meta.fields:
			value = row.get(field.fieldname)
			if isinstance(value, str) and field.fieldtype in PRINTED:
				shown = plain_text.untagged(value)
				row.set(field.fieldname, shown.replace('"', "”") if field.fieldtype in FILES else shown)
	titles = doc.get("__link_titles") or {}
	titles.update(
		{key: plain_text.untagged(title) for key, title in titles.items() if isinstance(title, str)}
	)
