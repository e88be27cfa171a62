"""Fast path for status callbacks, ahead of Frappe.

It is for schools whose carrier reports hundreds of calls per second. `application` is Frappe's own WSGI
application wrapped in `Door`. A status callback with the carrier's valid signature is appended to the list of
`attempts/callback_queue.py` and answered without a session or a database connection; a separate thread
applies the list's contents in batches. Everything else goes on to Frappe, and so does a callback that `Door`
cannot verify: `twilio.py` makes the final decision on it. Everything also works without the fast path, at the
cost of one Frappe request per callback.

In production it takes one word in the supervisor's configuration: ``gunicorn ...
school_dialer.webhooks.callback_fast_path:application`` in place of ``frappe.app:application``.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO

import frappe
import frappe.app
from frappe.utils import get_site_name
from redis.exceptions import RedisError
from werkzeug.wrappers import Request

from school_dialer import clock, states
from school_dialer.attempts import callback_queue
from school_dialer.attempts.status_updates import StatusUpdate
from school_dialer.settings import carrier_faults, carrier_settings
from school_dialer.webhooks import callback_parsing
from school_dialer.webhooks.signature import holds

METHODS = "/api/method/school_dialer.webhooks.twilio."
REPORTS: dict[str, Callable] = {
	f"{METHODS}status": callback_parsing.of_call,
	f"{METHODS}message_status": callback_parsing.of_text,
}
LONGEST = 16_384
"""Bytes of a callback's form. A longer one is left to Frappe."""
SITE = re.compile(r"[\w.-]+", re.ASCII)
READ_AGAIN = 5.0
"""Seconds for which a site's settings are cached and an old token remains valid.

Callbacks that no longer match them go to Frappe.
"""
GATHERED = 0.05
"""Seconds for which reports accumulate before they are applied.

That is fifty per transaction when a thousand arrive per second.
"""


@dataclass
class Site:
	"""The settings of one site that `Door` needs, and the site's thread."""

	name: str
	account_sid: str
	token: str | None
	base: str
	cache: object
	list_key: bytes
	clock_offset: timedelta
	read_at: float = field(default_factory=time.monotonic)
	applying: threading.Lock = field(default_factory=threading.Lock)
	beside: ThreadPoolExecutor = field(
		default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="dialer-door")
	)


class Door:
	"""WSGI middleware around Frappe's application."""

	def __init__(self, frappe_application: Callable):
		self.frappe = frappe_application
		self.sites: dict[str, Site] = {}

	def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
		if (
			environ["REQUEST_METHOD"] == "POST"
			and environ.get("PATH_INFO") in REPORTS
			and self.takes(environ)
		):
			start_response("204 No Content", [])
			return []
		return self.frappe(environ, start_response)

	def takes(self, environ: dict) -> bool:
		"""Return whether the callback was put into its site's list.

		If not, its body is still readable by Frappe.
		"""
		length = environ.get("CONTENT_LENGTH") or ""
		if not (length.isdecimal() and int(length) <= LONGEST and environ.get("HTTP_X_TWILIO_SIGNATURE")):
			return False
		body = environ["wsgi.input"].read(int(length))
		request = Request({**environ, "wsgi.input": BytesIO(body)})
		environ["wsgi.input"] = BytesIO(body)
		site = self.site_of(request)
		if not site or not holds(request, site.account_sid, site.base, lambda: site.token):
			return False
		news = REPORTS[request.path](request.form)
		if news.status not in states.RANK or news.error_code in carrier_faults.OPT_OUT_CODES:
			return False
		return enlist(site, (request.args.get("log") or "")[:140], news)

	def site_of(self, request: Request) -> Site | None:
		"""Return the site that Frappe would choose, with its settings.

		None if it does not exist or is in maintenance mode.
		"""
		name = frappe.app._site or request.headers.get("X-Frappe-Site-Name") or get_site_name(request.host)
		known = self.sites.get(name)
		if known and time.monotonic() - known.read_at < READ_AGAIN:
			return known
		fresh = read_site(name)
		if fresh and known:
			fresh.applying, fresh.beside = known.applying, known.beside
		if fresh:
			self.sites[name] = fresh
		else:
			self.sites.pop(name, None)
		return fresh


def read_site(name: str) -> Site | None:
	sites_path = frappe.app._sites_path
	if not SITE.fullmatch(name) or not os.path.exists(os.path.join(sites_path, name, "site_config.json")):
		return None
	frappe.init(name, sites_path=sites_path)
	try:
		if frappe.conf.maintenance_mode:
			return None
		frappe.connect(set_admin_as_user=False)
		doc = carrier_settings.settings()
		return Site(
			name,
			doc.account_sid,
			carrier_settings.auth_token(),
			doc.public_url or frappe.utils.get_url(),
			frappe.cache(),
			frappe.cache().make_key(callback_queue.LIST),
			clock.offset(),
		)
	finally:
		frappe.destroy()


def enlist(site: Site, log_name: str, news: StatusUpdate) -> bool:
	timed = replace(news, at=datetime.now(clock.UTC) + site.clock_offset)
	try:
		site.cache.execute_command("RPUSH", site.list_key, callback_queue.to_json(log_name, timed))
	except RedisError:
		return False
	wake(site)
	return True


def wake(site: Site) -> None:
	if site.applying.acquire(blocking=False):
		site.beside.submit(apply, site)


def apply(site: Site) -> None:
	"""Apply the list's reports in the site's thread.

	A request that adds a report while this thread is finishing relies on it, so the list is checked again
	after the lock is released. Without the database the reports stay in the list for the next callback or the
	scheduler's tick.
	"""
	try:
		time.sleep(GATHERED)
		frappe.init(site.name, sites_path=frappe.app._sites_path)
		frappe.connect(set_admin_as_user=False)
		callback_queue.apply_waiting()
	except Exception as error:
		frappe.logger("school_dialer").warning("callbacks wait in their list: %s", type(error).__name__)
		return
	finally:
		frappe.destroy()
		site.applying.release()
	if site.cache.execute_command("LLEN", site.list_key):
		wake(site)


application = Door(frappe.app.application)
