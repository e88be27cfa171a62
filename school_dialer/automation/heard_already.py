"""Who heard the same thing today from another rule, so that no second rule calls them about it.

The same thing is a case with the same key, such as one student's absence, of another rule of the kind, if the
kind says that it is the same for both (`Kind.same_things`). Who is being called about it is not known to have
heard yet: a case waits until the other rule's calls have ended. It does not wait for a paused campaign, which
may never go on.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import frappe

from school_dialer import gate
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.audience.numbers import e164, in_fields
from school_dialer.automation import stored_sentences
from school_dialer.automation.kind import kind_of
from school_dialer.base import states
from school_dialer.compliance.rules.records import ABOUT_RECORDS
from school_dialer.compliance.vocabulary import TEXT
from school_dialer.messages.spoken.voice import GENERIC

Thing = tuple[str, str]
"""An occasion, and its student."""


@dataclass(slots=True)
class Heard:
	"""What other rules of the kind did about these things today."""

	guardians: dict[Thing, set[str]] = field(default_factory=lambda: defaultdict(set))
	"""Those who heard of each."""
	calling: dict[Thing, str] = field(default_factory=dict)
	"""The title of the rule that still calls about each."""
	rules: dict[Thing, str] = field(default_factory=dict)
	"""The title of the rule that called about each."""
	families: Mapping[str, set[str]] = field(default_factory=dict)
	"""All guardians of each student."""

	def all_of(self, thing: Thing, reach: str | None) -> bool:
		"""Return whether a rule with this ``reach`` has no one left to call about it."""
		heard = self.guardians.get(thing, set())
		if reach == ONE_GUARDIAN:
			return bool(heard)
		return bool(heard) and self.families.get(thing[1], set()) <= heard

	def why(self, thing: Thing) -> str:
		"""Return why a rule does not call about it."""
		return stored_sentences.HEARD.format(self.rules[thing])

	def why_later(self, thing: Thing) -> str:
		"""Return why a rule does not call about it yet."""
		return stored_sentences.HELD_BACK.format(self.calling[thing])

	def pairs(self, things: Iterable[Thing]) -> set[tuple[str, str]]:
		"""Return who has nothing to hear from a call about these things, as (guardian, student).

		It is who heard all of them that are about this student: another result is another thing.
		"""
		heard: dict[str, set[str]] = {}
		for thing in things:
			of = self.guardians.get(thing, set())
			heard[thing[1]] = heard.get(thing[1], of) & of
		return {(guardian, student) for student, of in heard.items() for guardian in of}

	def people(self) -> set[str]:
		"""Return the guardians who heard something."""
		return {guardian for heard in self.guardians.values() for guardian in heard}


def heard_today(rule, day: date, things: Collection[Thing]) -> Heard:
	"""Return what other rules of this rule's kind did on this day, in a fixed number of queries."""
	done, asked = Heard(), set(things)
	others = rules_alike(rule) if asked else {}
	if not others:
		return done
	occasions, students = zip(*asked, strict=True)
	rows = frappe.db.sql(
		"""select case_.occasion, case_.student, case_.campaign, case_.rule,
			campaign.status, campaign.planned_at, campaign.purpose
		from `tabDialer Rule Case` case_
		join `tabDialer Campaign` campaign on campaign.name = case_.campaign
		where case_.student in %(students)s and case_.status = 'In Campaign' and case_.day = %(day)s
			and case_.occasion in %(occasions)s and case_.rule in %(rules)s""",
		{"rules": tuple(others), "day": day, "students": students, "occasions": occasions},
		as_dict=True,
	)
	recipients = recipients_of({row.campaign for row in rows})
	reached: dict[Thing, list] = defaultdict(list)
	for row in rows:
		thing = (row.occasion, row.student)
		if thing not in asked:
			continue
		about = [called for called in recipients.get(row.campaign, ()) if row.student in called.students]
		if heard := [called for called in about if heard_it(called, row.purpose, rule.channel)]:
			reached[thing] += heard
			done.rules[thing] = others[row.rule]
		is_open = not row.planned_at or any(called.status in states.OPEN for called in about)
		if row.status in states.CALLING and is_open:
			done.calling[thing] = others[row.rule]
	note_hearers(done, reached)
	return done


