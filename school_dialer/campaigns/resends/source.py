"""The audience of a campaign that tries another one again: exactly those about whom no one was informed."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import frappe
from frappe import _

from school_dialer.audience import count, on_record
from school_dialer.audience.base import Candidate, ContactFacts, Counted, FactsQuery, Source, source_of
from school_dialer.audience.filters.condition import Contacted
from school_dialer.audience.guardians import ONE_GUARDIAN, GuardianSource, candidate
from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import related
from school_dialer.campaigns.call_order import ContactPoint, line_of
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.resends import families, informed
from school_dialer.gate import planned

CAMPAIGN = "Dialer Campaign"
LEFT = (*parties.OPEN, parties.DROPPED)
"""A number that was no use for calls may be one for texts, and another one may be on record by now."""
RECORDED = ("Yes", "Not known")
"""A message is on a voicemail, or may be."""
READ = ", ".join(
	f"recipient.{field}"
	for field in (
		*("name", "status", "outcome", "reasons", "fallback", "person_name", "language", "seal"),
		*planned.FIELDS,
	)
)
NOT_REACHED = f"""select {READ}, log.result from `tabDialer Recipient` recipient
	force index (dialer_states)
	left join `tabDialer Call Log` log on log.name = recipient.last_call_log
	where recipient.campaign = %(first)s and ifnull(recipient.fallback_of, '') = ''
	and recipient.name > %(after)s and (recipient.status in %(given_up)s
		or (recipient.status = 'Reached' and exists (select 1 from `tabDialer Party` party
			where party.parent = recipient.name and party.state in %(left)s and party.student > ''
			and not exists (select 1 from `tabDialer Party` heard where heard.parent = recipient.name
				and heard.student = party.student and heard.state = 'Informed'
				and (%(reach)s = %(one_guardian)s or heard.person = party.person)))))
	order by recipient.name limit %(limit)s"""
"""Recipients whom the campaign gave up, and those who heard about one child and not the other, or of whom one
person heard and not the other, where everyone is to be reached."""
PAGE = 500


@dataclass(slots=True)
class Tally:
	"""Those whom no one informed. `reasons` has the families by what stood in their way, nearest first."""

	people: set[informed.Who] = field(default_factory=set)
	students: set[str] = field(default_factory=set)
	reasons: dict[str, int] = field(default_factory=dict)

	@property
	def families(self) -> int:
		return sum(self.reasons.values())


class NotTold(Source):
	"""Those whom the campaign that this one `resends` did not reach, as they are on record now.

	A person informed meanwhile, by any way, is left out when it is planned and again before each call. So is
	whom the first campaign, or another one that tries it again, still calls or texts: when it is planned
	only, as those calls may be in vain. Only what this app planned itself counts (`gate.planned`).
	"""

	label = "Those another campaign did not reach"
	person_doctype = "Dialer Recipient"
	"""None of its people is one: they are found by the source of their own DocType."""
	offered = False
	rechecks = True
	known: informed.Known | None = None

	@cached_property
	def first(self):
		return frappe.get_doc(CAMPAIGN, self.campaign.get("resends"))

	@cached_property
	def of_first(self) -> Source:
		"""The audience of the first campaign, which knows whether there is still something to tell."""
		return source_of(self.first)

	@property
	def one_guardian(self) -> bool:
		return self.first.reach == ONE_GUARDIAN

	@property
	def own(self) -> str:
		return self.campaign.get("name") or ""

	def check(self) -> None:
		if not self.campaign.get("resends"):
			throw(_("Press Try Again on the campaign that did not reach everyone."))
		related.refuse_what_was_wrong(self.first.name)

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		cursor: str | None = after
		families_read: list[list[Candidate]] = []
		while cursor is not None and not families_read:
			page, cursor = self.page(cursor, max(limit, PAGE))
			phones = phones_now([point for _row, points in page for point in points])
			families_read = [candidates(points, phones) for _row, points in page]
		if self.one_guardian:
			return self.with_others(families_read), cursor
		return [[person] for family in families_read for person in family], cursor

	def with_others(self, families_read: list[list[Candidate]]) -> list[list[Candidate]]:
		"""Return each family with the guardians of whom the first campaign kept no row, after the others.

		It called one of each family, and kept only whom it might call. Another may agree to texts, or by now.
		"""
		if not isinstance(self.of_first, GuardianSource):
			return families_read
		students = sorted(
			{student for family in families_read for person in family for student in person.students}
		)
		of_student: dict[str, list[Candidate]] = defaultdict(list)
		for student, permission, *guardian in self.of_first.guardians_of(students):
			of_student[student].append(candidate(guardian, {student: permission or "All"}))
		return [[*family, *lacking(family, of_student)] for family in families_read]

	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		households, cursor = self.households(after, limit)
		return [person for household in households for person in household], cursor

	def pages(self) -> Iterator[list[tuple[frappe._dict, list[ContactPoint]]]]:
		after: str | None = ""
		while after is not None:
			page, after = self.page(after, PAGE)
			yield page

	def page(
		self, after: str, limit: int
	) -> tuple[list[tuple[frappe._dict, list[ContactPoint]]], str | None]:
		"""Return ([(recipient of the first campaign, whom no one informed)], next cursor).

		Takes a fixed number of queries.
		"""
		ended = self.first.status in states.ENDED
		given_up = (states.NOT_REACHED, states.BLOCKED, *([states.CANCELLED] if ended else []))
		values = {
			"first": self.first.name,
			"reach": self.first.reach or "",
			"one_guardian": ONE_GUARDIAN,
			"given_up": given_up,
			"left": LEFT,
			"after": after,
			"limit": limit,
		}
		rows = frappe.db.sql(NOT_REACHED, values, as_dict=True)
		valid, _strangers = planned.divided(rows)
		for row in valid:
			row.reach = self.first.reach
		left = self.not_informed(valid)
		for row in valid:
			if row.status == states.REACHED:
				row.reasons = why_left_out(left[row.name])
		page = [(row, parties.points_of(left[row.name])) for row in valid if left.get(row.name)]
		return page, rows[-1].name if len(rows) == limit else None

	def not_informed(self, rows: list[frappe._dict]) -> dict[str, list[frappe._dict]]:
		"""Return these recipients' parties about whom no one was informed, and whom no one is calling."""
		read, _strange = parties.read([row.name for row in rows])
		left = {row.name: left_of(row, read.get(row.name)) for row in rows}
		heard = self.read_known([party for rows_left in left.values() for party in rows_left])
		not_informed = {}
		for name, rows_left in left.items():
			not_informed[name] = [party for party in rows_left if not is_settled(heard, party)]
		return not_informed

	def read_known(self, rows: Collection) -> informed.Known:
		"""Return what is known of these parties by now."""
		students = {row.student for row in rows if row.student}
		return self.ask(students, [row for row in rows if not row.student])

	def ask(self, students: Collection[str], people: Collection) -> informed.Known:
		return informed.read_known(
			related.campaigns_of(self.first.name), self.own, self.one_guardian, students, people
		)

	def tally(self, seconds: float | None = None) -> Tally:
		"""Count everyone. Raises `count.TooLong` if it takes longer than so many seconds."""
		end = time.monotonic() + seconds if seconds else None
		counted, by_why = Tally(), families.Families()
		for page in self.pages():
			if end and time.monotonic() > end:
				raise count.TooLong
			recorded = self.with_voicemail([row.phone for row, _points in page])
			for row, points in page:
				counted.people.update(map(informed.who, points))
				counted.students.update(parties.students_of(points))
				shared = {("student", student) for student in parties.students_of(points)}
				shared |= {("number", point.phone) for point in points if point.phone}
				by_why.add(sorted(shared), families.why(row, row.phone in recorded))
		counts = by_why.by_reason()
		counted.reasons = {reason: counts[reason] for reason in families.NEAREST_FIRST if counts[reason]}
		return counted

	def with_voicemail(self, phones: list[str]) -> set[str]:
		"""Return those of these numbers at which a message was left, or may have been."""
		if not phones:
			return set()
		rows = frappe.db.sql(
			"""select distinct phone from `tabDialer Call Log` where phone in %(phones)s
			and campaign in %(campaigns)s and voicemail_left in %(recorded)s""",
			{
				"phones": tuple(phones),
				"campaigns": related.campaigns_of(self.first.name),
				"recorded": RECORDED,
			},
		)
		return {phone for (phone,) in rows}

	def count(self) -> Counted:
		tally = self.tally(count.MOST_SECONDS)
		return Counted(len(tally.people), tally.families, len(tally.students) or None)

	def withdrawn(self, students: Collection[str]) -> dict[str, str]:
		"""Return the students about whom there is nothing left to report, or whose families know by now."""
		gone = self.of_first.withdrawn(students) if students and self.of_first.rechecks else {}
		self.known = self.ask(students, ())
		over = {
			student for student in students if student not in gone and self.known.need_not_hear_of(student)
		}
		return gone | dict.fromkeys(over, self.passed_over_because())

	def passed_over(self, households: list[list[Contacted]]) -> list[bool]:
		"""Return, for each group, whether all of it know by now. `withdrawn` has just read who knows what."""
		of_people = self.ask((), [person for group in households for person in group])
		knowing = [of_people, *filter(None, [self.known])]
		out = self.of_first.passed_over(households)
		return [
			before or (bool(people) and all(knows(person, knowing) for person in people))
			for before, people in zip(out, households, strict=True)
		]

	def passed_over_because(self) -> str:
		return _("The family was reached meanwhile, or there is nothing left to tell.")

	@classmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		return {}


