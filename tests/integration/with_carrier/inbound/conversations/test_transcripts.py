"""Conversations as a file for a request for public records: complete, masked, blacked out, and logged."""

import csv
import io

import frappe
import pytest

from school_dialer.desk.inbox import transcripts as api
from school_dialer.reporting import engines, transcripts
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass


@pytest.fixture
def wrote(number, say, thread_of) -> str:
	for body in ("=1+1 Luis Gómez hit Ana", "luis gómez again"):
		say(number, body)
	return thread_of(number)[0].name


def exported(*given, **more) -> list[list[str]]:
	frappe.local.response = frappe._dict()
	assert api.export(*given, **more) is None
	return list(csv.reader(io.StringIO(frappe.response.filecontent.decode("utf-8-sig"))))


def test_everything_with_a_number_without_the_number_and_without_formulas(wrote, number, as_role):
	user = as_role("Dialer Compliance Officer")
	head, *rows = exported("Dialer Conversation", wrote)
	words = [row[head.index("Words")] for row in rows]
	assert words[0] == "'=1+1 Luis Gómez hit Ana" and len(rows) == 3
	assert number[2:] not in str(rows)
	log = {"user": user, "reference_document": wrote}
	assert frappe.db.exists("Access Log", log)


def test_other_families_are_blacked_out(wrote, as_role):
	as_role("Dialer Compliance Officer")
	rows = exported("Dialer Conversation", wrote, redact='["Luis Gómez", ""]', with_names=False)
	assert "gómez" not in str(rows).lower() and transcripts.BLACK in str(rows)
	assert {row[0] for row in rows[1:]} == {"Family 1"}


def test_it_is_for_who_may_export_and_read_all_of_it(carrier, say, thread_of, as_role):
	mother = make.unlisted_phone()
	SchoolClass([{"Rosa": [mother]}])
	frappe.db.commit()
	say(mother, "Ana is sick today")
	name = thread_of(mother)[0].name
	for roles in (
		("Dialer Agent", "Academics User"),
		("Dialer Manager", "Academics User"),
		("System Manager",),
	):
		as_role(*roles)
		with pytest.raises(frappe.PermissionError):
			api.export("Dialer Conversation", name)
	as_role("Dialer Compliance Officer")
	with pytest.raises(frappe.PermissionError):
		transcripts.count_readable([name])
	as_role("Dialer Compliance Officer", "Academics User")
	assert exported("Dialer Conversation", name)[1][0] == "Rosa"


def test_a_large_one_is_made_in_the_background(wrote, as_role, monkeypatch):
	monkeypatch.setattr(api, "MOST_AT_ONCE", 1)
	user = as_role("Dialer Compliance Officer")
	asked = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **more: asked.append(more))
	assert api.export("Dialer Conversation", wrote, redact='["Luis Gómez"]') == {"waits": True}
	given = {key: asked[0][key] for key in ("doctype", "name", "as_file", "with_names", "redact")}
	assert "Luis" not in str(given)
	api.save(**given)
	(note,) = frappe.get_all(
		"Notification Log",
		{"for_user": user, "document_type": "File"},
		pluck="document_name",
		order_by="name",
	)
	file = frappe.get_doc("File", note)
	assert file.is_private and "Gómez" not in str(file.get_content())
	frappe.delete_doc("File", note, force=True)


def test_a_pdf_or_the_reason_why_there_is_none(wrote, as_role):
	as_role("Dialer Compliance Officer")
	frappe.local.response = frappe._dict()
	if engines.engine():
		api.export("Dialer Conversation", wrote, "PDF")
		assert frappe.response.filecontent.startswith(b"%PDF")
	else:
		with pytest.raises(frappe.ValidationError, match="wkhtmltopdf"):
			api.export("Dialer Conversation", wrote, "PDF")


def test_a_campaign_s_conversations(wrote, as_role):
	campaign = frappe.get_all("Dialer Campaign", pluck="name", order_by="creation", limit=1)[0]
	frappe.db.set_value("Dialer Conversation Message", {"conversation": wrote}, "campaign", campaign)
	assert wrote in transcripts.of_campaign(campaign)
	html = transcripts.as_html([["A"], ["<b>x</b>"]], "T")
	assert "&lt;b&gt;" in html
