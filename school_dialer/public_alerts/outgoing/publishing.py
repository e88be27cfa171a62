"""Publish the emergencies that a second person approved and that started, once for each approval.

Nothing here holds a campaign up: it runs after the start, in a job of its own and in each tick of the
scheduler, and what cannot be published is noted with its reason.
"""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import cint, escape_html, get_datetime

from school_dialer.audience.base import sources
from school_dialer.audience.employees import Employees
from school_dialer.base import clock, roles, states
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.jobs import alone, job, report
from school_dialer.base.wording import translated
from school_dialer.campaigns.corrections import making
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages import store
from school_dialer.messages.written.public_words import NotPublic
from school_dialer.public_alerts.cap import model, reading, signature, writing, xml
from school_dialer.public_alerts.cap.model import Alert, Reference
from school_dialer.public_alerts.outgoing import content, signing
from school_dialer.schools import rows, staff

CAMPAIGN, DOCTYPE = "Dialer Campaign", "Dialer Public Alert"
PUBLISHED, WITHHELD = "Published", "Withheld"
LOCK = "public alerts out"
LATE = timedelta(days=1)
"""What started longer ago is not published any more: a site that was down does not bring up old news."""
STARTED = (states.PREPARING, states.RUNNING, states.PAUSED, states.COMPLETED)
MOST = 20


def is_on() -> bool:
	return bool(cint(frappe.db.get_single_value("Dialer Settings", "publish_alerts")))


@job
def publish_soon() -> None:
	"""Publish what started (background job, after an approval)."""
	publish()


def publish() -> None:
	"""Publish what started, and take back what was canceled before anyone was called (step of the tick).

	Commits. If two run at once, one exits.
	"""
	if not is_on():
		return
	with alone(LOCK) as mine:
		if not mine:
			return
		for name in due():
			publish_one(name)
			frappe.db.commit()
		for row in to_take_back():
			take_back(frappe.get_doc(CAMPAIGN, row.campaign), row)
			frappe.db.commit()


def due() -> list[str]:
	"""Return the campaigns without an alert since their approval, those that started first before others."""
	since = get_datetime(frappe.get_cached_doc("Dialer Settings").alerts_since or clock.db_now())
	campaign, alert = frappe.qb.DocType(CAMPAIGN), frappe.qb.DocType(DOCTYPE)
	query = (
		frappe.qb.from_(campaign)
		.left_join(alert)
		.on((alert.campaign == campaign.name) & (alert.creation >= campaign.approved_at))
		.select(campaign.name)
		.where(alert.name.isnull() & (campaign.purpose == EMERGENCY) & (campaign.approved_by > ""))
		.where(campaign.status.isin(STARTED))
		.where(campaign.started_at >= max(since, clock.db_now() - LATE))
		.orderby(campaign.started_at)
		.limit(MOST)
	)
	return [name for (name,) in query.run()]


def publish_one(name: str) -> None:
	campaign = frappe.get_doc(CAMPAIGN, name)
	try:
		follow(campaign, latest(name))
	except Exception as error:
		report("public alerts", error)
		withhold(campaign, _("An unexpected error ({0}).").format(type(error).__name__))


def follow(campaign, before) -> None:
	"""Publish what the campaign says now. If that is not public, withdraw `before`, its last alert."""
	try:
		earlier = references_of(before) if before else corrected(campaign)
		refuse_private(campaign)
		write(campaign, kind_of(campaign, earlier), earlier)
	except NotPublic as error:
		if before:
			take_back(campaign, before)
		withhold(campaign, translated(error, _))


def refuse_private(campaign) -> None:
	"""Raise `NotPublic` for an emergency of single students, of a rule, of the staff, and of another kind.

	What tries a campaign again says what that one has published.
	"""
	if campaign.emergency_type not in content.KINDS or campaign.threat or campaign.rule:
		raise NotPublic(_("The emergency is about single students."))
	if campaign.resends:
		raise NotPublic(_("It tries again those whom another campaign did not reach."))
	source = sources().get(campaign.audience_source)
	if source is not None and issubclass(source, Employees):
		raise NotPublic(_("The emergency is for the staff alone."))


def corrected(campaign) -> tuple[Reference, ...]:
	"""Return the alerts that a correction refers to. Raise `NotPublic` if none was published."""
	if not campaign.corrects:
		return ()
	if alert := latest(campaign.corrects):
		return references_of(alert)
	raise NotPublic(_("What the campaign corrects was not published."))


