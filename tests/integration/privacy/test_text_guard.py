"""No tag stays in a plain-text field of this app, or in what Frappe's own print format prints.

Evidence keeps its exact words.
"""

import frappe
import pytest

from school_dialer.base.bounds.text_guard import FIELDTYPES
from tests.integration import factories as make

UNCLOSED = "<img src=x onerror=alert(1) "
AS_JSON = '"<img src=x onerror=alert(1)>"'
RIGHT = "O'Brien, Müller & Söhne, <3, محمد 🎻"
"""Text that must stay as it is.

UNCLOSED and AS_JSON pass Frappe's own filter: its parser sees no tag in the first, and the second is valid
JSON.
"""


def ours() -> list[str]:
	return frappe.get_all("DocType", {"module": "School Dialer", "istable": 0}, pluck="name", order_by="name")


def test_each_doctype_of_ours_is_guarded():
	events = frappe.get_hooks("doc_events")
	for doctype in ours():
		assert "school_dialer.base.bounds.text_guard.before_validate" in events[doctype]["before_validate"]
		assert "school_dialer.base.bounds.text_guard.before_print" in events[doctype]["before_print"]
	assert len(ours()) >= 25


@pytest.mark.parametrize("written", [UNCLOSED, AS_JSON, "<b>bold</b>"])
def test_what_is_written_has_no_tag_once_it_is_saved(written):
	saved = make.campaign([make.phone()], title=written)
	assert frappe.db.get_value("Dialer Campaign", saved.name, "title") == written.replace("<", "‹")


def test_each_text_field_of_each_doctype_is_cleaned():
	seen = 0
	for doctype in ours():
		doc = frappe.new_doc(doctype)
		fields = [field.fieldname for field in doc.meta.fields if field.fieldtype in FIELDTYPES]
		doc.update(dict.fromkeys(fields, UNCLOSED))
		doc.run_method("before_validate")
		for fieldname in fields:
			assert doc.get(fieldname) == UNCLOSED.replace("<", "‹"), (doctype, fieldname)
			seen += 1
	assert seen > 100


def test_a_right_name_is_saved_as_it_is():
	saved = make.campaign([make.phone()], title=RIGHT)
	assert frappe.db.get_value("Dialer Campaign", saved.name, "title") == RIGHT


@pytest.mark.parametrize("words", [UNCLOSED, AS_JSON, "<b>Stop</b> it", RIGHT])
def test_the_ledger_keeps_the_exact_words(words):
	from school_dialer.consent import ledger
	from school_dialer.consent.events import Evidence

	event = ledger.opt_out(
		make.phone(), scope="all non-emergency", evidence=Evidence(source="Agent", wording=words)
	)
	assert frappe.db.get_value("Consent Event", event, "wording") == words


def test_frappes_own_format_prints_no_tag():
	name = make.campaign([make.phone()]).name
	frappe.db.set_value("Dialer Campaign", name, {"details": UNCLOSED, "title": AS_JSON})
	html = frappe.get_print("Dialer Campaign", name, print_format="Standard")
	assert "<img src=x" not in html
	assert html.count("‹img src=x") >= 2
	assert frappe.db.get_value("Dialer Campaign", name, "details") == UNCLOSED
