"""How many of the school's people may be called at all: consent by audience, group, language and purpose.

People come from an audience's source, and each is checked by the decision engine's own rules on consent and
opt-outs. Calling hours, court orders and call caps do not matter here. A chunk of a thousand people takes a
fixed number of queries.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from pypika import Order

from school_dialer.audience.base import Candidate, country_code, sources
from school_dialer.audience.columns import existing
from school_dialer.audience.csv_file import CsvFile
from school_dialer.audience.numbers import e164
from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.base.jobs import job
from school_dialer.compliance import Facts, Policy, Request
from school_dialer.compliance.engine import read_number
from school_dialer.compliance.rules import consent, line, opt_out
from school_dialer.compliance.vocabulary import EMERGENCY, NO_CONSENT, PURPOSES, TEXT
from school_dialer.consent import ledger
from school_dialer.gate import site_policies
from school_dialer.lines import record
from school_dialer.lines.answer import NOTHING_KNOWN, LineFacts
from school_dialer.schools import belonging, opting_out, registry

CONSENTED, STOPPED, LAPSED, NOT_ASKED, NO_NUMBER = (
	"consented",
	"opted_out",
	"lapsed",
	"not_asked",
	"no_number",
)
STANDINGS = (CONSENTED, STOPPED, LAPSED, NOT_ASKED, NO_NUMBER)
"""Consent states, best first: a person's best number counts.

