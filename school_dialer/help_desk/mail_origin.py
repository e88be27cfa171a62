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

from school_dialer.consent.choices import rate_limits
from school_dialer.help_desk import mail_headers
from school_dialer.roles import AGENTS

SYSTEM = "Administrator"
"""The session of jobs, as which Frappe receives mail."""
REVIEWS_A_DAY = 20
"""Reviews a day of what one user or visitor wrote in the name of others."""
_RESULT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*(\w+)", re.IGNORECASE)


def is_of_sender(doc, sender: str) -> bool:
	"""Return whether the message is `sender`'s: the person's whose words it is said to be."""
	headers = mail_headers.of(doc)
	if headers is not None:
		return not is_forged(headers)
	user = frappe.session.user
	if user == SYSTEM or is_own(sender, user):
		return True
	# Staff of the dialer open a ticket for a caller. They could record what the caller said as well.
	return is_own(doc.sender, user) and bool(set(AGENTS) & set(frappe.get_roles(user)))


def is_own(sender: str | None, user: str) -> bool:
	address = parse_addr(sender or "")[1].strip().lower()
	own = {user.lower(), (frappe.db.get_value("User", user, "email") or "").lower()}
	return bool(address) and address in own


def is_forged(headers: Mapping[str, str]) -> bool:
	"""Return whether the receiving server says so.

	A forwarder breaks one of the two signs of a sender, and a policy (DMARC) is that of the sender's domain.
	"""
	# The first header is the school's own server's. What stands below may be the sender's.
	said = {kind.lower(): result.lower() for kind, result in _RESULT.findall(first_results(headers))}
	if "dmarc" in said:
		return said["dmarc"] == "fail"
	failed = [said[kind] == "fail" for kind in ("spf", "dkim") if kind in said]
	return any(failed) and "pass" not in (said.get("spf"), said.get("dkim"))


def first_results(headers: Mapping[str, str]) -> str:
	return str(headers.get("Authentication-Results") or "")


def may_ask_for_review() -> bool:
	"""Count one review of a message that only names its sender, and return whether it is within the limit."""
	user = frappe.session.user
	who = (getattr(frappe.local, "request_ip", None) or user) if user == "Guest" else user
	return not rate_limits.over("messages named by", who, REVIEWS_A_DAY, rate_limits.DAY)
