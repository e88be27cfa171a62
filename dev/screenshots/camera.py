"""Takes one picture: logs in, opens the page by the site's clock, runs the steps, writes a palette PNG."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import frappe
from frappe import translate
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from dev.patience import MILLISECONDS
from dev.school.users import DEMO_PASSWORD
from dev.screenshots.browser import sign_in
from dev.site.layout import ROOT
from school_dialer.base import clock

IMAGES = ROOT / "docs" / "images"
FOLDERS = {
	"telling": ("campaign-tell",),
	"campaigns": ("campaign", "emergency", "recipient", "call-log"),
	"workspace": ("workspace",),
	"messages": ("message", "rule"),
	"reports": ("report", "performance"),
	"settings": ("settings", "health"),
	"emergencies": ("kit", "carrier", "restore"),
	"rosters": ("roster",),
	"district": ("district",),
	"families": ("conversation", "families", "absence"),
}
"""Folders by the beginnings of the names in them: the first that fits. Others are about consent."""
DESK, PHONE = (1400, 900), (390, 844)
COLOURS = (256, 128, 64)
MOST_BYTES = 150_000
OPENINGS = 5
SPEAKS = (
	"""() => window.frappe?.boot ? [frappe.boot.lang, __("Dialer Campaign") !== "Dialer Campaign"] : null"""
)


@dataclass(frozen=True)
class Shot:
	"""One picture: who looks at which page, and what they do first. ``user`` None is not logged in."""

	name: str
	user: str | None
	path: str
	steps: tuple[Callable[[Page], None], ...] = field(default=())
	size: tuple[int, int] = DESK
	language: str = "en"

	@property
	def window(self) -> tuple[int, int]:
		return PHONE if self.name.endswith("-phone") else self.size


def take(browser: Browser, url: str, shot: Shot) -> Path:
	width, height = shot.window
	context = browser.new_context(
		base_url=url, viewport={"width": width, "height": height}, timezone_id=str(clock.system_zone())
	)
	context.clock.install(time=clock.now())
	try:
		with spoken(shot.user, shot.language):
			page = log_in(context, shot.user) if shot.user else context.new_page()
			page.set_default_timeout(MILLISECONDS)
			open_desk(page, shot.path, shot.user, shot.language)
			for step in shot.steps:
				step(page)
				settle(page)
			path = path_of(shot.name)
			save(page.screenshot(animations="disabled", caret="hide"), path)
			return path
	finally:
		context.close()


@contextmanager
def spoken(user: str | None, language: str) -> Iterator[None]:
	"""Set the Desk of this user to this language, and back to English at the end."""
	if language == "en":
		yield
		return
	set_language(user, language)
	try:
		yield
	finally:
		set_language(user, "en")


def set_language(user: str, language: str) -> None:
	frappe.db.rollback()
	frappe.db.set_value("User", user, "language", language)
	frappe.db.commit()
	frappe.clear_cache(user=user)
	frappe.cache.hdel("lang", user)


def log_in(context: BrowserContext, user: str) -> Page:
	sign_in(context, user, DEMO_PASSWORD)
	return context.new_page()


def open_desk(page: Page, path: str, user: str | None, language: str) -> None:
	"""Open the page, and make sure that it is in this language.

	Frappe caches a user's language and the data the Desk starts with. A request or job that was running while
	the language changed can restore the earlier one, so both caches are cleared again until the page opens in
	the requested language. Raises SystemExit if it never does.
	"""
	for _attempt in range(OPENINGS):
		page.goto(path)
		settle(page)
		if page.evaluate(SPEAKS) in (None, [language, language != "en"]):
			return
		set_language(user, language)
		translate.clear_cache()
	raise SystemExit(f"{path} does not open in {language} for {user}")


def settle(page: Page) -> None:
	page.wait_for_load_state("networkidle")
	page.wait_for_timeout(800)


def scroll(page: Page, to: Locator) -> None:
	"""Scroll an element below the fixed bar."""
	to.evaluate("one => window.scrollTo(0, one.getBoundingClientRect().top + window.scrollY - 130)")


def save(png: bytes, path: Path) -> None:
	"""Save with a palette that keeps rare colors: a third of the size. Uses fewer if still too large."""
	image = Image.open(io.BytesIO(png)).convert("RGB")
	for colours in COLOURS:
		made = image.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
		made.save(path, optimize=True)
		if path.stat().st_size <= MOST_BYTES:
			return


def path_of(name: str) -> Path:
	"""Return where a picture is kept."""
	folder = next((folder for folder, names in FOLDERS.items() if name.startswith(names)), "consent")
	(IMAGES / folder).mkdir(parents=True, exist_ok=True)
	return IMAGES / folder / f"{name}.png"
