"""Headless Chromium as screenshots and browser tests use it."""

from playwright.sync_api import Browser, Playwright

from dev.site import apt

FLAGS = (
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
	"""Raises StepFailed when Chromium is not installed."""
	return playwright.chromium.launch(executable_path=apt.need(apt.CHROMIUM), args=list(FLAGS))
