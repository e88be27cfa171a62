"""Why an answer is for the office: stored in English, read in the reader's language."""

import frappe
import pytest
from frappe.desk.form import load

from school_dialer.consent.replies import reviews
from school_dialer.consent_form import office_reasons
from tests.integration import factories as make


@pytest.fixture
def in_spanish(monkeypatch) -> None:
	monkeypatch.setattr(frappe.local, "lang", "es")


def opened(doctype: str, name: str) -> dict:
	frappe.response.docs = []
	load.getdoc(doctype, name)
	return frappe.response.docs[0].get("__onload")


def test_each_reason_is_translated(in_spanish):
	for sentence in office_reasons.REASONS.values():
		assert office_reasons.translated(sentence) not in ("", sentence)
	assert office_reasons.translated(None) == ""
	assert office_reasons.translated("Otra cosa.") == "Otra cosa."


def test_answer_and_review_show_it_in_the_readers_language(family, new_family, proven, in_spanish):
	row = proven(family, "Voice-Fees", phone=new_family().phone)
	assert row.why_office == office_reasons.REASONS["others"]
	review = frappe.db.get_value("Dialer Review", {"reference_name": row.name})
	assert "registro de otras personas" in opened("Dialer Consent Answer", row.name)["why_office"]
	words = opened("Dialer Review", review)["words"]
	assert "registro de otras personas" in words and row.why_office not in words
	assert row.why_office in frappe.db.get_value("Dialer Review", review, "words")


def test_a_review_of_a_familys_words_shows_these(family, in_spanish):
	said, phone = office_reasons.REASONS["others"], make.phone()
	reviews.ask_for_review(
		reviews.UNSURE, reference_doctype="Guardian", reference_name=family.guardian, phone=phone, words=said
	)
	name = frappe.db.get_value("Dialer Review", {"phone": phone})
	assert "words" not in (opened("Dialer Review", name) or {})
