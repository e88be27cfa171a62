"""The form of a consent drive: what it would do, its start, answers, letters, and a narrow screen."""

import secrets
from collections.abc import Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from school_dialer.consent_drive import actions, jobs, preview
from school_dialer.consent_form import requests
from tests.browser.kit.forms import button, open_new, open_record, press_in_dialog
from tests.integration import factories as make
from tests.integration.consent_drive.families import Class


@pytest.fixture
def school_class(school: None) -> Iterator[Class]:
	found = Class(secrets.token_hex(4))
	for short, language in (("Ana Diaz", "es"), ("Bo Lee", "zh"), ("Cleo Nasser", "ar")):
		found.family(short, language=language)
	yield found
	found.close()


@pytest.fixture
def drive(school_class: Class) -> str:
	name = frappe.get_doc(
		{
			"doctype": "Dialer Consent Drive",
			"title": school_class.tag,
			"audience_source": "Guardians of a Student Group",
			"audience_doctype": "Student Group",
			"audience_name": school_class.group,
			"waves": [{"days": 0, "way": "Letter"}, {"days": 14, "way": "Letter"}],
		}
	).insert()
	frappe.db.commit()
	return name.name


def part(page: Page, fieldname: str):
	return page.locator(f".form-page:visible .frappe-control[data-fieldname={fieldname}]")


def test_the_count_comes_before_the_start_and_is_confirmed(staff, drive, school_class):
	page = staff("manager")
	open_record(page, "dialer-consent-drive", drive)
	expect(part(page, "preview_html")).to_contain_text("3 families, 3 letters, 0 e-mails")
	expect(part(page, "phones_html")).to_contain_text("0 of 3 families")
	button(page, "Start").click()
	expect(page.locator(".modal.show")).to_contain_text("3 families")
	press_in_dialog(page, "Yes")
	expect(page.locator(".form-page:visible, .page-head:visible").first).to_be_visible()
	expect(button(page, "Pause")).to_be_visible()
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Consent Drive", drive, "state") == "Running"


def test_answers_coverage_and_letters(staff, drive, school_class):
	actions.start(drive, preview.count(frappe.get_doc("Dialer Consent Drive", drive))["families"])
	frappe.db.commit()
	jobs.run(drive)
	asked = school_class.families(drive)
	frappe.db.set_value(
		requests.DOCTYPE,
		asked["Ana Diaz"].request,
		{"status": requests.ANSWERED, "answered_at": frappe.utils.now()},
	)
	frappe.db.commit()
	jobs.count(drive)
	page = staff("manager")
	open_record(page, "dialer-consent-drive", drive)
	shown = part(page, "progress_html")
	expect(shown).to_contain_text("3 of 3 families were asked. 1 answered")
	expect(shown).to_contain_text("Students with an adult who may be called: 0 % at the start")
	expect(shown.get_by_role("row", name=school_class.group).first).to_be_visible()
	shown.get_by_role("button", name="Handed Out").first.click()
	expect(shown.get_by_role("button", name="Not Yet").first).to_be_visible()
	shown.get_by_role("button", name="Not Yet").first.click()
	expect(shown.get_by_role("button", name="Cancel").first).to_be_visible()
	shown.get_by_role("button", name="Cancel").first.click()
	press_in_dialog(page, "Yes")
	expect(
		shown.get_by_role("row", name=school_class.group).filter(has_text="Canceled").first
	).to_be_visible()
	found = Axe().run(page, context=".form-page .frappe-control[data-fieldname=progress_html]").response
	assert [one["id"] for one in found["violations"]] == []


def test_a_narrow_screen_is_not_wider_than_the_phone(staff, drive):
	frappe.db.set_value("Dialer Consent Drive", drive, "title", "May we call you about fund-raising?")
	frappe.db.commit()
	page = staff("manager")
	page.set_viewport_size({"width": 390, "height": 844})
	open_record(page, "dialer-consent-drive", drive)
	expect(part(page, "preview_html")).to_contain_text("3 families")
	assert page.evaluate("document.documentElement.scrollWidth") <= 390
	pill = page.locator(".page-head:visible .indicator-pill").bounding_box()
	buttons = page.locator(".page-head:visible .menu-btn-group").bounding_box()
	assert pill["x"] + pill["width"] <= buttons["x"]


def test_a_new_drive_proposes_waves_and_sends_nothing(staff):
	page = staff("manager")
	open_new(page, "dialer-consent-drive")
	expect(part(page, "preview_html")).to_contain_text("Nothing is sent before you start")
	expect(part(page, "waves").locator(".grid-row[data-idx]")).to_have_count(3)


def test_drafts_of_a_wave_by_text_lead_to_their_campaigns(staff, drive, school_class):
	make.consent(school_class.phones["Ana Diaz"], "Fees", "Text")
	frappe.db.set_value("Dialer Consent Wave", {"parent": drive, "idx": 1}, "way", "Text")
	frappe.db.commit()
	page = staff("manager")
	open_record(page, "dialer-consent-drive", drive)
	expect(part(page, "preview_html")).to_contain_text("calls, which you start: 1")
	expect(part(page, "phones_html")).to_contain_text("Texts: 1 of 3 families")
	school_class.start(frappe.get_doc("Dialer Consent Drive", drive))
	page.reload()
	shown = part(page, "progress_html")
	expect(shown).to_contain_text("Campaigns that wait for you to start them: 1")
	found = Axe().run(page, context=".form-page .frappe-control[data-fieldname=progress_html]").response
	assert [one["id"] for one in found["violations"]] == []
	shown.get_by_role("link", name=f"{school_class.tag}, wave 1: Text").click()
	intro = page.locator(".form-page:visible .form-message, .layout-main-section:visible .form-message").first
	expect(intro).to_contain_text("Nothing is sent before you start it.")
	expect(part(page, "consent_drive")).to_contain_text(drive)
	expect(page.get_by_text("This site has no audience named")).to_have_count(0)
