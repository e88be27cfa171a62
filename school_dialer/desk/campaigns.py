"""API for staff actions on a campaign. Each method checks the caller's permission and delegates."""

from collections import Counter
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.permissions import get_role_permissions

from school_dialer.audience.base import sources
from school_dialer.base import clock, roles
from school_dialer.base.bounds import bounded_json
from school_dialer.base.database.transactions import retried
from school_dialer.base.phone import PhoneNumber
from school_dialer.base.refusal import throw
from school_dialer.calls.own_number import sample_call
from school_dialer.campaigns import (
	actions,
	estimate,
	language_gaps,
	message_content,
	rehearsals,
	resending,
	scale_check,
	validation,
)
from school_dialer.campaigns.corrections import making
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.plausibility import questions
from school_dialer.desk.support import access, people
from school_dialer.outbound.pace import school_limits
from school_dialer.reporting import live, rehearsal
from school_dialer.reporting.breakdown import NO_PIN, PEOPLE_MOST, Breakdown
from school_dialer.schools import school_calendar
from school_dialer.settings import carrier_settings

SAMPLES = 5
PREVIEW_MOST = 5000


def allow(name: str, permission: str = "write") -> None:
	"""Raise PermissionError unless the user's roles grant `permission` on this campaign.

	A shared campaign can be read by the users it is shared with, but they can never run it.
	"""
	doc = access.get_record("Dialer Campaign", name)
	doc.check_permission(permission)
	if not get_role_permissions(doc.meta).get(permission) and permission != "read":
		throw(_("Your roles do not let you change campaigns."), frappe.PermissionError)


@frappe.whitelist()
def audiences() -> list[dict]:
	"""Return the audiences this site offers.

	Each has a label, a translated label, and the DocType of the group to choose.
	"""
	access.may("read", "Dialer Campaign")
	return [
		{"label": label, "title": source.shown(), "doctype": source.audience_doctype}
		for label, source in sources().items()
		if source.offered
	]


@frappe.whitelist(methods=["POST"])
def preview_audience(campaign: str) -> dict:
	"""Return counts by verdict and reason, local times and sample messages, as if the campaign started now.

	Writes nothing. `missing` names what Dialer Settings lack before anyone can be called. `groups` puts each
	household under its main reason. `pins`: how many of the people are asked for a PIN and have none.
	`mass`: the question for the person who starts it, see `campaigns.scale_check.question`. `language_gaps`:
	who gets the message in another language than their own, and `outdated` who gets words that are older
	than the school's own, see `campaigns.language_gaps`. `school_limits`: schools whose monthly limit the
	estimate passes, see `pace.school_limits.warnings`. `questions`: what looks like a mistake, see
	`campaigns.plausibility`; `links`: how many links are being looked at.
	"""
	may_preview(campaign)
	doc = rehearsal.as_if_approved(frappe.get_doc("Dialer Campaign", campaign))
	validation.check_template(doc)
	options = planner.preview(doc, PREVIEW_MOST)
	groups = Breakdown()
	groups.add(options)
	if message_content.asks_for_pin(doc):
		groups.note_pins(options)
	allowed = [option for option in options if option.verdict == "ALLOW"]
	waiting = [option for option in options if option.verdict == "DEFER"]
	until = [option.answer.decision.until for option in waiting if option.answer.decision.until]
	last_due = clock.to_db(max(until)) if until else None
	spoken = [option.spoken for option in (*allowed, *waiting)]
	taken = estimate.estimate_of(doc, len(allowed), len(waiting), last_due)
	return {
		"missing": carrier_settings.missing_for(doc.channel, doc),
		"note": carrier_settings.about_pretending(),
		"people": len(options),
		"more": len(options) >= PREVIEW_MOST,
		"verdicts": dict(Counter(option.verdict for option in options)),
		"reasons": dict(refusals(options)),
		"groups": groups.rows(),
		"pins": groups.pin_row(),
		"next_due": clock.to_db(min(until)) if until else None,
		"estimate": taken,
		"school_limits": school_limits.warnings(
			school_limits.by_school(doc, [*allowed, *waiting], taken["cost"])
		),
		"local_times": local_times(allowed),
		"language_gaps": language_gaps.of_people(doc, spoken),
		"outdated": language_gaps.outdated_of_people(doc, spoken),
		"samples": message_content.samples(doc, one_a_language(allowed or waiting)),
		"type_number": type_number(len(allowed) + len(waiting)),
		**asked_before_start(doc),
	}


def asked_before_start(doc) -> dict:
	return {
		"mass": scale_check.question(doc),
		"holiday": holiday(doc),
		**questions.for_form(doc),
	}


