"""Every screen that `make screenshots` takes, under axe-core and in Spanish.

What this app draws must have no critical or serious finding. FRAPPE leaves out, rule by rule, what Frappe
draws itself: the colors of its theme, and the names missing from its icons, lists, grids and fields in the
release these tests run on. FRAPPE never covers an HTML field, the content of a dialog, a strip, a print, or a
page of this app.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from dev.demo import stage
from dev.demo.stage import Stage
from dev.patience import MILLISECONDS
from dev.school import users
from dev.screenshots import camera, scene, shots
from dev.screenshots.browser import sign_in
from dev.site import services
from dev.site.layout import current
from dev.translations import csv_file
from tests.browser.conftest import LOOK_EVERY, STANDS

TO_AFTERNOON = timedelta(hours=4)
"""From 10:30 a.m. to 2:30 p.m. in Chicago, when it is 10:30 a.m. in Honolulu."""
LEVEL_AA = {
	"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
	# Not where in the page each rule was kept: on a large page that takes most of the time.
	"resultTypes": ["violations"],
}
GRAVE = ("critical", "serious")
FRAPPE = {
	# Icons without a name: the top bar, the form's and the list's own buttons, the close buttons of dialogs,
	# the menus of widgets.
	"button-name": ".icon-btn, .btn-modal-close, .chart-menu, .navbar",
	"image-alt": ".navbar, .message-page-image",
	"link-name": ".navbar, .form-sidebar, .list-sidebar",
	# Inputs next to a label that is not tied to them: forms, grids, lists, filters, data tables, calendars.
	"label": ".control-input, .grid-row-check, .static-area, .disabled-selected, .list-row-checkbox, "
	".list-check-all, .page-form, .datepicker, .datatable",
	"select-name": ".control-input, .page-form, .static-area",
	# Colors of the theme: its primary and gray buttons, empty filters, and the figures above a report. In
	# later releases of Frappe 15 also the last breadcrumb, read-only fields, the heads of grids, and its
	# yellow.
	"color-contrast": ".btn-primary, .placeholder, .summary-value, .onboarding-step-footer, .form-sidebar, "
	".list-sidebar, .chart-container, .navbar, .like-disabled-input, .static-area, .indicator-pill.yellow",
	"link-in-text-block": ".like-disabled-input",
	# How Frappe builds sidebars, tabs and the menus of widgets.
	"list": ".form-sidebar, .list-sidebar",
	"listitem": ".form-sidebar, .list-sidebar, .form-tabs",
	"aria-required-children": ".form-tabs",
	"aria-required-parent": ".form-tabs",
	"aria-valid-attr-value": ".form-tabs, .awesomplete",
	"aria-allowed-attr": ".widget-control",
	"aria-input-field-name": ".awesomplete",
	"scrollable-region-focusable": ".datatable, .grid-body",
	"nested-interactive": ".datatable, .form-sidebar",
	"target-size": ".form-sidebar",
}
FRAPPE_16 = {
	# Its sidebar, breadcrumbs and menus of filters have icons without names, and its lists small links.
	"button-name": ".body-sidebar, .match-type-dropdown-btn",
	"image-alt": ".body-sidebar",
	"link-name": ".navbar-breadcrumbs",
	"target-size": ".navbar-breadcrumbs, .list-row",
	# Grays of its theme: descriptions of fields and sections, breadcrumbs, tabs, headings of a workspace.
	"color-contrast": ".body-sidebar, .navbar-breadcrumbs, .help-box, .form-section-description, "
	".grid-empty, .grid-heading-row, .form-tabs, .codex-editor",
	"label": ".disabled-deselected",
	"link-in-text-block": ".new-timeline",
}
"""What Frappe 16 draws beside that."""
DOCTYPES = (
	"dialer-campaign",
	"dialer-recipient",
	"dialer-call-log",
	"dialer-conversation",
	"dialer-conversation-message",
	"dialer-answer",
	"dialer-message-template",
	"dialer-rule",
	"dialer-rule-run",
	"dialer-review",
	"dialer-recording",
	"dialer-policy",
	"dialer-legal-hold",
	"dialer-disclosure",
	"dialer-notice",
	"contact-consent",
	"consent-event",
	"consent-anchor",
)
NAMES = tuple(field.name for field in dataclasses.fields(scene.Scene))
SCREENS = [shot.name for shot in shots.all_of(scene.Scene(**dict.fromkeys(NAMES, "-")))]
ON_A_DESK = [name for name in SCREENS if not name.endswith(("-phone", "-es"))]
IN_SPANISH = (
	"workspace",
	"campaigns",
	"campaign-draft",
	"campaign-preview",
	"campaign",
	"campaign-answers",
	"recipient-why",
	"call-log-agent",
	"message",
	"message-fields",
	"message-recordings",
	"rule",
	"rule-question",
	"consent",
	"consent-receipt",
	"compliance-report",
	"number-story",
	"policy",
	"report-coverage",
	"report-results",
	"report-blocked",
	"report-opt-outs",
	"report-disclosures",
	"settings",
	"health",
)
NOT_BY_THIS_RELEASE = ("Share",)
"""Texts that only some releases of Frappe translate. Later ones say "Share" beside a form."""
NOT_BY_FRAPPE_16 = ("School Dialer", "Dialer Settings")
"""The workspace and a single DocType in the breadcrumbs of Frappe 16, which it does not translate."""


@pytest.fixture(scope="module")
def past_day(carrier) -> Iterator[None]:
	"""Set the clock to the afternoon of a school day that has begun.

	Education takes no attendance for a future day.
	"""
	before = frappe.conf[stage.CLOCK_KEY]
	offset = round(stage.to_last_morning(datetime.now(timezone.utc)) + TO_AFTERNOON.total_seconds(), 3)
	with stage.site_config(current(), {stage.CLOCK_KEY: offset}):
		frappe.conf[stage.CLOCK_KEY] = offset
		carrier.control("time", {"clock_offset": offset})
		yield
	frappe.conf[stage.CLOCK_KEY] = before
	carrier.control("time", {"clock_offset": before})


@pytest.fixture(scope="module")
def seen(school: None, carrier, past_day: None, address: str) -> Iterator[scene.Scene]:
	workers = services.start_worker(n=2)
	try:
		made = scene.build(Stage(current(), carrier, address, 0))
		yield made
		made.tidy()
	finally:
		for worker in workers:
			worker.stop()


@pytest.fixture(scope="module")
def logged_in(seen: scene.Scene, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
	"""Yield `logged_in(user)`: a context of that user, the same for all tests in one language."""
	contexts: dict[tuple[str | None, str], BrowserContext] = {}

	def context_of(user: str | None, language: str = "en") -> BrowserContext:
		key = user, language
		if key not in contexts:
			contexts[key] = browser.new_context(base_url=seen.url, bypass_csp=True)
			contexts[key].set_default_timeout(MILLISECONDS)
			if user:
				sign_in(contexts[key], user, users.DEMO_PASSWORD)
		return contexts[key]

	yield context_of
	for context in contexts.values():
		context.close()


@pytest.fixture
def look(seen: scene.Scene, logged_in: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
	"""Yield `look("campaign")`, which opens a screen as its user and takes the steps before its picture."""
	pages = []

	def look_at(name: str, language: str = "en") -> Page:
		shot = next(one for one in shots.all_of(seen) if one.name == name)
		page = logged_in(shot.user, language).new_page()
		pages.append(page)
		page.set_viewport_size(dict(zip(("width", "height"), shot.window, strict=True)))
		camera.open_desk(page, shot.path, shot.user, language)
		for step in shot.steps if language == "en" else ():
			step(page)
			camera.settle(page)
		return page

	yield look_at
	for page in pages:
		page.close()


def findings(page: Page) -> list[str]:
	"""Return the serious and critical findings that are not Frappe's own."""
	result = Axe().run(page, options=LEVEL_AA).response
	return [
		f"{violation['id']}: {node['html'][:200]}"
		for violation in result["violations"]
		if violation["impact"] in GRAVE
		for node in violation["nodes"]
		if not of_frappe(page, violation["id"], node["target"][-1])
	]


