"""To which school a conversation, a received call, or a family to phone belongs; none outside a district.

It is the school of the family's students. If they have several or none, it is the one in whose name the
number was called or texted last, and then the one whose number the person wrote to. A family of several
schools has a conversation with each, which names the students there alone.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import update_each
from school_dialer.base.jobs import job
from school_dialer.inbound.conversations import belonging
from school_dialer.inbound.conversations.belonging import ANSWERS_WITHIN
from school_dialer.schools import belonging as schools_of
from school_dialer.schools import registry
from school_dialer.settings import school_numbers

CONVERSATION, MANUAL_CALL = "Dialer Conversation", "Dialer Manual Call"
CHUNK = 500
OPEN = f"""select name, phone, students, ifnull(school, '') school, of_several_schools
	from `tab{CONVERSATION}` where open_mark is not null and name > %s order by name limit {CHUNK}"""
LISTED = f"""select listed.name, listed.phone, listed.students, ifnull(listed.school, '') school,
		ifnull(recipient.school, '') named
	from `tab{MANUAL_CALL}` listed
	left join `tabDialer Recipient` recipient on recipient.name = listed.recipient
	where listed.status != 'Done' and listed.name > %s order by listed.name limit {CHUNK}"""


@dataclass(frozen=True, slots=True)
class FamilyNumber:
	"""A number (E.164), the students of its family, and the number of ours that was written to, or ""."""

	phone: str
	students: tuple[str, ...] = ()
	sender: str = ""


def school_of_each(asked: Sequence[FamilyNumber]) -> list[str]:
	"""Return the school of each, or "". Three queries at most, however many are asked about."""
	if not asked or not registry.is_district():
		return [""] * len(asked)
	of_students = schools_of.of_students({student for number in asked for student in number.students})
	called = called_last([number.phone for number in asked if number.phone])
	numbers = schools_by_number() if any(number.sender for number in asked) else {}
	return [
		chosen(
			{of_students[student] for student in number.students if student in of_students},
			called.get(number.phone, ""),
			numbers.get(number.sender, ""),
		)
		for number in asked
	]


def chosen(of_family: set[str], called: str, written_to: str) -> str:
	"""Return the one school of these that the family's message is for, "" if that is the district."""
	in_use = registry.schools()
	family = {school for school in of_family if school in in_use}
	if len(family) == 1:
		return family.pop()
	for school in (called, written_to):
		if school in in_use and (not family or school in family):
			return school
	return ""


@dataclass(frozen=True, slots=True)
class Family:
	"""The students of a number's family, whether they are at several schools, and which one is written to.

	`school` is "" if that is not known, and outside a district.
	"""

	students: tuple[str, ...]
	of_several: bool = False
	school: str = ""


def family(phone: str, students: Collection[str], reference: tuple[str | None, str | None]) -> Family:
	"""Return the family with this number (E.164) and these students, as of a message that arrived now.

	`reference` is the record of its arrival. Outside a district these are the `students` alone.
	"""
	if not registry.is_district():
		return Family(tuple(students))
	everyone = tuple(sorted({*students, *belonging.owner_of(phone).students}))
	thread_school = of_thread(phone, everyone, reference)
	return Family(everyone, named_students(everyone, thread_school).of_several, thread_school)


@dataclass(frozen=True, slots=True)
class NamedStudents:
	"""The students whom a conversation names, and whether its family has children at several schools."""

	students: list[str]
	of_several: bool = False


def named_students(students: Sequence[str], school: str | None, named: Sequence[str] = ()) -> NamedStudents:
	"""Return whom of these students a conversation of this school names, in one query.

	If they are at several schools, those at this one, and none as long as it is not known which school it is.
	Who was `named` together before stays so.
	"""
	schools = schools_of.of_students(students)
	if len(set(schools.values())) < 2 or len({schools[child] for child in named if child in schools}) > 1:
		return NamedStudents(list(students))
	return NamedStudents(
		[child for child in students if schools.get(child) == (school or "")], of_several=True
	)


def of_children(phone: str) -> list[str]:
	"""Return the schools in use of the children of those with this number (E.164)."""
	schools = schools_of.of_students(belonging.owner_of(phone).students)
	return sorted(set(schools.values()) & set(registry.schools()))


def of_campaign(campaign: str | None, school: str | None) -> str | None:
	"""Return the campaign, or None if it is of another school than this one."""
	of_it = campaign and registry.is_district() and frappe.db.get_value("Dialer Campaign", campaign, "school")
	return None if of_it and of_it != school else campaign


def called_last(phones: Collection[str]) -> dict[str, str]:
	"""Return the school in whose name each number was called or texted last, of late, in one query."""
	if not phones:
		return {}
	rows = frappe.db.sql(
		"""select phone, school from `tabDialer Call Log`
		where phone in %s and placed_at > %s and direction = 'Outbound' and ifnull(school, '') != ''
		order by placed_at""",
		(tuple(set(phones)), clock.to_db(clock.now() - ANSWERS_WITHIN)),
	)
	return dict(rows)


def schools_by_number() -> dict[str, str]:
	"""Return the schools of the sending numbers that are one school's, by number in E.164."""
	rows = frappe.get_cached_doc("Dialer Settings").sending_numbers
	return {
		school_numbers.e164(row.phone_number) or row.phone_number: row.school for row in rows if row.school
	}


def of_call(phone: str | None, sender: str = "") -> str:
	"""Return the school of a call or text that this number (E.164) sends to this one of ours, or ""."""
	if not registry.is_district():
		return ""
	students = belonging.owner_of(phone).students if phone else ()
	return school_of_each([FamilyNumber(phone or "", students, school_numbers.e164(sender) or sender)])[0]


def of_thread(phone: str, students: Iterable[str], reference: tuple[str | None, str | None]) -> str:
	"""Return the school of a conversation; `reference` is the record of the last message's arrival."""
	if not registry.is_district():
		return ""
	doctype, name = reference
	sender = frappe.db.get_value(doctype, name, "sender") if doctype == "Dialer Call Log" and name else ""
	return school_of_each(
		[FamilyNumber(phone, tuple(students), school_numbers.e164(sender) or sender or "")]
	)[0]


@job
def keep_true() -> None:
	"""Set the school of what is open again from the students' records (scheduler job). In sets.

	A conversation with a family of several schools follows the students that it names, and no later call.
	"""
	if registry.is_district():
		for doctype, query in ((CONVERSATION, OPEN), (MANUAL_CALL, LISTED)):
			for rows in chunks(query):
				correct(doctype, rows)
				frappe.db.commit()


def chunks(query: str) -> Iterator[list[frappe._dict]]:
	last = ""
	while rows := frappe.db.sql(query, last, as_dict=True):
		yield rows
		last = rows[-1].name


def correct(doctype: str, rows: list[frappe._dict]) -> None:
	asked = [
		FamilyNumber(
			"" if row.get("of_several_schools") else row.phone, tuple(json.loads(row.students or "[]"))
		)
		for row in rows
	]
	wanted = {
		row.name: row.get("named") or school or row.school
		for row, school in zip(rows, school_of_each(asked), strict=True)
	}
	update_each(
		doctype,
		{row.name: {"school": wanted[row.name]} for row in rows if wanted[row.name] != row.school},
	)
