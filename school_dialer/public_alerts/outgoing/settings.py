"""The settings of our public alerts, as the forms of Dialer Settings and Dialer School check them."""

from frappe import _

from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.public_alerts.cap.schema import IDENTIFYING
from school_dialer.public_alerts.outgoing import content


def check(settings) -> None:
	"""Check what Dialer Settings say of public alerts. Raise ValidationError."""
	check_area(settings)
	settings.alert_sender = (settings.alert_sender or "").strip()
	if settings.alert_sender and not IDENTIFYING.fullmatch(settings.alert_sender):
		throw(_("The sender of public alerts has no spaces, commas, < or &."))
	if not 0 <= (settings.alert_hours or 0) <= content.MOST_HOURS:
		throw(_("A public alert holds for at most {0} hours.").format(content.MOST_HOURS))
	note_switch(settings)


def check_area(doc) -> None:
	"""Raise ValidationError for an area code that is no pair."""
	if line := content.bad_geocode(doc.alert_geocodes):
		throw(
			_("The codes of an area are lines such as SAME=006067. This one is not: {0}").format(
				plain_text.line(line, 100)
			)
		)


def note_switch(settings) -> None:
	"""Keep when publishing was turned on: what started before is not published."""
	before = settings.get_doc_before_save()
	if not settings.publish_alerts:
		settings.alerts_since = None
	elif not (before and before.publish_alerts and before.alerts_since):
		settings.alerts_since = clock.db_now()
	else:
		settings.alerts_since = before.alerts_since
