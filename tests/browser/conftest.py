"""A served site and a real browser, logged in as one person per role."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import frappe
import pytest
from frappe.utils.password import update_password
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dev.site import apt, ports, services

FLAGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
]
ROLES = (
	"Dialer Agent",
	"Dialer Manager",
	"Dialer Compliance Officer",
	"Dialer Emergency Approver",
	"System Manager",
)


@pytest.fixture(scope="session")
def people() -> Iterator[dict[str, tuple[str, str]]]:
	"""A user for each role, as user name and password; they are removed at the end."""
	sites_path = Path(os.environ["SITES_PATH"]).resolve()
	came_from = Path.cwd()
	os.chdir(sites_path)
	frappe.init(os.environ["SITE"], sites_path=str(sites_path))
	frappe.connect()
	logins = {role: _make_user(role) for role in ROLES}
	frappe.db.commit()
	yield logins
	frappe.db.rollback()
	for user, _password in logins.values():
		frappe.delete_doc("User", user, force=True)
	frappe.db.commit()
	frappe.destroy()
	os.chdir(came_from)


def _make_user(role: str) -> tuple[str, str]:
	name = f"{frappe.scrub(role).replace('_', '.')}@browser.test"
	if frappe.db.exists("User", name):
		frappe.delete_doc("User", name, force=True)
	user = frappe.new_doc("User")
	user.update({"email": name, "first_name": role, "send_welcome_email": 0, "roles": [{"role": role}]})
	user.insert()
	password = frappe.generate_hash(length=24)
	update_password(name, password)
	return name, password


@pytest.fixture(scope="session")
def address(people: dict) -> Iterator[str]:
	"""Where the site is served for these tests: `http://127.0.0.1:<port>`."""
	server = services.start_web(ports.any_free(), name="web-browser-tests")
	yield server.details["url"]
	server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	with sync_playwright() as playwright:
		chromium = playwright.chromium.launch(executable_path=apt.need(apt.CHROMIUM), args=FLAGS)
		yield chromium
		chromium.close()


@pytest.fixture
def page_as(browser: Browser, address: str, people: dict) -> Iterator[Callable[[str], Page]]:
	"""`page_as("Dialer Manager")` opens a page of someone with that role; pages close after the test.

	A test fails when a page raised an uncaught error.
	"""
	opened: list[BrowserContext] = []
	errors: list[str] = []

	def open_page(role: str) -> Page:
		context = browser.new_context(base_url=address, viewport={"width": 1360, "height": 900})
		opened.append(context)
		user, password = people[role]
		answer = context.request.post("/api/method/login", form={"usr": user, "pwd": password})
		assert answer.ok, answer.text()
		page = context.new_page()
		page.set_default_timeout(20_000)
		page.on("pageerror", lambda error: errors.append(str(error)))
		return page

	yield open_page
	for context in opened:
		context.close()
	assert not errors
