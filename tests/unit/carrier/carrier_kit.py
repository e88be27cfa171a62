"""What the carrier's tests share: two numbers, and a site for the carrier to call.

The site answers as a test sets it up and checks every signature.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

DIALER = "+13125550100"
PERSON = "+13125550142"
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


@dataclass
class Seen:
	method: str
	path: str
	url: str
	params: dict[str, str]
	signed: bool
	headers: dict[str, str]
	at: float
	nth: int = 1
	"""The number of the request on its connection, from 1."""


@dataclass
class Page:
	body: str = "<Response/>"
	status: int = 200
	content_type: str = "text/xml"
	wait: float = 0.0


Reply = Page | str | Callable[[dict[str, str]], "Page | str"]


@dataclass
class Site:
	token: str
	pages: dict[str, Reply] = field(default_factory=dict)
	seen: list[Seen] = field(default_factory=list)
	public: str = ""

	def __post_init__(self) -> None:
		self.server = _Server(("127.0.0.1", 0), _handler(self))
		threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
		self.url = f"http://127.0.0.1:{self.server.server_port}"

	def clear(self) -> None:
		self.pages.clear()
		self.seen.clear()
		self.public = ""

	def to(self, path: str) -> list[Seen]:
		return [request for request in self.seen if request.path.split("?")[0] == path]

	def close(self) -> None:
		self.server.shutdown()
		self.server.server_close()


class _Server(ThreadingHTTPServer):
	daemon_threads = True

	def handle_error(self, request: object, address: object) -> None:
		"""Ignore cut connections, as from a carrier that is reset or killed; anything else is the test's
		fault.
		"""
		if not isinstance(sys.exc_info()[1], ConnectionError):
			super().handle_error(request, address)


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
	class Handler(BaseHTTPRequestHandler):
		protocol_version = "HTTP/1.1"
		wbufsize = -1  # headers and body in one packet
		served = 0

		def do_POST(self) -> None:
			size = int(self.headers.get("Content-Length", 0))
			self.respond(dict(parse_qsl(self.rfile.read(size).decode(), keep_blank_values=True)))

		def do_GET(self) -> None:
			self.respond({})

		def respond(self, params: dict[str, str]) -> None:
			url = (site.public or site.url) + self.path
			signature = self.headers.get("X-Twilio-Signature", "")
			signed = RequestValidator(site.token).validate(url, params, signature)
			self.served += 1
			headers = dict(self.headers)
			site.seen.append(
				Seen(self.command, self.path, url, params, signed, headers, time.monotonic(), self.served)
			)
			reply = site.pages.get(self.path.split("?")[0], Page())
			if callable(reply):
				reply = reply(params)
			page = Page(reply) if isinstance(reply, str) else reply
			if page.wait:
				time.sleep(page.wait)
			content = page.body.encode()
			self.send_response(page.status)
			self.send_header("Content-Type", page.content_type)
			self.send_header("Content-Length", str(len(content)))
			self.end_headers()
			self.wfile.write(content)
			self.wfile.flush()

		def log_message(self, *arguments: object) -> None:
			"""Log nothing: tests read ``seen``."""

	return Handler


def refusal(action: Callable, *arguments: object, **keywords: object) -> TwilioRestException:
	"""Return the exception with which the twilio client reports the carrier's refusal."""
	with pytest.raises(TwilioRestException) as caught:
		action(*arguments, **keywords)
	return caught.value


def place(twilio, site, **options):
	"""Place a call to PERSON with all its callbacks and its document at /voice."""
	options = {
		"to": PERSON,
		"from_": DIALER,
		"url": f"{site.url}/voice?log=CALL-1&x=%2B1",
		"status_callback": f"{site.url}/status?log=CALL-1",
		"status_callback_event": ALL_EVENTS,
		**options,
	}
	return twilio.calls.create(**options)
