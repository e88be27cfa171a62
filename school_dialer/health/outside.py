"""Checks of what is outside this machine: the carrier and its clock, and the public URL's certificate.

They are bounded in time. Only the carrier's address and the configured public URL are contacted. The URL is
resolved once and contacted only at a public IP address.
"""

import select
import socket
import ssl
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import certifi
import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.health.finding import FAIL, OK, WARN, Finding, graded, graded_down
from school_dialer.settings import carrier_settings, webhook_probe

SKEW, TOO_MUCH_SKEW = timedelta(seconds=5), timedelta(seconds=60)
SOON, VERY_SOON = timedelta(days=21), timedelta(days=3)
TLS_SECONDS = 8.0


def carrier() -> Finding:
	"""Compare the carrier's clock with the site's, with one authenticated request."""
	if note := carrier_settings.about_pretending():
		return Finding("carrier", OK, note)
	try:
		sent = clock.now()
		theirs = carrier_settings.carrier_time()
		received = clock.now()
	except carrier_settings.NotReady as error:
		frappe.clear_last_message()
		text = str(error) + " " + _("Press Test connection in Dialer Settings.")
		return Finding("carrier", FAIL, text)
	if theirs is None:
		return Finding("carrier", OK, _("The carrier answers. It does not tell its time."))
	return judge_clock(skew(sent, received, theirs))


def skew(sent: datetime, received: datetime, theirs: datetime) -> timedelta:
	"""Return by how much, at least, the carrier's clock is ahead of the site's (negative if behind).

	The carrier may have read its clock at any moment during the request, and reports whole seconds.
	"""
	earliest, latest = theirs - received, theirs + timedelta(seconds=1) - sent
	if earliest > timedelta():
		return earliest
	return min(latest, timedelta())


def judge_clock(ahead: timedelta) -> Finding:
	seconds = abs(ahead.total_seconds())
	state = graded(seconds, SKEW.total_seconds(), TOO_MUCH_SKEW.total_seconds())
	figures = {"clock_skew_seconds": round(ahead.total_seconds(), 1)}
	if state == OK:
		return Finding(
			"carrier", OK, _("The carrier answers, and its clock agrees with this server's."), figures
		)
	text = _(
		"This server's clock differs from the carrier's by {0} seconds, so calling hours may be wrong. Turn "
		"on time synchronization (NTP)."
	).format(round(seconds))
	return Finding("carrier", state, text, figures)


def certificate() -> Finding:
	parts = urlsplit(carrier_settings.settings().public_url or "")
	if parts.scheme != "https" or not parts.hostname:
		if carrier_settings.is_live():
			return Finding("certificate", FAIL, _("Enter a public HTTPS URL in Dialer Settings."))
		return Finding(
			"certificate", OK, _("No certificate is needed: the public URL is not HTTPS, in Simulated mode.")
		)
	try:
		address = webhook_probe.look_up(parts, only_public=True)
		until = expiry(address, webhook_probe.port_of(parts), parts.hostname, trusted())
	except webhook_probe.NotReached as error:
		frappe.clear_last_message()
		return Finding("certificate", WARN, str(error))
	except ssl.SSLCertVerificationError:
		text = _(
			"The certificate of the public URL is not valid: expired, for another name, or incomplete. The "
			"carrier cannot reach this site. Renew it."
		)
		return Finding("certificate", FAIL, text)
	except OSError:
		text = _(
			"The public URL does not answer from here, so its certificate was not checked. Press Test "
			"webhooks in Dialer Settings."
		)
		return Finding("certificate", WARN, text)
	return judge_certificate(until - datetime.now(timezone.utc))


def judge_certificate(left: timedelta) -> Finding:
	figures = {"certificate_seconds": left.total_seconds()}
	state = graded_down(left.total_seconds(), SOON.total_seconds(), VERY_SOON.total_seconds())
	text = _("Days until the certificate of the public URL expires: {0}.").format(left.days)
	if state != OK:
		text += " " + _("Renew it: without it the carrier cannot reach this site.")
	return Finding("certificate", state, text, figures)


def trusted() -> ssl.SSLContext:
	return ssl.create_default_context(cafile=certifi.where())


def expiry(
	address: str, port: int, hostname: str, context: ssl.SSLContext, seconds: float = TLS_SECONDS
) -> datetime:
	"""Return when the certificate served at this address for this hostname expires, aware UTC.

	Nothing is sent but the handshake, and a server that trickles its response is dropped after `seconds`.
	Raises ssl.SSLCertVerificationError for an untrusted certificate, otherwise OSError.
	"""
	ends = time.monotonic() + seconds
	with socket.create_connection((address, port), timeout=seconds) as plain:
		plain.setblocking(False)
		with context.wrap_socket(plain, server_hostname=hostname, do_handshake_on_connect=False) as secure:
			while not shaken(secure, ends - time.monotonic()):
				pass
			until = secure.getpeercert()["notAfter"]
	return datetime.fromtimestamp(ssl.cert_time_to_seconds(until), timezone.utc)


def shaken(secure: ssl.SSLSocket, left: float) -> bool:
	"""Run one step of the handshake and return whether it was the last.

	Raises TimeoutError if no time is left.
	"""
	if left <= 0:
		raise TimeoutError("The handshake takes too long.")
	try:
		secure.do_handshake()
		return True
	except ssl.SSLWantReadError:
		select.select([secure], [], [], left)
	except ssl.SSLWantWriteError:
		select.select([], [secure], [], left)
	return False
