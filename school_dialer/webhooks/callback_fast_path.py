"""Fast path for the carrier's requests, ahead of Frappe.

It is for schools whose carrier reports hundreds of calls per second. `application` is Frappe's own WSGI
application wrapped in `Door`. A status callback with the carrier's valid signature is appended to a list
(`outbound/attempts/callback_queue.py`) and answered without a session or a database connection; a separate
thread applies the list's contents in batches. The words of a call and what follows a key are made here too
(`answer_fast_path.py`). Everything else goes on to Frappe, and so does a request that `Door` cannot verify:
`twilio.py` makes the final decision on it. Everything also works without the fast path, at the cost of one
Frappe request per callback.

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

from school_dialer.base import clock, states
from school_dialer.base.database import read_ahead
from school_dialer.continuity import watch
from school_dialer.outbound.attempts import callback_queue
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from school_dialer.settings import carrier_accounts, carrier_faults, carrier_settings
from school_dialer.webhooks import answer_fast_path, callback_parsing
from school_dialer.webhooks.own_context import Connections, Surroundings, entered
from school_dialer.webhooks.signature import is_too_large, signature_is_valid

METHODS = "/api/method/school_dialer.webhooks.twilio."
REPORTS: dict[str, Callable] = {
	f"{METHODS}status": callback_parsing.of_call,
	f"{METHODS}message_status": callback_parsing.of_text,
}
TAKEN = frozenset(REPORTS) | answer_fast_path.ANSWERS.keys()
SIGNATURES = {"HTTP_X_TWILIO_SIGNATURE", "HTTP_X_SIGNALWIRE_SIGNATURE"}
LONGEST = 16_384
"""Bytes of a callback's form. A longer one is left to Frappe."""
SITE = re.compile(r"[\w.-]+", re.ASCII)
READ_AGAIN = 5.0
"""Seconds for which a site's settings are cached and an old token remains valid.

Callbacks that no longer match them go to Frappe.
"""
READER_SECONDS = 1.0
"""How long the others wait for the request that reads them, before they do so themselves."""
GATHERED = 0.1
"""Seconds for which reports accumulate before they are applied: a hundred per transaction when a thousand
arrive per second."""


@dataclass
class Site:
	"""The settings of one site that `Door` needs, and the site's thread."""

	name: str
	keys: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
	"""The webhook keys of each account, and the headers in which its carrier signs."""
	base: str
	cache: object
	list_key: bytes
	clock_offset: timedelta
	stamp: tuple = ()
	surroundings: Surroundings | None = None
	connections: Connections = field(default_factory=Connections)
	read_at: float = field(default_factory=time.monotonic)
	applying: threading.Lock = field(default_factory=threading.Lock)
	arrived: threading.Event = field(default_factory=threading.Event)
	"""Set when this process has put a report into the list, and cleared before the list is read."""
	read_last: read_ahead.Last = field(default_factory=read_ahead.Last)
	executor: ThreadPoolExecutor = field(
		default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="dialer-door")
	)


class Door:
	"""WSGI middleware around Frappe's application."""

	def __init__(self, frappe_application: Callable):
		self.frappe = frappe_application
		self.sites: dict[str, Site] = {}
		self.reading = threading.Lock()

	def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
		if environ["REQUEST_METHOD"] == "POST" and environ.get("PATH_INFO") in TAKEN:
			answer = self.answer(environ)
			if answer is not None:
				return answer(environ, start_response)
		return self.frappe(environ, start_response)

	def answer(self, environ: dict) -> Callable | None:
		"""Return the response to a request of the carrier, as a WSGI application.

		None leaves it to Frappe, which can still read its body.
		"""
		length = environ.get("CONTENT_LENGTH") or ""
		if not (length.isdecimal() and int(length) <= LONGEST and SIGNATURES & environ.keys()):
			return None
		body = environ["wsgi.input"].read(int(length))
		request = Request({**environ, "wsgi.input": BytesIO(body)})
		environ["wsgi.input"] = BytesIO(body)
		try:
			site = self.site_of(request)
		except Exception as error:
			frappe.logger("school_dialer").warning("the fast path is closed: %s", type(error).__name__)
			return None
		if not site or is_too_large(request) or not verified(request, site):
			return None
		if request.path in REPORTS:
			return no_content if take_callback(request, site) else None
		return answer_fast_path.answer(request, site)

	def site_of(self, request: Request) -> Site | None:
		"""Return the site that Frappe would choose, with its settings.

		None if it does not exist or is in maintenance mode.
		"""
		name = frappe.app._site or request.headers.get("X-Frappe-Site-Name") or get_site_name(request.host)
		stamp = stamp_of(name)
		return self.cached(name, stamp) or (self.read_once(name, stamp) if is_site(name) else None)

	def cached(self, name: str, stamp: tuple) -> Site | None:
		"""Return what is cached of a site if it still counts."""
		site = self.sites.get(name)
		counts = site and site.stamp == stamp and time.monotonic() - site.read_at < READ_AGAIN
		return site if counts else None

	def read_once(self, name: str, stamp: tuple) -> Site | None:
		"""Read a site's settings again. One request does so for all that come meanwhile."""
		mine = self.reading.acquire(timeout=READER_SECONDS)
		try:
			return self.cached(name, stamp) or self.read(name, stamp)
		finally:
			if mine:
				self.reading.release()

	def read(self, name: str, stamp: tuple) -> Site | None:
		before = self.sites.get(name)
		fresh = read_site(name, before and before.surroundings)
		if fresh is None:
			self.sites.pop(name, None)
			return None
		fresh.stamp = stamp
		if before:
			# The site's thread goes on with these.
			fresh.applying, fresh.executor, fresh.arrived = before.applying, before.executor, before.arrived
			fresh.read_last = before.read_last
			if before.stamp == stamp:
				fresh.connections = before.connections
				fresh.connections.close_old()
		self.sites[name] = fresh
		return fresh


