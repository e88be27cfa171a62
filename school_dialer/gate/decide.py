"""The gate: the only place that mints permits. It reads current facts for many people and decides on each.

It is asked when a recipient is planned, again at the moment of dialing, and by `gate.doc_events` for records
that come in any other way.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe.utils.password import get_encryption_key

from school_dialer.audience.base import ContactFacts, FactsQuery, country_code, standings
from school_dialer.audience.corrected import hearers
from school_dialer.base import clock
from school_dialer.base.phone import mask
from school_dialer.compliance import (
	Attempt,
	Consent,
	Decision,
	Emergency,
	Facts,
	OptOut,
	Person,
	Policy,
	Request,
	decide,
)
from school_dialer.compliance import mint as minting
from school_dialer.compliance import permit as permits
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.rules import records as records_rules
from school_dialer.compliance.vocabulary import EMERGENCY, EXPRESS_ORAL
from school_dialer.consent import ledger
from school_dialer.continuity import maintenance, safe_mode
from school_dialer.gate import decision_json, records, same_person, school_identity, site_policies
from school_dialer.gate.families import Families
from school_dialer.lines import record as lines_on_record
from school_dialer.lines.answer import NOTHING_KNOWN as NO_LOOKUP
from school_dialer.messages import campaign_details, catalogue, store
from school_dialer.messages.model import Template
from school_dialer.messages.sensitivity import student_records as message_records
from school_dialer.schools import approvers
from school_dialer.schools import scope as scopes
from school_dialer.schools.scope import Scope

HISTORY = timedelta(days=31)
"""The time before a decision whose attempts are read, if no cap of a policy counts a longer one."""
STATUS_BY_VERDICT = {"ALLOW": "Pending", "DEFER": "Deferred", "BLOCK": "Blocked"}
NOTHING_KNOWN = ledger.ConsentFacts()


@dataclass(frozen=True, slots=True)
class CallContext:
	"""What a campaign asks of everyone in it.

	`educational`: its words are about student records, whatever its purpose
	(`messages.sensitivity.student_records`). `scope`: the schools it has to do with.
	`corrects`: the campaign whose message it takes back. `by_person`: a member of staff phones. `answers`:
	the person wrote to the school, and is answered.
	"""

	channel: str
	purpose: str
	emergency: Emergency | None = None
	educational: bool = False
	scope: Scope = scopes.WHOLE
	corrects: str | None = None
	by_person: bool = False
	answers: bool = False

	@classmethod
	def of(cls, campaign) -> "CallContext":
		emergency = None
		if campaign.purpose == EMERGENCY:
			approver = campaign.approved_by
			if approvers.is_of_another(approver, campaign.get("school")):
				approver = None
			emergency = Emergency(campaign.emergency_type, campaign.requested_by, approver)
		return cls(
			campaign.channel,
			campaign.purpose,
			emergency,
			is_educational(campaign),
			scopes.scope_of(campaign),
			campaign.get("corrects") or None,
		)

	def about_records(self, rules: Policy | None = None) -> bool:
		"""Return True if the message is about student records, by its purpose or its words.

		This is the only place that decides it.
		"""
		kind = self.emergency.type if self.emergency else None
		purposes = rules.record_purposes if rules else ()
		return records_rules.about_records(self.purpose, self.educational, kind, purposes)

	@property
	def reaches_emergency_contacts(self) -> bool:
		"""Return True if people who may be called only in emergencies are included.

		For them an unexcused absence is not an emergency.
		"""
		return self.purpose == EMERGENCY and not self.about_records()


@dataclass(frozen=True, slots=True)
class EligibilityCheck:
	"""May this person be called at this number about these students?

	`phone` is E.164, or the number as recorded if it is not valid. `school` is the school in whose name the
	call is, "" for the one that follows from the campaign. `planned`: the number was on the person's record
	when it was planned, and is not called if it is on it no more. `stops`: what the record asks for beside
	it, if the candidate has just been read.
	"""

	key: str
	phone: str
	person_doctype: str | None
	person: str | None
	students: tuple[str, ...] = ()
	read: Any = None
	"""The candidate's `read`, if the check is made in the transaction that read it."""
	school: str = ""
	planned: bool = False
	stops: tuple[OptOut, ...] = ()


