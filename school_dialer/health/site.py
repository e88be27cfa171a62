"""Checks of the site itself: settings, disk, database protections, ledger anchors, and legal rules."""

import shutil
from datetime import timedelta

import frappe
import phonenumbers
from frappe import _
from frappe.utils import format_date

from school_dialer.audience import barred
from school_dialer.audience.base import country_code
from school_dialer.base import clock, phone
from school_dialer.compliance.policies import NONE
from school_dialer.consent.integrity import outside, triggers, verify
from school_dialer.gate import policy_review, site_policies
from school_dialer.health.finding import FAIL, OK, WARN, Finding, ago, graded_down
from school_dialer.settings import addresses, carrier_settings, incoming
from school_dialer.setup.schema import PERMITTED

LITTLE, TOO_LITTLE = 0.10, 0.02
"""Free share of the disk."""
ANCHOR_LATE = verify.LATE
WKHTMLTOPDF = "wkhtmltopdf"
INCOMING_LATE = timedelta(days=3)


def readiness() -> Finding:
	"""Check for missing settings that would keep every call from starting."""
	missing = carrier_settings.missing_for("Voice")
	if missing:
		return Finding("settings", FAIL, " ".join(missing), {"settings_missing": len(missing)})
	if addresses.is_changed_elsewhere(carrier_settings.settings()):
		text = _(
			"The public URL, the fallback URL, or the name said in calls was changed past the form of Dialer "
			"Settings. Find out who did. Enter it there, and another person approves it."
		)
		return Finding("settings", FAIL, text, {"settings_missing": 0})
	text = _("Dialer Settings are complete, in {0} mode.").format(_(carrier_settings.settings().mode))
	text = f"{text} {carrier_settings.about_pretending()}".rstrip()
	return Finding("settings", OK, text, {"settings_missing": 0})


def disk() -> Finding:
	usage = shutil.disk_usage(frappe.get_site_path())
	return judge_disk(usage.free, usage.total)


def judge_disk(free: int, total: int) -> Finding:
	part = free / total if total else 0.0
	state = graded_down(part, LITTLE, TOO_LITTLE)
	text = _("Free on the site's disk: {0}%.").format(int(part * 100))
	if state != OK:
		text += " " + _("Make room: a database that cannot write stops every call.")
	return Finding("disk", state, text, {"disk_free_ratio": round(part, 3)})


def database() -> Finding:
	"""Check the database's own protections.

	These are the triggers that keep the ledger append-only, and the constraint that no outbound call log
	exists without ALLOW. A server that writes statements to its binary log refuses READ COMMITTED.
	"""
	lost = missing_triggers()
	figures = {"walls_missing": len(lost) + (not has_constraint())}
	if logs_statements():
		text = _(
			"The database server refuses what calls, texts, and opt-outs write, because its binlog_format is "
			"STATEMENT. Set it to MIXED or ROW, and restart the server and the bench."
		)
		return Finding("database", FAIL, text, figures)
	if not has_constraint():
		text = _(
			"The database's constraint {0} is missing: it refuses calls that were not permitted. Run bench "
			"migrate."
		)
		return Finding("database", FAIL, text.format(PERMITTED), figures)
	if len(lost) == len(triggers.NAMES):
		text = _(
			"The consent ledger has no triggers: this database server does not let the site make them. Have "
			"log_bin_trust_function_creators set, then run bench migrate."
		)
		return Finding("database", WARN, text, figures)
	if lost:
		text = _(
			"Triggers of the consent ledger were dropped: {0}. Find out who did, run verify-ledger, then "
			"bench migrate."
		).format(", ".join(lost))
		return Finding("database", FAIL, text, figures)
	return Finding(
		"database",
		OK,
		_("The database refuses changes to the consent ledger and calls without permission."),
		figures,
	)


def area_codes() -> Finding:
	"""Name the area codes that the installed phonenumbers does not know. The app's own table has them."""
	codes = phone.unknown_area_codes()
	figures = {"area_codes_unknown": len(codes)}
	version = phonenumbers.__version__
	if not codes:
		text = _("phonenumbers {0} knows all area codes of the app's table.").format(version)
	else:
		text = _(
			"phonenumbers {0} does not know these area codes, and the app's own table has them, so their "
			"numbers are called: {1}."
		).format(version, ", ".join(codes))
	return Finding("area_codes", OK, text, figures)


def pdf_files() -> Finding:
	"""Say whether the PDF button of Frappe's print page works. It knows one program and fails without it."""
	if shutil.which(WKHTMLTOPDF):
		return Finding("pdf", OK, _("Reports and receipts can be saved as PDF files."))
	text = _(
		"To save a report or a receipt as a PDF file, print it from the browser. The PDF button of the print "
		"page needs {0}: install it if you want that button."
	)
	return Finding("pdf", OK, text.format(WKHTMLTOPDF))


