"""The checklist for Live mode: what has to be true before real people are called.

Each item is done, or says what is missing and where to fix it. Live mode cannot be selected while an item is
open. What only a test can show is taken from its latest result, which is cleared when the settings it depends
on change.
"""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import format_date
from frappe.utils.background_jobs import get_queue, get_workers
from frappe.utils.scheduler import is_scheduler_disabled

from school_dialer.audience.base import country_code
from school_dialer.base import clock, roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.jobs import EMERGENCY_QUEUE, PLAN_QUEUE, tick_seconds
from school_dialer.base.refusal import throw
from school_dialer.base.roles import APPROVER
from school_dialer.compliance.policies import NONE
from school_dialer.gate import policy_review, site_policies
from school_dialer.schools import staff
from school_dialer.settings import incoming
from school_dialer.settings.checklist_item import FIELD, ROUTE, TEST, ChecklistItem
from school_dialer.settings.registration import attestation, texts, trial, voicemail

CONNECTION, WEBHOOKS, INCOMING = "connection", "webhooks", "incoming"
READ_ABOUT = ("carrier", "account_sid", "public_url", "opt_out_number")
TESTED = {
	"account_tested_at": ("carrier", "account_sid", "auth_token", "carrier_space", "api_key", "api_secret"),
	"webhooks_tested_at": ("public_url", "account_sid", "auth_token"),
	incoming.READ_AT: READ_ABOUT,
	incoming.ELSEWHERE: READ_ABOUT,
	"account_trial": ("carrier", "account_sid", "auth_token"),
	"discard_refused_at": ("carrier", "account_sid", "discard_text_content"),
	"obfuscate_refused_at": ("carrier", "account_sid", "obfuscate_text_numbers"),
	voicemail.REACHED: ("public_url", "account_sid", "auth_token"),
}
"""Results found by a test or the carrier, and the fields that each result depends on."""
PASSWORDS = ("auth_token", "api_secret")


class NotReadyForLive(frappe.ValidationError):
	"""Checklist items are open; the message lists them all."""


def checklist(doc) -> list[ChecklistItem]:
	"""Return the checklist for these settings, saved or not."""
	return [
		*about_carrier(doc),
		*trial.checklist_items(doc),
		*about_texts(doc),
		*about_identity(doc),
		*about_address(doc),
		*voicemail.checklist_items(doc),
		*texts.checklist_items(doc),
		*about_site(),
		*about_people(),
	]


def about_carrier(doc) -> Iterator[ChecklistItem]:
	yield ChecklistItem(
		_("Carrier's credentials"),
		bool(doc.account_sid and doc.auth_token),
		_("Enter the Account SID and Auth token, as the carrier's console shows them."),
		(FIELD, "account_sid"),
	)
	yield ChecklistItem(
		_("Connection tested"),
		bool(doc.account_tested_at),
		_("Press Test connection: the carrier has not accepted these credentials yet."),
		(TEST, CONNECTION),
	)
	yield from about_other_accounts(doc)
	numbers = [row for row in doc.sending_numbers if row.enabled]
	yield ChecklistItem(
		_("Numbers to call from"),
		bool(numbers),
		_("Add at least one number of your carrier account, with its requests per second."),
		(FIELD, "sending_numbers"),
	)


def about_other_accounts(doc) -> Iterator[ChecklistItem]:
	"""Yield the items about each other account in use: that it was tested, and has a number to call from."""
	for row in doc.get("carrier_accounts") or ():
		if not row.enabled:
			continue
		yield ChecklistItem(
			_("Connection tested: {0}").format(plain_text.line(row.title or "")),
			bool(row.tested_at),
			_("Press Test connection: the carrier has not accepted these credentials yet."),
			(TEST, CONNECTION),
		)
		yield ChecklistItem(
			_("Numbers to call from: {0}").format(plain_text.line(row.title or "")),
			any(line.enabled and line.carrier_account == row.account_sid for line in doc.sending_numbers),
			_("Add a number of this account, with its Account SID."),
			(FIELD, "sending_numbers"),
		)


