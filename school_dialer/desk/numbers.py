"""API for questions about a number: may it be called now, and its history.

A number is sent in the request body, never in a URL, and no response contains one. It is given as `phone`, or
is one of the numbers on a record that the user may read: `doctype`, `name`, and `key` if there are several.
"""

from collections import defaultdict
from dataclasses import asdict

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.audience import on_record, student_access
from school_dialer.base import roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import CHANNELS, PURPOSES
from school_dialer.consent.choices import rate_limits
from school_dialer.desk.decisions import explained
from school_dialer.desk.support import access
from school_dialer.desk.support.arguments import read_argument
from school_dialer.gate import inquiry
from school_dialer.privacy import pseudonym
from school_dialer.reporting import coverage, standing
from school_dialer.reporting import people as people_on_record
from school_dialer.reporting.number import number_history as happenings
from school_dialer.schools import users

QUESTIONS_A_MINUTE, QUESTIONS_A_DAY = 300, 5_000
LONGEST_STORY = 500
LATEST_START = 10_000
OF_ONE_NUMBER = (
	"Dialer Recipient",
	"Dialer Call Log",
	"Contact Consent",
	"Consent Event",
	"Dialer Notice",
	"Dialer Preference Link",
	"Dialer Conversation",
	"Dialer Number Lookup",
)
"""Records about a single number, which is in their field `phone`."""
OWN = "phone"
SHORTEST_NAME, LONGEST_NAME = 2, 80
MOST_OF_A_KIND, MOST_SHOWN = 10, 100
"""People of a DocType that are shown at first, and when more are asked for."""
ENDING = 4
"""Digits of a number that tell people of one name apart."""
MOST_NAMED = 500
"""People whose names one page of a list asks for."""


@frappe.whitelist(methods=["POST"])
def may_call(
	phone: str | None = None,
	channel: str = "Voice",
	purpose: str = "General",
	person_doctype: str | None = None,
	person: str | None = None,
	doctype: str | None = None,
	name: str | int | None = None,
	key: str | None = None,
) -> dict:
	"""Return whether this number may be called (or texted) now, and why or why not.

	The result is `desk.decisions.explained` plus the masked number and `may_call`. With a person, the address
	and court orders on that record count too; the user must have permission to read it. The result is not a
	permit: anyone who then dials by other means is responsible for changes in between. A school's user gets
	no `facts`, which count calls of all schools.
	"""
	access.only_for(roles.AGENTS)
	access.not_too_often("may_call", QUESTIONS_A_MINUTE, QUESTIONS_A_DAY)
	one_of(channel, CHANNELS)
	one_of(purpose, PURPOSES)
	may_read_person(person_doctype, person)
	number = access.number(number_of(phone, doctype, name, key))
	record = inquiry.decide(number, channel, purpose, person_doctype, person)
	explanation = explained(record)
	if users.of_user() is not None:
		explanation["facts"] = []
	return {
		"number": mask(number),
		"channel": channel,
		"purpose": purpose,
		"may_call": record["verdict"] == "ALLOW",
		**explanation,
	}


@frappe.whitelist(methods=["POST"])
def story(
	phone: str | None = None,
	limit: int = 100,
	start: int = 0,
	doctype: str | None = None,
	name: str | int | None = None,
	key: str | None = None,
) -> dict:
	"""Return a number's history, latest first.

	`story` has consent events, calls and texts and everything else on record, with times in site time. `more`
	says whether there are entries from `start + limit` on, and `elsewhere`, where it is true, that the
	number also has records that a school's user may not see.
	"""
	access.only_for(roles.AGENTS)
	access.not_too_often("story", QUESTIONS_A_MINUTE, QUESTIONS_A_DAY)
	number = number_of(phone, doctype, name, key)
	most, first = min(max(cint(limit), 1), LONGEST_STORY), min(max(cint(start), 0), LATEST_START)
	forms = pseudonym.forms([number])
	entries = happenings.history_of(forms, most + 1, first)
	return {
		"number": mask(number),
		"story": [asdict(entry) for entry in entries[:most]],
		"more": len(entries) > most,
		**({"elsewhere": True} if happenings.has_other(forms) else {}),
	}


@frappe.whitelist(methods=["POST"])
def find(text: str, limit: int = MOST_OF_A_KIND) -> dict:
	"""Find people by a part of their name, among the records that the user may read.

	`people` are at most `limit` of each DocType, and `more` says whether others have this name, too. Each has
	`doctype`, `name`, `title`, and what tells those of one name apart: `students`, the names of a guardian's
	children that the user may read, the `classes` of these children or of the student, and the `endings` of
	their numbers, the last four digits. `text` has at least two characters.

	No whole number is searched or returned.
	"""
	access.only_for(roles.AGENTS)
	access.not_too_often("find", QUESTIONS_A_MINUTE, QUESTIONS_A_DAY)
	wanted = plain_text.line(text)[:LONGEST_NAME].strip()
	if len(wanted) < SHORTEST_NAME:
		throw(_("Type at least {0} letters of the name.").format(SHORTEST_NAME))
	most = min(max(cint(limit), 1), MOST_SHOWN)
	kinds = [people_on_record.named_like(kind, wanted, most + 1) for kind in people_on_record.kinds()]
	return {
		"people": told_apart([person for people in kinds for person in people[:most]]),
		"more": any(len(people) > most for people in kinds),
	}


