"""The page Dialer Health: the worst first, checked again, on a phone, in Spanish, and with failing checks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from school_dialer.health import examine

PHONE = {"width": 390, "height": 844}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def health(staff: Callable[[str], Page]) -> Page:
	page = staff("manager")
	page.goto("/app/dialer-health")
	expect(page.locator("[data-check]")).to_have_count(len(examine.ALL))
	return page


def test_what_needs_attention_comes_first_and_is_looked_at_again(health: Page):
	"""Run without a worker that serves this site."""
	first = health.locator("[data-check]").first
	expect(first).to_have_attribute("data-state", "fail")
	expect(health.locator("[data-check=workers]")).to_contain_text("No background worker serves these queues")
	expect(health.locator("[data-check=workers]")).to_contain_text("Needs attention now")
	with health.expect_response("**/school_dialer.desk.health.look") as asked:
		health.get_by_role("button", name="Check again").click()
	assert asked.value.ok
	expect(health.locator("[data-check]")).to_have_count(len(examine.ALL))


def test_it_fits_a_phone(health: Page):
	health.set_viewport_size(PHONE)
	expect(health.locator("[data-check]").first).to_be_visible()
	assert not health.evaluate(WIDE)


def test_checks_that_do_not_answer_and_checks_that_are_none(health: Page):
	def broken(route: Route) -> None:
		route.fulfill(status=500, content_type="application/json", body="{}")

	def none(route: Route) -> None:
		route.fulfill(json={"message": {"state": "ok", "at": "", "checks": []}})

	def marked(route: Route) -> None:
		check = {
			"name": "disk",
			"state": "warn",
			"text": "<img src=x onerror=document.title='run'>",
			"figures": {},
		}
		route.fulfill(json={"message": {"state": "warn", "at": "", "checks": [check]}})

	for answer, words in ((broken, "did not answer"), (none, "Nothing was checked"), (marked, "<img src=x")):
		health.route("**/school_dialer.desk.health.look", answer)
		health.evaluate("cur_page.page.health.look()")
		expect(health.locator(".dialer-health")).to_contain_text(words)
		health.unroute("**/school_dialer.desk.health.look")
	assert health.title() != "run" and not health.locator(".dialer-health img").count()


def test_an_agent_does_not_open_it(staff: Callable[[str], Page]):
	page = staff("agent")
	page.goto("/app/dialer-health")
	expect(page.locator("body")).to_contain_text("permitted")
	assert not page.locator("[data-check]").count()
