"""What forms and lists store for machines, as staff read it."""

import json

import frappe
import pytest
from playwright.sync_api import expect

from tests.browser.kit.forms import open_record, path_of, said

CALLED = "Ana O'Neill & Luz <3"
IN_SPANISH = {
	"Dialer Notice": {"kind": "Opt-out Confirmation", "status": "Sent", "phone_masked": "•••-0142"},
	"Dialer Consent Answer": {"status": "Counts", "source": "Page", "signature": "Ana Diaz"},
	"Dialer Call Log": {"direction": "Inbound", "channel": "Voice", "status": "completed"},
}
LISTED_IN_SPANISH = {
	"Dialer Preference Link": {"sent_by": "Text", "phone_masked": "•••-0142"},
	"Dialer Saved Reply": {"title": "We call back", "words": "Le llamaremos mañana."},
}
KINDS = ("Guardian", "Student")
ABOUT_PEOPLE = {
	"Dialer Consent Request": {"status": "Waiting", "way": "Letter"},
	"Dialer Consent Answer": {"status": "Counts", "source": "Page", "signature": "Ana Diaz"},
}


@pytest.fixture
def named(school: None) -> dict[str, str]:
	"""Return what a record stores about a guardian and a student."""
	guardian, student = (frappe.get_all(one, pluck="name", limit=1, order_by="name")[0] for one in KINDS)
	return {"person_doctype": "Guardian", "person": guardian, "students": json.dumps([student])}


def names_in(named: dict[str, str]) -> tuple[str, str]:
	"""Return the names of the guardian and of the student."""
	(student,) = json.loads(named["students"])
	return (
		frappe.db.get_value("Guardian", named["person"], "guardian_name"),
		frappe.db.get_value("Student", student, "student_name"),
	)


@pytest.mark.parametrize("doctype", IN_SPANISH)
def test_a_form_names_the_language(staff, stored, doctype):
	name = stored(doctype, language="es", **IN_SPANISH[doctype])
	page = staff("officer")
	open_record(page, path_of(doctype), name)
	expect(said(page, "language")).to_have_text("Spanish")
	assert page.evaluate("cur_frm.doc.language") == "es"


@pytest.mark.parametrize("doctype", LISTED_IN_SPANISH)
def test_a_list_names_the_language_and_a_click_narrows_it(staff, stored, doctype):
	name = stored(doctype, language="es", **LISTED_IN_SPANISH[doctype])
	page = staff("officer")
	page.goto(f"/app/{path_of(doctype)}?name={name}")
	cell = page.locator(".list-row-col:visible", has_text="Spanish")
	cell.locator("a.filterable").click()
	page.wait_for_function(
		"cur_list.filter_area.get().some(([, ...one]) => String(one.slice(0, 3)) === 'language,=,es')"
	)
	expect(cell).to_have_count(1)


def test_a_first_column_with_words_of_its_own_opens_and_chooses_its_record(staff, stored):
	name = stored("Dialer Call Log", direction="Inbound", channel="Voice", person_name=CALLED)
	page = staff("agent")
	page.goto(f"/app/dialer-call-log?name={name}")
	row = page.locator(".list-row:visible")
	expect(row.locator(".list-row-checkbox")).to_have_count(1)
	link = row.locator(".list-subject a:visible")
	expect(link).to_have_text(CALLED)
	link.click()
	page.wait_for_function("name => window.cur_frm?.docname === name", arg=name)


@pytest.mark.parametrize("doctype", ABOUT_PEOPLE)
def test_a_form_names_people_and_links_to_them(staff, stored, named, doctype):
	name = stored(doctype, **named, **ABOUT_PEOPLE[doctype])
	guardian, student = names_in(named)
	page = staff("officer")
	open_record(page, path_of(doctype), name)
	expect(said(page, "person")).to_have_text(f"{guardian} ({named['person']})")
	expect(said(page, "students").get_by_role("link", include_hidden=True)).to_have_text(student)
	assert page.evaluate("cur_frm.doc.students") == named["students"]


def test_a_list_names_whom_it_is_about(staff, stored, named):
	name = stored("Dialer Consent Request", **named, **ABOUT_PEOPLE["Dialer Consent Request"])
	guardian, _student = names_in(named)
	page = staff("officer")
	page.goto(f"/app/dialer-consent-request?name={name}")
	row = page.locator(".list-row:visible")
	expect(row.locator(".list-subject a:visible")).to_have_text(guardian)
	expect(row).not_to_contain_text(named["person"])
	row.locator(".list-subject a:visible").click()
	page.wait_for_function("name => window.cur_frm?.docname === name", arg=name)
	expect(page.locator(".page-title .title-text:visible, .title-text-form:visible")).to_have_text(guardian)


@pytest.fixture
def hold(stored, named) -> str:
	about = {one: named[one] for one in ("person_doctype", "person")}
	return stored("Dialer Legal Hold", status="Active", reason="A lawsuit", **about)


def test_a_list_asks_for_the_kind_of_the_record_that_it_names(staff, hold, named):
	page = staff("officer")
	page.goto(f"/app/dialer-legal-hold?name={hold}")
	cell = page.locator(".list-row-col:visible a.filterable", has_text=names_in(named)[0])
	expect(cell).to_have_attribute("data-filter", f"person,=,{named['person']}")


def test_a_list_says_no_name_that_its_reader_may_not_see(page_as, hold, named):
	"""An officer without a role of Education's finds guardians by their ids alone."""
	page = page_as("Dialer Compliance Officer")
	page.goto(f"/app/dialer-legal-hold?name={hold}")
	expect(page.locator(".list-row:visible")).to_contain_text(named["person"])
	assert names_in(named)[0] not in page.content()


def test_what_a_family_answered_is_read_line_by_line(staff, stored):
	answers = {f"Voice:{one}": {"yes": True, "words": f"{one}: Yes"} for one in ("Event", "Attendance")}
	about = ABOUT_PEOPLE["Dialer Consent Answer"]
	name = stored("Dialer Consent Answer", choices=json.dumps({"answers": answers}), **about)
	page = staff("officer")
	open_record(page, "dialer-consent-answer", name)
	expect(said(page, "choices")).to_have_text("Event: YesAttendance: Yes")
	expect(page.locator(".form-layout:visible")).not_to_contain_text("JSON")


def test_what_a_message_said_is_named_by_its_labels(staff, stored):
	name = stored("Dialer Call Log", direction="Outbound", fields_used='["recipient_name", "gone"]')
	page = staff("agent")
	open_record(page, "dialer-call-log", name)
	expect(said(page, "fields_used")).to_have_text("Name of the person called, gone")