def is_settled(known: informed.Known, party: frappe._dict) -> bool:
	person, student = informed.who(party), party.student or ""
	return known.knows(person, student) or known.is_tried(person, student)


def left_of(row: frappe._dict, party_rows: list[frappe._dict] | None) -> list[frappe._dict]:
	"""Return the parties of a recipient that were not informed (`parties.heard_as`).

	A recipient of before there were parties is its own only one.
	"""
	called = [frappe._dict(row, student=student) for student in line_of(row).students or ("",)]
	if party_rows is None:
		return [frappe._dict(party, state=parties.WAITING) for party in called]
	heard = {parties.heard_as(party) for party in party_rows if party.state == parties.INFORMED}
	if row.status == states.REACHED:
		heard |= {parties.heard_as(party) for party in called}
	left = [party for party in party_rows if party.state in LEFT and parties.heard_as(party) not in heard]
	return sorted(left, key=lambda party: party.state == parties.DROPPED)


def why_left_out(left: list[frappe._dict]) -> str:
	"""Return why the parties of a recipient who was reached are left out, or "" if one of them only waits."""
	if any(party.state != parties.WITHHELD for party in left):
		return ""
	return ", ".join(dict.fromkeys(filter(None, (party.reason for party in left))))


def knows(person: Contacted, knowing: list[informed.Known]) -> bool:
	return any(heard.need_not_hear(informed.who(person)) for heard in knowing)


