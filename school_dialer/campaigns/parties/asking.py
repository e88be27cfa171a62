"""Asking the gate about everyone at a number, and naming in one call all whom they may hear about.

No one's consent, rights, or hours cover another's child: each person is asked about with their own students.
A student is named if at least one person at the number may be informed. The gate lets no one be informed at
the number of a guardian from whom the student is kept by a court order or a safety hold. Only a message that
asks for a PIN is for one person alone.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

import frappe

from school_dialer import gate
from school_dialer.campaigns.call_order import ContactPoint, line_of
from school_dialer.campaigns.parties.rows import about, points_of, read, still_open, students_of
from school_dialer.compliance.vocabulary import RESTRICTED_CONTACT
from school_dialer.schools import speaking
from school_dialer.schools.speaking import CalledPerson

VERDICTS = ("ALLOW", "DEFER", "BLOCK")
ADDRESSED = ("person_doctype", "person", "person_name", "language")
"""The columns of a recipient that follow whom a call is to (`address`)."""
Answered = tuple[ContactPoint, gate.EligibilityResult]
Informed = tuple[tuple[str, str, tuple[str, ...]], ...]
"""People and students, as (DocType, name, students)."""
Ask = Callable[[gate.CallContext, list[gate.EligibilityCheck], datetime], dict[str, gate.EligibilityResult]]


def recipient_of(row: frappe._dict) -> str:
	"""Return the name of the recipient: the row itself, or the one whom a member of staff is to phone."""
	return row.get("recipient") or row.name


def attach(rows: Collection[frappe._dict]) -> set[str]:
	"""Set `parties` on recipients' rows: who is still to be informed at this number, its own person first.

	`students` become those of the parties, and `party_rows` their rows. A row without parties, as of before
	the update, is its own only one. Returns the recipients that have a party which this app did not write.
	Runs one query for the chunk.
	"""
	rows_of, strange = read([recipient_of(row) for row in rows])
	for row in rows:
		row.party_rows = [
			party for party in still_open(rows_of.get(recipient_of(row), ())) if party.phone == row.phone
		]
		called = (row.person_doctype or "", row.person or "")
		points = sorted(points_of(row.party_rows), key=lambda point: point.owner != called)
		row.parties = points or [line_of(row)]
		row.students = students_of(row.parties)
		row.attached = {field: row.get(field) for field in ("parties", "students", *ADDRESSED)}
	return strange


def begin_again(rows: Collection[frappe._dict]) -> None:
	"""Set these rows to what `attach` read: they were asked about, and are once more, on their own."""
	for row in rows:
		row.update(row.get("attached") or {})


def ask(
	case: gate.CallContext,
	rows: Collection[frappe._dict],
	at: datetime,
	*,
	together: bool = True,
	of: Ask | None = None,
) -> dict[str, gate.EligibilityResult]:
	"""Ask the gate about each party of these rows (`attach`). Return one result for each row, by name.

	Its students are those of all parties who may be informed, and its decision is that of the first of them,
	to whom an allowed call is made. It is `off_record` if the number has left the record of any party. Sets
	`parties` to those, `possible` to the same with their answers, and `refused` to the others, as {(key of
	the point, student): reason codes}. Without `together` only the first is informed. Runs a fixed number of
	queries.
	"""
	asked = {row.name: row.parties for row in rows}
	of = of or gate.ask
	answered = answers(case, asked, {}, at, of)
	may = {name: best_of(several, together) for name, several in answered.items()}
	if schools := one_school(case, may):
		answered |= answers(case, {name: asked[name] for name in schools}, schools, at, of)
		may |= {name: best_of(answered[name], together) for name in schools}
	results = {}
	for row in rows:
		first = may[row.name][0][1]
		row.possible = may[row.name]
		row.parties = [replace(point, students=answer.students) for point, answer in row.possible]
		row.refused = refused(answered[row.name], row.parties)
		if first.decision.allowed:
			address(row)
		off_record = any(answer.off_record for _point, answer in answered[row.name])
		results[row.name] = replace(first, students=students_of(row.parties), off_record=off_record)
	return results


def alone(row: frappe._dict, place: int) -> gate.EligibilityResult:
	"""Let a call inform only one of those who may hear it together. Return the gate's answer about them."""
	point, answer = row.possible[place]
	row.parties = [replace(point, students=answer.students)]
	row.students = answer.students
	address(row)
	return answer


