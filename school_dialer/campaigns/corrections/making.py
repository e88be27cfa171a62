"""The button Correct This: stop a campaign that was wrong, and tell everyone who heard it."""

from collections.abc import Mapping

import frappe
from frappe import _

from school_dialer.audience.corrected import hearers
from school_dialer.audience.corrected.source import Hearers
from school_dialer.base import clock, states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import actions, queues, transitions
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.corrections import words as correction_words
from school_dialer.campaigns.related import campaigns_of, correction_of
from school_dialer.campaigns.transitions import WrongState, try_move
from school_dialer.messages import language, phrases
from school_dialer.schools import zones
from school_dialer.settings import carrier_settings

CAMPAIGN = "Dialer Campaign"
KEPT = (
	"purpose",
	"channel",
	"school",
	"schools",
	"said_by",
	"emergency_type",
	"emergency_reason",
	"identity_check",
	"text_fallback",
	"email_fallback",
	"max_attempts",
)
LONGEST_TITLE = 140
NOT_BEGUN = (states.DRAFT, states.SCHEDULED)


def propose(name: str) -> dict:
	"""Return what a correction of this campaign would be, for the person who confirms it. Writes nothing.

	`people` counts numbers, `emails` households that got an e-mail alone, `languages` has one row for each
	prepared language (`language`, `title`, `people`, `words`), `others` one for each other language that
	people speak (`title`, `people`). `waiting`: people who are not called any more. `more`: calls are still
	under way, and people who still hear the message are added. `approval`: the role that has to approve, or
	None.
	Raises ValidationError where there is nothing to correct.
	"""
	campaign = frappe.get_doc(CAMPAIGN, name)
	refuse_unless_correctable(campaign)
	heard = hearers.counts(name)
	prepared = prepared_words(campaign)
	usual = carrier_settings.settings().default_language or phrases.LAST_RESORT
	by_base: dict[str, int] = {}
	for code, people in heard["languages"].items():
		by_base[language.base(code or usual)] = by_base.get(language.base(code or usual), 0) + people
	rows = [
		{
			"language": code,
			"title": _(str(language.name_of(code))),
			"people": by_base.pop(code, 0),
			"words": text,
		}
		for code, text in prepared.items()
	]
	rows.sort(key=lambda row: (-row["people"], row["language"]))
	others = [{"title": _(str(language.name_of(code))), "people": people} for code, people in by_base.items()]
	return {
		"people": heard["people"],
		"emails": heard["emails"],
		"languages": rows,
		"others": others,
		"school_language": usual,
		"waiting": frappe.db.count("Dialer Recipient", {"campaign": name, "status": ("in", states.WAITING)}),
		"more": not hearers.is_settled(name),
		"approval": actions.waits_for(campaign),
	}


def prepared_words(campaign) -> dict[str, str]:
	"""Return {language: words} that take back this campaign's message, by the clock of its school."""
	sent_at = zones.local(clock.from_db(first_sent_at(campaign)), campaign.get("school"))
	return correction_words.prepared(sent_at, zones.today(campaign.get("school")))


def first_sent_at(campaign):
	"""Return when the campaign's first call or text went out (naive, site time zone)."""
	first = frappe.db.sql(
		"select min(placed_at) from `tabDialer Call Log` where campaign = %s and recipient > ''",
		campaign.name,
	)[0][0]
	return first or frappe.utils.get_datetime(campaign.started_at) or clock.db_now()


def refuse_unless_correctable(campaign) -> None:
	if campaign.status in NOT_BEGUN or not approval.has_begun(campaign.name):
		throw(_("No one has heard this campaign. Cancel it, or take it back to draft."), WrongState)
	if other := correction_of(campaign.name):
		throw(
			_("This campaign is being corrected already, by {0}. If that was wrong too, correct it.").format(
				other.title
			),
			WrongState,
		)