def about_texts(doc) -> Iterator[ChecklistItem]:
	"""Yield what is known about the privacy of texts.

	It does not block Live mode: Twilio has no way to find this out before a text is sent.
	"""
	if not any("Text" in (row.channel or "") for row in doc.sending_numbers if row.enabled):
		return
	yield ChecklistItem(state_of_discarding(doc), True, "")
	if doc.obfuscate_text_numbers:
		yield ChecklistItem(state_of_hiding(doc), True, "")


def state_of_discarding(doc) -> str:
	if not doc.discard_text_content:
		return _("The carrier keeps the words of texts, as you chose")
	if doc.discard_refused_at:
		return _("The carrier keeps the words of texts: the account lacks Message Redaction")
	return _(
		"The carrier discards the words of texts, if the account has Message Redaction: the first text will "
		"tell"
	)


def state_of_hiding(doc) -> str:
	if doc.obfuscate_refused_at:
		return _("The carrier keeps the numbers of texts: the account lacks Message Redaction")
	return _(
		"The carrier hides the numbers of texts, if the account has Message Redaction: the first text will "
		"tell"
	)


def about_identity(doc) -> Iterator[ChecklistItem]:
	yield ChecklistItem(
		_("Who is calling"),
		bool(doc.caller_identity),
		_("Enter who is calling: it is said first in every call."),
		(FIELD, "caller_identity"),
	)
	yield ChecklistItem(
		_("Number to call back"),
		bool(doc.call_back_number),
		_("Enter a number that people can call back."),
		(FIELD, "call_back_number"),
	)


def about_address(doc) -> Iterator[ChecklistItem]:
	yield ChecklistItem(
		_("Public address"),
		(doc.public_url or "").startswith("https://"),
		_("Enter the HTTPS address at which the carrier reaches this site."),
		(FIELD, "public_url"),
	)
	yield ChecklistItem(
		_("Webhooks tested"),
		bool(doc.webhooks_tested_at),
		_("Press Test webhooks: no signed request has come back from the public address yet."),
		(TEST, WEBHOOKS),
	)
	yield ChecklistItem(
		_("Texts and calls of families come here"),
		bool(doc.get(incoming.READ_AT)),
		doc.get(incoming.ELSEWHERE)
		or _("Press Test incoming: the carrier was not asked yet where texts and calls to your numbers go."),
		(TEST, INCOMING),
	)


def about_site() -> Iterator[ChecklistItem]:
	yield ChecklistItem(
		_("Server clock is correct"),
		not clock.offset(),
		clock.why_not_true(),
	)
	yield ChecklistItem(
		_("Scheduler"),
		not is_scheduler_disabled(verbose=False),
		_("Ask IT to switch it on: bench --site {0} enable-scheduler.").format(frappe.local.site),
	)
	idle = [name for name in (EMERGENCY_QUEUE, PLAN_QUEUE) if not get_workers(get_queue(name))]
	yield ChecklistItem(
		_("Background workers"),
		not idle,
		_("Ask IT to start background workers: none serves {0}.").format(", ".join(idle)),
	)
	yield ChecklistItem(
		_("Calling laws loaded"),
		site_policies.policy_of(country_code()) is not NONE,
		_("No Dialer Policy is in force for the school's country, so no one can be called."),
		(ROUTE, "List/Dialer Policy"),
	)


def about_law() -> Iterator[ChecklistItem]:
	"""Yield the item about rules of law that are due for review.

	It does not block calls: a school that is already live continues.
	"""
	reviews = policy_review.due_reviews(clock.db_now().date())
	yield ChecklistItem(
		_("Rules of law checked lately"),
		not reviews,
		_(
			"{0} rules are due to be checked again, the first since {1}. Check them, then amend the policy."
		).format(len(reviews), format_date(reviews[0].review_by) if reviews else ""),
		(ROUTE, "List/Dialer Policy"),
		optional=True,
	)


