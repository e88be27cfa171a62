"""A served site and a real browser, logged in as one user per role."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, time, timezone
from pathlib import Path

import frappe
import pytest
from frappe.utils.password import update_password
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response, expect

from dev.carrier import server as carrier_server
from dev.days import next_at
from dev.demo import stage
from dev.patience import MILLISECONDS
from dev.school import users
from dev.school.load import load
from dev.screenshots.browser import chromium, sign_in
from dev.site import ports, services
from dev.site.layout import current
from school_dialer.campaigns import actions

expect.set_options(timeout=MILLISECONDS)
ROLES = (
	"Dialer Agent",
	"Dialer Manager",
	"Dialer Compliance Officer",
	"Dialer Emergency Approver",
	"System Manager",
)
STAFF = {
	"manager": "communications@riverside.example",
	"agent": "office@riverside.example",
	"officer": "compliance@riverside.example",
	"approver": "principal@riverside.example",
}
FAILED = pytest.StashKey[bool]()
DESKTOP = {"width": 1360, "height": 900}
KEPT_BY_PAGES = "local_storage,indexeddb,cache_storage,service_workers,file_systems"
"""What pages keep beside cookies. The browser's own cache of files is none of it."""
GROUP = "Chess Club"
TITLE = "Browser"
"""How the titles of the tests' campaigns begin."""
AFTERNOON = time(20, 30)
"""In UTC: half past two in Chicago, half past ten in Honolulu."""
DESK = ".main-section #body"
STANDS = """() => {
	const shows = window.frappe?.container?.page || document.querySelector(".modal.show");
	const quiet = shows && frappe.request && !frappe.request.ajax_count;
	window.quietLooks = quiet ? (window.quietLooks || 0) + 1 : 0;
	return window.quietLooks > 5;
}"""
"""A page is there, or the dialog that refuses it, and no request has been on its way for a while."""
LOOK_EVERY = 50
"""Milliseconds between two looks at a page that opens."""


@pytest.fixture(scope="session")
def site() -> Iterator[None]:
	"""Connect to the site as Administrator."""
	sites_path = Path(os.environ["SITES_PATH"]).resolve()
	came_from = Path.cwd()
	os.chdir(sites_path)
	frappe.init(os.environ["SITE"], sites_path=str(sites_path))
	frappe.connect()
	yield
	frappe.destroy()
	os.chdir(came_from)


@pytest.fixture(scope="session")
def people(site: None) -> Iterator[dict[str, tuple[str, str]]]:
	"""Yield one user per role as `{role: (user name, password)}`, and delete the users at the end."""
	logins = {role: _make_user(role) for role in ROLES}
	frappe.db.commit()
	yield logins
	frappe.db.rollback()
	for user, _password in logins.values():
		frappe.delete_doc("User", user, force=True)
	frappe.db.commit()


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
def address(site: None) -> Iterator[str]:
	"""Serve the site for these tests, and yield its URL, `http://127.0.0.1:<port>`."""
	server = services.start_web(ports.any_free(), name="web-browser-tests")
	yield server.details["url"]
	server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	"""Yield Chromium, whose every page waits long enough for a busy machine, and until the Desk stands.

	Its user has asked for less motion, so that dialogs open and close without a transition to wait for. Pages
	may copy, which the headless shell refuses although other browsers permit it after a click.
	"""
	with chromium() as launched:
		new_context = launched.new_context

		def patient(**options) -> BrowserContext:
			context = new_context(
				**{"reduced_motion": "reduce", "permissions": ["clipboard-write"], **options}
			)
			context.set_default_timeout(MILLISECONDS)
			new_page = context.new_page
			context.new_page = lambda: wait_for_the_desk(new_page())
			return context

		launched.new_context = patient
		yield launched


def wait_for_the_desk(page: Page) -> Page:
	"""Let `page.goto` return once the first page of the Desk is there and has all its answers.

	Until then Frappe may still lead to that page, also from where a click has led meanwhile, and its search
	raises an error.
	"""
	goto = page.goto

	def go(url: str, **options) -> Response | None:
		response = goto(url, **options)
		if page.locator(DESK).count():
			page.wait_for_function(STANDS, polling=LOOK_EVERY)
		return response

	page.goto = go
	return page


