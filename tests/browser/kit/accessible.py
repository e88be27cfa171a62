"""Check a part of a page with axe-core, and that the page is not wider than the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("critical", "serious")


def is_accessible(page: Page, part: str) -> None:
	"""Assert that `part` (a CSS selector) has no grave finding, Frappe's own primary buttons aside."""
	drawn = {"include": [[part]], "exclude": [[".btn-primary"]]}
	found = Axe().run(page, context=drawn).response["violations"]
	grave = [one for one in found if one["impact"] in GRAVE]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave] == []
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
