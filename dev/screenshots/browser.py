"""Headless Chromium for screenshots and browser tests."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from dev.site import apt
from dev.site.steps import StepFailed

FLAGS = (
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
)
SESSION = re.compile(r"^sid=([^;]+)", re.MULTILINE)
SHIFT = """(() => {
	const Real = Date;
	const now = Real.now;
	const shifted = () => now() + %d;
	Real.now = shifted;
	window.Date = new Proxy(Real, {
		construct: (real, given, made) => Reflect.construct(real, given.length ? given : [shifted()], made),
		apply: () => new Real(shifted()).toString(),
	});
	Real.prototype.constructor = window.Date;
})();"""
"""Lets a page's `Date` run this many milliseconds ahead."""


@contextmanager
def chromium() -> Iterator[Browser]:
	"""Launch Chromium, in which it is as late as here. Raises StepFailed when it is not installed.

	Under libfaketime, Chromium crashes or hangs. So it starts without, and the pages' `Date` is shifted as
	far as libfaketime shifts this process.
	"""
	ahead = seconds_ahead()
	with _not_preloaded():
		playwright = sync_playwright().start()
	try:
		browser = playwright.chromium.launch(executable_path=apt.need(apt.CHROMIUM), args=list(FLAGS))
		if ahead:
			_shift(browser, ahead)
		yield browser
		browser.close()
	finally:
		playwright.stop()


def sign_in(context: BrowserContext, user: str, password: str) -> None:
	"""Log a user in for as long as the context lives. Raises StepFailed if that fails.

	By a shifted clock, the site's own cookie for a session may have expired before the browser gets it.
	"""
	answer = context.request.post("/api/method/login", form={"usr": user, "pwd": password})
	if not answer.ok:
		raise StepFailed(f"{user} cannot log in: HTTP {answer.status}: {answer.text()}")
	sid = SESSION.search(answer.headers["set-cookie"])[1]
	context.add_cookies([{"name": "sid", "value": sid, "url": urljoin(answer.url, "/"), "httpOnly": True}])


def seconds_ahead() -> float:
	"""Return how far libfaketime shifts this process's clock: the constant offset in `FAKETIME`."""
	shifted = "faketime" in os.environ.get("LD_PRELOAD", "")
	return float(os.environ.get("FAKETIME") or 0) if shifted else 0


@contextmanager
def _not_preloaded() -> Iterator[None]:
	"""Start processes without the libraries that are loaded into this one. Theirs inherit that."""
	preloaded = os.environ.pop("LD_PRELOAD", None)
	try:
		yield
	finally:
		if preloaded is not None:
			os.environ["LD_PRELOAD"] = preloaded


def _shift(browser: Browser, seconds: float) -> None:
	"""Let every context that this browser opens begin with the shifted `Date`."""
	new_context, script = browser.new_context, SHIFT % round(seconds * 1000)

	def shifted(**options) -> BrowserContext:
		context = new_context(**options)
		context.add_init_script(script)
		return context

	browser.new_context = shifted