def refusals(options: list[planner.CandidateNumber]) -> Counter:
	"""Return how many of these numbers may not be called, or not yet, by reason."""
	return Counter(code for option in options if option.verdict != "ALLOW" for code in option.codes)


@frappe.whitelist(methods=["POST"])
def link_questions(campaign: str) -> dict:
	"""Return the questions about links that were found meanwhile, and how many links are still unasked."""
	may_preview(campaign)
	return questions.of_links(frappe.get_doc("Dialer Campaign", campaign))


def holiday(doc) -> str | None:
	"""Return the name of the holiday on which the campaign would start, by the school's Holiday List.

	The campaign is not blocked on that day, because a school may have urgent news. The no-call days of Dialer
	Settings do block it, as the preview's groups show.
	"""
	day = frappe.utils.getdate(doc.scheduled_at or clock.db_now())
	listed = school_calendar.read_calendar(doc.school).listed
	return listed.holidays.get(day) if listed else None


def type_number(people: int) -> bool:
	"""Return whether the starter must type the number of people, as a guard against slips.

	That is so above the number `confirm_above` in Dialer Settings; 0 turns it off.
	"""
	above = frappe.utils.cint(carrier_settings.settings().confirm_above)
	return bool(above) and people > above


@frappe.whitelist(methods=["POST"])
def preview_people(campaign: str, group: str) -> list[dict]:
	"""Return the people in one of the preview's groups, or in `pins`: name, record, masked number, and why.

	Decides again for each person; writes nothing. A person who has a child whose record the user may not read
	appears as a row without name, record and number, so that the count is right.
	"""
	may_preview(campaign)
	doc = rehearsal.as_if_approved(frappe.get_doc("Dialer Campaign", campaign))
	groups = Breakdown(PEOPLE_MOST)
	options = planner.preview(doc, PREVIEW_MOST)
	if group == NO_PIN:
		groups.note_pins(options)
		return people.of_campaign(groups.listed_without_pin(), doc)
	groups.add(options)
	return people.of_campaign(list(groups.people.get(group, {}).values()), doc)


@frappe.whitelist(methods=["POST"])
def rehearse(campaign: str) -> None:
	"""Start a full rehearsal in a worker. It places no calls. `rehearsal_state` returns the result."""
	allow(campaign)
	rehearsal.begin_rehearsal(campaign)


@frappe.whitelist()
def rehearsal_state(campaign: str) -> dict | None:
	"""Return this campaign's latest rehearsal, or None if it is no longer kept.

	``changed`` says whether the campaign was changed after it.
	"""
	may_preview(campaign)
	latest = rehearsals.latest(campaign)
	if latest and latest["state"] == rehearsal.DONE:
		doc = frappe.get_doc("Dialer Campaign", campaign)
		latest["changed"] = latest["campaign_modified"] != str(doc.modified)
		latest["listed"] = {
			group: people.of_campaign(group_people, doc) for group, group_people in latest["listed"].items()
		}
	return latest


def one_a_language(options: list[planner.CandidateNumber]) -> list[planner.CandidateNumber]:
	"""Return a few of these people, with one person per language first."""
	school_language = carrier_settings.settings().default_language
	first: dict[str, planner.CandidateNumber] = {}
	for option in options:
		first.setdefault(option.spoken or school_language, option)
	chosen = set(map(id, first.values()))
	return [*first.values(), *(option for option in options if id(option) not in chosen)][:SAMPLES]


def may_preview(campaign: str) -> None:
	"""Raise PermissionError unless the user may change the campaign.

	For an approver, permission to read it is enough.
	"""
	approves = {roles.APPROVER, roles.OFFICER} & set(frappe.get_roles())
	allow(campaign, "read" if approves else "write")


def local_times(options: list[planner.CandidateNumber]) -> list[dict]:
	"""Return the local times of these numbers, the most common time zone first.

	Each number counts under its first time zone.
	"""
	now = clock.now()
	zones = Counter(
		phone.time_zones[0]
		for phone in (option.answer.decision.request.phone for option in options)
		if isinstance(phone, PhoneNumber) and phone.time_zones
	)
	return [
		{"zone": zone, "time": now.astimezone(ZoneInfo(zone)).strftime("%H:%M"), "people": people}
		for zone, people in zones.most_common()
	]


@frappe.whitelist(methods=["POST"])
def send_test(campaign: str) -> str:
	"""Call or text the user's own verified number with a sample of the message.

	Returns the call log's name.
	"""
	allow(campaign)
	return sample_call.place_sample(frappe.get_doc("Dialer Campaign", campaign), frappe.session.user)


