"""Whether the carrier accounts are well, judged by the answers to the latest requests. None is asked."""

from frappe import _

from school_dialer.health.finding import FAIL, OK, WARN, Finding
from school_dialer.outbound.pace import account_breaker, account_health


def carrier_accounts() -> Finding:
	"""Report the state of each account. All that take no calls are a failure; anything less is a warning."""
	found = account_health.accounts_shown()
	ill = [one for one in found if one.state != account_breaker.CLOSED]
	figures = {"carrier_accounts": len(found), "carrier_accounts_not_well": len(ill)}
	if not ill:
		return Finding("accounts", OK, _("The carrier answers the latest requests."), figures)
	text = " ".join(f"{one.title}: {one.words}" for one in ill)
	if len(ill) < len(found):
		text += " " + _("Emergencies go on through another account.")
	all_open = all(one.state == account_breaker.OPEN for one in found)
	return Finding("accounts", FAIL if all_open else WARN, text, figures)
