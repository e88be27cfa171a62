"""What has to be true before real people are called: each line done, or what is missing and where it is put right.

Live mode cannot be chosen while a line is open. What only a test can tell is asked of its latest result, which is forgotten
when what it was about changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import format_date
from frappe.utils.background_jobs import get_queue, get_workers
from frappe.utils.scheduler import is_scheduler_disabled

from school_dialer import clock, staff
from school_dialer.audience.base import country_code
from school_dialer.compliance.policies import NONE
from school_dialer.dialing import policy, policy_review
from school_dialer.dialing.campaign import APPROVER, EMERGENCY_QUEUE, PLAN_QUEUE

FIELD, TEST, ROUTE = "field", "test", "route"
CONNECTION, WEBHOOKS = "connection", "webhooks"
TESTED = {
	"account_tested_at": ("carrier", "account_sid", "auth_token"),
	"webhooks_tested_at": ("public_url", "account_sid", "auth_token"),
}
"""When each test last went well, and the fields it was about."""


@dataclass(frozen=True, slots=True)
class Line:
	"""``fix`` is what the button does: FIELD and its name, TEST and which one, or ROUTE and the page of the Desk."""

	title: str
	done: bool
	missing: str
	fix: tuple[str, str] | None = None
	needed: bool = True
	"""Whether Live mode is refused while it is open."""


class NotReadyForLive(frappe.ValidationError):
	"""Lines of the checklist are open; the message has them all."""


def checklist(doc) -> list[Line]:
	"""For these settings, saved or not."""
	return [
		*about_carrier(doc),
		*about_identity(doc),
		*about_address(doc),
		*about_site(),
		*about_law(),
		*about_people(),
	]


def about_carrier(doc) -> Iterator[Line]:
	yield Line(
		_("Carrier's credentials"),
		bool(doc.account_sid and doc.auth_token),
		_("Enter the Account SID and Auth token, as the carrier's console shows them."),
		(FIELD, "account_sid"),
	)
	yield Line(
		_("Connection tested"),
		bool(doc.account_tested_at),
		_("Press Test connection: the carrier has not accepted these credentials yet."),
		(TEST, CONNECTION),
	)
	numbers = [row for row in doc.sending_numbers if row.enabled]
	yield Line(
		_("Numbers to call from"),
		bool(numbers),
		_("Add at least one number of your carrier account, with its requests per second."),
		(FIELD, "sending_numbers"),
	)


def about_identity(doc) -> Iterator[Line]:
	yield Line(
		_("Who is calling"),
		bool(doc.caller_identity),
		_("Enter who is calling: it is said first in every call."),
		(FIELD, "caller_identity"),
	)
	yield Line(
		_("Number to call back"),
		bool(doc.call_back_number),
		_("Enter a number that people can call back."),
		(FIELD, "call_back_number"),
	)


def about_address(doc) -> Iterator[Line]:
	yield Line(
		_("Public address"),
		(doc.public_url or "").startswith("https://"),
		_("Enter the HTTPS address at which the carrier reaches this site."),
		(FIELD, "public_url"),
	)
	yield Line(
		_("Webhooks tested"),
		bool(doc.webhooks_tested_at),
		_("Press Test webhooks: no signed request has come back from the public address yet."),
		(TEST, WEBHOOKS),
	)


def about_site() -> Iterator[Line]:
	yield Line(
		_("True clock"),
		not clock.offset(),
		_("The site's clock is set. Remove {0} from the site's configuration file.").format(clock.OFFSET_KEY),
	)
	yield Line(
		_("Scheduler"),
		not is_scheduler_disabled(verbose=False),
		_("Switch it on: bench --site {0} enable-scheduler.").format(frappe.local.site),
	)
	idle = [name for name in (EMERGENCY_QUEUE, PLAN_QUEUE) if not get_workers(get_queue(name))]
	yield Line(
		_("Background workers"),
		not idle,
		_("Start the bench's workers: nobody serves {0}.").format(", ".join(idle)),
	)
	yield Line(
		_("Rules of the country"),
		policy.of(country_code()) is not NONE,
		_("No Dialer Policy is in force for the school's country, so nobody may be called."),
		(ROUTE, "List/Dialer Policy"),
	)


def about_law() -> Iterator[Line]:
	"""A rule that is due says nothing against calling: whoever is live already goes on."""
	found = policy_review.due(clock.db_now().date())
	yield Line(
		_("Rules of law checked lately"),
		not found,
		_(
			"{0} rules are due to be checked again, the first since {1}. Check them, then amend the policy."
		).format(len(found), format_date(found[0].review_by) if found else ""),
		(ROUTE, "List/Dialer Policy"),
		needed=False,
	)


def about_people() -> Iterator[Line]:
	for role, missing in (
		(APPROVER, _("Give the role {0} to somebody: without a second person no emergency is called.")),
		(staff.OFFICER, _("Give the role {0} to somebody: opt-outs that hang are reported to them.")),
	):
		yield Line(_(role), bool(staff.with_roles(role)), missing.format(_(role)), (ROUTE, "List/User"))


def guard(doc) -> None:
	"""Part of saving Dialer Settings: forget what was tested before a change, and refuse Live while a line is open."""
	before = doc.get_doc_before_save()
	forget_tests(doc, before)
	if doc.mode == "Live" and (not before or before.mode != "Live"):
		if left := [line.missing for line in checklist(doc) if line.needed and not line.done]:
			frappe.throw("<br>".join(left), NotReadyForLive, title=_("Not ready for Live mode"))


def forget_tests(doc, before) -> None:
	"""The results of tests are written by the tests alone."""
	for fieldname, about in TESTED.items():
		kept = before.get(fieldname) if before else None
		doc.set(fieldname, None if changed(doc, before, about) else kept)


def changed(doc, before, fieldnames: tuple[str, ...]) -> bool:
	"""A password that was not typed anew is shown as stars."""
	for fieldname in fieldnames:
		value = doc.get(fieldname) or ""
		if fieldname == "auth_token" and value and set(value) == {"*"}:
			continue
		if not before or value != (before.get(fieldname) or ""):
			return True
	return False


def remember(test: str) -> None:
	"""Write down that a test went well."""
	fieldname = {CONNECTION: "account_tested_at", WEBHOOKS: "webhooks_tested_at"}[test]
	frappe.db.set_single_value("Dialer Settings", fieldname, clock.db_now(), update_modified=False)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
