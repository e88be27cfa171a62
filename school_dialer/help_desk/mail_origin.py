"""Who put a message here: the mail receiver, its sender, the dialer's staff, or someone who names a sender.

Frappe lets each of its users write a communication as received from any address (`email.make`), and open a
ticket in another person's name. What a message asks for is done only where its sender wrote it. Everything
else is for a person to review, and so is mail of which the school's own mail server says that its sender is
forged (RFC 8601).
"""

import re
from collections.abc import Mapping

import frappe
from frappe.utils import parse_addr

from school_dialer.base.roles import AGENTS
from school_dialer.consent.choices import rate_limits
from school_dialer.help_desk import mail_headers

SYSTEM = "Administrator"
"""The session of jobs, as which Frappe receives mail."""
REVIEWS_A_DAY = 20
"""Reviews a day of what one user or visitor wrote in the name of others."""
_FAILED, _PASSED = ({(kind, result) for kind in ("spf", "dkim")} for result in ("fail", "pass"))
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*(\w+)", re.IGNORECASE)


def is_of_sender(doc, sender: str) -> bool:
	"""Return whether the message is `sender`'s: the person's whose words it is said to be."""
	headers = mail_headers.headers_of(doc)
	if headers is not None:
		return not is_forged(headers)
	user = frappe.session.user
	if user == SYSTEM or is_own(sender, user):
		return True
	# Staff of the dialer open a ticket for a caller. They could record what the caller said as well.
	return is_own(doc.sender, user) and bool(set(AGENTS) & set(frappe.get_roles(user)))


def is_own(sender: str | None, user: str) -> bool:
	address = parse_addr(sender or "")[1].strip().lower()
	return address == user.lower()  # Frappe names a user by the address.


def is_forged(headers: Mapping[str, str]) -> bool:
	"""Return whether the receiving server says so.

	A forwarder breaks one of the two signs of a sender, and a policy (DMARC) is that of the sender's domain.
	"""
	# The first header is the school's own server's. What stands below may be the sender's.
	results = str(headers.get("Authentication-Results") or "")
	verdicts = {(kind.lower(), result.lower()) for kind, result in _RESULT.findall(results)}
	if any(kind == "dmarc" for kind, _result in verdicts):
		return ("dmarc", "fail") in verdicts
	return bool(verdicts & _FAILED) and not verdicts & _PASSED


def may_ask_for_review(doc) -> bool:
	"""Count one review of a message that only names its sender, and return whether it is within the limit.

	Mail is not limited: where a forwarder breaks the signs of all senders, no wish may be lost. The first
	message beyond the limit is in the Error Log.
	"""
	if mail_headers.headers_of(doc) is not None:
		return True
	user = frappe.session.user
	who = (getattr(frappe.local, "request_ip", None) or user) if user == "Guest" else user
	if not rate_limits.over("messages named by", who, REVIEWS_A_DAY, rate_limits.DAY):
		return True
	if not rate_limits.over("more messages named by", who, 1, rate_limits.DAY):
		frappe.log_error(
			title="School Dialer: messages in the name of others",
			message=f"{user} wrote more than {REVIEWS_A_DAY} today that ask to stop. From here on they are "
			f"not reviewed: look through the received Communications since {doc.name}.",
		)
	return False
