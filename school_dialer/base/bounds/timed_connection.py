"""One connection to a web server that is cut when its time is over, and an answer of bounded size. No Frappe.

`public_web` says which address may be asked.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse

from school_dialer.base.bounds.public_web import Rules

CONNECT_SECONDS, READ_SECONDS = 4, 6
"""For the connection, and between two parts of the answer."""
PART = 16_384


class TooMuch(ValueError):
	"""The answer is larger than what is read of it."""


class Compressed(ValueError):
	"""The answer is compressed although that was not asked for."""


@contextmanager
def connected(
	address: str, host: str, rules: Rules, ends: float, secure: bool = True, read: float = READ_SECONDS
) -> Iterator[HTTPConnection]:
	"""Yield a connection to this address, whose certificate is the host's, and which is cut at `ends`."""
	left = ends - time.monotonic()
	if left <= 0:
		raise TimeoutError
	with socket.create_connection((address, rules.port), timeout=min(CONNECT_SECONDS, left)) as plain:
		with _secured(plain, host, rules) if secure else plain as line:
			line.settimeout(read)
			cut = threading.Timer(max(0.01, ends - time.monotonic()), _cut, (line,))
			cut.daemon = True
			cut.start()
			try:
				connection = HTTPConnection(host, rules.port)
				connection.sock = line
				yield connection
			finally:
				cut.cancel()


def _secured(plain: socket.socket, host: str, rules: Rules) -> ssl.SSLSocket:
	trusted = ssl.create_default_context(cafile=rules.ca_certs)
	return trusted.wrap_socket(plain, server_hostname=host)


def _cut(connection: socket.socket) -> None:
	"""End what waits for this connection, in another thread."""
	with suppress(OSError):
		socket.socket.shutdown(connection, socket.SHUT_RDWR)


def content(answer: HTTPResponse, most: int, ends: float) -> bytes:
	"""Return what is read of an answer. Raise `Compressed`, `TooMuch`, or TimeoutError."""
	if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
		raise Compressed
	body = bytearray()
	while part := answer.read1(PART):
		body += part
		if len(body) > most:
			raise TooMuch
	if time.monotonic() >= ends:
		raise TimeoutError
	return bytes(body)
