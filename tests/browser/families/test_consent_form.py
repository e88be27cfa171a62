"""The consent form in a real browser without scripts, on a phone and a desk, and under axe-core."""

from dataclasses import replace

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from school_dialer.consent_form import answers, enrollment, requests
from tests.browser.kit.consent_form import code_for, fill, letter
from tests.browser.kit.forms import button, open_record
from tests.browser.kit.preferences import LEVEL_AA, NARROWEST, PHONE, visit

__all__ = ["letter", "visit"]

DESK = {"width": 1400, "height": 900}
YES = ("Voice-Attendance", "Text-Attendance", "Text-Event")


def kinds(phone: str) -> set[tuple[str, str, str]]:
	frappe.db.rollback()
	fields = ["kind", "channel", "purpose"]
	return {
		(one.kind, one.channel, one.purpose)
		for one in frappe.get_all("Consent Event", {"phone": phone}, fields)
	}


def test_a_parent_signs_proves_the_number_and_keeps_a_copy(visit, letter):
	page = visit(letter.path)
	expect(page.get_by_text("Zulma")).to_be_visible()
	fill(page, letter, YES)
	page.get_by_role("button", name="Sign").tap()
	page.get_by_role("button", name="Text me a code").tap()
	expect(page.get_by_role("status")).to_contain_text("on its way")
	assert letter.phone[2:] not in page.content()
	# What was declined counts at once, and what was agreed to waits for the code.
	assert {kind for kind, _channel, _purpose in kinds(letter.phone)} == {"Opt Out"}
	page.get_by_label("Code with six digits").fill("1")
	page.get_by_role("button", name="Check the code").tap()
	expect(page.get_by_role("status")).to_contain_text("not the code")
	page.get_by_label("Code with six digits").fill(code_for(letter))
	page.get_by_role("button", name="Check the code").tap()
	expect(page.get_by_role("status")).to_contain_text("Your answer counts")
	assert {("Grant", "Any", "Attendance"), ("Grant", "Text", "Event")} <= kinds(letter.phone)
	page.get_by_role("link", name="See, change or stop").tap()
	expect(page.get_by_role("group", name="Attendance")).to_contain_text("Phone calls: ✓ On")


def test_the_code_of_the_letter_opens_it_and_no_to_all_takes_no_number(visit, letter):
	page = visit(requests.PATH)
	page.get_by_label("Code of the letter").fill(letter.code.lower())
	page.get_by_role("button", name="Open the form").tap()
	fill(page, letter, ())
	page.locator("#phone").fill("")
	page.get_by_role("button", name="Sign").tap()
	expect(page.get_by_role("status")).to_contain_text("You said no to everything")
	frappe.db.rollback()
	assert frappe.db.get_value(requests.DOCTYPE, letter.request, "status") == requests.DECLINED


def test_what_is_missing_is_said_and_the_answers_stay(visit, letter):
	page = visit(letter.path)
	fill(page, letter, YES)
	page.locator("#signature").fill("")
	page.get_by_role("button", name="Sign").tap()
	expect(page.get_by_role("alert")).to_contain_text("Type your full name")
	expect(page.locator("#signature")).to_have_attribute("aria-invalid", "true")
	expect(page.locator('input[name="Text-Event"][value="yes"]')).to_be_checked()


def test_in_spanish_from_the_first_page_to_the_copy(visit, letter):
	page = visit(letter.path)
	page.get_by_role("link", name="Español").tap()
	expect(page.locator("html")).to_have_attribute("lang", "es")
	fill(page, letter, YES)
	page.get_by_role("button", name="Firmar").tap()
	page.get_by_role("button", name="Envíeme un código por mensaje").tap()
	expect(page.get_by_role("status")).to_contain_text("va en camino")
	page.get_by_label("Código de seis cifras").fill(code_for(letter))
	page.get_by_role("button", name="Comprobar el código").tap()
	expect(page.get_by_role("status")).to_contain_text("Su respuesta cuenta desde ahora")
	expect(page.get_by_text("Asistencia (Ausencias y llegadas tarde.) – Llamadas: Sí")).to_be_visible()


def test_arabic_reads_from_the_right(visit, letter):
	page = visit(f"{letter.path}&lang=ar")
	expect(page.locator("html")).to_have_attribute("dir", "rtl")
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def accessible(page: Page) -> None:
	found = Axe().run(page, options=LEVEL_AA).response["violations"]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [PHONE, DESK, NARROWEST], ids=["phone", "desk", "narrowest"])
def test_every_part_meets_level_aa(visit, letter, size):
	options = {"scripts": True, "viewport": size, "is_mobile": size != DESK, "has_touch": size != DESK}
	page = visit(requests.PATH, **options)
	accessible(page)
	page.goto(letter.path)
	accessible(page)
	page.get_by_role("button", name="Sign").click()
	expect(page.get_by_role("alert")).to_be_visible()
	accessible(page)
	fill(page, letter, YES)
	page.get_by_role("button", name="Sign").click()
	expect(page.get_by_role("button", name="Text me a code")).to_be_visible()
	accessible(page)
	page.get_by_role("button", name="Text me a code").click()
	expect(page.get_by_role("status")).to_contain_text("on its way")
	page.get_by_label("Code with six digits").fill(code_for(letter))
	page.get_by_role("button", name="Check the code").click()
	expect(page.get_by_role("status")).to_contain_text("Your answer counts")
	accessible(page)


def test_the_office_hands_on_the_link_of_an_application(staff, letter):
	said = answers.NewAnswer("María Prueba", "", {answers.QUESTIONS[0]: True}, "I agree.", "I agree.", "en")
	said = replace(said, phone=letter.phone, request=letter.request, source=answers.APPLICANT)
	row = answers.keep(said)
	frappe.db.commit()
	page = staff("manager")
	open_record(page, "dialer-consent-answer", row.name)
	button(page, "Link for the Code").click()
	expect(page.locator(".msgprint:visible")).to_contain_text(enrollment.link(row.name))
