"""The button Try Again: a draft to those whom a campaign did not reach, by another way or at another hour.

It is an ordinary campaign. It is reviewed, scheduled, and approved like any other. Who is in it is read when
it is planned (`campaigns.resends`).
"""

import frappe
from frappe import _
from frappe.utils import get_datetime

from school_dialer.audience.base import source_of
from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.campaigns.related import campaigns_of, first_of, refuse_what_was_wrong
from school_dialer.campaigns.resends.source import NotTold
from school_dialer.campaigns.transitions import WrongState
from school_dialer.compliance.vocabulary import EMERGENCY, TEXT, VOICE
from school_dialer.messages import campaign_details

CAMPAIGN = "Dialer Campaign"
BOTH = "Both"
WAYS = (VOICE, TEXT, BOTH)
"""`BOTH` is a call, and a text to those whom it does not reach, or may not call without their consent."""
KEPT = (
	"purpose",
	"school",
	"schools",
	"said_by",
	"emergency_type",
	"emergency_reason",
	"threat",
	"reach",
	"identity_check",
	"protected_survey",
	"template",
	"details",
	"max_attempts",
)
LONGEST_TITLE = 140


def propose(name: str) -> dict:
	"""Return what trying this campaign again would be, for the person who chooses. Writes nothing.

	- `families`: how many there are about whom no one was informed.
	- `reasons`: a row for each reason (`reason`, `families`; see `resends.families`).
	- `ways`: those of `WAYS` for which the message has words.
	- `calling`: recipients whom the campaign, or one that tries it again, still calls. They are not counted.
	- `emergency`: a second person has to approve it, and it cannot be scheduled.

	Raises ValidationError where the campaign can't be tried again.
	"""
	campaign = frappe.get_doc(CAMPAIGN, name)
	refuse_unless_possible(campaign)
	tally = source_of(draft_of(campaign)).tally()
	return {
		"families": tally.families,
		"reasons": [{"reason": why, "families": count} for why, count in tally.reasons.items()],
		"ways": ways(campaign),
		"calling": calling(first_of(campaign)),
		"emergency": campaign.purpose == EMERGENCY,
	}


def unnamed(campaign) -> int:
	"""Return in how many families a child is left whom no call named. Of these people all were reached.

	Such a campaign gave no one up, and can be tried again all the same.
	"""
	if not campaign.planned_at or campaign.consent_drive:
		return 0
	return source_of(draft_of(campaign)).tally().families


def make(name: str, way: str, scheduled_at: str | None = None) -> str:
	"""Make the draft, and return its name. `way` is one of `WAYS`.

	Raises ValidationError if it can't be tried again, in this way, or at this time.
	"""
	campaign = frappe.get_doc(CAMPAIGN, name)
	refuse_unless_possible(campaign)
	if way not in ways(campaign):
		throw(_("The message has no words for this way. Choose another one."))
	if scheduled_at and campaign.purpose == EMERGENCY:
		throw(_("An emergency is not scheduled. Press Start to ask for approval."))
	draft = draft_of(campaign)
	if not source_of(draft).chunk("", 1)[0]:
		throw(_("Everyone was reached, or is still being called. There is no one to try again."))
	doc = frappe.get_doc(
		{
			**draft,
			"title": _("Again: {0}").format(campaign.title)[:LONGEST_TITLE],
			"channel": TEXT if way == TEXT else VOICE,
			"text_fallback": int(way == BOTH),
			"acknowledge": campaign.acknowledge if way != TEXT else 0,
			"scheduled_at": time_in(scheduled_at),
			"details_translations": campaign_details.copied(campaign),
		}
	).insert()
	doc.db_set("resends", draft.resends, update_modified=False)
	return doc.name


def time_in(written: str | None):
	"""Return a time as written, or None. Raises ValidationError for what is none."""
	try:
		return get_datetime(written) if written else None
	except (ValueError, TypeError, OverflowError):
		throw(_("Say when the campaign starts, in the field Schedule for."))


def draft_of(campaign) -> frappe._dict:
	"""Return the fields that the draft has from this campaign, whatever is chosen."""
	return frappe._dict(
		{field: campaign.get(field) for field in KEPT},
		doctype=CAMPAIGN,
		audience_source=NotTold.label,
		resends=first_of(campaign),
	)


def ways(campaign) -> list[str]:
	template = frappe.db.get_value(
		"Dialer Message Template", campaign.template, ["voice", "text"], as_dict=True
	)
	if not template:
		return []
	return [way for way in WAYS if (template.text if way == TEXT else template.voice)]


def calling(first: str) -> int:
	return frappe.db.count(
		"Dialer Recipient", {"campaign": ("in", campaigns_of(first)), "status": ("in", states.OPEN)}
	)


def refuse_unless_possible(campaign) -> None:
	if not campaign.planned_at:
		throw(
			_(
				"Not everyone in this campaign was checked yet, or it was stopped before. "
				"Duplicate it instead."
			),
			WrongState,
		)
	refuse_what_was_wrong(campaign.name, first_of(campaign))
	if campaign.consent_drive:
		throw(_("A consent drive asks again by its next wave."), WrongState)


def links_of(campaign) -> dict:
	"""Return {resends, by}: the campaign that this one tries again or None, and those that try it again.

	Each has name, title, status and started_at. The latest comes first.
	"""
	fields = ["name", "title", "status", "started_at"]
	first = campaign.get("resends")
	by = frappe.get_all(CAMPAIGN, {"resends": campaign.name}, fields, order_by="creation desc", limit=5)
	tried = frappe.db.get_value(CAMPAIGN, first, fields, as_dict=True) if first else None
	return {"resends": tried, "by": by}
