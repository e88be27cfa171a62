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
from school_dialer.compliance import (
	Attempt,
	Consent,
	Decision,
	Emergency,
	Facts,
	Person,
	Policy,
	Request,
	decide,
)
from school_dialer.compliance import permit as permits
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.model import COLLEGE, EMERGENCY, EXPRESS_ORAL
from school_dialer.compliance.rules import records as records_rules
from school_dialer.compliance.rules.contact import has_rights
from school_dialer.compliance.rules.records import Rights
from school_dialer.consent import ledger
from school_dialer.gate import decision_json, school_identity, site_policies
from school_dialer.messages import store
from school_dialer.messages.model import Template
from school_dialer.messages.sensitivity import student_records as message_records
from school_dialer.messages.template import catalogue
from school_dialer.phone import mask

HISTORY = timedelta(days=31)
"""The longest rolling period that a frequency rule counts."""
STATUS_BY_VERDICT = {"ALLOW": "Pending", "DEFER": "Deferred", "BLOCK": "Blocked"}
NOTHING_KNOWN = ledger.ConsentFacts()


@dataclass(frozen=True, slots=True)
class Case:
	"""What a campaign asks of everyone in it. ``educational``: its words are, whatever its purpose (`messages.sensitivity.student_records`)."""

	channel: str
	purpose: str
	emergency: Emergency | None = None
	educational: bool = False

	@classmethod
	def of(cls, campaign) -> "Case":
		emergency = None
		if campaign.purpose == EMERGENCY:
			emergency = Emergency(campaign.emergency_type, campaign.requested_by, campaign.approved_by)
		return cls(campaign.channel, campaign.purpose, emergency, is_educational(campaign))

	def about_records(self, rules: Policy | None = None) -> bool:
		"""The one place that says whether a message is about students' records: by its purpose or its words."""
		kind = self.emergency.type if self.emergency else None
		purposes = rules.record_purposes if rules else ()
		return records_rules.about_records(self.purpose, self.educational, kind, purposes)

	@property
	def reaches_emergency_contacts(self) -> bool:
		"""An unexcused absence is no emergency to those who may be called in emergencies only."""
		return self.purpose == EMERGENCY and not self.about_records()


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
	known = read_standings(questions, emergency=case.reaches_emergency_contacts)
	college = is_college()
	consents = ledger.read(phones, case.channel)
	history = read_history(phones, at)
	holidays = read_holidays()
	policies = site_policies.in_force()
	caller, declared = school_identity.caller(), school_identity.states_of_emergency()
	answers = {}
	for question in questions:
		phone = question.phone
		standing = known.get(question.key) or unknown_person(question)
		rules = policies.get(standing.person.country)
		about_records = case.about_records(rules)
		if rules:
			standing = heard(standing, about_records, college, rules, at)
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
			about_records=about_records,
		)
		decision = decide(request, facts, rules, at)
		answers[question.key] = Answer(decision, standing.students)
	return answers


def ask_trial(channel: str, phone: str, at: datetime) -> Answer:
	"""May this number be called for a test that its owner asks for just now? What the ledger holds of consent does not count, and nothing is
	added to it: the wish is the permission, for this one request. Opt-outs, hours and limits hold."""
	answer = ask(Case(channel, "General"), [Question("trial", phone, None, None)], at)["trial"]
	wish = Consent(channel, "General", EXPRESS_ORAL, at, at + permits.TRIAL_VALID_FOR)
	asked = answer.decision
	return Answer(decide(asked.request, replace(asked.facts, consents=(wish,)), asked.rules, at), ())


def read_standings(questions: Iterable[Question], emergency: bool) -> dict[str, Standing]:
	by_doctype: dict[str, list[Asked]] = defaultdict(list)
	for question in questions:
		if question.person_doctype and question.person:
			by_doctype[question.person_doctype].append(
				Asked(question.key, question.person, question.students, question.phone, question.read)
			)
	return standings(by_doctype, emergency)