def address(row: frappe._dict) -> None:
	"""Make the call one to the first of the parties, if it was to be to another person."""
	first = row.parties[0]
	if first.owner != (row.person_doctype or "", row.person or ""):
		row.update({field: getattr(first, field) for field in ADDRESSED})


def answers(
	case: gate.CallContext,
	asked: dict[str, list[ContactPoint]],
	schools: dict[str, str],
	at: datetime,
	of: Ask,
) -> dict[str, list[Answered]]:
	"""Return the gate's answer for each party, in order. `schools` name those who speak, where known."""
	places = [(name, point) for name, points in asked.items() for point in points]
	results = of(
		case,
		[
			gate.EligibilityCheck(
				str(place),
				point.phone,
				point.person_doctype or None,
				point.person or None,
				point.students,
				school=schools.get(name, ""),
				planned=True,
			)
			for place, (name, point) in enumerate(places)
		],
		at,
	)
	grouped: dict[str, list[Answered]] = defaultdict(list)
	for place, (name, point) in enumerate(places):
		grouped[name].append((point, results[str(place)]))
	return grouped


def best_of(answered: list[Answered], together: bool) -> list[Answered]:
	"""Return the parties with the best verdict, the first to be called first, or only that one."""
	if len(answered) == 1:
		return answered
	best = min(VERDICTS.index(answer.decision.verdict) for _point, answer in answered)
	chosen = [pair for pair in answered if pair[1].decision.verdict == VERDICTS[best]]
	chosen.sort(key=lambda pair: (pair[1].decision.until or pair[1].decision.at).timestamp())
	return chosen if together else chosen[:1]


def one_school(case: gate.CallContext, may: dict[str, list[Answered]]) -> dict[str, str]:
	"""Return the school in whose name a call is whose parties' own schools differ, by recipient."""
	mixed = {}
	for name, several in may.items():
		if len({answer.school for _point, answer in several}) > 1:
			mixed[name] = several
	if not mixed:
		return {}
	called = [
		CalledPerson(several[0][0].person_doctype, several[0][0].person, together_about(several))
		for several in mixed.values()
	]
	named = zip(mixed, speaking.names(case.scope, called), strict=True)
	return {name: school for name, school in named if school}


def together_about(answered: list[Answered]) -> tuple[str, ...]:
	return tuple(dict.fromkeys(student for _point, answer in answered for student in answer.students))


def refused(answered: list[Answered], may: list[ContactPoint]) -> dict[tuple, str]:
	"""Return who is left out, with the reason codes. Those who only have to wait are not.

	The codes are those of the person, who may be called all the same: of a student they may not hear about,
	they say nothing.
	"""
	informed = {(point.key, student) for point in may for student in about(point)}
	reasons = {}
	for point, answer in answered:
		for student in about(point):
			if (point.key, student) in informed:
				continue
			if student and student not in answer.students:
				reasons[point.key, student] = RESTRICTED_CONTACT
			elif answer.decision.verdict == "BLOCK":
				reasons[point.key, student] = ", ".join(answer.decision.codes)[:140]
	return reasons


def spoken_of(row: frappe._dict) -> tuple[str, ...]:
	"""Return the students of a row that was asked about, without those of whom no one there may hear.

	If that leaves none, all of them: they are why no one may be called.
	"""
	left = {
		student
		for point in row.attached["parties"]
		for student in point.students
		if (point.key, student) not in row.refused
	}
	return tuple(student for student in row.students if student in left) or row.students


def spared(points: Collection[ContactPoint], gone: Collection[str]) -> list[ContactPoint]:
	"""Return the parties without these students, and without those for whom none is left.

	Of a student who is called about themselves, the gate would not ask about whom.
	"""
	left = [(point, tuple(student for student in point.students if student not in gone)) for point in points]
	return [replace(point, students=students) for point, students in left if students or not point.students]


def also_informed(row: frappe._dict) -> Informed:
	"""Return who hears about whom in the call to another person, of a row that was asked about."""
	return besides(row.get("parties") or (), (row.person_doctype or "", row.person or ""))


def besides(points: Collection[ContactPoint], owner: tuple[str, ...]) -> Informed:
	return tuple((*point.owner, point.students) for point in points if point.owner != owner)
