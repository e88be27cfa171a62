"""The same site behind the fast path, as a carrier meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import requests

from dev.patience import PATIENCE
from dev.site import ports, services
from tests.integration.with_carrier.hooks import Hooks

METHODS = "/api/method/school_dialer.webhooks.twilio."


class AtTheDoor(Hooks):
	"""Hooks as behind a proxy: signed for the public address, sent to another, `door`."""

	def __init__(self, door: str, url: str, account: str, token: str):
		super().__init__(url, account, token)
		self.door = door

	def post(self, method: str, query: dict, form: dict, signature: str | None = "sign", **headers: str):
		form = {"AccountSid": self.account, **form}
		path = f"{METHODS}{method}?{urlencode(query)}"
		if signature == "sign":
			signature = self.validator.compute_signature(self.url + path, form)
		headers = {self.header: signature, **headers} if signature else headers
		return requests.post(self.door + path, data=form, headers=headers, timeout=PATIENCE)


@contextmanager
def served() -> Iterator[str]:
	"""Serve the site behind the fast path, and yield its URL."""
	process = services.start_web(ports.any_free(), name="web-door", door=True)
	try:
		yield process.details["url"]
	finally:
		process.stop()


def by_frappe(answer: requests.Response) -> bool:
	"""Return whether Frappe answered: it always sends a cookie."""
	return "Set-Cookie" in answer.headers