def about_people() -> Iterator[ChecklistItem]:
	for role, missing in (
		(APPROVER, _("Give someone the role {0}: without a second person, no emergency is called.")),
		(roles.OFFICER, _("Give someone the role {0}: opt-outs that get stuck are reported to them.")),
	):
		yield ChecklistItem(
			_(role), bool(staff.with_roles(role)), missing.format(_(role)), (ROUTE, "List/User")
		)


def advice(doc) -> list[ChecklistItem]:
	"""Return items that are recommended but do not block Live mode.

	Without fallback words at the carrier, a person who answers while this site is down hears the carrier's
	own error message, and is called again all the same.
	"""
	return [
		ChecklistItem(
			_("Words for when this site is down"),
			bool(doc.fallback_url),
			_("Keep the words shown in this form at your carrier, and enter their address as Fallback URL."),
			(FIELD, "fallback_url"),
			optional=True,
		),
		*about_ticks(),
		*about_law(),
	]


def about_ticks() -> Iterator[ChecklistItem]:
	"""Yield the item about the scheduler's interval.

	With Frappe 16's usual four minutes, what waits for a time of day, such as the end of a quiet hour or a
	rule's start, may begin up to four minutes late. What a person starts begins at once.
	"""
	yield ChecklistItem(
		_("Scheduler looks every minute"),
		tick_seconds() <= 60,
		_(
			"The scheduler looks every {0} seconds, so calls that wait for a time of day may begin that much "
			"later. To change it: bench set-config -g -p scheduler_tick_interval 60, then restart the bench."
		).format(tick_seconds()),
		optional=True,
	)


def guard(doc) -> None:
	"""Clear outdated test results, and refuse Live mode while an item is open.

	Runs when Dialer Settings are saved.
	"""
	before = doc.get_doc_before_save()
	forget_tests(doc, before)
	texts.declare(doc, before)
	attestation.keep_levels(doc, before)
	if doc.mode == "Live" and (not before or before.mode != "Live"):
		if left := [line.missing for line in checklist(doc) if not line.done]:
			throw("<br>".join(left), NotReadyForLive, title=_("Not ready for Live mode"))


def forget_tests(doc, before) -> None:
	"""Clear test results whose settings changed. Only the tests themselves write new results.

	The acknowledgment of a trial account is cleared along with that result.
	"""
	for fieldname, about in TESTED.items():
		kept = before.get(fieldname) if before else None
		doc.set(fieldname, None if changed(doc, before, about) else kept)
	if doc.flags.changed_accounts:
		doc.webhooks_tested_at = None
	if doc.flags.changed_accounts or senders(doc) != senders(before):
		doc.update({incoming.READ_AT: None, incoming.ELSEWHERE: None})
	if not doc.account_trial:
		doc.trial_acknowledged = 0


def senders(doc) -> list[tuple]:
	"""Return the numbers and Messaging Services of these settings, with their accounts."""
	rows = doc.sending_numbers if doc else ()
	return sorted((row.phone_number or "", row.get("carrier_account") or "") for row in rows)


def changed(doc, before, fieldnames: tuple[str, ...]) -> bool:
	"""Return whether any of these fields changed. A password that was not retyped is shown as stars."""
	for fieldname in fieldnames:
		value = doc.get(fieldname) or ""
		if fieldname in PASSWORDS and value and set(value) == {"*"}:
			continue
		if not before or value != (before.get(fieldname) or ""):
			return True
	return False


def remember(test: str, **found) -> None:
	"""Record in Dialer Settings that a test passed, and the field values it found."""
	fieldname = {CONNECTION: "account_tested_at", WEBHOOKS: "webhooks_tested_at"}[test]
	found[fieldname] = clock.db_now()
	frappe.db.set_single_value("Dialer Settings", found, update_modified=False)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