def told_apart(people: list[dict]) -> list[dict]:
	"""Return these people with what tells those of one name apart."""
	names = defaultdict(list)
	for person in people:
		names[person["doctype"]].append(person["name"])
	children = children_of(names["Guardian"])
	students = {student for named in children.values() for student in named} | set(names["Student"])
	classes = coverage.groups_of(sorted(students))
	endings = defaultdict(list)
	for doctype, records in names.items():
		for number in on_record.numbers_of(doctype, records):
			endings[doctype, number.name].append(number.phone[-ENDING:])
	return [
		{
			**person,
			"students": list(children.get(person["name"], {}).values())
			if person["doctype"] == "Guardian"
			else [],
			"classes": classes_of(person, children, classes),
			"endings": list(dict.fromkeys(endings[person["doctype"], person["name"]])),
		}
		for person in people
	]


def classes_of(person: dict, children: dict[str, dict[str, str]], classes: dict[str, list[str]]) -> list[str]:
	"""Return the classes of a student, or of a guardian's children."""
	of_guardian = children.get(person["name"], {}) if person["doctype"] == "Guardian" else {}
	students = [person["name"]] if person["doctype"] == "Student" else of_guardian
	return sorted({group for student in students for group in classes.get(student, ())})


@frappe.whitelist(methods=["POST"])
def on_this_record(doctype: str, name: str | int) -> dict:
	"""Return the masked numbers on a record and on the people it names, with what is on file for each.

	The shape is `{"numbers", "title", "students"}`. Each number is `{"key", "number", "doctype", "who",
	"consents"}`, the last as `standing.of_numbers` returns them. `students` are the names of a guardian's
	children that the user may read.
	"""
	access.only_for(roles.AGENTS)
	rate_limits.look_up()
	name = str(name)
	readable(doctype, name)
	if doctype in OF_ONE_NUMBER:
		number = frappe.db.get_value(doctype, name, OWN)
		offered = [{"key": OWN, "number": mask(number), "doctype": doctype, "who": ""}] if number else []
		phones = [number] if number else []
	else:
		numbers = on_record.numbers_on(doctype, name)
		offered, phones = [entry.as_offered() for entry in numbers], [entry.phone for entry in numbers]
	on_file = standing.of_numbers(phones)
	children = students_of([name]).get(name, []) if doctype == "Guardian" else []
	return {
		"numbers": [
			{**offer, "consents": on_file[number]} for offer, number in zip(offered, phones, strict=True)
		],
		"title": people_on_record.title_of(doctype, name),
		"students": children,
	}


@frappe.whitelist(methods=["POST"])
def names_of(people: str | list) -> list[dict]:
	"""Return the names of people, among the records that the user may read.

	`people` are pairs of DocType and name (or their JSON), at most MOST_NAMED. Each result has `doctype`,
	`name` and `title`.
	"""
	access.only_for(roles.AGENTS)
	access.not_too_often("names_of", QUESTIONS_A_MINUTE, QUESTIONS_A_DAY)
	asked = defaultdict(set)
	for pair in read_argument(people, list)[:MOST_NAMED]:
		match pair:
			case [str(kind), str(name)]:
				asked[kind].add(name)
	return people_on_record.with_titles(asked)


def students_of(guardians: list[str]) -> dict[str, list[str]]:
	"""Return the names of these guardians' children that the user may read."""
	return {guardian: list(named.values()) for guardian, named in children_of(guardians).items()}


def children_of(guardians: list[str]) -> dict[str, dict[str, str]]:
	"""Return {student: name} of these guardians' children that the user may read."""
	if not guardians or not frappe.db.exists("DocType", "Student Guardian", cache=True):
		return {}
	links = frappe.get_all(
		"Student Guardian",
		{"guardian": ("in", guardians), "parenttype": "Student"},
		["guardian", "parent"],
		order_by="parent",
	)
	names = student_access.visible_names({link.parent for link in links})
	children = defaultdict(dict)
	for link in links:
		if link.parent in names:
			children[link.guardian][link.parent] = names[link.parent]
	return children


def number_of(phone: str | None, doctype: str | None, name: str | int | None, key: str | None) -> str:
	"""Return the number that was typed, or the number on the record.

	It is in E.164 form, or a pseudonym if the record's number is past its retention period.
	"""
	if not (doctype or name):
		return access.number(phone)
	name = str(name) if isinstance(name, int) else name
	readable(doctype, name)
	if doctype in OF_ONE_NUMBER:
		on_file = frappe.db.get_value(doctype, name, OWN)
	else:
		numbers = on_record.numbers_on(doctype, name)
		on_file = next((entry.phone for entry in numbers if key in (None, entry.key)), None)
	if not on_file:
		throw(_("There is no such number on this record."), frappe.DoesNotExistError)
	return on_file if on_file.startswith(pseudonym.PREFIX) else access.number(on_file)


def readable(doctype: str, name: str) -> None:
	"""Raise PermissionError or DoesNotExistError if the record may not be used.

	The error does not repeat what was sent.
	"""
	is_listed = isinstance(doctype, str) and doctype in (*OF_ONE_NUMBER, *on_record.RECORDS)
	if not (is_listed and isinstance(name, str) and frappe.db.exists("DocType", doctype)):
		throw(_("There is no number on such a record."), frappe.DoesNotExistError)
	access.get_record(doctype, name).check_permission("read")


def one_of(value: str, allowed: tuple[str, ...]) -> None:
	if value not in allowed:
		throw(_("{0} is none of: {1}.").format(frappe.utils.escape_html(str(value)[:40]), ", ".join(allowed)))


def may_read_person(doctype: str | None, name: str | None) -> None:
	if not (doctype or name):
		return
	if not (doctype and name and frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name)):
		throw(_("There is no such person on record."), frappe.DoesNotExistError)
	access.may("read", doctype, name)
