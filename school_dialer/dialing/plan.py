"""Planning: an audience becomes recipients, each with the gate's decision, blocked ones too.

A chunk is one transaction: its rows and the cursor are committed together, so a planner that is killed goes on where it was. A
household's number comes once in a campaign, which the unique index on (campaign, household_key) keeps true. A chunk takes a
fixed number of queries, however many people it has.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.audience.base import Candidate, source_of
from school_dialer.dialing import gate, states
from school_dialer.dialing.campaign import complete_if_done, enqueue_dispatch, try_move
from school_dialer.dialing.job import job
from school_dialer.phone import InvalidNumber, parse

CHUNK = 1000
VERDICT_ORDER = {"ALLOW": 0, "DEFER": 1, "BLOCK": 2}


@dataclass(frozen=True, slots=True)
class Option:
	"""One number of one candidate, with what the gate says of it."""

	candidate: Candidate
	raw: str
	phone: str
	answer: gate.Answer

	@property
	def household_key(self) -> str:
		"""The number; without one, the person, so that nobody hides behind another's missing number. As a digest, since the
		index takes names that differ in accents or case for one."""
		if self.phone:
			return self.phone
		one = self.candidate
		return hashlib.sha256(f"{one.person_doctype}:{one.person}:{one.person_name}".encode()).hexdigest()

	@property
	def order(self) -> int:
		"""Who may be called comes first."""
		return VERDICT_ORDER[self.answer.decision.verdict]


@job
def run(campaign: str) -> None:
	"""Job: plan the campaign to its end, then set it running. Safe to run twice, at once or after a kill."""
	frappe.db.commit()
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
	"""Plan the next people. False when there are none, or the campaign is no longer being prepared.

	Begins a transaction: the lock on the campaign comes before the first read, so that a planner which had to wait for another
	one sees what that one wrote.
	"""
	frappe.db.sql("select name from `tabDialer Campaign` where name = %s for update", name)
	campaign = frappe.get_doc("Dialer Campaign", name)
	if campaign.status != states.PREPARING or campaign.planned_at:
		return False
	candidates, cursor = source_of(campaign).chunk(campaign.plan_cursor or "", CHUNK)
	add(campaign, decide(campaign, candidates))
	now = clock.db_now()
	frappe.db.set_value(
		"Dialer Campaign",
		name,
		{"plan_cursor": cursor, "planned_at": None if cursor else now, "heartbeat_at": now},
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
	numbers = [(candidate, raw, e164(raw)) for candidate in candidates for raw in candidate.phones or ("",)]
	questions = [
		gate.Question(str(index), phone or raw, one.person_doctype, one.person, one.students, one.read)
		for index, (one, raw, phone) in enumerate(numbers)
	]
	answers = gate.ask(gate.Case.of(campaign), questions, clock.now())
	options = [
		Option(candidate, raw, phone, answers[str(index)])
		for index, (candidate, raw, phone) in enumerate(numbers)
	]
	households: dict[str, Option] = {}
	for _candidate, choices in groupby(options, attrgetter("candidate")):
		best = min(choices, key=attrgetter("order"))
		key = best.household_key
		households[key] = merged(households[key], best) if key in households else best
	return list(households.values())


def e164(raw: str) -> str:
	"""Empty for what is no number."""
	try:
		return parse(raw).e164
	except InvalidNumber:
		return ""


def merged(one: Option, other: Option) -> Option:
	"""One call for two people on one number: who may be called speaks for both, about the students either may hear of."""
	first, second = sorted((one, other), key=attrgetter("order"))
	if first.order == second.order:
		students = both(first.answer.students, second.answer.students)
		first = replace(first, answer=replace(first.answer, students=students))
	return first


def both(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
	return tuple(dict.fromkeys((*some, *others)))


def add(campaign, options: list[Option]) -> None:
	"""Insert the households that are new to the campaign, and merge the others with what earlier chunks planned for them."""
	if not options:
		return
	known = read_known(campaign.name, [option.household_key for option in options])
	rows = list(rows_of(campaign, [option for option in options if option.household_key not in known]))
	insert(rows)
	further = [(known[key], option) for option in options if (key := option.household_key) in known]
	add_students([(row, option) for row, option in further if VERDICT_ORDER[row.verdict] == option.order])
	speak_instead(
		campaign, [(row, option) for row, option in further if VERDICT_ORDER[row.verdict] > option.order]
	)


def read_known(campaign: str, keys: list[str]) -> dict[str, frappe._dict]:
	rows = frappe.db.sql(
		"""select household_key, name, verdict, students from `tabDialer Recipient`
		where campaign = %s and household_key in %s""",
		(campaign, tuple(keys)),
		as_dict=True,
	)
	return {row.household_key: row for row in rows}


def rows_of(campaign, options: list[Option], names: list[str] | None = None) -> Iterator[dict]:
	"""The fields of each option's recipient, always in the same order. New names rise, so that rows are appended."""
	settings = frappe.get_cached_doc("Dialer Settings")
	now = frappe.utils.now()
	names = names or new_names(len(options))
	common = {
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"creation": now,
		"modified": now,
		"campaign": campaign.name,
		"channel": campaign.channel,
		"attempts": 0,
		"max_attempts": campaign.max_attempts or settings.max_attempts or 1,
	}
	no_number = _("no valid number")
	for name, option in zip(names, options, strict=True):
		one = option.candidate
		yield {
			"name": name,
			**common,
			"person_name": one.person_name[:140],
			"phone": option.phone,
			"phone_masked": gate.masked(option.phone) or no_number,
			"raw_phone": option.raw[:140],
			"person_doctype": one.person_doctype,
			"person": one.person,
			"language": one.language or settings.default_language,
			"household_key": option.household_key,
			**gate.as_fields(option.answer),
		}


def new_names(count: int) -> list[str]:
	start = f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(3)}"
	return [f"{start}{index:03x}" for index in range(count)]


def insert(rows: list[dict], more: str = "") -> None:
	"""One statement. Frappe's own bulk insert builds the same one at several times the cost."""
	if rows:
		frappe.db.sql(
			"insert into `tabDialer Recipient` (`"
			+ "`, `".join(rows[0])
			+ "`) values "
			+ ", ".join(["%s"] * len(rows))
			+ more,
			tuple(tuple(row.values()) for row in rows),
		)


def add_students(further: list[tuple[frappe._dict, Option]]) -> None:
	"""One call speaks about the students of both people."""
	students = {
		row.name: json.dumps(both(json.loads(row.students or "[]"), option.answer.students))
		for row, option in further
	}
	changed = {row.name: students[row.name] for row, _ in further if students[row.name] != row.students}
	if changed:
		frappe.db.sql(
			"update `tabDialer Recipient` set students = case name "
			+ "when %s then %s " * len(changed)
			+ "end where name in %s",
			(*(part for pair in changed.items() for part in pair), tuple(changed)),
		)


def speak_instead(campaign, better: list[tuple[frappe._dict, Option]]) -> None:
	"""Another person on the same number may be called, and takes the place of the one who may not, or not yet."""
	rows = list(rows_of(campaign, [option for _row, option in better], [row.name for row, _option in better]))
	if rows:
		insert(
			rows,
			" on duplicate key update "
			+ ", ".join("`" + field + "` = values(`" + field + "`)" for field in rows[0] if field != "name"),
		)