def latest(campaign: str) -> frappe._dict | None:
	published = frappe.get_all(
		DOCTYPE,
		{"campaign": campaign, "state": PUBLISHED},
		["name", "sender", "sent", "refers_to", "xml"],
		order_by="sent_at desc, creation desc",
		limit=1,
	)
	return published[0] if published else None


def references_of(row) -> tuple[Reference, ...]:
	"""Return this alert and those that it replaced."""
	before = (Reference(*reference.split(",")) for reference in (row.refers_to or "").split())
	return (*before, Reference(row.sender, row.name, row.sent))


def kind_of(campaign, earlier: tuple[Reference, ...]) -> str:
	"""Return Alert for the first one, and Update for one that follows an earlier one.

	Cancel is a correction that only says that the message was a mistake.
	"""
	if not earlier:
		return model.ALERT
	return model.CANCEL if campaign.corrects and is_mistake(campaign) else model.UPDATE


def is_mistake(correction) -> bool:
	"""Return whether a correction only says that the message was a mistake."""
	prepared = making.prepared_words(frappe.get_doc(CAMPAIGN, correction.corrects))
	translations = store.template(correction.template).translations
	unchanged = all(words.voicemail.strip() == prepared.get(words.language) for words in translations)
	return bool(translations) and unchanged


def to_take_back() -> list[frappe._dict]:
	"""Return the last alerts, in force, of campaigns that were canceled before anyone was called."""
	alert, campaign = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType(CAMPAIGN)
	later = frappe.qb.DocType(DOCTYPE).as_("later")
	query = (
		frappe.qb.from_(alert)
		.join(campaign)
		.on(campaign.name == alert.campaign)
		.left_join(later)
		.on(
			(later.campaign == alert.campaign)
			& (later.state == PUBLISHED)
			& ((later.msg_type == model.CANCEL) | (later.creation > alert.creation))
		)
		.select(alert.name, alert.campaign, alert.sender, alert.sent, alert.refers_to, alert.xml)
		.where(later.name.isnull() & (alert.state == PUBLISHED) & (alert.expires_at > clock.db_now()))
		.where(campaign.status == states.CANCELLED)
		.limit(MOST)
	)
	return [row for row in query.run(as_dict=True) if not making.has_called(row.campaign)]


def take_back(campaign, row) -> None:
	"""Publish that this alert of the campaign is withdrawn."""
	before = reading.read(xml.parse(row.xml.encode()))
	keep(campaign, content.withdrawal_of(before, new_identifier(), references_of(row), clock.now()))


def write(campaign, kind: str, references: tuple[Reference, ...]) -> None:
	"""Publish what the campaign says. Raise `NotPublic`."""
	keep(campaign, content.alert_of(campaign, new_identifier(), kind, references, clock.now()))


def new_identifier() -> str:
	return frappe.generate_hash(length=20)


def keep(campaign, alert: Alert) -> None:
	"""Sign and keep one alert. It is never changed afterwards."""
	root = writing.element_of(alert)
	signature.sign(root, *signing.key_and_certificate(alert.sender))
	insert(DOCTYPE, [row_of(campaign, alert, writing.document(root).decode())])


def row_of(campaign, alert: Alert, document: str) -> dict:
	return {
		"name": alert.identifier,
		**stamp(clock.db_now()),
		"state": PUBLISHED,
		"campaign": campaign.name,
		"school": campaign.school,
		"schools": campaign.schools,
		"msg_type": alert.kind,
		"headline": alert.infos[0].headline[:140],
		"sender": alert.sender,
		"sent": alert.sent,
		"sent_at": clock.to_db(alert.sent_at),
		"expires_at": clock.to_db(alert.expires),
		"refers_to": " ".join(map(str, alert.references)),
		"xml": document,
	}


def withhold(campaign, reason: str) -> None:
	"""Note why a campaign is not published, and notify those who can publish it elsewhere."""
	at = clock.db_now()
	insert(
		DOCTYPE,
		[
			{
				"name": new_identifier(),
				**stamp(at),
				"state": WITHHELD,
				"reason": reason,
				"campaign": campaign.name,
				"school": campaign.school,
				"schools": campaign.schools,
				"msg_type": model.ALERT,
				"sent_at": at,
			}
		],
	)
	subject = _("{0} was not published as a public alert: {1}").format(campaign.title, reason)
	users = roles.with_roles(roles.MANAGER, roles.APPROVER)
	readers = rows.readers(users, CAMPAIGN, campaign.name)
	staff.alarm_users(readers, escape_html(subject), CAMPAIGN, campaign.name)
