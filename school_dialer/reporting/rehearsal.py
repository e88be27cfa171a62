"""A dry run of a whole campaign: decide on everyone, render each message and estimate the effort.

No one is called, and nothing is written to the database. The result is kept in Redis for a day, without the
text of messages, and then discarded.
"""

from collections import Counter

import frappe

from school_dialer.audience.base import source_of
from school_dialer.base import clock
from school_dialer.base.jobs import alone, job
from school_dialer.campaigns import estimate, message_content, validation
from school_dialer.campaigns.language_gaps import language_gaps, outdated_of_people
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.rehearsals import erased, keep_result
from school_dialer.reporting.breakdown import CALLED, NO_PIN, PEOPLE_MOST, WAITING, Breakdown

STARTED, DONE, FAILED = "Started", "Done", "Failed"


def begin_rehearsal(campaign: str) -> None:
	"""Enqueue a rehearsal immediately, without waiting for a commit.

	Nothing is written that would have to be committed first, so Frappe commits nothing.
	"""
	keep_result(campaign, {"state": STARTED, "people": 0, "at": clock.db_now()})
	frappe.enqueue("school_dialer.reporting.rehearsal.run", queue="long", campaign=campaign)


def say_so(campaign: str) -> None:
	keep_result(campaign, {"state": FAILED, "at": clock.db_now()})


@job(report_to=say_so)
def run(campaign: str) -> None:
	"""Job: rehearse the campaign. If two run at once, one exits."""
	with alone(f"rehearse-{campaign}") as mine:
		if mine:
			before = erased()
			try:
				result = rehearsed(frappe.get_doc("Dialer Campaign", campaign))
				keep_result(campaign, result if erased() == before else interrupted())
			except frappe.ValidationError as error:
				keep_result(campaign, {"state": FAILED, "at": clock.db_now(), "problem": str(error)})


def interrupted() -> dict:
	problem = frappe._("Someone's data was erased while it ran. Rehearse again.")
	return {"state": FAILED, "at": clock.db_now(), "problem": problem}


def rehearsed(campaign) -> dict:
	"""Rehearse the whole audience, one chunk at a time, as if it were planned and dialed now."""
	seen = str(campaign.modified)
	campaign = as_if_approved(campaign)
	validation.check_template(campaign)
	source = source_of(campaign)
	source.check()
	breakdown = Breakdown(PEOPLE_MOST)
	languages: Counter = Counter()
	asks_for_pin = message_content.asks_for_pin(campaign)
	cursor: str | None = ""
	while cursor is not None:
		households, cursor = source.eligible_households(cursor, planner.CHUNK)
		options = planner.decide(campaign, households)
		problems, spoken = said(campaign, options)
		breakdown.add(options, problems)
		if asks_for_pin:
			breakdown.note_pins(options)
		languages += spoken
		keep_result(campaign.name, {"state": STARTED, "people": len(breakdown.groups), "at": clock.db_now()})
	return outcome(campaign, breakdown, languages, seen)


def said(campaign, options: list[planner.CandidateNumber]) -> tuple[dict[str, str], Counter]:
	"""Render every message as it would be sent.

	Returns (household key -> why its message cannot be rendered, number of messages by language).
	"""
	able = [option for option in options if option.verdict in (CALLED, WAITING)]
	samples = message_content.samples(campaign, able, for_staff=False)
	problems = {
		option.household_key: sample["problem"]
		for option, sample in zip(able, samples, strict=True)
		if "problem" in sample
	}
	return problems, Counter(sample["language"] for sample in samples if "message" in sample)


def outcome(campaign, breakdown: Breakdown, languages: Counter, seen: str) -> dict:
	verdicts = breakdown.verdicts()
	last = max(breakdown.untils.values(), default=None)
	return {
		"state": DONE,
		"at": clock.db_now(),
		"campaign_modified": seen,
		"people": len(breakdown.groups),
		"rows": breakdown.rows(),
		"pins": breakdown.pin_row(),
		"listed": {
			**{group: list(people.values()) for group, people in breakdown.people.items()},
			NO_PIN: breakdown.listed_without_pin(),
		},
		"languages": dict(languages.most_common()),
		"language_gaps": language_gaps(campaign, languages),
		"outdated": outdated_of_people(campaign, languages.elements()),
		"estimate": estimate.estimate_of(
			campaign, verdicts[CALLED], verdicts[WAITING], clock.to_db(last) if last else None
		),
	}


def as_if_approved(campaign):
	"""Show an emergency as it will be once a second person has approved it. The copy is never saved."""
	if campaign.purpose == "Emergency" and not campaign.approved_by:
		campaign.requested_by = campaign.requested_by or frappe.session.user
		campaign.approved_by = frappe._("a second person")
	return campaign
