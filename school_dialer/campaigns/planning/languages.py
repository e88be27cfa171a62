"""The language of a call to several people: where one has none on record, it is that of another one there.

A mother and father with one number are a household, and a school asks one of them. The number is called in
the school's own language only if no one there has a language on record.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

import frappe

from school_dialer.audience import linked
from school_dialer.audience.base import Candidate, source_of
from school_dialer.audience.columns import existing
from school_dialer.audience.linked import LINKED
from school_dialer.base.database import doctypes
from school_dialer.base.database.rows import update_each
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.planning.candidate_choice import CandidateNumber

OWN = "dialer_language"
USERS = {"Guardian": "user", "Student": "user", "Contact": "user", "Employee": "user_id"}
"""By DocType: the field that names a person's user."""
Person = tuple[str, str]
Known = tuple[frappe._dict, CandidateNumber]
"""A recipient of an earlier chunk, and who shares its call."""


def at_numbers(numbers: Iterable[tuple[int, Candidate, str, str]]) -> dict[str, str]:
	"""Return the first language on record at each number, of (place, candidate, as written, number)."""
	found: dict[str, str] = {}
	for _place, candidate, _raw, phone in numbers:
		if phone and candidate.language:
			found.setdefault(phone, candidate.language)
	return found


def agree(campaign, further: list[Known]) -> list[Known]:
	"""Give those who share a call with an earlier chunk its language, and that call theirs.

	Each only where none is on record. Of a list, the record is the list. Runs a fixed number of queries.
	"""
	shared = [(row, option) for row, option in further if option.phone and option.phone == row.phone]
	shared = [(row, option) for row, option in shared if option.spoken != row.language]
	if not shared:
		return further
	known, _strange = parties.read([row.name for row, _option in shared])
	everyone = {person_of(one) for rows in known.values() for one in rows}
	unknown = without_language(everyone | {person_of(row) for row, _option in shared})
	listed = on_list(campaign, [row for row, option in shared if option.spoken])
	following, joining = {}, {}
	for row, option in shared:
		here = [one for one in known.get(row.name, ()) if one.phone == row.phone]
		if not (
			{person_of(one) for one in (row, *here)} <= unknown
			or listed.get(row.phone, row.language) != row.language
		):
			joining[row.name] = row.language
		elif option.spoken:
			row.language = option.spoken
			following[row.name] = here
	follow({row.name: row.language for row, _option in shared if row.name in following}, following)
	return [(row, speaking(option, joining.get(row.name, ""))) for row, option in further]


def on_list(campaign, rows: Collection[frappe._dict]) -> dict[str, str]:
	"""Return the languages that the campaign's own list has at these people's numbers."""
	numbers = {row.phone for row in rows if row.person_doctype not in {*USERS, *LINKED}}
	return source_of(campaign).languages_at(numbers) if numbers else {}


def person_of(row: frappe._dict) -> Person:
	return row.person_doctype or "", row.person or ""


def speaking(option: CandidateNumber, language: str) -> CandidateNumber:
	"""Return the option with this language of the call that it joins, if none is known of its own people."""
	if option.spoken or not language:
		return option
	said = (
		replace(point, language=language) if point.phone == option.phone else point
		for point in option.parties
	)
	return replace(option, at_number=language, parties=tuple(said))


def follow(languages: dict[str, str], informed: dict[str, list[frappe._dict]]) -> None:
	"""Write the new language of each call, and of those whom it informs."""
	update_each("Dialer Recipient", {name: {"language": language} for name, language in languages.items()})
	update_each(
		parties.DOCTYPE,
		{one.name: {"language": languages[name]} for name, rows in informed.items() for one in rows},
	)


def without_language(people: Collection[Person]) -> set[Person]:
	"""Return those of these people who have no language on record, nor their user."""
	found: dict[Person, str] = {}
	for doctype in {kind for kind, _name in people}:
		found |= users(doctype, [name for kind, name in people if kind == doctype])
	language = {"name": ("in", list(found.values())), "language": ("is", "set")}
	speak = set(frappe.get_all("User", language, pluck="name", order_by=None))
	return {person for person, user in found.items() if user not in speak}


def users(doctype: str, names: list[str]) -> dict[Person, str]:
	"""Return the user, or "", of each of these people whose own record has no language."""
	if doctype in LINKED:
		records = linked.records(doctype, names)
		target = LINKED[doctype][1]
		of_record = users(target, list(set(records.values())))
		return {(doctype, name): of_record.get((target, record), "") for name, record in records.items()}
	if doctype not in USERS or not doctypes.exists(doctype):
		return {}
	fields = existing((OWN, USERS[doctype]), doctype)
	rows = frappe.get_all(doctype, {"name": ("in", names)}, ["name", *fields], order_by=None)
	return {(doctype, row.name): row.get(USERS[doctype]) or "" for row in rows if not row.get(OWN)}
