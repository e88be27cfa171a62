"""Rows of planned recipients.

They are written one chunk at a time, each household once per campaign, in a fixed number of queries.
"""

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp, update_each
from school_dialer.campaigns import notifications, retries
from school_dialer.campaigns.call_order import ContactPoint, line_of, union
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.planning import languages
from school_dialer.campaigns.planning.candidate_choice import VERDICT_ORDER, CandidateNumber
from school_dialer.campaigns.related import campaigns_of
from school_dialer.gate import planned
from school_dialer.schools import registry, speaking
from school_dialer.schools import scope as scopes
from school_dialer.schools.speaking import CalledPerson

REPLACEABLE = (*states.WAITING, states.BLOCKED, states.CANCELLED)
"""A recipient in another status is being called, or has been: another plan does not begin it again."""
KEPT = frozenset({"name", "owner", "creation", "attempts"})
"""Columns of a recipient that another plan keeps. Its attempts number its call logs."""

ADDED = {"status": states.BLOCKED, "verdict": "BLOCK", "reasons": planned.ADDED}


def add_candidates(campaign, options: list[CandidateNumber]) -> None:
	"""Insert the households that are new to the campaign. Merge the rest with what was planned earlier."""
	if not options:
		return
	earlier = read_known(campaign.name, [option.household_key for option in options])
	fresh = [option for option in options if option.household_key not in earlier]
	names = new_names(len(fresh))
	insert("Dialer Recipient", list(rows_of(campaign, fresh, names)))
	further = languages.agree(
		campaign, [(earlier[key], option) for option in options if (key := option.household_key) in earlier]
	)
	add_parties(
		campaign.name, [*zip(names, fresh, strict=True), *((row.name, option) for row, option in further)]
	)
	sharing = [(row, option) for row, option in further if shares(row, option)]
	join(campaign, sharing)
	tell_the_rest(campaign, [row for row, _option in sharing if row.status == states.REACHED])
	speak_instead(
		campaign,
		[(row, with_its_students(row, option)) for row, option in further if is_better(row, option)],
	)


def announce_added(campaign) -> None:
	"""Notify staff if people were added after approval was asked for, who are not called.

	One who shares a number with someone else is among the people at that one's number.
	"""
	if campaign.asked_people is None:
		return
	blocked = {"campaign": campaign.name, "status": states.BLOCKED, "reasons": planned.ADDED}
	among = {"campaign": campaign.name, "state": parties.WITHHELD, "reason": planned.ADDED}
	if frappe.db.exists("Dialer Recipient", blocked) or frappe.db.exists(parties.DOCTYPE, among):
		notifications.notify_once(campaign, notifications.ADDED, "")


def leave_to_staff(campaign) -> None:
	"""Keep the machine from those whom a member of staff phones now for a campaign that this one tries again.

	Who takes a family later finds these recipients on record (`manual_calls.claiming`).
	"""
	held = frappe.get_all(
		"Dialer Recipient",
		{"campaign": ("in", campaigns_of(campaign.resends)), "held_until": (">", clock.db_now())},
		["phone", "held_until"],
		order_by="held_until",
	)
	for row in held:
		waiting = {"campaign": campaign.name, "phone": row.phone, "status": ("in", states.WAITING)}
		frappe.db.set_value("Dialer Recipient", waiting, "held_until", row.held_until, update_modified=False)


def add_parties(campaign: str, options: Iterable[tuple[str, CandidateNumber]]) -> None:
	"""Write who is informed about whom in the calls to these recipients, given by name."""
	seal_of = planned.signer(planned.PARTY)
	rows = []
	for name, option in options:
		rows += parties.rows_of(campaign, name, parties_of(option), seal_of)
	planned.write_parties(rows)


def parties_of(option: CandidateNumber) -> list[tuple[ContactPoint, str | None]]:
	"""Return everyone at all numbers of this household, with why a person is not informed, or None.

	A person who is informed of nothing is there without a student only if no student of theirs is known.
	"""
	why = option.why if option.is_refused else None
	everyone = [*((point, why) for point in (*option.informed, *option.behind)), *option.withheld]
	called = {point.key for point, _why in everyone if point.students}
	return [(point, why) for point, why in everyone if point.students or not why or point.key not in called]