@dataclass(frozen=True, slots=True)
class EligibilityResult:
	"""`school`: the one in whose name the call is, or "" for the district.

	`left_out`: of the students asked about, those of whom this person may not hear there. Students of schools
	whose call it is not are in neither. `off_record`: the planned number has left the person's record.
	"""

	decision: Decision
	students: tuple[str, ...]
	school: str = ""
	left_out: tuple[str, ...] = ()
	off_record: bool = False


def ask(context: CallContext, checks: list[EligibilityCheck], at: datetime) -> dict[str, EligibilityResult]:
	"""Decide all checks with a fixed number of queries. Return {check key: result}.

	`at` is aware.
	"""
	phones = sorted({check.phone for check in checks if check.phone.startswith("+")})
	contacts = read_contact_facts(checks, context)
	families = Families(context.scope, checks)
	consents = ledger.read(phones, context.channel)
	policies, declared = site_policies.in_force(), school_identity.states_of_emergency()
	history, lines = read_history(phones, history_begin(policies, at)), lines_on_record.facts(phones)
	corrected = hearers.heard_at(context.corrects, phones) if context.corrects else frozenset()
	recorded = same_person.read_recorded_numbers(checks)
	numbers, beside = same_person.places(recorded), same_person.opt_outs_beside_numbers(checks, recorded)
	stopped = same_person.read_stops(checks, numbers) if context.purpose != EMERGENCY else {}
	# A correction goes to the numbers that heard what it takes back.
	removed = set() if context.corrects else same_person.keys_of_removed_numbers(checks, recorded)
	answers = {}
	for check in checks:
		phone, off_record = check.phone, check.key in removed
		on_file = None if off_record else contacts.get(check.key)
		contact = families.limit_to_schools(check, on_file or unknown_person(check))
		rules = policies.get(contact.person.country)
		about_records = context.about_records(rules)
		if rules:
			person_called = records.PersonAtNumber(contact, phone, families.is_college, rules, at)
			contact = person_called.limit_to_heard(about_records)
		school = check.school or families.speaking_school(check, contact.students)
		law = families.law(school)
		agreed = consents.get(phone, NOTHING_KNOWN).of(check.person_doctype, check.person)
		line = lines.get(phone, NO_LOOKUP)
		elsewhere = same_person.opt_outs_at_other_numbers(stopped, check, context.channel)
		facts = Facts(
			agreed.consents,
			agreed.opt_outs + elsewhere + beside[check.key],
			tuple(history.get(phone, ())),
			law.holidays,
			agreed.carrier_blocked and context.channel == "Text",
			declared,
			phone in corrected,
			line.reassigned,
			line.no_texts,
		)
		request = request_of(context, phone, contact.person, law, about_records)
		decision = decide(request, facts, rules, at)
		left_out = families.left_out(check, contact)
		answers[check.key] = EligibilityResult(decision, contact.students, school, left_out, off_record)
	return answers


def request_of(context: CallContext, phone: str, person: Person, law, about_records: bool) -> Request:
	"""Return what the engine is asked. `law` is that of the school that speaks (`Families.law`)."""
	return Request(
		read_number(phone),
		context.channel,
		context.purpose,
		person,
		emergency=context.emergency,
		caller=law.caller,
		about_records=about_records,
		hours=law.hours,
		school=law.opt_outs,
		corrects=bool(context.corrects),
	)


def ask_trial(channel: str, phone: str, at: datetime) -> EligibilityResult:
	"""Decide whether this number may be called for a test that its owner just requested.

	Consent in the ledger does not count, and nothing is added to it: the request is the permission, for this
	one call. Opt-outs, hours, and limits apply. `at` is aware.
	"""
	answer = ask(CallContext(channel, "General"), [EligibilityCheck("trial", phone, None, None)], at)["trial"]
	wish = Consent(channel, "General", EXPRESS_ORAL, at, at + permits.TRIAL_VALID_FOR)
	asked = answer.decision
	return EligibilityResult(
		decide(asked.request, replace(asked.facts, consents=(wish,)), asked.rules, at), ()
	)


def read_contact_facts(checks: Iterable[EligibilityCheck], context: CallContext) -> dict[str, ContactFacts]:
	by_doctype: dict[str, list[FactsQuery]] = defaultdict(list)
	for check in checks:
		if check.person_doctype and check.person:
			by_doctype[check.person_doctype].append(
				FactsQuery(
					check.key,
					check.person,
					check.students,
					check.phone,
					check.read,
					context.by_person,
					bool(context.corrects),
					context.answers,
				)
			)
	return standings(by_doctype, context.reaches_emergency_contacts)


