"""From an alert to the draft of a campaign, and no further.

Its status is Draft, and nothing here changes it.
"""

from collections.abc import Sequence

import frappe
from frappe import _

from school_dialer.audience.base import sources
from school_dialer.base import states
from school_dialer.base.bounds import plain_text
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages import language as languages
from school_dialer.public_alerts.cap.model import Alert, Info
from school_dialer.schools import registry

CAMPAIGN = "Dialer Campaign"
AUDIENCE = "Dialer Audience"
TITLE, DETAILS, REASON = 120, 700, 500
"""The most characters of each."""
KINDS = {
	"Met": "Weather closure",
	"Fire": "Fire",
	"Health": "Health risk",
	"CBRNE": "Health risk",
	"Env": "Health risk",
}
"""The kind of emergency of a category of CAP; every other is a threat to safety."""
OTHER = "Threat to safety"
EVERYONE = ("All guardians", "All contacts")
"""Whom a draft reaches if the feed names no audience: the first that this site has."""
OF_AUDIENCE = ("audience_source", "audience_doctype", "audience_name", "audience_filters")


def make(feed, alert: Alert) -> str:
	"""Insert the draft of a campaign, and return its name. Raise ValidationError if it lacks something.

	The words of the alert are the draft's details, in the school's language and in others that the alert has.
	"""
	usual = registry.language(feed.school) or "en"
	first = closest(alert.infos, usual)
	doc = frappe.get_doc(
		{
			"doctype": CAMPAIGN,
			"title": title_of(first),
			"purpose": EMERGENCY,
			"channel": "Voice",
			"school": feed.school if registry.is_district() else None,
			"emergency_type": kind_of(first),
			"emergency_reason": reason_of(feed, alert, first),
			"template": feed.template,
			"reach": "Everyone",
			"details": details_of(first),
			"details_translations": translations(alert.infos, first),
			**audience_of(feed),
		}
	)
	doc.insert()
	return doc.name


def closest(infos: Sequence[Info], language: str) -> Info:
	"""Return what the alert says in this language, or else what it says first."""
	base = languages.base(language)
	return next((info for info in infos if languages.base(info.language) == base), infos[0])


def title_of(info: Info) -> str:
	return plain_text.line(info.headline or info.event, TITLE)


def kind_of(info: Info) -> str:
	return next((KINDS[category] for category in info.categories if category in KINDS), OTHER)


def details_of(info: Info) -> str:
	"""Return what families would hear: the description, or else the headline, and what to do."""
	parts = (info.description or info.headline or info.event, info.instruction)
	return cut(plain_text.line(" ".join(filter(None, parts))), DETAILS)


def cut(text: str, longest: int) -> str:
	"""Return the text, ended after its last whole sentence or word within this length."""
	if len(text) <= longest:
		return text
	part = text[:longest]
	end = max(part.rfind(mark) for mark in (". ", "! ", "? ", "。"))
	return part[: end + 1].strip() if end > longest // 2 else part.rpartition(" ")[0] or part


def reason_of(feed, alert: Alert, info: Info) -> str:
	"""Return what the approver reads: who says so, and when."""
	reason = _("{0} of {1}, sent {2}. Severity: {3}. Area: {4}").format(
		plain_text.line(info.event, 100),
		plain_text.line(info.sender_name or alert.sender, 100),
		alert.sent,
		_(info.severity),
		plain_text.line("; ".join(area.description for area in info.areas), 200) or "–",
	)
	return reason[:REASON]


def translations(infos: Sequence[Info], first: Info) -> list[dict]:
	"""Return the details in other languages that this site has, one for each."""
	by_language = {}
	for info in infos:
		base = languages.base(info.language)
		if base != languages.base(first.language) and frappe.db.exists("Language", base, cache=True):
			by_language.setdefault(base, details_of(info))
	return [{"language": language, "details": details} for language, details in by_language.items()]


def audience_of(feed) -> dict:
	if feed.audience:
		return frappe.db.get_value(AUDIENCE, feed.audience, OF_AUDIENCE, as_dict=True) or {}
	audiences = sources()
	return {"audience_source": next((name for name in EVERYONE if name in audiences), None)}


def mark_outdated(campaign: str, message: str) -> bool:
	"""Write into a campaign that is still a draft that its alert is outdated. Return whether it is one."""
	if frappe.db.get_value(CAMPAIGN, campaign, "status") != states.DRAFT:
		return False
	frappe.db.set_value(CAMPAIGN, campaign, "status_message", message)
	return True