def shares(row: frappe._dict, option: CandidateNumber) -> bool:
	"""Return True if a call to this earlier row covers the option's students too."""
	order = VERDICT_ORDER[row.verdict]
	return order == option.order or (order < option.order and not option.is_refused)


def is_better(row: frappe._dict, option: CandidateNumber) -> bool:
	return row.status in REPLACEABLE and VERDICT_ORDER[row.verdict] > option.order


def with_its_students(row: frappe._dict, option: CandidateNumber) -> CandidateNumber:
	"""Return the option with the students of the row it replaces, if that one was not refused."""
	if VERDICT_ORDER[row.verdict] == VERDICT_ORDER["BLOCK"]:
		return option
	students = union(option.answer.students, tuple(json.loads(row.students or "[]")))
	several = option.several_schools or option.answer.school != (row.school or "")
	return replace(option, answer=replace(option.answer, students=students), several_schools=several)


def read_known(campaign: str, keys: list[str]) -> dict[str, frappe._dict]:
	"""Return the campaign's rows by household key.

	One that this app did not plan is as good as blocked, once the update has sealed those it did plan. So is
	one that was canceled, or that lacked data when it was to be called: another plan takes it up.
	"""
	rows = frappe.db.sql(
		"""select household_key, name, campaign, verdict, status, attempts, phone, person_doctype, person,
			person_name, language, students, school, seal
		from `tabDialer Recipient` force index (dialer_household)
		where campaign = %s and household_key in %s""",
		(campaign, tuple(keys)),
		as_dict=True,
	)
	_valid, strangers = planned.divided(rows)
	if strangers and planned.older_are_sealed():
		for row in strangers:
			row.verdict = "BLOCK"
	for row in rows:
		if row.status in (states.BLOCKED, states.CANCELLED):
			row.verdict = "BLOCK"
	return {row.household_key: row for row in rows}


def rows_of(campaign, options: list[CandidateNumber], names: list[str] | None = None) -> Iterator[dict]:
	"""Yield the fields of each option's recipient, always in the same order, with their seal.

	New names sort in ascending order, so that rows are appended.
	"""
	settings = frappe.get_cached_doc("Dialer Settings")
	names = names or new_names(len(options))
	common = {
		**stamp(),
		"campaign": campaign.name,
		"channel": campaign.channel,
		"attempts": 0,
		"max_attempts": campaign.max_attempts or settings.max_attempts or 1,
	}
	no_number, seal_of = _("no working phone number"), planned.signer()
	language_of = cache(registry.language)
	for name, option, school in zip(names, options, schools_of(campaign, options), strict=True):
		person = option.candidate
		row = {
			"name": name,
			**common,
			"person_name": person.person_name[:140],
			"phone": option.phone,
			"phone_masked": gate.masked(option.phone) or no_number,
			"raw_phone": option.raw[:140],
			"person_doctype": person.person_doctype,
			"person": person.person,
			"language": option.spoken or language_of(school),
			"household_key": option.household_key,
			**gate.as_fields(option.answer),
			"school": school or None,
			**(ADDED if option.added else {}),
		}
		yield {**row, "seal": seal_of(row)}


def schools_of(campaign, options: list[CandidateNumber]) -> list[str]:
	"""Return the school in whose name each household is called, by all students of those who share it.

	Only what people of several schools share is asked again: the decision has the school of each person.
	"""
	shared = [option for option in options if option.several_schools]
	called = [
		CalledPerson(option.candidate.person_doctype, option.candidate.person, option.answer.students)
		for option in shared
	]
	asked = iter(speaking.names(scopes.scope_of(campaign), called) if shared else ())
	return [next(asked) if option.several_schools else option.answer.school for option in options]


def new_names(count: int) -> list[str]:
	start = f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(3)}"
	return [f"{start}{index:03x}" for index in range(count)]


