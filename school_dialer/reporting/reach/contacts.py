"""How the family of each student can be reached today: by which guardian, by call, by text, and by e-mail.

A guardian counts for a student if the contact permission of the two is All. A call or text needs one of the
guardian's numbers that

- has a consent to messages about general matters that counts today, and no opt-out (`coverage.consent_state`;
  a number reported as someone else's has one);
- is not also the number of someone whom a court order bars from the student;
- the carrier did not call unusable when it was last called or texted;
- for a text, is not known to be a landline.

An e-mail needs a valid address that has not unsubscribed and is not that of someone barred. Hours, and how
often a family may be called, do not matter here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import frappe

from school_dialer.audience import barred, mail_address
from school_dialer.audience.base import Candidate, sources
from school_dialer.audience.filters.education import current_academic_year
from school_dialer.audience.guardians import AllGuardians, GuardianSource, candidate, permissions_of
from school_dialer.audience.numbers import e164
from school_dialer.base import clock, states
from school_dialer.base.phone import parse
from school_dialer.campaigns.call_order import UNUSABLE
from school_dialer.compliance.vocabulary import TEXT
from school_dialer.privacy.pseudonym import pseudonym_of
from school_dialer.reporting import coverage
from school_dialer.schools import belonging

VOICE = "Voice"
MAY_HEAR = "All"
"""The contact permission of a guardian who may hear about a student in ordinary messages."""
LOOKS_BACK = timedelta(days=90)
"""How far back an unusable number is looked for."""
NOT_ALLOWED, NO_GUARDIAN = "not_allowed", "no_guardian"
WHY = (*coverage.STANDINGS, NOT_ALLOWED, NO_GUARDIAN)
"""Why a student's family can be neither called nor texted. Of several reasons, the first of these counts."""
Link = tuple[str, str]
"""(student, guardian)"""


@dataclass(slots=True)
class Ways:
	"""The guardian to call, to text, and to write to, each the first in call order, or "" for none."""

	call: str = ""
	text: str = ""
	mail: str = ""
	guardians: int = 0
	language: str = ""
	family: str = ""
	"""The same for all students of a family (`families`)."""
	why: str = NO_GUARDIAN
	"""One of `WHY`. It means nothing if there is a way."""

	@property
	def consented(self) -> bool:
		return bool(self.call or self.text)


@dataclass
class Family:
	"""What is on record about the links of some students: in call order, with contact permissions."""

	people: dict[Link, Candidate] = field(default_factory=dict)
	permissions: dict[Link, str] = field(default_factory=dict)


def source() -> GuardianSource | None:
	"""Return the source of guardians, or None on a site whose students and guardians are not on record."""
	source_class = sources().get(AllGuardians.label)
	return source_class(frappe._dict(audience_source=AllGuardians.label)) if source_class else None


def of_students(students: Collection[str], guardians: GuardianSource) -> dict[str, Ways]:
	"""Return the ways to each of these students, with a fixed number of queries for all of them."""
	schools = belonging.of_students(students)
	ways_of = {student: Ways(language=coverage.language_of(schools.get(student))) for student in students}
	family = read(students, guardians)
	may = {link: person for link, person in family.people.items() if family.permissions[link] == MAY_HEAR}
	by_call, by_text = (standings(may, channel) for channel in (VOICE, TEXT))
	by_mail, keys = written_to(may), families(family, may)
	seen: set[str] = set()
	for (student, guardian), person in family.people.items():
		ways, link = ways_of[student], (student, guardian)
		if student not in seen:
			seen.add(student)
			ways.language, ways.family = person.language or ways.language, keys[student]
		ways.guardians += 1
		ways.call = ways.call or (guardian if by_call.get(link) == coverage.CONSENTED else "")
		ways.text = ways.text or (guardian if by_text.get(link) == coverage.CONSENTED else "")
		ways.mail = ways.mail or (guardian if link in by_mail else "")
		ways.why = min(ways.why, *(by.get(link, NOT_ALLOWED) for by in (by_call, by_text)), key=WHY.index)
	return ways_of


