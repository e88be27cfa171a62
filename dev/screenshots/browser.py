"""Headless Chromium for screenshots and browser tests."""

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
	"""Launch Chromium. Raises StepFailed when it is not installed."""
	return playwright.chromium.launch(executable_path=apt.need(apt.CHROMIUM), args=list(FLAGS))
