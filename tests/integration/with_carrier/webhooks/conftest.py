"""The same site behind the fast path, and the fast path alone in this process."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from school_dialer.webhooks.callback_fast_path import Door
from tests.integration.with_carrier.fast_path import METHODS, AtTheDoor, served


@pytest.fixture(scope="module")
def behind_door(web: str) -> Iterator[str]:
	with served() as url:
		yield url


@pytest.fixture
def at_door(behind_door: str, carrier, web: str) -> AtTheDoor:
	return AtTheDoor(behind_door, web, carrier.account, carrier.token)


class Knocked:
	"""A fast path in this process, in front of a stub of Frappe that keeps the body it gets."""

	def __init__(self, hooks: AtTheDoor):
		self.hooks = hooks
		self.door = Door(self.frappe)
		self.body: bytes | None = None
		self.answer: Response | None = None

	def frappe(self, environ: dict, start_response: Callable):
		self.body = environ["wsgi.input"].read()
		return Response()(environ, start_response)

	def knock(self, site: str, method: str = "status", log: str = "", **form: str) -> bytes | None:
		"""Send a signed request for a site, by default a callback, and return the body if Frappe got it.

		It runs in a thread, since the fast path connects to the database and disconnects.
		"""
		path = f"{METHODS}{method}?log={log or secrets.token_hex(4)}"
		form = {"AccountSid": self.hooks.account, **(form or {"CallSid": "CA7", "CallStatus": "busy"})}
		headers = {
			"X-Frappe-Site-Name": site,
			"X-Twilio-Signature": self.hooks.validator.compute_signature(self.hooks.url + path, form),
		}
		environ = EnvironBuilder(path, method="POST", data=form, headers=headers).get_environ()
		self.body = None
		with ThreadPoolExecutor(1) as beside:
			self.answer = beside.submit(lambda: Client(self.door).open(environ)).result()
		return self.body


@pytest.fixture
def knocked(at_door: AtTheDoor, monkeypatch) -> Knocked:
	monkeypatch.setattr("frappe.app._site", None)
	monkeypatch.setattr("frappe.app._sites_path", ".")
	return Knocked(at_door)
