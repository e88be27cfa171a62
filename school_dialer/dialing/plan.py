"""Planning: an audience becomes recipients, each with the gate's decision, blocked ones too.

A chunk is one transaction: its rows and the cursor are committed together, so a planner that is killed goes on where it was. A
household's number comes once in a campaign, which the unique index on (campaign, household_key) keeps true.
"""

import json
import secrets
from collections import defaultdict
from dataclasses import dataclass, replace

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.audience.base import Candidate, source_of
from school_dialer.dialing import gate, states
from school_dialer.dialing.campaign import complete_if_done, enqueue_dispatch, try_move
from school_dialer.dialing.job import job
from school_dialer.phone import InvalidNumber, parse

CHUNK = 1000
FIELDS = [
	"name",
	"owner",
	"modified_by",
	"creation",
	"modified",
	"campaign",
	"status",
	"person_name",
	"phone",
	"phone_masked",
	"raw_phone",
	"channel",
	"person_doctype",
	"person",
	"language",
	"students",
	"verdict",
	"reasons",
	"decided_at",
	"not_before",
	"decision",
	"attempts",
	"max_attempts",
	"household_key",
]
VERDICT_ORDER = {"ALLOW": 0, "DEFER": 1, "BLOCK": 2}


@dataclass(frozen=True, slots=True)
class Option:
	"""One number of one candidate, with what the gate says of it."""

	candidate: Candidate
	raw: str
	phone: str
	answer: gate.Answer | None = None

	@property
	def household_key(self) -> str:
		"""The number; without one, the person, so that nobody hides behind another's missing number."""
		one = self.candidate
		return self.phone or f"{one.person_doctype}:{one.person}:{one.person_name}"[:140]


@job
def run(campaign: str) -> None:
	"""Job: plan the campaign to its end, then set it running. Safe to run twice, at once or after a kill."""
	try:
		while plan_chunk(campaign):
			frappe.db.commit()
		frappe.db.commit()
	except frappe.ValidationError as error:
		frappe.db.rollback()
		try_move(campaign, states.FAILED, status_message=str(error), ended_at=clock.db_now())
		frappe.db.commit()
		return
	doc = frappe.get_doc("Dialer Campaign", campaign)
	if doc.planned_at and doc.status == states.PREPARING and try_move(campaign, states.RUNNING):
		complete_if_done(campaign)
		enqueue_dispatch(emergency=doc.purpose == "Emergency")
		frappe.db.commit()


def plan_chunk(name: str) -> bool:
	"""Plan the next people. False when there are none, or the campaign is no longer being prepared."""
	campaign = frappe.get_doc("Dialer Campaign", name, for_update=True)
	if campaign.status != states.PREPARING or campaign.planned_at:
		return False
	source = source_of(campaign)
	candidates, cursor = source.chunk(campaign.plan_cursor or "", CHUNK)
	options = decide(campaign, candidates)
	add(campaign, options)
	frappe.db.set_value(
		"Dialer Campaign",
		name,
		{
			"plan_cursor": cursor,
			"planned_at": None if cursor else clock.db_now(),
			"heartbeat_at": clock.db_now(),
		},
		update_modified=False,
	)
	return cursor is not None


def preview(campaign, most: int = 5000) -> list[Option]:
	"""The decisions a plan would make now, without writing anything. At most this many people."""
	source = source_of(campaign)
	source.check()
	options: dict[str, Option] = {}
	cursor: str | None = ""
	while cursor is not None and len(options) < most:
		candidates, cursor = source.chunk(cursor, CHUNK)
		for option in decide(campaign, candidates):
			key = option.household_key
			options[key] = merged(options[key], option) if key in options else option
	return list(options.values())


def decide(campaign, candidates: list[Candidate]) -> list[Option]:
	"""For each household the best number that may be called; when none may, its first with the reasons."""
	options = [option for candidate in candidates for option in numbers_of(candidate)]
	questions = [
		gate.Question(
			str(index),
			option.phone or option.raw,
			option.candidate.person_doctype,
			option.candidate.person,
			option.candidate.students,
		)
		for index, option in enumerate(options)
	]
	answers = gate.ask(gate.Case.of(campaign), questions, clock.now())
	by_person: dict[tuple, list[Option]] = defaultdict(list)
	for index, option in enumerate(options):
		one = option.candidate
		answered = replace(option, answer=answers[str(index)])
		by_person[one.person_doctype, one.person, one.person_name].append(answered)
	households: dict[str, Option] = {}
	for numbers in by_person.values():
		best = min(numbers, key=lambda option: VERDICT_ORDER[option.answer.decision.verdict])
		key = best.household_key
		households[key] = merged(households[key], best) if key in households else best
	return list(households.values())


def numbers_of(candidate: Candidate) -> list[Option]:
	options = []
	for raw in candidate.phones or ("",):
		try:
			options.append(Option(candidate, raw, parse(raw).e164))
		except InvalidNumber:
			options.append(Option(candidate, raw, ""))
	return options


def merged(one: Option, other: Option) -> Option:
	"""One call for two people on one number: who may be called speaks for both, about the students either may hear of."""
	first, second = sorted((one, other), key=lambda option: VERDICT_ORDER[option.answer.decision.verdict])
	if first.answer.decision.verdict == second.answer.decision.verdict:
		students = tuple(dict.fromkeys((*first.answer.students, *second.answer.students)))
		first = replace(first, answer=replace(first.answer, students=students))
	return first


def add(campaign, options: list[Option]) -> None:
	"""Insert the households that are new to the campaign; a known one learns of further students."""
	if not options:
		return
	known = {
		row.household_key: row
		for row in frappe.get_all(
			"Dialer Recipient",
			{
				"campaign": campaign.name,
				"household_key": ("in", [option.household_key for option in options]),
			},
			["name", "household_key", "students", "verdict"],
			order_by="name",
			limit_page_length=0,
		)
	}
	for option in options:
		if row := known.get(option.household_key):
			join(row, option)
	rows = [row_of(campaign, option) for option in options if option.household_key not in known]
	frappe.db.bulk_insert("Dialer Recipient", FIELDS, rows, chunk_size=CHUNK)


def join(row, option: Option) -> None:
	if row.verdict != option.answer.decision.verdict:
		return
	students = list(dict.fromkeys((*json.loads(row.students or "[]"), *option.answer.students)))
	frappe.db.set_value("Dialer Recipient", row.name, "students", json.dumps(students), update_modified=False)


def row_of(campaign, option: Option) -> tuple:
	settings = frappe.get_cached_doc("Dialer Settings")
	now, one = frappe.utils.now(), option.candidate
	values = {
		"name": secrets.token_hex(8),
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"creation": now,
		"modified": now,
		"campaign": campaign.name,
		"person_name": one.person_name,
		"phone": option.phone,
		"phone_masked": gate.masked(option.phone) or _("no valid number"),
		"raw_phone": option.raw[:140],
		"channel": campaign.channel,
		"person_doctype": one.person_doctype,
		"person": one.person,
		"language": one.language or settings.default_language,
		"attempts": 0,
		"max_attempts": campaign.max_attempts or settings.max_attempts or 1,
		"household_key": option.household_key,
		**gate.as_fields(option.answer),
	}
	return tuple(values[field] for field in FIELDS)