def read(students: Collection[str], guardians: GuardianSource) -> Family:
	family, links = Family(), []
	for student, permission, *row in guardians.guardians_of(sorted(students)):
		adult = candidate(row, {student: permission or MAY_HEAR})
		family.people.setdefault((student, adult.person), adult)
		links.append((adult.person, student, permission))
	for guardian, permissions in permissions_of(links).items():
		family.permissions |= {(student, guardian): granted for student, granted in permissions.items()}
	return family


def families(family: Family, may: Collection[Link]) -> dict[str, str]:
	"""Return for each student with a guardian a key that is the same for all students of the family.

	As in a campaign, those are one family whose first number is the same: that of the first guardian who may
	hear. Without one, it is the first guardian. Only a digest of the number is kept, and another one than
	stands for it where retention has removed it.
	"""
	numbers: dict[str, str] = {}
	people: dict[str, str] = {}
	for (student, guardian), person in family.people.items():
		people.setdefault(student, guardian)
		number = next(filter(None, map(e164, person.phones)), "")
		if number and student not in numbers and (student, guardian) in may:
			numbers[student] = pseudonym_of(f"family {number}") or ""
	return people | numbers


def standings(people: dict[Link, Candidate], channel: str) -> dict[Link, str]:
	"""Return how each link's guardian stands for being called, or texted, about the student."""
	numbers = {raw: e164(raw) for person in people.values() for raw in person.phones}
	valid = {number for number in numbers.values() if number}
	left_out = barred.numbers({student for student, _guardian in people})
	dead = unusable(valid, channel) | (landlines(valid) if channel == TEXT else set())
	left = {}
	for (student, guardian), person in people.items():
		usable = [
			raw
			for raw in person.phones
			if numbers[raw] and numbers[raw] not in dead and (numbers[raw], student) not in left_out
		]
		left[student, guardian] = replace(person, phones=tuple(usable))
	judge = coverage.judge_of(list(left.values()), channel, (coverage.USUAL,))
	return {link: judge(person)[coverage.USUAL] for link, person in left.items()}


def landlines(numbers: Iterable[str]) -> set[str]:
	return {number for number in numbers if parse(number).line_type == "landline"}


def unusable(numbers: Collection[str], channel: str) -> set[str]:
	"""Return the numbers whose last attempt on this channel the carrier, or a person, called unusable."""
	if not numbers:
		return set()
	rows = frappe.db.sql(
		"""select phone, result from `tabDialer Call Log` where phone in %(numbers)s
		and placed_at >= %(since)s and direction = 'Outbound' and channel = %(channel)s
		and status_rank >= %(final)s order by placed_at, name""",
		{
			"numbers": tuple(numbers),
			"since": clock.db_now() - LOOKS_BACK,
			"channel": channel,
			"final": states.FINAL_RANK,
		},
	)
	return {phone for phone, result in dict(rows).items() if result == UNUSABLE}


def written_to(people: dict[Link, Candidate]) -> set[Link]:
	"""Return the links whose guardian has an e-mail address that may be used about the student."""
	addresses = mail_address.addresses_of({("Guardian", guardian) for _student, guardian in people})
	left_out = barred.addresses({student for student, _guardian in people})
	return {
		(student, guardian)
		for student, guardian in people
		if (address := addresses.get(("Guardian", guardian)))
		and (barred.mailbox(address), student) not in left_out
	}


def programs(students: Collection[str]) -> dict[str, str]:
	"""Return each student's program: that of the newest enrollment, of the current year if one is set."""
	if not students or not frappe.db.exists("DocType", "Program Enrollment", cache=True):
		return {}
	rows = frappe.db.sql(
		"""select student, program from `tabProgram Enrollment`
		where docstatus = 1 and student in %(students)s and (%(year)s is null or academic_year = %(year)s)
		order by student, enrollment_date, creation, name""",
		{"students": tuple(students), "year": current_academic_year() or None},
	)
	return {student: program for student, program in rows if program}
