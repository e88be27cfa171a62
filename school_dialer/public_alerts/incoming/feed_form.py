"""What the form of a feed must say, and what a change of it begins again."""

import frappe
from frappe import _

from school_dialer.base.bounds import plain_text
from school_dialer.base.bounds.public_web import LONGEST, NotAsked, parts_of
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.public_alerts.cap import signature
from school_dialer.public_alerts.cap.signature import BadSignature
from school_dialer.public_alerts.incoming import filters, polling

STATE = ("asked_at", "problem", "failures", "stopped_at", "etag", "last_modified")
SETS = ("url", "enabled", "certificate", "template", "audience", "areas", "least_severity", "school")


def check(feed) -> None:
	"""Raise ValidationError for what could not work. What looks at the feed noted stays as it is."""
	before = feed.get_doc_before_save()
	for fieldname in STATE:
		feed.set(fieldname, before.get(fieldname) if before else None)
	feed.failures = feed.failures or 0
	feed.url = (feed.url or "").strip()
	check_url(feed.url)
	if (feed.certificate or "").strip():
		try:
			signature.certificate_of(feed.certificate)
		except BadSignature as error:
			throw(translated(error, _))
	else:
		feed.certificate = None
	if line := filters.too_short(filters.lines_of(feed.areas)):
		throw(_("This area would fit nearly every alert: {0}").format(plain_text.line(line, 100)))
	if frappe.db.get_value("Dialer Message Template", feed.template, "purpose") != EMERGENCY:
		throw(_("Choose a message for emergencies."))
	if any(feed.has_value_changed(fieldname) for fieldname in SETS):
		feed.problem = feed.etag = feed.last_modified = feed.stopped_at = None
		feed.failures = 0


def check_url(url: str) -> None:
	try:
		if len(url) > LONGEST:
			raise NotAsked
		parts_of(url)
	except (NotAsked, ValueError):
		throw(_("The address starts with https://, and names no port and no user."))


def begin_again(feed) -> None:
	polling.forget(feed.name)
