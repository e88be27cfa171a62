"""Detect whether the carrier is still waiting for a response.

It waits 15 seconds for TwiML (Twilio error 11200), then speaks a sentence of its own or requests the fallback
URL. A response sent too late was never heard, even though nothing failed on this site.
"""

import select
import socket
from time import monotonic

WAITS = 13.0
"""Seconds from when this site began the request.

Time spent before that, in queues and in transit, is not known.
"""
SOCKETS = ("gunicorn.socket", "werkzeug.socket")
BEGAN = "school_dialer.began"


def began_at(environ: dict) -> float:
	"""Return when this site began the request, by `time.monotonic`.

	A retry keeps the first attempt's time.
	"""
	return environ.setdefault(BEGAN, monotonic())


def is_waiting(environ: dict, began: float) -> bool:
	"""Return whether the requesting connection is still open, as far as the server exposes it."""
	if monotonic() - began > WAITS:
		return False
	connection = next((environ[name] for name in SOCKETS if environ.get(name) is not None), None)
	return connection is None or not is_closed(connection)


def is_closed(connection: socket.socket) -> bool:
	"""Return whether the other side closed the connection, without consuming data.

	A closed connection is readable and at its end.
	"""
	try:
		readable, _writable, _broken = select.select([connection], [], [], 0)
		return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
	except (OSError, ValueError):
		return False