Lapsed is a consent that has expired, is stale, is not the written one that is required, or was given for a
number that changed hands. A line that gets no texts is no number for texts.
"""
CHUNK = 1000
COVERED = tuple(purpose for purpose in PURPOSES if purpose != EMERGENCY)
USUAL = "General"
SCHOOL = "School"
ONE_SCHOOL = "One School"
"""By school, each person once, so that the schools add up to the site."""
DOCTYPE = "Dialer Coverage"

Judge = Callable[[Candidate], dict[str, str]]
Keys = Callable[[Candidate], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Coverage:
	"""People by consent state.

	`total` is for the first purpose. `groups` has the counters by group key.
	"""

	total: Counter
	groups: dict[str, Counter]


def audiences() -> list[str]:
	"""Return the labels of the audiences whose people are on record."""
	return [label for label in sources() if label != CsvFile.label]


def usual_audience() -> str | None:
	"""Return everyone the school would call: guardians if there are students, or else contacts."""
	labels = audiences()
	return next((label for label in ("All guardians", "All contacts") if label in labels), None)


def count(
	audience: str,
	group: str | None,
	channel: str,
	purposes: Collection[str],
	by: str = "",
	schools: Collection[str] | None = None,
) -> Coverage:
	"""Count an audience's consent states.

	`by` is "Purpose", "Language", "Student Group", "Program", SCHOOL or ONE_SCHOOL, or "" for the total only.
	A person in two groups counts in both, and one with children at two schools in both schools; by ONE_SCHOOL
	in that of the first child who has one. With `schools`, only these schools' families, by their children
	there. Raises ValidationError if the group cannot be read.
	"""
	source = sources()[audience](frappe._dict(audience_source=audience, audience_name=group))
	source.check()
	total: Counter = Counter()
	groups: dict[str, Counter] = defaultdict(Counter)
	for people in chunks(source):
		if schools is not None:
			people = families_of(schools, people)
		judge = judge_of(people, channel, purposes)
		keys = keys_of(by, people)
		for person in people:
			standings = judge(person)
			total[standings[next(iter(purposes))]] += 1
			if by == "Purpose":
				for purpose, standing in standings.items():
					groups[purpose][standing] += 1
			elif by:
				for key in keys(person):
					groups[key][standings[next(iter(purposes))]] += 1
	return Coverage(total, groups)


def chunks(source) -> Iterator[list[Candidate]]:
	after: str | None = ""
	while after is not None:
		people, after = source.chunk(after, CHUNK)
		yield people


def judge_of(
	people: list[Candidate], channel: str, purposes: Collection[str], at: datetime | None = None
) -> Judge:
	"""Return a function that judges one person for each purpose. Reads all consents at once.

	`at` is aware, by default now. A later time shows what lapses until then.
	"""
	at, rules = at or clock.now(), site_policies.policy_of(country_code())
	numbers = {raw: e164(raw) for person in people for raw in person.phones}
	valid = [number for number in numbers.values() if number]
	facts, lines = ledger.read(valid, channel), record.facts(valid)

	def judge(person: Candidate) -> dict[str, str]:
		def standing_at(number: str, purpose: str) -> str:
			return consent_state(
				Request(read_number(number), channel, purpose, school=opting_out.asked_for("")),
				facts[number].of(person.person_doctype, person.person),
				lines.get(number, NOTHING_KNOWN),
				rules,
				at,
			)

		numbers_of_person, best = [numbers[raw] for raw in person.phones if numbers[raw]], {}
		for purpose in purposes:
			standings = [standing_at(number, purpose) for number in numbers_of_person]
			best[purpose] = min(standings, key=STANDINGS.index, default=NO_NUMBER)
		return best

	return judge


def consent_state(
	request: Request, agreed: ledger.ConsentFacts, known: LineFacts, rules: Policy, at: datetime
) -> str:
	at_carrier = agreed.carrier_blocked and request.channel == TEXT
	facts = Facts(
		agreed.consents,
		agreed.opt_outs,
		carrier_blocked=at_carrier,
		reassigned=known.reassigned,
		no_texts=known.no_texts,
	)
	if opt_out.in_force(request, facts, rules, at) or opt_out.not_at_carrier(request, facts, rules, at):
		return STOPPED
	codes = {reason.code for reason in consent.given(request, facts, rules, at)}
	if line.kept(request, facts, rules, at):
		return LAPSED
	if line.takes_texts(request, facts, rules, at):
		return NO_NUMBER
	if not codes:
		return CONSENTED
	return NOT_ASKED if codes == {NO_CONSENT} else LAPSED


def keys_of(by: str, people: list[Candidate]) -> Keys:
	if by == "Language":
		of_school = schools_of(people)
		return lambda person: (person.language or language_of(next(iter(of_school(person)), "")),)
	if by in (SCHOOL, ONE_SCHOOL):
		schools = schools_of(people)
		most = 1 if by == ONE_SCHOOL else None
		return lambda person: list(dict.fromkeys(schools(person)))[:most] or ("",)
	reader = {"Student Group": groups_of, "Program": programs_of}.get(by)
	if reader is None:
		return lambda person: ()
	schools = reader(sorted({student for person in people for student in person.students}))
	return lambda person: sorted(
		{key for student in person.students for key in schools.get(student, ("",))} or {""}
	)


def language_of(school: str | None) -> str:
	"""Return the language of families of this school who have none on record."""
	return registry.language(school) or "en"


def schools_of(people: list[Candidate]) -> Keys:
	"""Return a function that returns the schools of a person's children in turn, or the person's own.

	Reads all of them at once.
	"""
	of_students = belonging.recorded("Student", {student for person in people for student in person.students})
	by_doctype: dict[str, set[str]] = defaultdict(set)
	for person in people:
		by_doctype[person.person_doctype].add(person.person)
	rows = {doctype: belonging.recorded(doctype, names) for doctype, names in by_doctype.items() if doctype}

	def keys(person: Candidate) -> list[str]:
		of_children = [of_students[student] for student in person.students if student in of_students]
		of_person = rows.get(person.person_doctype, {}).get(person.person)
		return of_children or [of_person] * bool(of_person)

	return keys


def families_of(schools: Collection[str], people: list[Candidate]) -> list[Candidate]:
	"""Return those who are of these schools, each with the students there alone."""
	of_students = belonging.recorded("Student", {student for person in people for student in person.students})
	at_these = {student for student, school in of_students.items() if school in schools}
	named = schools_of(people)
	return [
		replace(person, students=tuple(student for student in person.students if student in at_these))
		for person in people
		if set(named(person)) & set(schools)
	]


def groups_of(students: list[str]) -> dict[str, list[str]]:
	if not existing(["student"], "Student Group Student"):
		return {}
	return listed(
		"""select student, parent from `tabStudent Group Student`
		where parenttype = 'Student Group' and active = 1 and student in %s""",
		students,
	)


def programs_of(students: list[str]) -> dict[str, list[str]]:
	return listed(
		"select student, program from `tabProgram Enrollment` where docstatus = 1 and student in %s", students
	)


def listed(query: str, students: list[str]) -> dict[str, list[str]]:
	keys: dict[str, list[str]] = defaultdict(list)
	for student, key in frappe.db.sql(query, (students,)) if students else ():
		keys[student].append(key)
	return keys


@job
def daily() -> None:
	"""Scheduled job: write today's row of Dialer Coverage for the workspace's card and chart.

	If there are several schools, also a row for each. People without one are in the first row only.
	"""
	audience = usual_audience()
	if audience:
		counted = count(audience, None, "Voice", (USUAL,), SCHOOL if len(registry.all_names()) > 1 else "")
		keep_count(counted.total)
		for school in sorted(filter(None, counted.groups)):
			keep_count(counted.groups[school], school)
		frappe.db.commit()


def keep_count(total: Counter, school: str | None = None) -> None:
	"""Write or overwrite today's row, of a school or of all.

	Users cannot write this count, no matter who was the first to open the card and enqueue the job.
	"""
	day = clock.db_now().date()
	counts = {"people": sum(total.values()), **{name: total[name] for name in STANDINGS}}
	name = f"{day} {school}" if school else str(day)
	row = {"name": name, **stamp(clock.db_now()), "day": day, "school": school, **counts}
	table = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.into(table).columns(*row).insert(*row.values())
	for column in (*counts, "modified", "modified_by"):
		query = query.on_duplicate_key_update(table[column], row[column])
	query.run()


def latest(days: int, schools: Collection[str] | None = None) -> list[frappe._dict]:
	"""Return the counts of the newest days, latest first: of these schools together or, without, of all."""
	if schools is not None and not schools:
		return []
	table = frappe.qb.DocType(DOCTYPE)
	of_these = table.school.isin(sorted(schools)) if schools else Coalesce(table.school, "") == ""
	sums = [Sum(table[field]).as_(field) for field in ("people", *STANDINGS)]
	query = frappe.qb.from_(table).select(table.day, *sums).where(of_these)
	return query.groupby(table.day).orderby(table.day, order=Order.desc).limit(days).run(as_dict=True)
