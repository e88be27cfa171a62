"""Explain why a person was called, is waiting or is not called.

The explanation is a recorded decision in sentences, without the phone number.
"""

import json
from collections.abc import Iterator
from datetime import datetime

import frappe
from frappe import _

from school_dialer.audience.on_record import PHONE_FIELDS
from school_dialer.base import clock
from school_dialer.base.counted import about, counted
from school_dialer.base.refusal import throw
from school_dialer.compliance.codec import parse_time
from school_dialer.compliance.vocabulary import ALL_PURPOSES, BLOCK
from school_dialer.consent.choices import rate_limits
from school_dialer.desk.support import sentences
from school_dialer.gate.planned import ADDED, NOT_PLANNED
from school_dialer.reporting import consent_basis
from school_dialer.reporting.reasons import HELD_BACK
from school_dialer.schools import users

EXPLAINED = ("Dialer Recipient", "Dialer Call Log")
EXPLAINED_A_MINUTE, EXPLAINED_A_DAY = 300, 5_000


@frappe.whitelist()
def explain(doctype: str, name: str) -> dict:
	"""Explain the decision about a recipient or call log.

	Returns the verdict, all reasons with rule, citation and what would change them, the facts behind it, and
	the person's record, `[DocType, name]`, if this user may read it. Times are in the site's time zone.
	`verdict` is None if no decision is recorded.
	"""
	if doctype not in EXPLAINED:
		throw(_("Decisions are made on recipients and calls only."))
	rate_limits.by_user("explain", EXPLAINED_A_MINUTE, EXPLAINED_A_DAY)
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	record = json.loads(doc.decision or "{}")
	explanation = explained(record) if record else {"verdict": None, "reasons": [], "facts": []}
	for code in {HELD_BACK, NOT_PLANNED, ADDED} & set((doc.reasons or "").split(", ")):
		explanation["verdict"] = BLOCK
		explanation["reasons"].append(sentences.of_no_rule(code, doc.get("outcome") or ""))
	return {**explanation, "person": person_of(doc)}


def person_of(doc) -> list[str] | None:
	"""Return the person's record, or None if the user may not read it.

	A person from an uploaded file has no record; another may have been deleted since.
	"""
	on_record = (
		doc.person_doctype in PHONE_FIELDS
		and frappe.db.exists("DocType", doc.person_doctype)
		and frappe.db.exists(doc.person_doctype, doc.person)
	)
	readable = on_record and frappe.has_permission(doc.person_doctype, "read", doc=doc.person)
	return [doc.person_doctype, doc.person] if readable else None


def explained(record: dict) -> dict:
	"""Return a decision record in words.

	The keys are verdict, at and until (naive, site time), policy, reasons with remedy, citation and rule, and
	facts.
	"""
	return {
		"verdict": record["verdict"],
		"at": site_time(record["at"]),
		"until": site_time(record["until"]),
		"policy": f"{record['policy']} {record['version']}",
		"reasons": [
			{
				"code": reason["code"],
				**words,
				"citation": reason["citation"],
				"rule": reason["rule"],
				"until": site_time(reason["until"]),
			}
			for reason, words in zip(record["reasons"], sentences.all_of(record), strict=True)
		],
		"facts": list(facts(record)),
	}


def facts(record: dict) -> Iterator[str]:
	"""Yield sentences about the decision's input, and nothing that is not in it."""
	request, evidence = record["request"], record["facts"]
	yield from about_emergency(request.get("emergency"))
	yield from about_place(request)
	yield from about_consent(evidence["consents"], request)
	for opt_out in evidence["opt_outs"]:
		scope, channel = opt_out["scope"], opt_out["channel"] or "Any"
		what = opt_out.get("school") or _(scope)
		sentence = (
			_("Opted out of {0} ({1}) on {2}, at another of their numbers.")
			if opt_out.get("elsewhere")
			else _("Opted out of {0} ({1}) on {2}.")
		)
		yield sentence.format(what, _(channel), shown(opt_out["at"]))
	if not evidence["opt_outs"]:
		yield _("No opt-out.")
	if users.of_user() is None:
		yield about_calls(evidence["history"])
	if evidence["carrier_blocked"]:
		yield _("The carrier reports that the person unsubscribed.")


def about_calls(history: list[dict]) -> str:
	"""Return a sentence on the calls and texts before, which counts those of all schools."""
	if history:
		latest = max(attempt["at"] for attempt in history)
		return counted(
			len(history),
			_("One call or text before that a cap may count, on {1}."),
			_("{0} calls and texts before that a cap may count, the last one on {1}."),
			shown(latest),
		)
	return _("No call or text before that a cap may count.")


def about_emergency(emergency: dict | None) -> Iterator[str]:
	if not emergency:
		return
	kind = emergency["type"]
	yield _("Emergency: {0}, asked for by {1}, approved by {2}.").format(
		_(kind),
		*(
			frappe.utils.get_fullname(emergency[who]) if emergency[who] else _("no one")
			for who in ("requested_by", "approved_by")
		),
	)


def about_place(request: dict) -> Iterator[str]:
	person, phone = request["person"], request["phone"]
	if isinstance(phone, dict):
		zones = ", ".join(phone["time_zones"]) or _("none known")
		yield _("Number of {0}, time zones: {1}.").format(phone["country"], zones)
	home = ", ".join(filter(None, (person["state"], person["postal_code"], person["country"])))
	if home:
		yield _("Lives in: {0}.").format(home)
	if person["restricted"]:
		yield _("A restriction on contact is on record.")


def about_consent(consents: list[dict], request: dict) -> Iterator[str]:
	"""Yield the consents for this channel and purpose, or one sentence that there are none."""
	fitting = consent_basis.fitting(consents, request)
	for consent in fitting:
		sentence = _("Consent to {0} {1}: {2}, given on {3}.").format(
			channel_words(consent["channel"]),
			purpose_words(consent["purpose"]),
			consent_basis.in_words(consent["basis"]),
			shown(consent["granted_at"]),
		)
		if consent["expires_at"]:
			sentence += " " + _("It ends on {0}.").format(shown(consent["expires_at"]))
		yield sentence
	if not fitting:
		channel, purpose = request["channel"], request["purpose"]
		yield _("No consent to {0} {1}.").format(channel_words(channel), purpose_words(purpose))


def channel_words(channel: str | None) -> str:
	return {"Voice": _("calls"), "Text": _("texts")}.get(channel or "") or _("calls and texts")


def purpose_words(purpose: str | None) -> str:
	if not purpose:
		return _("for an unknown purpose")
	return _("of all kinds") if purpose == ALL_PURPOSES else about(purpose)


def site_time(iso: str | None) -> datetime | None:
	return clock.to_db(parse_time(iso)) if iso else None


def shown(iso: str | None) -> str:
	return frappe.format(site_time(iso), "Datetime") if iso else _("an unknown day")