@pytest.fixture(scope="session")
def spare() -> list[BrowserContext]:
	"""Return the contexts of earlier tests that the next ones take, emptied.

	Such a context still has Frappe's scripts as the browser has read and compiled them. Without them, the
	first page of a context costs four times as much.
	"""
	return []


def emptied(context: BrowserContext, address: str) -> BrowserContext:
	"""Return a context without pages, cookies, and all that pages keep in a browser."""
	for page in context.pages:
		page.close()
	blank = context.new_page()
	about = {"origin": address, "storageTypes": KEPT_BY_PAGES}
	context.new_cdp_session(blank).send("Storage.clearDataForOrigin", about)
	blank.close()
	context.clear_cookies()
	context.unroute_all()
	context.set_offline(False)
	return context


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
	report = yield
	item.stash.setdefault(FAILED, False)
	item.stash[FAILED] |= report.failed
	return report


@pytest.fixture
def open_page(
	browser: Browser, address: str, spare: list[BrowserContext], request: pytest.FixtureRequest
) -> Iterator[Callable[[tuple[str, str]], Page]]:
	"""Yield `open_page((user, password))`, which logs in and opens a page in an empty context.

	All pages close after the test. The test fails if a page raised an uncaught error. If the test failed, the
	last message that each page showed is printed.
	"""
	opened: list[BrowserContext] = []
	errors: list[str] = []
	broken_off: list[str] = []

	def open_for(login: tuple[str, str]) -> Page:
		context = spare.pop() if spare else browser.new_context(base_url=address, viewport=DESKTOP)
		opened.append(context)
		user, password = login
		sign_in(context, user, password)
		page = context.new_page()
		page.on("pageerror", lambda error: errors.append(str(error)) if not of_frappe(error) else None)
		page.on("requestfailed", lambda failed: broken_off.append(failed.url))
		return page

	yield open_for
	found = without_broken_off(errors, len(broken_off))
	for context in opened:
		if request.node.stash.get(FAILED, False):
			tell(context.pages)
			context.close()
		else:
			spare.append(emptied(context, address))
	assert not found


def without_broken_off(errors: list[str], broken_off: int) -> list[str]:
	"""Return the errors without one for each request that a reload broke off on a slow machine.

	jQuery rejects such a request with an object, which the page that is leaving has no use for.
	"""
	others = [error for error in errors if error != "Object"]
	return others + ["Object"] * max(0, errors.count("Object") - broken_off)


def tell(pages: list[Page]) -> None:
	"""Print the URL of each page, the text of its dialogs and alerts, and which buttons can be pressed."""
	for page in pages:
		said = page.locator(
			".modal.show .modal-content, .desk-alert, .freeze-message-container"
		).all_inner_texts()
		buttons = [one.strip() for one in page.locator("button:visible").all_inner_texts()]
		print(f"At {page.url}: {said}, buttons {list(filter(None, buttons))}")


def of_frappe(error: Error) -> bool:
	"""Return whether this error is a known fault of Frappe on a slow machine.

	Frappe looks for a tour before the page has a route. And a tenth of a second after a number field gets the
	focus, it selects whatever has the focus by then, even a button.
	"""
	return "init_onboarding_tour" in (error.stack or "") or str(error).endswith(
		"document.activeElement.select is not a function"
	)


@pytest.fixture
def page_as(
	open_page: Callable[[tuple[str, str]], Page], people: dict[str, tuple[str, str]]
) -> Callable[[str], Page]:
	"""Return `page_as("Dialer Manager")`, which opens a page for a user with only that role."""
	return lambda role: open_page(people[role])