def of_frappe(page: Page, rule: str, target: str) -> bool:
	its_own = FRAPPE_16.get(rule) if is_16() else None
	selector = ", ".join(filter(None, (FRAPPE.get(rule), its_own)))
	return bool(selector) and page.locator(target).first.evaluate(
		"(one, selector) => !!one.closest(selector)", selector
	)


def is_16() -> bool:
	return int(frappe.__version__.split(".")[0]) >= 16


@pytest.mark.parametrize("name", ON_A_DESK)
def test_axe_finds_nothing_grave(look, name: str):
	assert findings(look(name)) == []


ARRIVED = """(name) => window.cur_list?.$page?.is(":visible")
	&& frappe.router.slug(cur_list.doctype) === name"""
"""The list is shown: a route may be there before its page, which would be taken away with the others."""
LEAVE_OTHERS = """() => { $(".page-container:hidden").remove(); }"""


def go_on(page: Page, doctype: str) -> None:
	"""Go to a list without loading the Desk again, and take the lists before it away.

	Axe would walk through them too.
	"""
	page.evaluate("(name) => { frappe.set_route(name); }", doctype)
	page.wait_for_function(ARRIVED, arg=doctype)
	page.evaluate("window.quietLooks = 0")
	page.wait_for_function(STANDS, polling=LOOK_EVERY)
	page.evaluate(LEAVE_OTHERS)


def test_axe_finds_nothing_grave_in_the_list_of_any_doctype(logged_in):
	page = logged_in(scene.OFFICER).new_page()
	page.set_viewport_size({"width": 1400, "height": 900})
	page.goto(f"/app/{DOCTYPES[0]}")
	found = {}
	for doctype in DOCTYPES:
		go_on(page, doctype)
		camera.settle(page)
		found[doctype] = findings(page)
	page.close()
	assert {doctype: wrong for doctype, wrong in found.items() if wrong} == {}


SHOWN = """() => {
	const seen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
	const texts = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const { parentElement, textContent } = walker.currentNode;
		if (!parentElement.closest("script, style") && seen(parentElement))
			texts.push(textContent.trim());
	}
	for (const name of ["title", "placeholder", "aria-label", "data-original-title"]) {
		document.querySelectorAll(`[${name}]`).forEach((one) => {
			if (seen(one)) texts.push(one.getAttribute(name).trim());
		});
	}
	return [...new Set(texts)];
}"""


@pytest.mark.parametrize("name", IN_SPANISH)
def test_no_one_who_reads_spanish_meets_our_english(look, seen, name: str):
	user = next(shot.user for shot in shots.all_of(seen) if shot.name == name)
	english = {source for (source, _context), translation in csv_file.read() if source != translation}
	with camera.spoken(user, "es"):
		shown = set(look(name, language="es").evaluate(SHOWN))
	spanish = {translation for _key, translation in csv_file.read()}
	assert shown & spanish, "nothing of ours is on the page"
	untranslated = {*NOT_BY_THIS_RELEASE, *(NOT_BY_FRAPPE_16 if is_16() else ())}
	assert (shown & english) - spanish - untranslated == set()
