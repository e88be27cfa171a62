"""Fetch a feed or an alert from a public web server, bounded in size, time, and redirects. No Frappe.

`bounds.public_web` says what is asked at all, again for each redirect.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urljoin

from school_dialer.bounds.public_web import (
	PUBLIC,
	NotAsked,
	Rules,
	host_header,
	parts_of,
	path_of,
	public_address,
)
from school_dialer.public_alerts.cap.xml import SIZE
from school_dialer.wording import Wording as _

CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 4, 6, 15
"""For the connection, between two parts of the answer, and for all of it."""
MOST_REDIRECTS = 3
PART = 16_384
ACCEPTED = "application/cap+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"


class NotFetched(Exception):
	"""Nothing usable came. Holds a `Wording` that says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
	"""`content` is None if the server says that nothing changed. `url` is where it was in the end."""

	url: str
	content: bytes | None
	etag: str = ""
	last_modified: str = ""


def fetch(
	url: str,
	rules: Rules = PUBLIC,
	known: Mapping[str, str] | None = None,
	seconds: float = MOST_SECONDS,
) -> Fetched:
	"""Return what is at this HTTPS URL. Raise `NotFetched`.

	`known` are the headers of a conditional request. `seconds` bound the connections and all that is read,
	redirects included: a server may send one byte at a time.
	"""
	ends = time.monotonic() + seconds
	try:
		for _redirect in range(MOST_REDIRECTS + 1):
			answer = _ask(url, rules, known or {}, ends)
			if isinstance(answer, Fetched):
				return answer
			url = urljoin(url, answer)
	except NotAsked:
		raise NotFetched(
			_("The address is not asked: it must be HTTPS at port 443 of a public address.")
		) from None
	except (HTTPException, OSError, ValueError) as error:
		if time.monotonic() >= ends:
			raise NotFetched(_("The web server takes too long.")) from None
		if isinstance(error, ssl.SSLCertVerificationError):
			raise NotFetched(_("The certificate of the web server is not valid.")) from None
		raise NotFetched(_("The web server does not answer.")) from None
	raise NotFetched(_("The web server redirects too often."))


def _ask(url: str, rules: Rules, known: Mapping[str, str], ends: float) -> Fetched | str:
	"""Return what came, or the place of a redirect."""
	parts = parts_of(url, rules)
	address = public_address(parts.hostname, rules)
	headers = {
		"Host": host_header(parts, rules),
		"User-Agent": "school_dialer public alerts",
		"Accept": ACCEPTED,
		"Accept-Encoding": "identity",
		**known,
	}
	with _connected(address, parts.hostname, rules, ends) as connection:
		connection.request("GET", path_of(parts), headers=headers)
		answer = connection.getresponse()
		if answer.status in (301, 302, 303, 307, 308) and answer.headers.get("Location"):
			return answer.headers["Location"]
		if answer.status == 304 and known:
			return Fetched(url, None)
		if answer.status != 200:
			raise NotFetched(_("The web server answers with HTTP {0}.", answer.status))
		marks = (answer.headers.get(name, "")[:140] for name in ("ETag", "Last-Modified"))
		return Fetched(url, _read(answer, ends), *marks)


@contextmanager
def _connected(address: str, host: str, rules: Rules, ends: float) -> Iterator[HTTPConnection]:
	"""Yield a connection to this address, whose certificate is the host's, and which is cut at `ends`."""
	left = ends - time.monotonic()
	if left <= 0:
		raise TimeoutError
	trusted = ssl.create_default_context(cafile=rules.ca_certs)
	with socket.create_connection((address, rules.port), timeout=min(CONNECT_SECONDS, left)) as plain:
		with trusted.wrap_socket(plain, server_hostname=host) as secure:
			secure.settimeout(READ_SECONDS)
			cut = threading.Timer(max(0.01, ends - time.monotonic()), _cut, (secure,))
			cut.daemon = True
			cut.start()
			try:
				connection = HTTPConnection(host, rules.port)
				connection.sock = secure
				yield connection
			finally:
				cut.cancel()


def _cut(connection: socket.socket) -> None:
	"""End what waits for this connection, in another thread."""
	with suppress(OSError):
		socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _read(answer: HTTPResponse, ends: float) -> bytes:
	if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
		raise NotFetched(_("The web server sends compressed answers although none were asked for."))
	content = bytearray()
	while part := answer.read1(PART):
		content += part
		if len(content) > SIZE:
			raise NotFetched(_("The document has more than {0} bytes.", SIZE))
	if time.monotonic() >= ends:
		raise TimeoutError
	return bytes(content)
