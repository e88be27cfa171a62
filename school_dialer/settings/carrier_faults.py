"""What the carrier's error codes mean to staff and to the dialer.

Each carrier has its own table (`carriers.twilio_errors`, `carriers.signalwire_errors`): a code is explained
by the carrier of the call log that has it.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.wording import translated
from school_dialer.carriers import signalwire_errors
from school_dialer.carriers.faults import LATER, UNKNOWN, WAIT, Fault
from school_dialer.carriers.twilio_errors import AGAIN, FAULTS, UNKNOWN_CODE
from school_dialer.settings import carrier_accounts, carrier_settings

FAILING = (states.REFUSED, "failed", "undelivered")
"""Final states of a call or text that an error code explains."""
TRIED_AGAIN = 3600
"""Seconds after which a limit of the day is tried again of which it is not known when it ends."""
URGENT_SECONDS = 15 * 60
"""The longest that an emergency waits before it tries such a limit again."""
PAST_MIDNIGHT = 60
OPT_OUT_CODES = frozenset(
	str(code)
	for table in (FAULTS, signalwire_errors.FAULTS)
	for code, fault in table.items()
	if fault.opted_out
)
"""Codes with which some carrier reports an opt-out that it holds, as strings, the way webhooks have them."""


def fault_of(code: str | int | None, carrier: str | None = None) -> Fault | None:
	"""Return the fault for a code of this carrier, given by its name.

	Without a name it is the first account's carrier, and for a code that this one does not know, any other's
	of the school. Returns None without a code. A carrier that explains none of its codes gives
	`UNKNOWN_CODE`.
	"""
	if not code:
		return None
	if carrier:
		return explainer(carrier)(code)
	faults = [
		explainer(name)(code) for name in dict.fromkeys(each.carrier for each in carrier_accounts.accounts())
	]
	return next((fault for fault in faults if fault is not UNKNOWN_CODE), faults[0])


def reports_opt_out(code: str | None, account: str | None) -> bool:
	"""Return whether an account's carrier reports with this code that it holds the recipient's opt-out."""
	if code not in OPT_OUT_CODES:
		return False
	known_account = carrier_accounts.by_id(account)
	fault = fault_of(code, known_account.carrier if known_account else None)
	return fault is not None and fault.opted_out


def explainer(name: str) -> Callable[[str | int], Fault | None]:
	"""Return the carrier's own function for explaining codes, looked up once per request or job."""
	by_name = getattr(frappe.local, "dialer_explainers", None)
	if by_name is None:
		by_name = frappe.local.dialer_explainers = {}
	if name not in by_name:
		by_name[name] = explainer_of(name)
	return by_name[name]


def explainer_of(name: str) -> Callable[[str | int], Fault | None]:
	explains = None
	if frappe.get_hooks("dialer_carriers").get(name):
		explains = getattr(carrier_settings.carrier_class(name), "fault_of", None)
	return explains or (lambda _code: UNKNOWN_CODE)


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
	"""Return the codes that mean the number on record has to be corrected, the same at each carrier."""
	tables = (FAULTS, signalwire_errors.FAULTS)
	return tuple(
		dict.fromkeys(str(code) for table in tables for code, fault in table.items() if fault.correct_number)
	)


def given_back(fault: Fault | None) -> bool:
	"""Return whether an attempt that failed this way does not count.

	The failure was not the person's, and nothing was delivered.
	"""
	return fault is not None and (fault.of_the_school or (fault.kind == LATER and not fault.again))


def waits(fault: Fault | None) -> bool:
	"""Return whether only those concerned wait, until a limit of the day ends."""
	return fault is not None and fault.breaker == WAIT


def seconds_of_limit(fault: Fault) -> int:
	"""Return the seconds until a limit of the day ends. Where that is not known, it is tried each hour."""
	if not fault.ends:
		return TRIED_AGAIN
	here = clock.now().astimezone(ZoneInfo(fault.ends))
	midnight = datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo)
	return int((midnight.astimezone(clock.UTC) - clock.now()).total_seconds()) + PAST_MIDNIGHT


def unknown(fault: Fault | None) -> bool:
	return fault is not None and fault.kind == UNKNOWN