@frappe.whitelist(methods=["POST"])
def start(campaign: str, confirmed: int = 0, agreed: str | None = None) -> str:
	"""Start the campaign and return its new status.

	`confirmed`: the number in the preview's `mass`, which the starter has confirmed. `agreed`: a JSON list of
	the keys of the preview's `questions` which the starter has confirmed.
	"""
	allow(campaign)
	return actions.start(campaign, confirmed, questions.read_agreed(agreed))


@frappe.whitelist(methods=["POST"])
def schedule(campaign: str, confirmed: int = 0, agreed: str | None = None) -> str:
	"""Schedule the campaign and return its new status. `confirmed` and `agreed` as for `start`."""
	allow(campaign)
	return actions.schedule(campaign, confirmed, questions.read_agreed(agreed))


@frappe.whitelist(methods=["POST"])
def approve(campaign: str, seen: str | None = None, agreed: str | None = None) -> None:
	"""Approve the campaign.

	`seen`: the `asked_digest` shown to the approver; a different one since then is refused. `agreed` as for
	`start`.
	"""
	allow(campaign, "read")
	actions.approve(campaign, seen, questions.read_agreed(agreed))


@frappe.whitelist(methods=["POST"])
def ask_again(campaign: str) -> None:
	"""Request approval again for a campaign that awaits approval and was changed after the request."""
	allow(campaign)
	actions.ask_again(campaign)


@frappe.whitelist(methods=["POST"])
def reject(campaign: str, reason: str = "") -> None:
	allow(campaign, "read")
	actions.reject(campaign, reason)


@frappe.whitelist(methods=["POST"])
def back_to_draft(campaign: str) -> None:
	allow(campaign)
	actions.back_to_draft(campaign)


@frappe.whitelist(methods=["POST"])
def pause(campaign: str) -> None:
	allow(campaign)
	reason = _("Paused by {0}").format(frappe.utils.get_fullname())
	retried(lambda: actions.pause(campaign, reason))


@frappe.whitelist(methods=["POST"])
def resume(campaign: str) -> str:
	allow(campaign)
	return actions.resume(campaign)


@frappe.whitelist(methods=["POST"])
def cancel(campaign: str) -> int:
	"""Cancel the campaign permanently. Return how many people were still waiting."""
	allow(campaign)
	return retried(lambda: actions.cancel(campaign))


@frappe.whitelist(methods=["POST"])
def propose_correction(campaign: str) -> dict:
	"""Return how many heard the campaign, in which languages, and prepared words. Writes nothing.

	See `campaigns.corrections.making.propose`.
	"""
	allow(campaign)
	return making.propose(campaign)


@frappe.whitelist(methods=["POST"])
def correct(campaign: str, words: dict | str, confirmed: int) -> str:
	"""Stop the campaign, and start its correction or ask for its approval. Return the correction's name.

	`words` is {language: what is said}; `confirmed`, the number of people that the user was shown.
	"""
	allow(campaign)
	try:
		sentences = bounded_json.parse(words) if isinstance(words, str) else words
	except bounded_json.NotRead:
		sentences = None
	if not isinstance(sentences, dict) or not all(isinstance(text, str) for text in sentences.values()):
		throw(_("The words of the correction cannot be read."))
	return retried(lambda: making.correct(campaign, sentences, frappe.utils.cint(confirmed)))


@frappe.whitelist(methods=["POST"])
def undo_correction(campaign: str) -> None:
	"""Cancel a correction that has called no one yet."""
	allow(campaign)
	retried(lambda: making.undo(campaign))


@frappe.whitelist(methods=["POST"])
def propose_resend(campaign: str) -> dict:
	"""Return how many families no one informed, by reason, and the ways to try them again. Writes nothing.

	See `campaigns.resending.propose`.
	"""
	allow(campaign)
	return resending.propose(campaign)


@frappe.whitelist(methods=["POST"])
def resend(campaign: str, way: str, scheduled_at: str | None = None) -> str:
	"""Make a draft to those whom the campaign did not reach, and return its name. It starts like any other.

	`way`: "Voice", "Text", or "Both". `scheduled_at`: naive, in the site's time zone.
	"""
	allow(campaign)
	return resending.make(campaign, way, scheduled_at)


@frappe.whitelist()
def progress(campaign: str) -> dict:
	"""Return the current figures; see `reporting.live.live_figures`. Cheap, because the form polls it."""
	allow(campaign, "read")
	return live.live_figures(frappe.get_doc("Dialer Campaign", campaign))