def rules_alike(rule) -> dict[str, str]:
	"""Return {name: title} of the other rules whose cases are the same things as this one's."""
	kind = kind_of(rule)
	others = frappe.get_all(
		"Dialer Rule", {"kind": rule.kind, "name": ("!=", rule.name or "")}, ["*"], order_by="name"
	)
	return {other.name: other.title for other in others if kind.same_things(other)}


def recipients_of(campaigns: Collection[str]) -> dict[str, list[frappe._dict]]:
	"""Return the guardians whom these campaigns call, with the students they hear about."""
	by_campaign = defaultdict(list)
	if not campaigns:
		return by_campaign
	for row in frappe.db.sql(
		"""select recipient.campaign, recipient.person, recipient.phone, recipient.status,
			recipient.channel, recipient.students, log.content
		from `tabDialer Recipient` recipient
		left join `tabDialer Call Log` log on log.name = recipient.last_call_log and log.channel = 'Voice'
		where recipient.campaign in %(campaigns)s and recipient.person_doctype = 'Guardian'
		union all
		select party.campaign, party.person, party.phone, %(reached)s, recipient.channel,
			json_array(party.student), log.content
		from `tabDialer Party` party join `tabDialer Recipient` recipient on recipient.name = party.parent
		left join `tabDialer Call Log` log
			on log.name = ifnull(party.call_log, recipient.last_call_log) and log.channel = 'Voice'
		where party.campaign in %(campaigns)s and party.state = 'Informed'
			and party.person_doctype = 'Guardian'""",
		{"campaigns": tuple(campaigns), "reached": states.REACHED},
		as_dict=True,
	):
		row.students = frozenset(frappe.parse_json(row.students or "[]"))
		by_campaign[row.campaign].append(row)
	return by_campaign


def heard_it(recipient, purpose: str, channel: str) -> bool:
	"""Return whether a recipient of this purpose was reached, with words that leave a rule nothing to say.

	Generic words say nothing of the thing. Nor does a text that may name no record: a rule that calls says
	more, and one that texts (`channel`) would say the same again.
	"""
	if recipient.status != states.REACHED or recipient.content == GENERIC:
		return False
	return recipient.channel != TEXT or channel == TEXT or purpose not in ABOUT_RECORDS


def note_hearers(done: Heard, reached: Mapping[Thing, list]) -> None:
	"""Note who heard of each thing: the guardian who was called, and those who share the number.

	One call covers all who share a number, if they may hear about the student.
	"""
	numbers = numbers_of({student for _occasion, student in reached})
	done.families = {student: set(guardians) for student, guardians in numbers.items()}
	beside = set()
	for thing, recipients in reached.items():
		_occasion, student = thing
		for recipient in recipients:
			for guardian, phones in numbers[student].items():
				if guardian != recipient.person and recipient.phone in phones:
					beside.add((thing, guardian, recipient.phone))
	for thing, recipients in reached.items():
		done.guardians[thing] |= {hearer.person for hearer in recipients}
	for thing, guardian, _phone in may_hear(beside):
		done.guardians[thing].add(guardian)


def may_hear(asked: Collection[tuple[Thing, str, str]]) -> list[tuple[Thing, str, str]]:
	"""Return which of these (thing, guardian, number) the guardian may hear about the thing's student."""
	if not asked:
		return []
	keyed = {str(place): question for place, question in enumerate(sorted(asked))}
	heard = gate.heard_by(
		[
			gate.EligibilityCheck(key, phone, "Guardian", guardian, (student,))
			for key, ((_occasion, student), guardian, phone) in keyed.items()
		]
	)
	return [question for key, question in keyed.items() if heard[key]]


def numbers_of(students: Collection[str]) -> dict[str, dict[str, set[str]]]:
	"""Return student -> guardian on record -> numbers in E.164."""
	by_student: dict[str, dict[str, set[str]]] = defaultdict(dict)
	if not students:
		return by_student
	for student, guardian, *fields in frappe.db.sql(
		"""select link.parent, link.guardian, guardian.mobile_number, guardian.alternate_number
		from `tabStudent Guardian` link join `tabGuardian` guardian on guardian.name = link.guardian
		where link.parenttype = 'Student' and link.parent in %s""",
		(tuple(students),),
	):
		by_student[student][guardian] = {e164(number) for number in in_fields(fields)} - {""}
	return by_student