def join(campaign, further: list[tuple[frappe._dict, CandidateNumber]]) -> None:
	"""Add students to rows that were planned earlier: one call covers both people."""
	changed = {}
	for row, option in further:
		earlier = tuple(json.loads(row.students or "[]"))
		students = union(earlier, option.answer.students) if option.phone == row.phone else earlier
		if students != earlier:
			changed[row.name] = CalledPerson(row.person_doctype, row.person, students)
	if not changed:
		return
	schools = speaking.names(scopes.scope_of(campaign), list(changed.values()))
	rows = {row.name: row for row, _option in further}
	update_each(
		"Dialer Recipient",
		{
			name: planned.resealed(
				rows[name], {"students": json.dumps(called.students), "school": school or None}
			)
			for (name, called), school in zip(changed.items(), schools, strict=True)
		},
	)


def tell_the_rest(campaign, reached: list[frappe._dict]) -> None:
	"""Let households that an earlier plan reached be called about students who joined them since.

	`reached` are their rows as they were before. Whom a call reached is not called again about the same
	students.
	"""
	listed, _strange = parties.read([row.name for row in reached])
	left = {}
	for row in reached:
		students = json.loads(row.students or "[]")
		before = [frappe._dict(row, reach=campaign.reach, student=student) for student in students]
		rest = parties.still_open(listed.get(row.name, ()), (parties.WAITING,), before)
		if any(party.student for party in rest):
			left[row.name] = parties.points_of(party for party in rest if party.student)
	if not left:
		return
	now = {"name": ("in", list(left))}
	for row in frappe.get_all("Dialer Recipient", now, list(retries.READ), order_by="name"):
		fields = retries.for_others(row, left[row.name], line_of(row).key)
		frappe.db.set_value("Dialer Recipient", row.name, fields, update_modified=False)


def speak_instead(campaign, better: list[tuple[frappe._dict, CandidateNumber]]) -> None:
	"""Replace people who may not be called (or not yet) by another person on the same number who may.

	Whom an earlier plan has called already keeps those attempts: they count against the same budget.
	"""
	rows = list(rows_of(campaign, [option for _row, option in better], [row.name for row, _option in better]))
	if not rows:
		return
	go_on(campaign, rows, better)
	write_over(rows)


def go_on(campaign, rows: list[dict], better: list[tuple[frappe._dict, CandidateNumber]]) -> None:
	"""Move rows that were called already to the line that is next for them, or to their end.

	As after an attempt, a line on which the campaign calls another household is left to that one, be it on
	record already or among these rows.
	"""
	begun = [before.name for before, _option in better if before.attempts]
	tries = retries.tries_of_all(campaign.name, begun)
	orders = {
		row["name"]: option.call_order
		for row, (_before, option) in zip(rows, better, strict=True)
		if row["name"] in tries and row["status"] != states.BLOCKED
	}
	if not orders:
		return
	hung_up = retries.hung_up_before_all(campaign.name, list(orders))
	phones = {line.phone for order in orders.values() for line in order}
	called = retries.who_is_called(campaign.name, campaign.channel, phones)
	written = {row["name"] for row in rows}
	for phone in called:
		called[phone] = {name: about for name, about in called[phone].items() if name not in written}
	for row in rows:
		if row["status"] != states.BLOCKED:
			called[row["phone"]][row["name"]] = set(json.loads(row["students"]))
	for row in rows:
		name = row["name"]
		if name in orders:
			taken = {line.phone for line in orders[name] if retries.is_taken(line, called, name)}
			fields = retries.once_more(orders[name], tries[name], row["max_attempts"], taken, hung_up[name])
			row.update(planned.sealed(row, fields))
			called[row["phone"]][name] = set(json.loads(row["students"]))


def write_over(rows: list[dict]) -> None:
	"""Insert rows of `rows_of`. One that is planned for a second time takes the place of the first."""
	fields = (field for field in next(iter(rows), {}) if field not in KEPT)
	update = ", ".join(f"`{field}` = values(`{field}`)" for field in fields)
	insert("Dialer Recipient", rows, more=f" on duplicate key update {update}")
