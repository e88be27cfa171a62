"""What the carrier's error codes mean to staff and to the dialer.

The table itself belongs to the carrier (`carriers.twilio_errors`).
"""

from collections.abc import Callable

import frappe
from frappe import _

from school_dialer import states
from school_dialer.carriers.faults import LATER, UNKNOWN, Fault
from school_dialer.carriers.twilio_errors import AGAIN, FAULTS, UNKNOWN_CODE
from school_dialer.settings import carrier_settings
from school_dialer.wording import translated

FAILING = (states.REFUSED, "failed", "undelivered")
"""Final states of a call or text that an error code explains."""
OPT_OUT_CODES = frozenset(str(code) for code, fault in FAULTS.items() if fault.opted_out)
"""Codes that report an opt-out held by the carrier, as strings, the way webhooks have them."""


def fault_of(code: str | int | None) -> Fault | None:
	"""Return the school's carrier's fault for this code.

	Returns None without a code. A carrier that explains none of its codes gives `UNKNOWN_CODE`.
	"""
	return explainer()(code) if code else None


def explainer() -> Callable[[str | int], Fault | None]:
	"""Return the carrier's own function for explaining codes, looked up once per request or job."""
	name = carrier_settings.settings().carrier
	known = getattr(frappe.local, "dialer_explainer", None)
	if known is None or known[0] != name:
		known = frappe.local.dialer_explainer = (name, explainer_of(name))
	return known[1]


def explainer_of(name: str) -> Callable[[str | int], Fault | None]:
	found = None
	if frappe.get_hooks("dialer_carriers").get(name):
		found = getattr(carrier_settings.carrier_class(name), "fault_of", None)
	return found or (lambda _code: UNKNOWN_CODE)


def fault_words(code: str, channel: str = "Voice", ended: bool = False) -> tuple[str, str]:
	"""Return (what happened, what to do), translated.

	A failure without a code is one that the carrier does not explain. `ended`: no more attempts follow.
	"""
	what, todo = _fault_words(code, channel)
	if ended and todo == translated(AGAIN, _):
		todo = _("The campaign is over, so no more calls follow. Reach them another way.")
	return what, todo


def _fault_words(code: str, channel: str) -> tuple[str, str]:
	fault = fault_of(code)
	if fault is UNKNOWN_CODE:
		return _("Error {0} of the carrier").format(code), translated(fault.todo, _)
	if fault:
		return words_of(fault)
	if channel == "Text":
		return _("The text was not delivered"), _(
			"They may be out of reach. Open one to see the carrier's words."
		)
	return _("The call could not be put through"), translated(AGAIN, _)


def words_of(fault: Fault) -> tuple[str, str]:
	return translated(fault.what, _), translated(fault.todo, _)


def explained(code: str | int, fault: Fault | None = None) -> str:
	"""Return the reason in plain words, followed by the code, for a recipient or a call log."""
	fault = fault or fault_of(code)
	return f"{translated((fault or UNKNOWN_CODE).what, _)} ({code})"


def bad_number_codes() -> tuple[str, ...]:
	"""Return the codes that mean the number on record has to be corrected."""
	return tuple(str(code) for code, fault in FAULTS.items() if fault.correct_number)


def given_back(fault: Fault | None) -> bool:
	"""Return whether an attempt that failed this way does not count.

	The failure was not the person's, and nothing was delivered.
	"""
	return fault is not None and (fault.of_the_school or (fault.kind == LATER and not fault.again))


def unknown(fault: Fault | None) -> bool:
	return fault is not None and fault.kind == UNKNOWN