def is_site(name: str) -> bool:
	return bool(SITE.fullmatch(name)) and os.path.exists(
		os.path.join(frappe.app._sites_path, name, "site_config.json")
	)


def read_site(name: str, before: Surroundings | None = None) -> Site | None:
	"""Return the site's settings, or None if it is in maintenance mode. `before` is what was read last time.

	Frappe's hooks do not run for requests that are answered here, so a restore is looked for here too.
	"""
	frappe.init(name, sites_path=frappe.app._sites_path)
	try:
		if frappe.conf.maintenance_mode:
			return None
		frappe.connect(set_admin_as_user=False)
		surroundings = Surroundings(before)
		watch.before_request()
		doc = carrier_settings.settings()
		return Site(
			name,
			{
				account.id: (
					carrier_accounts.webhook_keys(account),
					carrier_settings.signature_headers(account.carrier),
				)
				for account in carrier_accounts.accounts()
			},
			doc.public_url or frappe.utils.get_url(),
			frappe.cache(),
			frappe.cache().make_key(callback_queue.LIST),
			clock.offset(),
			surroundings=surroundings,
		)
	finally:
		frappe.destroy()


def no_content(environ: dict, start_response: Callable) -> Iterable[bytes]:
	start_response("204 No Content", [])
	return []


def stamp_of(name: str) -> tuple:
	"""Return what changes with the site's settings files, at the cost of asking the system about two files.

	So maintenance mode, which is in one of them, holds at once.
	"""
	stamp = []
	for path in (os.path.join(name, "site_config.json"), "common_site_config.json"):
		try:
			status = os.stat(os.path.join(frappe.app._sites_path, path))
		except (OSError, ValueError):
			continue
		stamp += [status.st_mtime_ns, status.st_ino, status.st_size]
	return tuple(stamp)


def verified(request: Request, site: Site) -> bool:
	"""Return whether the carrier of one of the site's accounts signed this request."""
	account = request.form.get("AccountSid")
	if not account or account not in site.keys:
		return False
	keys, headers = site.keys[account]
	return signature_is_valid(request, account, site.base, lambda: keys, headers)


def take_callback(request: Request, site: Site) -> bool:
	"""Return whether a status callback was put into its site's list."""
	status_update = REPORTS[request.path](request.form)
	if status_update.status not in states.RANK or status_update.error_code in carrier_faults.OPT_OUT_CODES:
		return False
	return enlist(site, (request.args.get("log") or "")[:140], status_update)


def enlist(site: Site, log_name: str, status_update: StatusUpdate) -> bool:
	timed = replace(status_update, at=datetime.now(clock.UTC) + site.clock_offset)
	try:
		site.cache.execute_command("RPUSH", site.list_key, callback_queue.to_json(log_name, timed))
	except RedisError:
		return False
	site.arrived.set()
	wake(site)
	return True


def wake(site: Site) -> None:
	# A thread that is at work looks again when it has finished.
	if site.applying.acquire(blocking=False):
		site.executor.submit(apply, site)


def apply(site: Site) -> None:
	"""Apply the list's reports in the site's thread.

	A request that adds a report while this thread is finishing relies on it, so the thread begins again then,
	and also when another process was applying reports, which may not have seen this one's. Without the
	database the reports stay in the list for the next callback or the scheduler's tick.
	"""
	try:
		time.sleep(GATHERED)
		site.arrived.clear()
		with entered(site.surroundings, site.connections), site.read_last.ahead():
			applied = callback_queue.apply_once()
	except Exception as error:
		frappe.logger("school_dialer").warning("callbacks wait in their list: %s", type(error).__name__)
		return
	finally:
		site.applying.release()
	if site.arrived.is_set() or not applied:
		wake(site)


application = Door(frappe.app.application)
