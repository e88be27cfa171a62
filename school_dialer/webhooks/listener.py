"""Whether the carrier still waits for our answer. It waits 15 seconds for TwiML (Twilio error 11200), then says a sentence of its own or asks
the fallback address. An answer made too late was never heard, though nothing went wrong here.
"""

import select
import socket
from time import monotonic

WAITS = 13.0
"""Seconds from the moment at which we began: what came before, in queues and on the way, is not known."""
SOCKETS = ("gunicorn.socket", "werkzeug.socket")
BEGAN = "school_dialer.began"


def began_at(environ: dict) -> float:
	"""When we began with this request, by `time.monotonic`; a second try has the time of the first."""
	return environ.setdefault(BEGAN, monotonic())


def is_waiting(environ: dict, began: float) -> bool:
	"""Whether the connection that asked is still open, as far as the server shows it."""
	if monotonic() - began > WAITS:
		return False
	connection = next((environ[name] for name in SOCKETS if environ.get(name) is not None), None)
	return connection is None or not is_closed(connection)


def is_closed(connection: socket.socket) -> bool:
	"""Closed by the other side: there is something to read, and it is the end. Reads nothing."""
	try:
		readable, _writable, _broken = select.select([connection], [], [], 0)
		return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
	except (OSError, ValueError):
		return False
