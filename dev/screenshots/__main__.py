"""python -m dev.screenshots: runs campaigns of the demo school and writes docs/images/*.png.

At 1400 pixels; names that end in -phone are taken at 390. Whoever is on a picture is made up.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import frappe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dev.demo.__main__ import SEED, STORIES, run
from dev.demo.people import APPROVER, MANAGER, Person
from dev.demo.stage import set_up
from dev.school.users import DEMO_PASSWORD
from dev.screenshots.browser import launch
from dev.site.layout import ROOT
from school_dialer.dialing import campaign

IMAGES = ROOT / "docs" / "images"
OFFICER, AGENT = "compliance@riverside.example", "office@riverside.example"
DESK, PHONE = (1400, 900), (390, 844)
COLOURS = 256
EVENT, EMERGENCY = STORIES[0], STORIES[2]
CLASS = {"audience_source": "Guardians of a Student Group", "audience_name": "Chess Club"}


@dataclass(frozen=True)
class Shot:
	"""One picture: who looks at which page, and what they press first."""

	name: str
	user: str
	path: str
	before: Callable[[Page], None] | None = None
	size: tuple[int, int] = DESK


def main() -> int:
	IMAGES.mkdir(parents=True, exist_ok=True)
	with set_up(SEED) as stage, sync_playwright() as playwright:
		manager, approver = Person(stage.url, MANAGER), Person(stage.url, APPROVER)
		finished = run(EVENT, manager, approver)
		stage.carrier.wait_until_idle()
		draft, waiting = draft_of(EVENT, manager, CLASS), draft_of(EMERGENCY, manager, EMERGENCY.audience)
		manager.press("start", waiting)
		browser = launch(playwright)
		for shot in shots(finished, draft, waiting):
			take(browser, stage.url, shot)
			print(f"docs/images/{shot.name}.png", flush=True)
		browser.close()
		tidy(finished, draft, waiting)
	return 0


def draft_of(story, manager: Person, audience: dict) -> str:
	values = {
		"title": story.title,
		"purpose": story.purpose,
		"channel": story.channel,
		"template": story.template,
		**audience,
		**story.more,
	}
	return manager.create("Dialer Campaign", values)


def tidy(finished: str, draft: str, waiting: str) -> None:
	"""Nobody waits for a call that never comes, and no draft is left behind."""
	frappe.db.rollback()
	for name in (finished, waiting):
		if frappe.db.get_value("Dialer Campaign", name, "status") not in ("Completed", "Cancelled", "Failed"):
			campaign.cancel(name)
	frappe.delete_doc("Dialer Campaign", draft)
	frappe.db.commit()


def shots(finished: str, draft: str, waiting: str) -> list[Shot]:
	blocked = f"/app/dialer-recipient/{one('Dialer Recipient', finished, reasons='NO_CONSENT')}"
	log = f"/app/dialer-call-log/{one('Dialer Call Log', finished, status='completed', language='es')}"
	return [
		Shot("workspace", MANAGER, "/app/school-dialer"),
		Shot("campaigns", MANAGER, "/app/dialer-campaign"),
		Shot("campaign-draft", MANAGER, f"/app/dialer-campaign/{draft}"),
		Shot("campaign-preview", MANAGER, f"/app/dialer-campaign/{draft}", press("Preview audience")),
		Shot("campaign", MANAGER, f"/app/dialer-campaign/{finished}"),
		Shot("campaign-phone", MANAGER, f"/app/dialer-campaign/{finished}", size=PHONE),
		Shot("emergency-approval", APPROVER, f"/app/dialer-campaign/{waiting}", press("Approve and call")),
		Shot("recipient-why", MANAGER, blocked),
		Shot("call-log-agent", AGENT, log),
		Shot("contact-consent", AGENT, "/app/contact-consent"),
		Shot("policy", OFFICER, "/app/dialer-policy/us-states 2026.1"),
		Shot("settings", OFFICER, "/app/dialer-settings"),
	]


def one(doctype: str, campaign_name: str, **filters: str) -> str:
	frappe.db.rollback()
	return frappe.get_all(
		doctype, {"campaign": campaign_name, **filters}, pluck="name", limit=1, order_by="name"
	)[0]


def press(label: str) -> Callable[[Page], None]:
	def pressed(page: Page) -> None:
		page.locator(".page-actions:visible").get_by_role("button", name=label, exact=True).click()
		page.locator(".modal.show").wait_for()

	return pressed


def take(browser: Browser, url: str, shot: Shot) -> None:
	width, height = shot.size
	context = browser.new_context(base_url=url, viewport={"width": width, "height": height})
	try:
		page = log_in(context, shot.user)
		page.goto(shot.path)
		settle(page)
		close_tour(page)
		if shot.before:
			shot.before(page)
			settle(page)
		save(page.screenshot(animations="disabled"), IMAGES / f"{shot.name}.png")
	finally:
		context.close()


def log_in(context: BrowserContext, user: str) -> Page:
	answer = context.request.post("/api/method/login", form={"usr": user, "pwd": DEMO_PASSWORD})
	if not answer.ok:
		raise SystemExit(f"{user} cannot log in: HTTP {answer.status}")
	return context.new_page()


def settle(page: Page) -> None:
	page.wait_for_load_state("networkidle")
	page.wait_for_timeout(800)


def close_tour(page: Page) -> None:
	"""Frappe greets a new user with a tour."""
	button = page.locator("#driver-popover-item .driver-close-btn:visible")
	if button.count():
		button.click()
		page.reload()
		settle(page)


def save(png: bytes, path: Path) -> None:
	"""With a palette that keeps rare colours: a third of the size."""
	image = Image.open(io.BytesIO(png)).convert("RGB")
	image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
		path, optimize=True
	)


if __name__ == "__main__":
	sys.exit(main())