@pytest.fixture(scope="session")
def carrier(site: None) -> Iterator[carrier_server.Handle]:
	"""Start a simulated carrier where every call is answered.

	The clock shows a school day, at an hour when all of the United States may be called. It is never behind
	the browsers' clock, which shows the true time: their "now" would lie in the future.
	"""
	now = datetime.now(timezone.utc)
	offset = round((next_at(now, AFTERNOON) - now).total_seconds(), 3)
	with carrier_server.start(seed=5, clock_offset=offset) as handle:
		handle.control("people", {"*": {"behaviour": "answers"}})
		values = {stage.CARRIER_KEY: handle.url, stage.CLOCK_KEY: offset}
		with stage.site_config(current(), values):
			frappe.conf.update(values)
			yield handle
			for key in values:
				frappe.conf.pop(key, None)


@pytest.fixture(scope="session")
def school(carrier: carrier_server.Handle, address: str) -> Iterator[None]:
	"""Load the demo school, its settings, and the web server that receives the carrier's callbacks.

	The settings are restored at the end.
	"""
	before = frappe.db.get_singles_dict("Dialer Settings")
	load()
	stage.settle_settings(carrier)
	age_earlier_calls()
	frappe.db.commit()
	stage.set_public_url(address)
	stage.register(carrier, address)
	yield
	frappe.db.rollback()
	for fieldname in ("mode", "school_name", "max_attempts", "public_url"):
		frappe.db.set_single_value("Dialer Settings", fieldname, before.get(fieldname))
	frappe.db.commit()


def age_earlier_calls() -> None:
	"""Move the calls of earlier runs into the past, where no cap on calls counts them.

	All runs on a site call the same class.
	"""
	frappe.db.sql(
		"""update `tabDialer Call Log` set placed_at = placed_at - interval 60 day
		where campaign in (select name from `tabDialer Campaign` where title like %s)""",
		f"{TITLE} %",
	)


@pytest.fixture
def no_tours(school: None) -> None:
	"""Mark Frappe's own tours of the Desk as seen. They cover the page until they are closed."""
	mark_tours(*STAFF.values())
	frappe.db.commit()


def mark_tours(*users: str) -> None:
	"""Mark Frappe's tours as seen by these users. Does not commit."""
	if not frappe.get_meta("User").has_field("onboarding_status"):
		return
	seen = {tour: {"is_complete": True} for tour in frappe.get_all("Form Tour", {"ui_tour": 1}, pluck="name")}
	for user in users:
		frappe.db.set_value("User", user, "onboarding_status", json.dumps(seen))
		frappe.clear_cache(user=user)


@pytest.fixture
def new_title(school: None) -> Iterator[Callable[[], str]]:
	"""Yield a function that makes campaign titles.

	A campaign with one of these titles is canceled after the test if it is still open.
	"""
	titles: list[str] = []

	def make() -> str:
		titles.append(f"{TITLE} {secrets.token_hex(4)}")
		return titles[-1]

	yield make
	frappe.db.rollback()
	still_open = {"title": ("in", titles), "status": ("not in", ("Completed", "Cancelled", "Failed"))}
	for name in frappe.get_all("Dialer Campaign", still_open, pluck="name", order_by="name"):
		actions.cancel(name)
	frappe.db.commit()


@pytest.fixture
def draft(new_title: Callable[[], str]) -> Callable[..., str]:
	"""Return a function that saves a draft campaign to the guardians of a class and returns its name."""

	def make_one(**values) -> str:
		doc = {
			"doctype": "Dialer Campaign",
			"title": new_title(),
			"purpose": "Event",
			"channel": "Voice",
			"template": "Event reminder",
			"audience_source": "Guardians of a Student Group",
			"audience_name": GROUP,
			"details": "The chess evening is on Thursday at six.",
			**values,
		}
		name = frappe.get_doc(doc).insert().name
		frappe.db.commit()
		return name

	return make_one


@pytest.fixture
def worker(school: None) -> Iterator[None]:
	"""Run one of Frappe's own workers."""
	(process,) = services.start_worker()
	yield
	process.stop()


@pytest.fixture
def staff(school: None, open_page: Callable[[tuple[str, str]], Page]) -> Callable[[str], Page]:
	"""Return `staff("manager")`, which opens a page as the demo's manager, agent, officer or approver."""
	return lambda part: open_page((STAFF[part], users.DEMO_PASSWORD))