def links_of(campaign) -> dict:
	"""Return {corrects, by}: the campaign that this one corrects, and its own correction.

	Each has name, title, status and started_at, or is None.
	"""
	fields = ["name", "title", "status", "started_at"]
	corrects = campaign.get("corrects") and frappe.db.get_value(
		CAMPAIGN, campaign.corrects, fields, as_dict=True
	)
	return {"corrects": corrects or None, "by": correction_of(campaign.name)}


def correct(name: str, words: Mapping[str, str], confirmed: int) -> str:
	"""Stop the campaign, and start its correction or ask for its approval. Return the correction's name.

	`words` is {language: what is said}. `confirmed` is the number of people that the user was shown; it is
	recorded. An ordinary campaign is canceled at once. One whose correction needs approval is paused at once
	and canceled when the correction is approved, so that it can be resumed if the correction is undone.
	Campaigns that try it again are paused: they say the same, or staff changed their words and resume them.
	Raises ValidationError if there is nothing to correct or the linter refuses the words. Nothing is stopped
	then.
	"""
	frappe.db.sql("select name from `tabDialer Campaign` where name = %s for update", name)
	campaign = frappe.get_doc(CAMPAIGN, name)
	refuse_unless_correctable(campaign)
	heard = hearers.counts(name)
	if not (heard["people"] or heard["emails"]) and hearers.is_settled(name):
		throw(_("No one has heard this campaign, so there is nothing to correct."))
	correction = insert(campaign, correction_words.template(campaign, words), heard, confirmed)
	if actions.waits_for(campaign):
		stop(name, _("Stopped, because it is being corrected."))
	for again in campaigns_of(name)[1:]:
		stop(again, _("Stopped, because the message that it says again is being corrected."))
	actions.start(correction)
	return correction


def insert(campaign, template: str, heard: dict, confirmed: int) -> str:
	doc = frappe.get_doc(
		{
			"doctype": CAMPAIGN,
			**{field: campaign.get(field) for field in KEPT},
			"title": _("Correction: {0}").format(campaign.title)[:LONGEST_TITLE],
			"audience_source": Hearers.label,
			"reach": "Everyone",
			"template": template,
		}
	).insert()
	doc.db_set(
		{
			"corrects": campaign.name,
			"text_fallback": campaign.text_fallback,
			"email_fallback": int(bool(campaign.email_fallback or heard["emails"])),
			"mass_count": confirmed,
			"mass_confirmed_by": frappe.session.user,
			"mass_confirmed_at": frappe.utils.now(),
		},
		update_modified=False,
	)
	return doc.name


def stop(name: str, why: str) -> None:
	"""Pause the campaign if it calls, and have the calls ended that it has at the carrier."""
	if try_move(name, states.PAUSED, states.CALLING, status_message=why):
		queues.end_calls(name)


def undo(name: str) -> None:
	"""Cancel a correction before it has called anyone.

	Raises ValidationError once someone was called. The campaign that it corrects stays as it is: paused, if
	the correction was never approved, and otherwise canceled.
	"""
	campaign = frappe.get_doc(CAMPAIGN, name)
	if not campaign.corrects:
		throw(_("This campaign corrects no other."))
	if campaign.status not in states.ENDED and not has_called(name):
		if campaign.status == states.DRAFT and not approval.has_begun(name):
			transitions.move(name, states.CANCELLED, ended_at=clock.db_now())
		else:
			actions.cancel(name)
		message = _("Undone by {0} before anyone was called.").format(frappe.utils.get_fullname())
		frappe.db.set_value(CAMPAIGN, name, "status_message", message, update_modified=False)
		if not has_called(name):
			return
	throw(_("The correction has begun. If it was wrong, correct it too."), WrongState)


def has_called(name: str) -> bool:
	return bool(
		frappe.db.sql(
			"""select name from `tabDialer Recipient` where campaign = %s
			and (attempts > 0 or status = 'Dialing') limit 1""",
			name,
		)
	)
