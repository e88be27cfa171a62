"""What a user of one school is offered in the forms of a district."""

import re
from collections.abc import Iterator

import frappe
import pytest
from frappe.utils.password import update_password
from playwright.sync_api import Locator, Page, expect

from tests.browser.kit.forms import open_new
from tests.integration import districts

FORMS = ("dialer-campaign", "dialer-rule", "dialer-audience", "dialer-message-template")


@pytest.fixture
def schools(site) -> Iterator[list[str]]:
	with districts.district("Lincoln", "Washington", committed=True) as names:
		yield names


@pytest.fixture
def manager(schools: list[str]) -> Iterator[tuple[str, str]]:
	"""Yield a manager of the first school as `(user, password)`."""
	user, password = districts.user(["Dialer Manager"], schools[:1]), frappe.generate_hash(length=24)
	update_password(user, password)
	frappe.db.commit()
	yield user, password
	frappe.db.rollback()
	frappe.delete_doc("User", user, force=True)
	frappe.db.commit()


def field(page: Page, name: str) -> Locator:
	"""Return a field of the form, with its label and description."""
	return page.locator(f'.frappe-control[data-fieldname="{name}"]')


@pytest.mark.parametrize("form", FORMS)
def test_the_school_is_filled_in_and_required(open_page, manager, schools, form):
	page = open_page(manager)
	open_new(page, form)
	school = field(page, "school")
	expect(school.locator("input")).to_have_value(schools[0])
	expect(school.locator(".control-label")).to_have_class(re.compile(r"\breqd\b"))
	expect(school).to_contain_text("The school you work for.")


def test_a_campaign_is_in_its_name(open_page, manager):
	page = open_page(manager)
	open_new(page, "dialer-campaign")
	expect(field(page, "school").locator("input")).not_to_have_value("")
	expect(field(page, "said_by")).to_be_hidden()
	expect(page.get_by_role("button", name="Choose Schools")).to_have_count(0)


def test_a_user_of_the_district_chooses(page_as, schools):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-campaign")
	expect(field(page, "said_by")).to_be_visible()
	expect(field(page, "school").locator("input")).to_have_value("")
	expect(field(page, "school")).to_contain_text("Leave blank for the whole district.")
