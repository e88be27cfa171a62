"""Clean what people write into our DocTypes, when a document is saved, and what Frappe's print formats show: no tag in a field of plain text.

Frappe's own filter lets pass a tag that is not closed and a text that is valid JSON. Fields that keep a person's exact words as evidence are
Code fields, which every screen escapes; they are not touched.
"""

from frappe.model.document import Document

from school_dialer.bounds import plain_text

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
"""Where a text is shown as it stands; our DocTypes have no field of HTML."""


def before_validate(doc: Document, method: str | None = None) -> None:
	"""Document event `before_validate`, of the document and the rows of its tables."""
	for row in (doc, *doc.get_all_children()):
		for field in row.meta.fields:
			value = row.get(field.fieldname)
			if field.fieldtype in FIELDTYPES and isinstance(value, str) and "<" in value:
				row.set(field.fieldname, plain_text.untagged(value))


def before_print(doc: Document, method: str | None = None, settings: object = None) -> None:
	"""Document event `before_print`. Frappe's own formats escape nothing, and put the address of a file into an attribute. The document is
	the printer's copy; our own formats read the evidence again, and escape it."""
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
