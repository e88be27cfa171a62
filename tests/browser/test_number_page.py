"""The page that shows the whole history of a number."""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.desk.numbers import ENDING, MOST_OF_A_KIND
from tests.browser.kit.clicks import clicks_of, count_clicks
from tests.browser.kit.forms import OFFERED, dialog, opened_dialog, search_desk
from tests.integration import factories as make

SHOWN = 2
"""Digits of a masked number."""


def test_a_number_is_typed_and_posted(staff: Callable[[str], Page]):
	"""Check the sentence for an empty history, the error for an invalid number, and that the URL stays clean.

	The number must not get into the URL.
	"""
	page, phone = staff("officer"), make.phone()
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	expect(page.locator(".page-container:visible")).to_contain_text("Type a name or a number")
	typed.fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
	typed.press("Enter")
	expect(page.locator(".dialer-story")).to_contain_text("Nothing has happened to this number so far.")
	assert phone[8:] not in page.url
	typed.fill("12")
	page.get_by_role("button", name="Show", exact=True).click()
	expect(dialog(page)).to_contain_text("not a telephone number")


def most_common_surname() -> str:
	guardians = frappe.get_all("Guardian", ["name", "guardian_name"], order_by="name", limit=400)
	shared = Counter(row.guardian_name.split()[-1] for row in guardians if " " in row.guardian_name)
	return shared.most_common(1)[0][0]


def test_a_family_is_found_by_name(staff: Callable[[str], Page]):
	surname = most_common_surname()
	page = staff("officer")
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	typed.fill(surname)
	typed.press("Enter")
	people = page.locator("[data-part=people] button")
	expect(people.first).to_be_focused()
	expect(people.first).to_contain_text(surname)
	expect(people.filter(has_text="Guardian of").first).to_be_visible()
	expect(people.filter(has_text="••••").first).to_be_visible()
	people.filter(has_text="Guardian of").first.click()
	expect(page.locator(".dialer-number").first).to_contain_text("•")
	family = page.locator("[data-part=family]")
	expect(family).to_contain_text(surname)
	expect(family).to_contain_text("Students: ")
	expect(family.locator("[data-key][aria-pressed=true]")).to_contain_text("Calls: ")
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	typed.fill("Zzyzx")
	typed.press("Enter")
	expect(page.locator(".page-container:visible")).to_contain_text("No one whose record you may read")


def test_a_family_is_found_from_anywhere_in_two_clicks(staff: Callable[[str], Page]):
	"""Type a name at the head of the Desk, and press what it offers; then press the family."""
	surname = most_common_surname()
	page = staff("officer")
	count_clicks(page)
	page.goto("/app/dialer-campaign")
	search_desk(page, surname)
	before = clicks_of(page)
	page.locator(OFFERED, has_text="in Call History").first.click()
	people = page.locator("[data-part=people] button")
	people.filter(has_text=surname).last.click()
	expect(page.locator("[data-part=family]")).to_contain_text(surname)
	assert clicks_of(page) - before == 2


def test_an_opt_out_is_logged_on_the_page_of_the_family(staff: Callable[[str], Page], people: dict):
	phone, name = make.phone(), f"Rosa {secrets.token_hex(4)}"
	make.consent(phone)
	guardian = make.guardian(name, phone)
	frappe.db.commit()
	try:
		page = staff("officer")
		page.goto(f"/app/dialer-number/Guardian/{guardian.name}")
		family = page.locator("[data-part=family]")
		expect(family.locator("[data-key]")).to_contain_text("Calls: agreed to all kinds")
		family.get_by_role("button", name="Log Opt-out").click()
		asked = opened_dialog(page)
		asked.locator("[data-fieldname=scope] select").select_option("everything")
		asked.get_by_role("button", name="Stop:").click()
		expect(page.locator("#alert-container")).to_contain_text("emergency calls too")
		expect(family.locator("[data-key]")).to_contain_text("Calls: opted out of everything")
		expect(page.locator(".dialer-story")).to_contain_text("not even in an emergency")
		page.locator("#alert-container [data-action=undo]").click()
		expect(page.locator("#alert-container")).to_contain_text("Nothing was sent")
		expect(family.locator("[data-key]")).to_contain_text("Calls: agreed to all kinds")
	finally:
		frappe.db.rollback()
		frappe.delete_doc("Guardian", guardian.name, force=True)
		frappe.db.commit()


@pytest.fixture
def namesakes(people: dict) -> Iterator[list]:
	"""Yield eleven guardians with one name: one more than a search shows at first."""
	name = f"Rosa {secrets.token_hex(4)}"
	made = [make.guardian(name, make.phone()) for _ in range(MOST_OF_A_KIND + 1)]
	frappe.db.commit()
	yield made
	frappe.db.rollback()
	for one in made:
		frappe.delete_doc("Guardian", one.name, force=True)
	frappe.db.commit()


def test_the_others_of_one_name_are_shown_on_request(staff: Callable[[str], Page], namesakes: list):
	page = staff("officer")
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	typed.fill(namesakes[0].guardian_name)
	typed.press("Enter")
	found, more = page.locator("[data-part=people] [data-place]"), page.locator("[data-part=more]")
	expect(found).to_have_count(MOST_OF_A_KIND)
	more.click()
	expect(found).to_have_count(len(namesakes))
	expect(more).to_have_count(0)
	for one in namesakes:
		expect(found.filter(has_text=f"•••• {one.mobile_number[-ENDING:]}")).not_to_have_count(0)


def test_the_button_of_an_opt_out_names_the_number_and_the_person(staff: Callable[[str], Page], people: dict):
	first, name = make.phone(), f"Rosa {secrets.token_hex(4)}"
	while (other := make.phone())[-SHOWN:] == first[-SHOWN:]:
		pass
	guardian = make.guardian(name, first, other)
	frappe.db.commit()
	try:
		page = staff("agent")
		page.goto(f"/app/dialer-number/Guardian/{guardian.name}")
		page.locator("[data-part=family]").get_by_role("button", name="Log Opt-out").click()
		asked = opened_dialog(page)
		stop = asked.locator(".btn-modal-primary")
		for number in (first, other):
			asked.locator("[data-fieldname=known] select").select_option(
				label=asked.locator("option", has_text=f"{number[-SHOWN:]}, {name}").inner_text()
			)
			expect(stop).to_have_text(re.compile(rf"^Stop: .*{number[-SHOWN:]}, {name}$"))
	finally:
		frappe.db.rollback()
		frappe.delete_doc("Guardian", guardian.name, force=True)
		frappe.db.commit()
