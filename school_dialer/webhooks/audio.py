"""Serve the audio that a call plays.

The URL is its own authorization: signed, for one call, valid for a few minutes.
"""

import frappe
from frappe.rate_limiter import rate_limit
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

from school_dialer.calls import playback

MOST_FETCHES, WINDOW_SECONDS = 60, 15 * 60
"""Limit per call: a recording may be replayed, and a carrier may fetch it in parts."""


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["GET"])
def play() -> Response:
	"""Return the recording, or the part that the Range header asks for."""
	try:
		return serve(playback.opened(frappe.request.args))
	except playback.NotPlayed as refusal:
		return Response(status=refusal.status)


def serve(sound: playback.Sound) -> Response:
	@rate_limit(key="log", limit=MOST_FETCHES, seconds=WINDOW_SECONDS, ip_based=False)
	def send() -> Response:
		answer = send_file(
			sound.path, frappe.request.environ, mimetype=sound.content_type, conditional=True, max_age=0
		)
		answer.headers["Cache-Control"] = "private, no-store"
		answer.headers["X-Content-Type-Options"] = "nosniff"
		return answer

	return send()
