"""Compare the marks, and move them on: at each tick, and with each chunk of calls before it leaves."""

import time

import frappe

from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.continuity import decision, hosts, maintenance, marks, safe_mode
from school_dialer.continuity.safe_mode import SafeMode

REQUEST_SECONDS = 60
_looked_at: dict[str, float] = {}
"""When this process compared the marks of each site for a web request."""


def is_simulated() -> bool:
	"""Return whether the site reaches only a test carrier."""
	return frappe.get_cached_doc("Dialer Settings").mode != "Live"


def finding() -> str:
	"""Compare the marks and return the finding (`decision.decide`). Writes nothing."""
	return decision.decide(marks.seen(is_simulated()))


def stands_still(purpose: str | None = None) -> bool:
	"""Return whether no call or text of this purpose may leave now.

	That is in Safe mode, in maintenance, and also before a restore that happened is noticed by the next tick.
	A site that was silent asks the carrier first, at the next tick, and a new host proves itself. Emergencies
	wait for neither.
	"""
	if maintenance.is_on():
		return True
	if safe_mode.current():
		return bool(safe_mode.stops(purpose))
	state = finding()
	if state == decision.UNPROVEN:
		ask_in()
	return state in decision.STOPPING or (state in decision.WAITING and purpose != EMERGENCY)


def ask_in() -> None:
	"""Have a worker prove the site, and take in this host, which shows that it works on the same database."""
	frappe.enqueue("school_dialer.recovery.noticing.run", queue="short", host=hosts.this())


def step(purpose: str | None = None) -> str:
	"""Compare the marks and move them on, in the caller's transaction. Returns the finding.

	For a chunk of calls, `purpose` is that of its campaign, and `SafeMode` is raised if it may not leave; the
	caller rolls back then. Without a purpose nothing is raised. The marks stand still in Safe mode, and until
	a silent site has asked the carrier.
	"""
	mode = safe_mode.current()
	if mode:
		if purpose and not (mode.emergencies and purpose == EMERGENCY):
			throw(safe_mode.sentence(mode.cause), SafeMode)
		return decision.CONTINUES
	seen = marks.seen(is_simulated(), for_update=True)
	state = decision.decide(seen)
	if state in (decision.FIRST, decision.CONTINUES):
		marks.move(seen.database, marks.next_of(seen.database))
	elif purpose and not (state in decision.WAITING and purpose == EMERGENCY):
		throw(safe_mode.sentence(state), SafeMode)
	return state


def go_on(*found_on: str) -> None:
	"""Move the marks on from the highest that is known, made here and now. The caller commits.

	A person has confirmed that this is the site that goes on, or the carrier knows nothing that the site does
	not. `found_on` is the host that began Safe mode: a worker's, often, and not the one that the person uses.
	"""
	seen = marks.seen(is_simulated(), for_update=True)
	marks.move(seen.database, marks.next_of(seen.database, *seen.outside()))
	if not seen.simulated:
		hosts.add(*found_on)


def notice() -> str:
	"""Compare the marks, move them on, and begin Safe mode if the site does not go on. Commits.

	Returns the finding. A site that was silent is left to `recovery.noticing`, which asks the carrier.
	"""
	frappe.db.commit()
	state = step()
	frappe.db.commit()
	if state in decision.STOPPING:
		safe_mode.enter(state, marks.seen(is_simulated()))
	return state


def before_request() -> None:
	"""Have a restore noticed at the first request after it (hook). Each process looks once a minute."""
	site, now = frappe.local.site, time.monotonic()
	if now - _looked_at.get(site, float("-inf")) < REQUEST_SECONDS:
		return
	_looked_at[site] = now
	try:
		state = decision.CONTINUES if safe_mode.current() else finding()
		if state in decision.STOPPING:
			frappe.enqueue("school_dialer.recovery.noticing.run", queue="short")
		elif state == decision.UNPROVEN:
			ask_in()
	except Exception as error:
		# A site that is being installed or migrated has no mark yet. The tick looks again.
		frappe.logger("school_dialer").warning("marks were not compared: %s", type(error).__name__)
