"""Fast path for what a person on the line waits for: the words of their call, and what follows their key.

`callback_fast_path.Door` has verified the request. It is answered by the same function as in Frappe's way
(`live`), with the same bytes, in a context that costs less than a session of Frappe (`own_context`). The
words are made for this request and kept nowhere.

Frappe's before_request and after_request hooks do not run, nor its monitor, recorder and rate limiter. A
restore from a backup is noticed nevertheless (`callback_fast_path.read_site`), and the gate refuses what Safe
mode stops. What such a request asks for after the commit, such as a job, runs as always.
"""

from collections.abc import Callable

import frappe
from werkzeug.wrappers import Request, Response

from school_dialer.base.database import transactions
from school_dialer.base.jobs import report
from school_dialer.consent.lock import NumberBusy
from school_dialer.webhooks import live
from school_dialer.webhooks.own_context import entered
from school_dialer.webhooks.signature import is_about_its_own

METHODS = "/api/method/school_dialer.webhooks.twilio."
ANSWERS: dict[str, Callable[[], Response]] = {
	f"{METHODS}{method.__name__}": method
	for method in (live.voice, live.voicemail_end, live.joined, live.detected, live.keypress)
}
FOR_FRAPPE = frozenset({"cmd", "_lang", "sid"})
"""Parameters by which Frappe would choose another method, language or session."""
HEADERS_FOR_FRAPPE = ("Cookie", "Authorization", "Accept-Language")


def answer(request: Request, site) -> Response | None:
	"""Return the response to a verified request, or None if Frappe is to make it.

	`site` is a `callback_fast_path.Site`. With several carrier accounts, a request about a call of another
	account is left to Frappe, which refuses it, and a failure before anything was committed too: Frappe tries
	again.
	"""
	if is_for_frappe(request):
		return None
	try:
		with entered(site.surroundings, site.connections, request):
			if len(site.keys) > 1 and not is_about_its_own(request, request.form["AccountSid"]):
				return None
			return answered(ANSWERS[request.path])
	except Exception:
		return None


def is_for_frappe(request: Request) -> bool:
	return any(name in request.headers for name in HEADERS_FOR_FRAPPE) or bool(
		FOR_FRAPPE & (request.args.keys() | request.form.keys())
	)


def answered(method: Callable[[], Response]) -> Response:
	"""Return the method's response, or that of a failure as `signature.signed` makes it.

	Raises what failed before the commit.
	"""
	try:
		return method()
	except NumberBusy:
		return Response("", status=503)
	except Exception as error:
		if not (live.is_committing() or transactions.is_lost(error)):
			frappe.logger("school_dialer").warning("answered by Frappe instead: %s", type(error).__name__)
			raise
		report(f"webhook {method.__name__}", error)
		return Response("", status=500)
