"""Planning: turn an audience into recipients, each with the gate's decision, including blocked ones.

A chunk is decided on facts read at one moment and then written in one transaction. Its rows and the cursor
are committed together, and only if the cursor is still where the chunk began. So a planner that was killed
resumes where it stopped, and of two planners one gives way. While one chunk is written over its own
connection, the next one is decided.

A household's number appears once per campaign. The unique index on (campaign, household_key) enforces that. A
chunk takes a fixed number of queries, however many people it has.
"""

from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience import barred
from school_dialer.audience.base import Candidate, source_of
from school_dialer.audience.corrected import hearers
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.audience.numbers import e164
from school_dialer.base import clock, states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import alone, job
from school_dialer.campaigns import related, standstill
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.approval import seal
from school_dialer.campaigns.approval.people import key_of
from school_dialer.campaigns.completing import complete_if_done
from school_dialer.campaigns.planning import languages, recipients
from school_dialer.campaigns.planning.candidate_choice import (
	CandidateNumber,
	first_of,
	merged,
	noting_left_out,
)
from school_dialer.campaigns.queues import enqueue_dispatch, enqueue_plan
from school_dialer.campaigns.transitions import try_move
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.continuity import maintenance
from school_dialer.schools import registry

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
	"""Decided but unwritten people from one cursor to the next. `end` is None for the last chunk."""

	campaign: str
	start: str
	end: str | None
	options: list[CandidateNumber]


def say_so(campaign: str) -> None:
	"""Show in the campaign's form that its planner failed. The scheduler's next tick tries again."""
	message = _(
		"Planning was interrupted by an error and is tried again each minute. The Error Log says where."
	)
	frappe.db.set_value(
		"Dialer Campaign",
		{"name": campaign, "status": states.PREPARING},
		"status_message",
		message,
		update_modified=False,
	)
	frappe.db.commit()


@job(report_to=say_so)
def run(campaign: str) -> None:
	"""Plan the campaign to the end, then set it running (background job).

	Safe to run again after a kill. If two run at once, one exits. In maintenance, and after an outage until
	what people said is on record, it is left to the tick. An emergency does not wait for the carrier's list.
	Of campaigns that try the same one again, one is planned at a time: each leaves out whom another calls.
	"""
	if maintenance.hold_back() or not (is_emergency(campaign) or standstill.read_outage()):
		return
	first = frappe.db.get_value("Dialer Campaign", campaign, "resends")
	with alone(f"plan-{first or campaign}") as mine:
		if mine:
			plan_and_set_running(campaign)
	if mine and first:
		plan_next_try(first, campaign)


def plan_next_try(first: str, but: str) -> None:
	"""Enqueue what had to wait because `but` was planned, unless that one is still to be planned itself."""
	waiting = frappe.get_all(
		"Dialer Campaign",
		{"name": ("in", related.campaigns_of(first)), "status": states.PREPARING},
		["name", "purpose"],
		order_by="started_at",
	)
	if but not in {row.name for row in waiting}:
		for row in waiting:
			enqueue_plan(row.name, emergency=row.purpose == EMERGENCY)
	# The jobs that were enqueued begin with this commit.
	frappe.db.commit()


def is_emergency(campaign: str) -> bool:
	return frappe.db.get_value("Dialer Campaign", campaign, "purpose") == EMERGENCY


def plan_and_set_running(campaign: str) -> None:
	try:
		plan_all(campaign)
	except frappe.ValidationError as error:
		# What the failed chunk has written is not committed with the status.
		frappe.db.rollback()
		try_move(campaign, states.FAILED, status_message=str(error), ended_at=clock.db_now())
		frappe.db.commit()
		return
	doc = frappe.get_doc("Dialer Campaign", campaign)
	if (
		doc.planned_at
		and doc.status == states.PREPARING
		and approval.enforce(doc)
		and try_move(campaign, states.RUNNING, status_message=None)
	):
		complete_if_done(campaign)
		if doc.corrects:
			hearers.enqueue_late(campaign)
		enqueue_dispatch(emergency=doc.purpose == "Emergency")
		# Dialing begins with this commit, and waits for no notification.
		frappe.db.commit()
		barred.announce()
		recipients.announce_added(doc)
		frappe.db.commit()


