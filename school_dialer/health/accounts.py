"""Whether the carrier accounts are well, judged by the answers to the latest requests. None is asked."""

from frappe import _

from school_dialer.health.finding import FAIL, OK, WARN, Finding
from school_dialer.outbound.pace import account_breaker, account_health


def carrier_accounts() -> Finding:
	"""Report the state of each account. All that take no calls are a failure; anything less is a warning."""
	shown = account_health.accounts_shown()
	ill = [account for account in shown if account.state != account_breaker.CLOSED]
	figures = {"carrier_accounts": len(shown), "carrier_accounts_not_well": len(ill)}
	if not ill:
		return Finding("accounts", OK, _("The carrier answers the latest requests."), figures)
	text = " ".join(f"{account.title}: {account.words}" for account in ill)
	if len(ill) < len(shown):
		text += " " + _("Emergencies go on through another account.")
	all_open = all(account.state == account_breaker.OPEN for account in shown)
	return Finding("accounts", FAIL if all_open else WARN, text, figures)
