"""Every language that a family may speak can be chosen, also where Frappe's Desk is not offered in it."""

import frappe
import pytest
from frappe.handler import execute_cmd

from school_dialer.desk import templates


@pytest.fixture(autouse=True)
def few_are_offered():
	frappe.db.set_value("Language", {"name": ("not in", ["en", "es"])}, "enabled", 0)


def found(txt: str, start: int = 0, page_len: int = 20) -> list[str]:
	rows = templates.languages("Language", txt, "name", start, page_len, None)
	return [code for code, _name in rows]


@pytest.mark.parametrize(
	("typed", "code"),
	[
		("vi", "vi"),
		("VI", "vi"),
		("Vietnam", "vi"),
		("Tiếng", "vi"),
		("Spanish", "es"),
		("espa", "es"),
		("arab", "ar"),
	],
)
def test_a_language_is_found_by_its_code_and_by_its_names(typed, code):
	assert code in found(typed)


def test_its_code_comes_first():
	assert found("ar")[0] == "ar" and found("es")[0] == "es"


def test_the_users_own_language_counts(monkeypatch):
	monkeypatch.setattr(frappe.local, "lang", "es")
	assert "de" in found("alem")


def test_pages_follow_each_other():
	whole = found("", 0, 200)
	assert len(whole) == frappe.db.count("Language")
	assert found("", 0, 5) + found("", 5, 5) == whole[:10]


@pytest.mark.parametrize("typed", ["' or 1=1 --", "%", "_", "\x00", "x" * 10_000, "<b>", "\ud800"])
def test_whatever_is_typed_finds_names_only(typed):
	assert found(typed) == []


def test_what_frappe_calls_to_check_a_link_finds_it_too():
	query = "school_dialer.desk.templates.languages"
	rows = frappe.call(
		"frappe.desk.search.search_widget", doctype="Language", txt="vi", query=query, page_length=10
	)
	codes = [row[0] for row in rows or frappe.response["values"]]
	assert codes[0] == "vi"


def test_the_desk_asks_with_a_request_that_writes(monkeypatch):
	"""Frappe's own search is posted, and calls the query for it."""
	monkeypatch.setattr(frappe.local, "request", frappe._dict(method="POST"), raising=False)
	asked = {"doctype": "Language", "txt": "Viet", "query": "school_dialer.desk.templates.languages"}
	monkeypatch.setattr(frappe.local, "form_dict", frappe._dict(asked))
	answer = execute_cmd("frappe.desk.search.search_link") or frappe.response["results"]
	assert [row["value"] for row in answer] == ["vi"]


def test_strangers_ask_in_vain(as_role):
	frappe.set_user("Guest")
	with pytest.raises(frappe.PermissionError):
		found("vi")
