"""The HTTP client for SignalWire's Compatibility API: beneath Twilio's own, to the account's Space alone.

Twilio's client addresses https://api.twilio.com/2010-04-01. The same API is served by SignalWire at
https://SPACE.signalwire.com/api/laml/2010-04-01, and its own Python client is Twilio's with that address.
"""

import json
import re
from urllib.parse import urlsplit

from twilio.http.response import Response

from school_dialer.carriers.twilio_http import TWILIO_HOST, HttpClient, WrongHost

ROOT = "/api/laml"
SPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.signalwire\.com")
"""The host of a Space. No other host ever gets the token."""


class SignalWireHttpClient(HttpClient):
	"""Sends to ``space``, or to ``base_url`` (the simulated carrier), whatever host an address names."""

	def __init__(self, base_url: str | None, timeout: float, space: str):
		super().__init__(base_url, timeout)
		self.space = space

	def request(self, *args, **kwargs) -> Response:
		answer = super().request(*args, **kwargs)
		if answer.status_code < 400:
			return answer
		return Response(answer.status_code, plain_error(answer.text), answer.headers)

	def address(self, url: str) -> str:
		"""Return the URL in the Space for an address of Twilio's client.

		Pages of a list are named with the root already (``next_page_uri``). Raises `WrongHost`, before
		anything is sent, for an address of neither, and without a Space of SignalWire's.
		"""
		asked = urlsplit(url)
		is_twilio_or_space = TWILIO_HOST.fullmatch(asked.hostname or "") or asked.hostname == self.space
		if not (self.base_url or (is_twilio_or_space and SPACE.fullmatch(self.space))):
			raise WrongHost("The address is not the carrier's.")
		path = asked.path if asked.path.startswith(f"{ROOT}/") else f"{ROOT}/{asked.path.lstrip('/')}"
		base = urlsplit(self.base_url or f"https://{self.space}")
		return asked._replace(
			scheme=base.scheme, netloc=base.netloc, path=f"{base.path.rstrip('/')}{path}", fragment=""
		).geturl()


def plain_error(text: str) -> str:
	"""Return an error as Twilio's client reads it: with its code at the top, as a number.

	SignalWire describes two forms: the code at the top, or in the first of a list ``errors``, as text.
	"""
	try:
		body = json.loads(text)
	except ValueError:
		return text
	if not isinstance(body, dict):
		return "{}"
	errors = body.get("errors")
	first = errors[0] if isinstance(errors, list) and errors else body
	code = str(first.get("code", "")) if isinstance(first, dict) else ""
	return json.dumps({"code": int(code)} if code.isascii() and code.isdecimal() and len(code) < 9 else {})