def candidates(points: list[ContactPoint], phones: dict[informed.Who, list[str]]) -> list[Candidate]:
	"""Return the people at a recipient's numbers in calling order, with these numbers."""
	points_of: dict[informed.Who, list[ContactPoint]] = defaultdict(list)
	for point in points:
		points_of[informed.who(point)].append(point)
	return [
		Candidate(
			points_there[0].person_doctype or None,
			points_there[0].person or None,
			points_there[0].person_name,
			tuple(phones[person]),
			points_there[0].language,
			parties.students_of(points_there),
		)
		for person, points_there in points_of.items()
	]


def lacking(people: list[Candidate], of_student: dict[str, list[Candidate]]) -> list[Candidate]:
	"""Return the guardians of a family's students who are not among these people."""
	included = {(person.person_doctype, person.person) for person in people}
	others: dict[str, Candidate] = {}
	for student in dict.fromkeys(student for person in people for student in person.students):
		for guardian in of_student.get(student, ()):
			if (guardian.person_doctype, guardian.person) not in included:
				before = others[guardian.person].students if guardian.person in others else ()
				others[guardian.person] = replace(guardian, students=(*before, student), read=None)
	return list(others.values())


def phones_now(points: list[ContactPoint]) -> dict[informed.Who, list[str]]:
	"""Return each person's numbers in calling order, as on record now.

	A number that is not on the person's record any more is not called, and a new one is, after the others.
	People without a record keep the number of the list. Takes a fixed number of queries for each DocType.
	"""
	phones: dict[informed.Who, list[str]] = defaultdict(list)
	for point in points:
		numbers = phones[informed.who(point)]
		if point.phone and point.phone not in numbers:
			numbers.append(point.phone)
	for doctype in {doctype for doctype, _name in phones if on_record.phone_fields(doctype)}:
		if frappe.db.exists("DocType", doctype, cache=True):
			phones |= current(
				doctype, {name: numbers for (kind, name), numbers in phones.items() if kind == doctype}
			)
	return phones


def current(doctype: str, before: dict[str, list[str]]) -> dict[informed.Who, list[str]]:
	fields = on_record.phone_fields(doctype)
	now: dict[str, dict[str, str]] = defaultdict(dict)
	for number in on_record.numbers_of(doctype, before):
		if not number.gone:
			now[number.name].setdefault(number.phone, number.field)
	ordered = {}
	for name, phones in before.items():
		field_of = now[name]
		kept = [phone for phone in phones if phone in field_of]
		new = [phone for phone, field in field_of.items() if field in fields and phone not in phones]
		ordered[doctype, name] = kept + new
	return ordered
