"""The gate: the only place that mints permits. It reads facts now, for many people at once, and decides on each.

Asked when a recipient is planned, again at the moment of dialing, and by the doc_events for whatever comes another way.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import frappe
from frappe.utils.password import get_encryption_key

from school_dialer import clock
from school_dialer.audience.base import Asked, Standing, country_code, standings
from school_dialer.compliance import Attempt, Decision, Emergency, Facts, Person, Policy, Request, decide
from school_dialer.compliance import permit as permits
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.rules.contact import is_of_age
from school_dialer.consent import ledger
from school_dialer.dialing import policy, records, school
from school_dialer.phone import mask

HISTORY = timedelta(days=31)
"""The longest rolling period that a frequency rule counts."""
STATUS_BY_VERDICT = {"ALLOW": "Pending", "DEFER": "Deferred", "BLOCK": "Blocked"}
NOTHING_KNOWN = ledger.ConsentFacts()


@dataclass(frozen=True, slots=True)
class Case:
	"""What a campaign asks of everyone in it."""

	channel: str
	purpose: str
	emergency: Emergency | None = None

	@classmethod
	def of(cls, campaign) -> "Case":
		emergency = None
		if campaign.purpose == "Emergency":
			emergency = Emergency(campaign.emergency_type, campaign.requested_by, campaign.approved_by)
		return cls(campaign.channel, campaign.purpose, emergency)


@dataclass(frozen=True, slots=True)
class Question:
	"""May this person be called at this number (E.164, or as on record when it is none) about these students?"""

	key: str
	phone: str
	person_doctype: str | None
	person: str | None
	students: tuple[str, ...] = ()
	read: Any = None
	"""The candidate's `read`, when the question is asked in the transaction that read it."""


@dataclass(frozen=True, slots=True)
class Answer:
	decision: Decision
	students: tuple[str, ...]


def ask(case: Case, questions: list[Question], at: datetime) -> dict[str, Answer]:
	"""Decide on all of them with a fixed number of queries. Keys as in the questions."""
	phones = sorted({question.phone for question in questions if question.phone.startswith("+")})
	known = read_standings(questions, emergency=case.purpose == "Emergency")
	consents = ledger.read(phones, case.channel)
	history = read_history(phones, at)
	holidays = read_holidays()
	policies = policy.in_force()
	caller, declared = school.caller(), school.states_of_emergency()
	answers = {}
	for question in questions:
		phone = question.phone
		standing = known.get(question.key) or unknown_person(question)
		rules = policies.get(standing.person.country)
		if standing.births and rules and case.purpose in rules.record_purposes:
			standing = of_records(standing, rules, at)
		elif standing.objecting:
			told = tuple(student for student in standing.students if student not in standing.objecting)
			standing = Standing(standing.person, told)
		agreed = consents.get(phone, NOTHING_KNOWN).of(question.person_doctype, question.person)
		attempts = tuple(history[phone]) if phone in history else ()
		facts = Facts(
			agreed.consents,
			agreed.opt_outs,
			attempts,
			holidays,
			agreed.carrier_blocked and case.channel == "Text",
			declared,
		)
		request = Request(
			read_number(phone),
			case.channel,
			case.purpose,
			standing.person,
			emergency=case.emergency,
			caller=caller,
		)
		decision = decide(request, facts, rules, at)
		answers[question.key] = Answer(decision, standing.students)
	return answers


def read_standings(questions: Iterable[Question], emergency: bool) -> dict[str, Standing]:
	by_doctype: dict[str, list[Asked]] = defaultdict(list)
	for question in questions:
		if question.person_doctype and question.person:
			by_doctype[question.person_doctype].append(
				Asked(question.key, question.person, question.students, question.phone, question.read)
			)
	return standings(by_doctype, emergency)


def of_records(standing: Standing, rules: Policy, at: datetime) -> Standing:
	"""A guardian about records: told of the minors alone for whom nobody objects (34 CFR 99.5, 99.30), else of nobody."""
	minors = {
		student
		for student, born in zip(standing.students, standing.births, strict=True)
		if not is_of_age(born, rules, at)
	}
	told = tuple(
		student for student in standing.students if student in minors and student not in standing.objecting
	)
	if told:
		return Standing(standing.person, told)
	person = replace(standing.person, student_objects=bool(standing.objecting))
	if not minors:
		person = replace(person, student_date_of_birth=max(standing.births))
	return Standing(person, standing.students)


def unknown_person(question: Question) -> Standing:
	"""A named person who is no longer on record is not called; a number with no person stands for itself."""
	return Standing(Person(country=country_code(), restricted=bool(question.person)))


def read_history(phones: list[str], at: datetime) -> dict[str, list[Attempt]]:
	"""Attempts that reached the carrier, or may have, within HISTORY."""
	if not phones:
		return {}
	rows = frappe.db.sql(
		"""select phone, placed_at, channel, purpose from `tabDialer Call Log`
		where phone in %s and placed_at > %s and direction = 'Outbound' and status != 'refused'""",
		(tuple(phones), clock.to_db(at - HISTORY)),
	)
	history: dict[str, list[Attempt]] = defaultdict(list)
	for phone, placed_at, channel, purpose in rows:
		history[phone].append(Attempt(clock.from_db(placed_at), channel, purpose))
	return history


def read_holidays() -> frozenset[date]:
	return frozenset(row.date for row in frappe.get_cached_doc("Dialer Settings").holidays)


def mint(answer: Answer, *, call_log: str, to: str, sender: str) -> permits.Permit:
	"""The permit for one request to the carrier. Raises `permits.NotPermitted` unless the answer is ALLOW for this number."""
	return permits.mint(answer.decision, call_log=call_log, to=to, sender=sender)


def as_fields(answer: Answer) -> dict:
	"""The decision as fields of a recipient."""
	decision = answer.decision
	decided_at = clock.to_db(decision.at)
	return {
		"status": STATUS_BY_VERDICT[decision.verdict],
		"verdict": decision.verdict,
		"reasons": ", ".join(decision.codes),
		"decided_at": decided_at,
		"not_before": clock.to_db(next_look(decision)) if decision.verdict == "DEFER" else decided_at,
		"decision": to_json(decision),
		"students": json.dumps(answer.students),
	}


def next_look(decision: Decision) -> datetime:
	"""When to decide again. A deferral that time alone does not end (no time zone known) is looked at once a day."""
	if decision.verdict == "DEFER":
		return decision.until or decision.at + timedelta(days=1)
	return decision.at


def to_json(decision: Decision) -> str:
	return records.to_json(decision)


def seal(record: str) -> str:
	"""Proof that a decision record came from this site's gate: HMAC-SHA256 keyed by the site's encryption key."""
	key = b"school_dialer decision " + get_encryption_key().encode()
	return hmac.new(key, record.encode(), hashlib.sha256).hexdigest()


def seal_holds(record: str | None, claimed: str | None) -> bool:
	return bool(record and claimed) and hmac.compare_digest(seal(record), claimed)


def masked(phone: str) -> str:
	return mask(phone) if phone.startswith("+") else ""