def court_orders() -> Finding:
	"""Check that every number of the guardians barred by court orders can be read."""
	count = len(barred.unread_students())
	figures = {"court_orders_unread": count}
	if not count:
		return Finding("court_orders", OK, _("The numbers of all barred guardians can be read."), figures)
	text = _(
		"Students of whom a guardian barred by court order has a number that cannot be read: {0}. No message "
		"about them is sent, in an emergency either. Correct the number: each notification names the student."
	).format(count)
	return Finding("court_orders", FAIL, text, figures)


def incoming_addresses() -> Finding:
	"""Check that the carrier lately said that all texts and calls of families come to this site."""
	doc = carrier_settings.settings()
	count = len((doc.get(incoming.ELSEWHERE) or "").splitlines())
	figures = {"incoming_elsewhere": count}
	if count:
		text = _(
			"Addresses at the carrier that send texts or calls of families elsewhere: {0}. Opt-outs are lost "
			"there. Dialer Settings name them."
		).format(count)
		return Finding("incoming", FAIL if doc.mode == "Live" else WARN, text, figures)
	if doc.mode != "Live":
		return Finding("incoming", OK, _("In Simulated mode no family texts or calls."), figures)
	at = clock.from_db(doc.get(incoming.READ_AT))
	if at is None or clock.now() - at > INCOMING_LATE:
		text = _(
			"The carrier has not said for three days where texts and calls of families go. Press Test "
			"incoming in Dialer Settings."
		)
		return Finding("incoming", WARN, text, figures)
	return Finding("incoming", OK, _("Texts and calls of families come to this site."), figures)


def logs_statements() -> bool:
	"""Return whether this server refuses each write of a READ COMMITTED transaction (error 1665)."""
	(row,) = frappe.db.sql("select @@log_bin, @@binlog_format")
	return bool(row[0]) and row[1] == "STATEMENT"


def missing_triggers() -> list[str]:
	rows = frappe.db.sql(
		"select trigger_name from information_schema.triggers where trigger_schema = database() and "
		"trigger_name in %s",
		(list(triggers.NAMES),),
	)
	return sorted(set(triggers.NAMES) - {name for (name,) in rows})


def has_constraint() -> bool:
	return bool(
		frappe.db.sql(
			"""select 1 from information_schema.table_constraints where constraint_schema = database()
			and table_name = 'tabDialer Call Log' and constraint_name = %s""",
			PERMITTED,
		)
	)


def anchors() -> Finding:
	"""Check that no last anchor, the nightly signature over the consent ledger, is gone, and its age."""
	if lost := outside.lost(outside.ANCHOR):
		text = _(
			"The consent ledger's signature {0} was made and is gone. Find out who deleted it, and run "
			"verify-ledger."
		)
		return Finding("anchors", FAIL, text.format(lost.seq))
	last = clock.from_db(frappe.db.sql("select max(anchored_at) from `tabConsent Anchor`")[0][0])
	if last is None:
		oldest = clock.from_db(frappe.db.sql("select min(creation) from `tabConsent Event`")[0][0])
		late = oldest is not None and clock.now() - oldest > ANCHOR_LATE
		text = (
			_("The consent ledger was never signed.")
			if late
			else _("The consent ledger is signed tonight for the first time.")
		)
		if late:
			text += " " + _("Look at the scheduler and the workers of the queue long.")
		return Finding("anchors", WARN if late else OK, text)
	age = clock.now() - last
	text = _("The consent ledger was last signed {0} ago.").format(ago(age))
	if age > ANCHOR_LATE:
		text += " " + _("Look at the scheduler and the workers of the queue long.")
	state = WARN if age > ANCHOR_LATE else OK
	return Finding("anchors", state, text, {"anchor_seconds": age.total_seconds()})


def policies() -> Finding:
	if site_policies.policy_of(country_code()) is NONE:
		text = _(
			"No Dialer Policy is in force for the school's country, so no one may be called. Enable one."
		)
		return Finding("policies", FAIL, text)
	due = policy_review.due_reviews(clock.db_now().date())
	figures = {"policies_due": len(due)}
	if due:
		text = _(
			"Rules of law that are due to be checked again: {0}, the first since {1}. Have counsel check "
			"them, then amend the policy."
		).format(len(due), format_date(due[0].review_by))
		return Finding("policies", WARN, text, figures)
	return Finding("policies", OK, _("The rules of law were checked lately."), figures)
