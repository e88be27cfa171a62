"""Notice a restore: by the marks, and after a silence by what the carrier knows and the site does not.

A machine that was set back as a whole has marks that agree with each other. But its scheduler was silent for
a while, and the carrier has calls of that time.
"""

from datetime import datetime

import frappe

from school_dialer.base import clock, states
from school_dialer.base.jobs import job
from school_dialer.carriers.base import CarrierError, Placed, may_be
from school_dialer.continuity import decision, marks, safe_mode, watch
from school_dialer.outbound.attempts.matching import SKEW
from school_dialer.recovery import accounts
from school_dialer.settings import carrier_settings, host_proof


def notice() -> str:
	"""Compare the marks, move them on, and begin Safe mode if need be (step of the tick). Commits.

	Returns the finding. While the carrier does not answer, a site that was silent does not go on. Nor does
	one on a host that has not proven itself.
	"""
	finding = watch.notice()
	if finding == decision.UNPROVEN:
		return watch.notice() if host_proof.settle() else finding
	goes_on = finding in (decision.CONTINUES, decision.SILENT) and not safe_mode.current()
	if goes_on and host_proof.leads_elsewhere(at_once=finding == decision.SILENT):
		return decision.COPY
	if finding != decision.SILENT:
		return finding
	seen = marks.seen(watch.is_simulated())
	try:
		is_known = not unknown_since(seen.database.site_at)
	except carrier_settings.NotReady:
		# Without an account there are no calls that the site could have forgotten.
		frappe.clear_messages()
		is_known = True
	except CarrierError as error:
		frappe.logger("school_dialer").warning("the carrier does not say what was placed: %s", error)
		return decision.SILENT
	if not is_known:
		safe_mode.enter(decision.RESTORED, seen)
		return decision.RESTORED
	watch.go_on()
	frappe.db.commit()
	return decision.CONTINUES


@job
def run(host: str = "") -> None:
	"""Notice what showed at a web request, and take in the `host` that it came to (background job)."""
	notice()
	if host and not safe_mode.current():
		host_proof.settle(host)


def unknown_since(since: datetime) -> list[Placed]:
	"""Return the calls and texts at the carrier that the site has no record of since then (aware).

	One that may be a request whose response was lost is left out. Raises `CarrierError` if no account
	answers.
	"""
	placed = [each for listed in accounts.placed_where_answered(since) for each in listed.placed]
	recorded = accounts.on_record([each.sid for each in placed])
	new = [each for each in placed if each.sid not in recorded]
	if not new:
		return []
	lost = frappe.db.sql(
		"""select phone from `tabDialer Call Log`
		where status_rank <= %s and direction = 'Outbound' and placed_at > %s""",
		(states.rank(states.LOST), clock.to_db(since - SKEW)),
	)
	return [each for each in new if not any(may_be(each.to, phone) for (phone,) in lost)]