def is_educational(campaign) -> bool:
	"""Return True if the words of a campaign's message, with its details, are about student records."""
	name = campaign.get("template")
	if not name:
		return False
	return message_records.is_about(
		store.template(name), catalogue.fields(), campaign_details.details_of(campaign)
	)


def template_of(campaign, name: str | None = None) -> Template:
	"""Return the campaign's message, or the named template that it used.

	It is marked as about records if it is, because that limits what every variant may contain.
	"""
	return replace(
		store.template(name or campaign.template), about_records=CallContext.of(campaign).about_records()
	)


def unknown_person(check: EligibilityCheck) -> ContactFacts:
	"""Return the facts for a person who is not on record.

	A named person who is no longer on record, or not with this number, is restricted. A number without a
	person is judged on its own.
	"""
	return ContactFacts(Person(country=country_code(), restricted=bool(check.person)))


def history_begin(policies: dict[str, Policy], at: datetime) -> datetime:
	"""Return the moment (aware) since which a cap of one of the policies may count attempts."""
	return at - max([HISTORY, *(rules.longest_cap for rules in policies.values())])


def read_history(phones: list[str], since: datetime) -> dict[str, list[Attempt]]:
	"""Return the attempts after `since` (aware) that reached the carrier, or may have, by number."""
	if not phones:
		return {}
	rows = frappe.db.sql(
		"""select log.phone, log.placed_at, log.channel, log.purpose, ifnull(campaign.corrects, '') > ''
		from `tabDialer Call Log` log left join `tabDialer Campaign` campaign on campaign.name = log.campaign
		where log.phone in %s and log.placed_at > %s and log.direction = 'Outbound'
		and log.status != 'refused'""",
		(tuple(phones), clock.to_db(since)),
	)
	history: dict[str, list[Attempt]] = defaultdict(list)
	for phone, placed_at, channel, purpose, corrects in rows:
		history[phone].append(Attempt(clock.from_db(placed_at), channel, purpose, bool(corrects)))
	return history


def mint(answer: EligibilityResult, *, call_log: str, to: str, sender: str) -> permits.Permit:
	"""Return the permit for one request to the carrier.

	Raise `compliance.permit.NotPermitted` unless the result is an ALLOW for this number, and
	`safe_mode.SafeMode` if nothing may leave the site, also in maintenance. `to` is E.164.
	"""
	maintenance.refuse()
	safe_mode.refuse(answer.decision.request.purpose)
	return minting.mint(answer.decision, call_log=call_log, to=to, sender=sender)


def mint_trial(
	answer: EligibilityResult, trial: permits.Trial, *, call_log: str, to: str, sender: str
) -> permits.TrialPermit:
	"""Return the permit for one test. Raise what `mint` does."""
	maintenance.refuse()
	safe_mode.refuse()
	return minting.mint_trial(answer.decision, trial, call_log=call_log, to=to, sender=sender)


def as_fields(answer: EligibilityResult) -> dict:
	"""Return the decision as field values of a Dialer Recipient."""
	decision = answer.decision
	decided_at = clock.to_db(decision.at)
	return {
		"status": STATUS_BY_VERDICT[decision.verdict],
		"verdict": decision.verdict,
		"reasons": ", ".join(decision.codes),
		"decided_at": decided_at,
		"not_before": clock.to_db(decide_again_at(decision)) if decision.verdict == "DEFER" else decided_at,
		"decision": to_json(decision),
		"students": json.dumps(answer.students),
		"school": answer.school or None,
	}


def decide_again_at(decision: Decision) -> datetime:
	"""Return when to decide again (aware).

	A deferral that time alone does not end (no known time zone) is decided again once a day.
	"""
	if decision.verdict == "DEFER":
		return decision.until or decision.at + timedelta(days=1)
	return decision.at


def to_json(decision: Decision) -> str:
	return decision_json.to_json(decision)


def sign_record(record: str) -> str:
	"""Return the seal of a decision record, which proves that this site's gate made it.

	HMAC-SHA256 keyed by the site's encryption key, in hex.
	"""
	key = b"school_dialer decision " + get_encryption_key().encode()
	return hmac.digest(key, record.encode(), hashlib.sha256).hex()


def signature_holds(record: str | None, claimed: str | None) -> bool:
	return bool(record and claimed) and hmac.compare_digest(sign_record(record), claimed)


def masked(phone: str) -> str:
	return mask(phone) if phone.startswith("+") else ""