def is_educational(campaign) -> bool:
	"""Whether the words of a campaign's message are, with what the campaign adds to them."""
	name = campaign.get("template")
	if not name:
		return False
	return message_records.is_about(store.template(name), catalogue.fields(), campaign.get("details") or "")


def template_of(campaign, name: str | None = None) -> Template:
	"""The campaign's words, or those of this template that it used, marked as about records where it is: what every variant of them may hold follows from that."""
	return replace(store.template(name or campaign.template), about_records=Case.of(campaign).about_records())


def is_college() -> bool:
	"""Whether the school is an institution of postsecondary education, where rights are the students' at any age."""
	return school_identity.caller() == COLLEGE


def heard(standing: Standing, about_records: bool, college: bool, rules: Policy, at: datetime) -> Standing:
	"""With the students of whom this person may hear; for a message about records with the reason when there are none."""
	person = standing.person
	if person.is_student and about_records and college:
		return Standing(replace(person, postsecondary=True), standing.students)
	if not standing.rights:
		return standing
	told = told_of(standing, about_records, college, rules, at)
	if told or not about_records:
		return Standing(person, told)
	return Standing(withheld(person, standing.rights, college, rules, at), standing.students)


def told_of(
	standing: Standing, about_records: bool, college: bool, rules: Policy, at: datetime
) -> tuple[str, ...]:
	"""The students whom a message to this guardian may be about."""
	may = records_rules.may_be_told if about_records else hears
	return tuple(
		student
		for student, rights in zip(standing.students, standing.rights, strict=True)
		if may(rights, college, rules, at)
	)


def in_preview(
	template: Template, person_doctype: str, person: str, students: tuple[str, ...]
) -> tuple[str, ...]:
	"""Those of the students of whom this message would tell this person, were it sent now: what a preview shows."""
	case = Case("Voice", template.purpose, educational=message_records.is_about(template, catalogue.fields()))
	question = Question("preview", "", person_doctype, person, students)
	standing = read_standings([question], case.reaches_emergency_contacts).get("preview")
	rules = standing and site_policies.in_force().get(standing.person.country)
	if not (standing and rules and standing.rights):
		return standing.students if standing else ()
	return told_of(standing, case.about_records(rules), is_college(), rules, clock.now())


def hears(rights: Rights, college: bool, rules: Policy, at: datetime) -> bool:
	return not records_rules.kept_from(rights, college, rules, at)


def withheld(
	person: Person, rights: tuple[Rights, ...], college: bool, rules: Policy, at: datetime
) -> Person:
	"""With all that keeps the students' records from this person, for the rules to say."""
	kept = [one for one in rights if records_rules.kept_from(one, college, rules, at)]
	theirs = [one for one in rights if has_rights(one.born, college, rules, at) and not one.permits]
	births = [one.born for one in theirs if one.born]
	return replace(
		person,
		student_objects=bool(kept),
		records_closed=any(not one.receives for one in rights),
		student_date_of_birth=max(births, default=None),
		postsecondary=college and bool(theirs),
	)


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


def mint_trial(
	answer: Answer, trial: permits.Trial, *, call_log: str, to: str, sender: str
) -> permits.TrialPermit:
	"""The permit for one test. Raises `permits.NotPermitted` as `mint` does."""
	return permits.mint_trial(answer.decision, trial, call_log=call_log, to=to, sender=sender)


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
	return decision_json.to_json(decision)


def seal(record: str) -> str:
	"""Proof that a decision record came from this site's gate: HMAC-SHA256 keyed by the site's encryption key."""
	key = b"school_dialer decision " + get_encryption_key().encode()
	return hmac.new(key, record.encode(), hashlib.sha256).hexdigest()


def seal_holds(record: str | None, claimed: str | None) -> bool:
	return bool(record and claimed) and hmac.compare_digest(seal(record), claimed)


def masked(phone: str) -> str:
	return mask(phone) if phone.startswith("+") else ""