def plan_all(name: str) -> None:
	"""Plan from the cursor to the end of the audience.

	Stop early if the campaign is stopped or another planner is ahead.
	"""
	# A new transaction reads the cursor as an earlier planner left it.
	frappe.db.commit()
	cursor = frappe.db.get_value("Dialer Campaign", name, "plan_cursor") or ""
	written: Future | None = None
	with ExitStack() as stack:
		beside: DbThread | None = None
		while cursor is not None:
			chunk = prepare(name, cursor)
			if chunk is None or (written and not written.result()):
				return
			if chunk.end is None and not written:
				write(chunk)
				return
			beside = beside or stack.enter_context(DbThread())
			# Another connection writes this chunk while this one reads and decides the next.
			written = beside.submit(write, chunk)
			cursor = chunk.end
			# The next chunk is decided on what is on record by then.
			frappe.db.commit()
		written.result()
	# The caller reads what the other connection wrote.
	frappe.db.commit()


def prepare(name: str, cursor: str) -> Chunk | None:
	"""Read and decide the people after the cursor.

	Return None if the campaign is not being prepared, or is not what was approved.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	if campaign.status != states.PREPARING or campaign.planned_at:
		return None
	if not approval.enforce(campaign):
		return None
	households, end = source_of(campaign).eligible_households(cursor, CHUNK)
	return Chunk(name, cursor, end, decide(campaign, households))


def write(chunk: Chunk) -> bool:
	return retried(lambda: write_once(chunk))


def write_once(chunk: Chunk) -> bool:
	"""Write a chunk in one transaction, and commit.

	Return False, with nothing written, if the campaign was stopped or its cursor has moved.
	"""
	status, cursor, done = frappe.db.sql(
		"select status, plan_cursor, planned_at from `tabDialer Campaign` where name = %s for update",
		chunk.campaign,
	)[0]
	if status != states.PREPARING or done or (cursor or "") != chunk.start:
		frappe.db.rollback()
		return False
	campaign = frappe.get_doc("Dialer Campaign", chunk.campaign)
	recipients.add_candidates(campaign, chunk.options)
	standstill.keep_back(campaign)
	if campaign.resends and chunk.end is None:
		recipients.leave_to_staff(campaign)
	now = clock.db_now()
	frappe.db.set_value(
		"Dialer Campaign",
		chunk.campaign,
		{"plan_cursor": chunk.end, "planned_at": None if chunk.end else now, "heartbeat_at": now},
		update_modified=False,
	)
	frappe.db.commit()
	return True


def preview(campaign, most: int = 5000) -> list[CandidateNumber]:
	"""Return the decisions a plan would make now, without writing anything.

	Stops reading once it has `most` households. Raise ValidationError if the audience cannot be read.
	"""
	source = source_of(campaign)
	source.check()
	options: dict[str, CandidateNumber] = {}
	cursor: str | None = ""
	while cursor is not None and len(options) < most:
		households, cursor = source.eligible_households(cursor, CHUNK)
		for option in decide(campaign, households):
			key = option.household_key
			options[key] = merged(options[key], option) if key in options else option
	return list(options.values())


def question_of(key: str, candidate: Candidate, raw: str, phone: str) -> gate.EligibilityCheck:
	"""Return what the gate is asked about one number of a candidate; `phone` is "" if it cannot be called."""
	person = (candidate.person_doctype, candidate.person)
	return gate.EligibilityCheck(
		key, phone or raw, *person, candidate.students, candidate.read, stops=candidate.stops_at(phone)
	)


def decide(campaign, households: list[list[Candidate]]) -> list[CandidateNumber]:
	"""Return the best number of each household, with the others that may be called behind it.

	If no number may be called, return the household's first one with the reasons. Who came into the audience
	after approval was asked for is not called.
	"""
	country = registry.country()
	numbers = [
		(place, candidate, raw, e164(raw, country))
		for place, people in enumerate(households)
		for candidate in people
		for raw in candidate.phones or ("",)
	]
	questions = [
		question_of(str(index), person, raw, phone)
		for index, (_place, person, raw, phone) in enumerate(numbers)
	]
	answers = gate.ask(gate.CallContext.of(campaign), questions, clock.now())
	added = seal.added_since(campaign, [person for people in households for person in people])
	language_of, at_number = cache(registry.language), languages.at_numbers(numbers)
	options = [
		(
			place,
			noting_left_out(
				CandidateNumber(
					candidate,
					raw,
					phone,
					answer := answers[str(index)],
					language_of(answer.school),
					at_number.get(phone, ""),
					added=key_of(candidate) in added,
				)
			),
		)
		for index, (place, candidate, raw, phone) in enumerate(numbers)
	]
	share = campaign.reach == ONE_GUARDIAN
	merged_options: dict[str, CandidateNumber] = {}
	for _place, choices in groupby(options, itemgetter(0)):
		best = first_of([option for _same, option in choices], share)
		key = best.household_key
		merged_options[key] = merged(merged_options[key], best) if key in merged_options else best
	return list(merged_options.values())
