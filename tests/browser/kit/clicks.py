"""How often a person presses something: clicks and taps, and choices in a list that the browser draws."""

from playwright.sync_api import Page

COUNTED = """
// After window, where Playwright stops a press that would land on something else, and then tries again.
(() => {
	const count = () => sessionStorage.setItem("counted", Number(sessionStorage.getItem("counted") || 0) + 1);
	document.addEventListener("pointerdown", (event) => {
		if (event.isTrusted) count(), sessionStorage.setItem("pressed", "yes");
	}, true);
	addEventListener("change", (event) => event.target.tagName === "SELECT" && count(), true);
})();
"""


def count_clicks(page: Page) -> None:
	"""Count from the next page on. What is typed, and keys that are pressed, do not count."""
	page.add_init_script(COUNTED)


def clicks_of(page: Page) -> int:
	return page.evaluate("Number(sessionStorage.getItem('counted') || 0)")
