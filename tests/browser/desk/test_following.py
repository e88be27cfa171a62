"""What a page follows goes on after a request that failed, and the focus stays where it is followed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.kit.forms import control, open_campaign

pytestmark = pytest.mark.usefixtures("no_tours")


PROGRESS = "**/school_dialer.desk.campaigns.progress*"
BOARD = "**/school_dialer.desk.inbox.manual_calls.board*"


def test_a_running_campaign_is_followed_after_a_request_that_failed(
	staff: Callable[[str], Page], in_state: Callable[[str], str]
):
	name, page = in_state("Running"), staff("manager")
	asked = failing_once(page, PROGRESS)
	with page.expect_response(PROGRESS):
		open_campaign(page, name)
	assert len(asked) > 1


def test_a_campaign_that_the_site_refuses_to_show_is_not_asked_for_again(
	staff: Callable[[str], Page], in_state: Callable[[str], str]
):
	name, page = in_state("Running"), staff("manager")
	asked: list[str] = []

	def refuse(route: Route) -> None:
		asked.append(route.request.url)
		route.fulfill(status=403, json={"exc_type": "PermissionError"})

	page.route(PROGRESS, refuse)
	page.clock.install()
	page.goto(f"/app/dialer-campaign/{name}")
	page.clock.resume()
	expect(page.locator(".msgprint-dialog")).to_be_visible()
	page.clock.fast_forward(60_000)
	# An answer to what was asked after it.
	page.evaluate("fetch('/api/method/ping').then((answer) => answer.text())")
	assert len(asked) == 1


def test_families_to_phone_are_looked_for_after_a_request_that_failed(staff: Callable[[str], Page]):
	page = staff("agent")
	errors: list[str] = []
	page.on("pageerror", lambda error: errors.append(str(error)))
	asked = failing_once(page, BOARD)
	with page.expect_response(BOARD):
		page.goto("/app/dialer-calls")
	assert len(asked) > 1 and errors == []


def test_the_focus_stays_among_the_buttons_after_pause(
	staff: Callable[[str], Page], in_state: Callable[[str], str]
):
	name, page = in_state("Running"), staff("manager")
	open_campaign(page, name)
	control(page, "Pause").focus()
	page.keyboard.press("Enter")
	expect(control(page, "Resume")).to_be_visible()
	expect(page.locator(".dialer-strip:visible button:focus")).to_have_count(1)


def failing_once(page: Page, requests: str) -> list[str]:
	"""Break off the first of these requests, and return the list of all of them."""
	asked: list[str] = []

	def fail_once(route: Route) -> None:
		asked.append(route.request.url)
		if len(asked) == 1:
			route.abort()
		else:
			route.continue_()

	page.route(requests, fail_once)
	return asked
