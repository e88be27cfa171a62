"""Figures for a monitor.

`GET /api/method/school_dialer.health.endpoint.metrics` with the token in the header X-Dialer-Token. The token
is in Dialer Settings; without one the endpoint returns 404, as if it did not exist. The token has its own
header because Frappe uses the Authorization header for its own logins, and it is not in the URL because URLs
are logged. Wrong tokens are rate-limited for all visitors together, and the right one separately, so no one
can lock the monitor out.
"""

import hmac

import frappe
from frappe import _
from werkzeug.wrappers import Response

from school_dialer.base.refusal import throw
from school_dialer.consent.choices import rate_limits
from school_dialer.health import examine, openmetrics

HEADER = "X-Dialer-Token"
SHORTEST, LONGEST = 24, 200
WRONG_A_MINUTE, A_MINUTE, MINUTE = 10, 60, 60
KEPT, KEPT_SECONDS = "school_dialer_metrics", 15
"""The checks run at most once in this many seconds, however often the endpoint is called."""


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["GET"])
def metrics() -> Response:
	"""Return counts and ages as OpenMetrics text, without phone numbers or names.

	Responds 404 without a token in the settings, 403 for a wrong one, and 429 over a rate limit.
	"""
	expected, given = token(), frappe.request.headers.get(HEADER) or ""
	if not expected:
		return Response(status=404)
	if not fits(given, expected):
		# Of all visitors together: each may name another address. The right token is not counted here.
		often = rate_limits.over("metrics-refused", frappe.local.site, WRONG_A_MINUTE, MINUTE)
		return Response(status=429 if often else 403)
	if rate_limits.over("metrics", frappe.local.site, A_MINUTE, MINUTE):
		return Response(status=429)
	answer = Response(figures(), content_type=openmetrics.CONTENT_TYPE)
	answer.headers["Cache-Control"] = "no-store"
	answer.headers["X-Content-Type-Options"] = "nosniff"
	return answer


def fits(given: str, expected: str) -> bool:
	"""Compare tokens in constant time, whatever is sent."""
	return len(given) <= LONGEST and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def token() -> str:
	"""Return the token from Dialer Settings, or "" if there is none."""
	doc = frappe.get_cached_doc("Dialer Settings")
	return (doc.metrics_token and doc.get_password("metrics_token", raise_exception=False)) or ""


def figures() -> str:
	text = frappe.cache().get_value(KEPT, expires=True)
	if not text:
		text = openmetrics.exposition(examine.examine(examine.INSIDE))
		frappe.cache().set_value(KEPT, text, expires_in_sec=KEPT_SECONDS)
	return text


def check_token(doc) -> None:
	"""Validate the token while Dialer Settings is saved. An unchanged token arrives as asterisks."""
	typed = doc.metrics_token or ""
	if not typed or set(typed) == {"*"}:
		return
	if not (
		SHORTEST <= len(typed) <= LONGEST and typed.isascii() and typed.isprintable() and " " not in typed
	):
		throw(
			_(
				"The token for monitors has {0} to {1} characters: letters, digits and signs, without spaces."
			).format(SHORTEST, LONGEST)
		)
