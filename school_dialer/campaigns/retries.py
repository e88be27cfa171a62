"""What happens to a recipient after an attempt that reached no one.

The options are the same number later, the next number, the next guardian, or the end. A line that has not
been tried is called at once. Before a line is dialed again, the delay of the last result must pass.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import frappe

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.base.phone import mask
from school_dialer.campaigns.call_order import (
	BUSY,
	FAILED,
	HUNG_UP,
	NO_ANSWER,
	NOT_ACKNOWLEDGED,
	NOT_CONFIRMED,
	NOT_FETCHED,
	OF_THE_PERSON,
	REPEATABLE,
	UNUSABLE,
	VOICEMAIL,
	WITHDRAWN,
	ContactPoint,
	following,
	line_of,
)
from school_dialer.campaigns.parties import rows
from school_dialer.gate import planned

DELAY_FIELDS = {
	BUSY: "busy_after_minutes",
	NO_ANSWER: "retry_after_minutes",
	NOT_ACKNOWLEDGED: "retry_after_minutes",
	NOT_CONFIRMED: "retry_after_minutes",
	HUNG_UP: "retry_after_minutes",
	NOT_FETCHED: "retry_after_minutes",
	VOICEMAIL: "voicemail_after_minutes",
	FAILED: "failed_after_minutes",
}
"""The Dialer Settings fields that hold the retry delay of each result, in minutes."""
OPTED_OUT = "OPTED_OUT"
REFUSED = "refused"
"""Why a line is left that the gate refused."""


def fields_of(line: ContactPoint) -> dict[str, Any]:
	"""Return a line as field values of a Dialer Recipient."""
	return {
		"phone": line.phone,
		"phone_masked": mask(line.phone),
		"person_doctype": line.person_doctype,
		"person": line.person,
		"person_name": line.person_name,
		"language": line.language,
		"students": json.dumps(line.students),
	}


def after(recipient, result: str, parties: list[frappe._dict]) -> dict[str, Any]:
	"""Return the recipient fields to set after an attempt with this result.

	`recipient` is a row with the fields in `READ`, and `parties` are its rows. The dict always has `status`
	(Not Reached or Retry). With Retry it also has `not_before`, the new line's fields if another line is
	next, and the seal of all that. An unusable number is dropped.
	"""
	current = line_of(recipient)
	order = [current if line.phone == current.phone else line for line in rows.lines(parties)] or [current]
	others = uncalled(parties, order)
	if {current.key} >= {rows.key_of(row) for row in parties}:
		tries, taken = Counter({current.key: recipient.attempts}), set()
	else:
		tries, taken = tries_of(recipient.name), taken_by_others(recipient, [*order, *others])
	if result == UNUSABLE and len(order) > 1:
		order = [line for line in order if line.phone != current.phone]
		rows.drop([row for row in parties if row.phone == current.phone], result)
	if result == UNUSABLE:
		others = [line for line in others if line.phone != current.phone]
	most, hung_up = recipient.max_attempts or 1, hung_up_before(recipient)
	chosen = following(order, current, tries, most, result, taken, hung_up)
	if chosen is None and others and result != WITHDRAWN:
		not_again = hung_up | without_pin(recipient.name)
		chosen = following(others, current, tries, most, NO_ANSWER, taken, not_again)
	if chosen is None:
		return {"status": states.NOT_REACHED}
	again = rung(tries, chosen.phone)
	if chosen.phone == current.phone:
		again = tries[chosen.key] or result in REPEATABLE
	values = {"status": states.RETRY, "not_before": next_attempt_at(result if again else None)}
	if chosen.key != current.key:
		values |= fields_of(chosen)
	return planned.resealed(recipient, values)


def uncalled(parties: list[frappe._dict], order: list[ContactPoint]) -> list[ContactPoint]:
	"""Return who shares a number in `order` with another person, and was part of no call yet.

	Their call asked for that person's PIN, or they were to be called later than that person.
	"""
	called = {line.key for line in order}
	left = [row for row in rows.still_open(parties, (rows.WAITING,)) if not row.call_log]
	return [point for point in rows.points_of(left) if point.key not in called]


def for_others(recipient, left: list[ContactPoint], heard: tuple[str, ...] = ()) -> dict[str, Any]:
	"""Return the recipient fields to set after a call that was heard, and informed only a part of the family.

	`left` are those still to be informed. They are called next, or were not reached if their tries are used
	up, and get what follows then. The call that was heard, to `heard` (a `ContactPoint.key`), was not in
	vain.
	"""
	tries, taken = tries_of(recipient.name), taken_by_others(recipient, left)
	in_vain, most = tries - Counter({heard: 1}), recipient.max_attempts or 1
	not_again = without_pin(recipient.name)
	chosen = following(left, line_of(recipient), in_vain, most, NO_ANSWER, taken, not_again)
	if chosen is None:
		return planned.resealed(recipient, {"status": states.NOT_REACHED, **fields_of(left[0])})
	due = next_attempt_at(NO_ANSWER if rung(in_vain, chosen.phone) else None)
	return planned.resealed(recipient, {"status": states.RETRY, "not_before": due, **fields_of(chosen)})


def going_on(recipient, campaign_status: str, left: list[ContactPoint]) -> dict[str, Any]:
	"""Return the same where no call was heard just now. An ended campaign calls no one."""
	if campaign_status in states.ENDED:
		return planned.resealed(recipient, {"status": states.NOT_REACHED, **fields_of(left[0])})
	return for_others(recipient, left)


def rung(tries: Counter, phone: str) -> int:
	"""Return how many of these attempts were at a number, no matter who was called there."""
	return sum(count for (number, *_owner), count in tries.items() if number == phone)


def next_attempt_at(result: str | None):
	"""Return the naive site time of the next attempt.

	That is now for a line that has not been tried, otherwise after the delay of the last result.
	"""
	minutes = 0
	if result:
		field = DELAY_FIELDS.get(result, DELAY_FIELDS[NO_ANSWER])
		minutes = frappe.get_cached_doc("Dialer Settings").get(field) or 0
	return frappe.utils.add_to_date(clock.db_now(), minutes=minutes, as_datetime=True)


READ = (
	"name",
	"campaign",
	"channel",
	"phone",
	"person_doctype",
	"person",
	"person_name",
	"language",
	"students",
	"attempts",
	"max_attempts",
	"seal",
)


def tries_of(recipient: str) -> Counter:
	"""Count attempts that reached the carrier, or may have, by `ContactPoint.key`.

	Attempts that were withdrawn have no attempt key and do not count.
	"""
	rows = frappe.db.sql(
		"""select phone, ifnull(person_doctype, ''), ifnull(person, ''), count(*) from `tabDialer Call Log`
		where attempt_key like %s group by phone, person_doctype, person""",
		recipient + ":%",
	)
	return Counter({tuple(key): count for *key, count in rows})


def tries_of_all(campaign: str, recipients: list[str]) -> dict[str, Counter]:
	"""Return the same by recipient, for those of a campaign that have attempts, in one query."""
	tries: dict[str, Counter] = defaultdict(Counter)
	if recipients:
		rows = frappe.db.sql(
			"""select recipient, phone, ifnull(person_doctype, ''), ifnull(person, ''), count(*)
			from `tabDialer Call Log`
			where campaign = %s and recipient in %s and attempt_key is not null group by 1, 2, 3, 4""",
			(campaign, tuple(recipients)),
		)
		for recipient, *key, count in rows:
			tries[recipient][tuple(key)] = count
	return tries


def once_more(
	order: list[ContactPoint],
	tries: Counter,
	most: int,
	taken: Collection[str],
	hung_up: Collection[tuple[str, ...]],
) -> dict[str, Any]:
	"""Return the fields to set on a recipient that is planned again after attempts.

	These are the line to call next, if it is not the first of `order`, or the end. `taken` and `hung_up` are
	those of `call_order.following`.
	"""
	chosen = following(order, order[0], tries, most, NO_ANSWER, taken, hung_up)
	if chosen is None:
		return {"status": states.NOT_REACHED}
	return fields_of(chosen) if chosen != order[0] else {}


def without_pin(recipient: str) -> set[tuple[str, ...]]:
	"""Return the owners who had no PIN in an earlier call, or a locked one, as `ContactPoint.owner`."""
	rows = frappe.db.sql(
		"""select ifnull(person_doctype, ''), ifnull(person, '') from `tabDialer Call Log`
		where attempt_key like %s and result in %s""",
		(recipient + ":%", OF_THE_PERSON),
	)
	return set(rows)


def hung_up_before(recipient) -> set[tuple[str, ...]]:
	"""Return the owners who hung up early before the latest attempt, as `ContactPoint.owner`.

	Runs no query after a first attempt.
	"""
	if recipient.attempts < 2:
		return set()
	rows = frappe.db.sql(
		"""select ifnull(person_doctype, ''), ifnull(person, '') from `tabDialer Call Log`
		where attempt_key like %s and attempt < %s and result = %s""",
		(recipient.name + ":%", recipient.attempts, HUNG_UP),
	)
	return set(rows)


def hung_up_before_all(campaign: str, recipients: list[str]) -> dict[str, set[tuple[str, ...]]]:
	"""Return the same by recipient, for those of a campaign that have attempts, in one query."""
	owners: dict[str, set[tuple[str, ...]]] = defaultdict(set)
	if recipients:
		rows = frappe.db.sql(
			"""select log.recipient, ifnull(log.person_doctype, ''), ifnull(log.person, '')
			from `tabDialer Call Log` log
			join `tabDialer Recipient` recipient on recipient.name = log.recipient
			where log.campaign = %s and log.recipient in %s and log.attempt_key is not null
			and log.attempt < recipient.attempts and log.result = %s""",
			(campaign, tuple(recipients), HUNG_UP),
		)
		for recipient, *owner in rows:
			owners[recipient].add(tuple(owner))
	return owners


def taken_by_others(recipient, order: list[ContactPoint]) -> set[str]:
	"""Return the numbers in `order` that the campaign already calls (or texts) for another recipient.

	A shared line is called only once per campaign about a student, and texted only once.
	"""
	called = who_is_called(recipient.campaign, recipient.channel, [line.phone for line in order])
	return {line.phone for line in order if is_taken(line, called, recipient.name)}


def who_is_called(campaign: str, channel: str, phones: Collection[str]) -> dict[str, dict[str, set[str]]]:
	"""Return {number: {recipient: students}}: whom the campaign calls (or texts) there, and about whom.

	Runs one query.
	"""
	called: dict[str, dict[str, set[str]]] = defaultdict(dict)
	if phones:
		rows = frappe.db.sql(
			"""select phone, name, students from `tabDialer Recipient`
			where phone in %s and campaign = %s and channel = %s
			and status not in ('Blocked', 'Cancelled')""",
			(tuple(phones), campaign, channel),
		)
		for phone, name, students in rows:
			called[phone][name] = set(json.loads(students or "[]"))
	return called


def is_taken(line: ContactPoint, called: Mapping[str, Mapping[str, set[str]]], but: str = "") -> bool:
	"""Return whether recipients other than `but` are called at this number about all students of the line.

	`called` is that of `who_is_called`.
	"""
	others = [students for name, students in called.get(line.phone, {}).items() if name != but]
	return bool(others) and set().union(*others).issuperset(line.students)


def other_lines(blocked: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
	"""Return the recipients that have another line to try, as {name: fields to set}.

	`blocked` holds the recipients that the gate just refused, with the reason codes. One whose other lines
	were called in vain, as often as they may be, was not reached: what follows that is for those lines.
	"""
	if not blocked:
		return {}
	rows_of, _strange = rows.read(blocked.keys())
	several = [name for name, parties in rows_of.items() if len({party.phone for party in parties}) > 1]
	if not several:
		return {}
	recipients = frappe.get_all("Dialer Recipient", {"name": ("in", several)}, list(READ), order_by="name")
	refused = refused_elsewhere([row for row in recipients if OPTED_OUT in blocked[row.name]], rows_of)
	moved = {}
	dropped = []
	for row in recipients:
		phone = row.phone
		out = {
			key
			for key in map(rows.key_of, rows_of[row.name])
			if key[0] == phone or (row.name, key) in refused
		}
		order = rows.lines([party for party in rows_of[row.name] if rows.key_of(party) not in out])
		if order and (fields := next_line(row, order, UNUSABLE)):
			# Those left out stay so. Each is asked about again where the number is called after all.
			dropped += [
				party
				for party in rows_of[row.name]
				if rows.key_of(party) in out and party.state == rows.WAITING
			]
			moved[row.name] = fields
	rows.drop(dropped, REFUSED)
	return moved


def next_line(row, order: list[ContactPoint], result: str) -> dict[str, Any] | None:
	"""Return the fields of a recipient that goes on at another line of `order`, or has ended there.

	None means that it has no line left that may be called, and none that was.
	"""
	tries, hung_up = tries_of(row.name), hung_up_before(row)
	taken = taken_by_others(row, order)
	chosen = following(order, line_of(row), tries, row.max_attempts or 1, result, taken, hung_up)
	if chosen:
		again = NO_ANSWER if tries[chosen.key] else None
		status = states.RETRY if again else states.PENDING
		fields = {**fields_of(chosen), "status": status, "not_before": next_attempt_at(again)}
	else:
		called = {phone for phone, *_owner in tries}
		last = next((line for line in reversed(order) if line.phone in called), None)
		fields = {**fields_of(last), "status": states.NOT_REACHED} if last else None
	return fields and planned.resealed(row, {**fields, "claim": None})


ENDED = """recipient.status in %(ended)s and ifnull(recipient.fallback, '') != 'E-mail'
	and not exists (select 1 from `tabDialer Recipient` text
		where text.fallback_of = recipient.name and text.status in %(texted)s)"""
"""An ended recipient of which no text or e-mail took the place of the call. One that was refused did not."""
OF_ENDED = {
	"ended": (states.NOT_REACHED, states.BLOCKED),
	"texted": (states.REACHED, *states.OPEN),
}


def take_up_again(phones: Collection[str]) -> None:
	"""Let lines be called that were left because of opt-outs at these numbers, which were a mistake.

	A recipient that has ended since goes on there, unless a text or an e-mail took the place of its call, or
	still may. Whatever else the gate has against a line, it says when the line is called.
	"""
	names = frappe.db.sql_list(
		"""select distinct party.parent from `tabDialer Campaign` campaign
		join `tabDialer Party` party on party.campaign = campaign.name
		where campaign.status in %(open)s and party.phone in %(phones)s and party.state = %(dropped)s
		and party.reason = %(refused)s""",
		{
			"open": (states.AWAITING, *states.APPROVED),
			"phones": tuple(phones),
			"dropped": rows.DROPPED,
			"refused": REFUSED,
		},
	)
	rows_of, _strange = rows.read(names)
	rows.restore([party for parties in rows_of.values() for party in parties], REFUSED)
	ended = frappe.db.sql(
		f"""select {", ".join(READ)}, fallback from `tabDialer Recipient` recipient
		where name in %(names)s and {ENDED} order by name""",
		{"names": (*names, ""), **OF_ENDED},
		as_dict=True,
	)
	for row in ended:
		fields = next_line(row, rows.lines(rows_of.get(row.name, ())), NO_ANSWER)
		if fields and fields["status"] in states.WAITING:
			fields |= {"verdict": "ALLOW", "reasons": "", "fallback": None, "fallback_reason": None}
			# The job of the texts may have marked the household since it was read.
			still = {"status": ("in", OF_ENDED["ended"]), "fallback": row.fallback or ("is", "not set")}
			frappe.db.set_value(
				"Dialer Recipient", {**still, "name": row.name}, fields, update_modified=False
			)


def is_left(campaign: str, phones: Collection[str]) -> bool:
	"""Return whether a recipient has ended that `take_up_again` would let be called at these numbers."""
	return bool(
		frappe.db.sql(
			"""select party.name from `tabDialer Party` party
			join `tabDialer Recipient` recipient on recipient.name = party.parent
			where party.campaign = %(campaign)s and party.phone in %(phones)s and party.state = %(dropped)s
			and party.reason = %(refused)s and """
			+ ENDED
			+ " limit 1",
			{
				"campaign": campaign,
				"phones": tuple(phones),
				"dropped": rows.DROPPED,
				"refused": REFUSED,
				**OF_ENDED,
			},
		)
	)


def refused_elsewhere(
	recipients: list, rows_of: Mapping[str, list[frappe._dict]]
) -> set[tuple[str, tuple[str, ...]]]:
	"""Return the other lines of the same person that the gate refuses, as (recipient, `ContactPoint.key`).

	`recipients` are of one campaign and channel, refused for an opt-out; `rows_of` has their parties.
	Who opted out is not called at another of their numbers. Whose number was reported as wrong is, and who
	shares one that another stopped.
	"""
	lines = [
		(row.name, line)
		for row in recipients
		for line in rows.points_of(rows.still_open(rows_of[row.name], (rows.WAITING,)))
		if line.owner == line_of(row).owner and line.phone != row.phone
	]
	if not lines:
		return set()
	case = gate.CallContext.of(frappe.get_doc("Dialer Campaign", recipients[0].campaign))
	checks = [
		gate.EligibilityCheck(str(place), line.phone, *line.owner, line.students, planned=True)
		for place, (_name, line) in enumerate(lines)
	]
	answers = gate.ask(replace(case, channel=recipients[0].channel), checks, clock.now())
	return {
		(name, line.key)
		for place, (name, line) in enumerate(lines)
		if answers[str(place)].decision.verdict == "BLOCK"
	}
