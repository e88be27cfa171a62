"""Where the carrier fetches what a call plays. The address itself is the proof: signed, for one call, for a few minutes."""

import frappe
from frappe.rate_limiter import rate_limit
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

from school_dialer.calls import playback

MOST_FETCHES, WINDOW_SECONDS = 60, 15 * 60
"""For each call: it may be repeated, and a carrier may ask for a part at a time."""


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["GET"])
def play() -> Response:
	"""The recording, or the part of it that the header Range asks for."""
	try:
		return fetched(playback.opened(frappe.request.args))
	except playback.NotPlayed as refusal:
		return Response(status=refusal.status)


def fetched(sound: playback.Sound) -> Response:
	@rate_limit(key="log", limit=MOST_FETCHES, seconds=WINDOW_SECONDS, ip_based=False)
	def send() -> Response:
		answer = send_file(
			sound.path, frappe.request.environ, mimetype=sound.content_type, conditional=True, max_age=0
		)
		answer.headers["Cache-Control"] = "private, no-store"
		answer.headers["X-Content-Type-Options"] = "nosniff"
		return answer

	return send()
