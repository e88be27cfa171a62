"""Updates of recipients and call logs by a dispatcher, one chunk at a time."""

import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

import frappe

from school_dialer import clock, gate, states
from school_dialer.attempts import strangers
from school_dialer.audience.base import Source, source_of
from school_dialer.audience.filters.condition import Contacted
from school_dialer.campaigns import retries
from school_dialer.campaigns.call_order import ContactPoint, line_of
from school_dialer.campaigns.parties import asking, telling
from school_dialer.campaigns.parties.rows import students_of
from school_dialer.compliance.permit import closes_at
from school_dialer.database.rows import insert, stamp, update_each
from school_dialer.database.transactions import changed
from school_dialer.gate import planned, site_policies
from school_dialer.phone import mask
from school_dialer.settings import carrier_accounts
from school_dialer.settings.carrier_settings import Schools

ALL_SCHOOLS = Schools()
CLAIMED = """name, campaign, phone, person_doctype, person, person_name, students, seal, language, attempts,
	max_attempts, school"""
"""The columns of a claimed row, with all that its seal covers."""


def claim(
	campaign: str,
	most: int,
	channel: str = "Voice",
	schools: Schools = ALL_SCHOOLS,
	not_told_again: bool = False,
) -> list[frappe._dict]:
	"""Claim up to `most` due recipients of this channel, and commit.

	`schools`: those in whose names the number speaks. `not_told_again` leaves out those who are called once
	more after a lost answer (`attempts.emergency_watch`). No other dispatcher sees them again. Those whom a
	member of staff phones now (`held_until`) are left to them, and those whom this app did not plan are not
	called (`strangers`). Returns rows with `claim` set and what `asking.attach` sets. The caller's
	transaction must be READ COMMITTED (`transactions.begin_read_committed`): gap locks would make dispatchers
	wait for each other.
	"""
	now = clock.db_now()
	rows, others = planned.divided(due_rows(campaign, most, channel, schools, not_told_again, now))
	strange = asking.attach(rows)
	others += [row for row in rows if row.name in strange]
	rows = [row for row in rows if row.name not in strange]
	strangers.refuse(campaign, others, alone=not rows)
	claim = secrets.token_hex(8)
	if rows:
		frappe.db.sql(
			"""update `tabDialer Recipient` set status = 'Dialing', claim = %(claim)s, claimed_at = %(now)s
			where name in %(names)s""",
			{"claim": claim, "now": now, "names": tuple(row.name for row in rows)},
		)
	frappe.db.commit()
	for row in rows:
		row.claim = claim
	return rows


def due_rows(
	campaign: str, most: int, channel: str, schools: Schools, not_told_again: bool, now: datetime
) -> list[frappe._dict]:
	"""Return the rows that `claim` may take, locked until the commit."""
	of_schools, values = schools.sql("school")
	first_time = " and told_again = 0" if not_told_again else ""
	return frappe.db.sql(
		f"""select {CLAIMED} from `tabDialer Recipient`
		where campaign = %(campaign)s and status in %(waiting)s and not_before <= %(now)s
		and (held_until is null or held_until <= %(now)s) and channel = %(channel)s{of_schools}{first_time}
		limit %(most)s for update skip locked""",
		{
			"campaign": campaign,
			"waiting": states.WAITING,
			"now": now,
			"most": most,
			"channel": channel,
			**values,
		},
		as_dict=True,
	)


def waits(campaign: str, channel: str, schools: Schools) -> bool:
	"""Return True if a recipient of these schools is due on this channel."""
	of_schools, values = schools.sql("school")
	found = frappe.db.sql(
		f"""select 1 from `tabDialer Recipient`
		where campaign = %(campaign)s and status in %(waiting)s and not_before <= %(now)s
		and (held_until is null or held_until <= %(now)s) and channel = %(channel)s{of_schools} limit 1""",
		{
			"campaign": campaign,
			"waiting": states.WAITING,
			"now": clock.db_now(),
			"channel": channel,
			**values,
		},
	)
	return bool(found)


def release(rows: list, seconds: int = 0, emergency_seconds: int | None = None) -> None:
	"""Return recipients to waiting after nothing was placed.

	They are due again after `seconds`, or after `emergency_seconds` in an emergency. Recipients of a canceled
	campaign become Cancelled. Rows that another dispatcher has claimed since are left alone.
	"""
	rows = [row for row in rows if row.name]
	if not rows:
		return
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set recipient.status = if(campaign.status = 'Cancelled', 'Cancelled', 'Pending'),
			recipient.claim = null,
			recipient.not_before = if(campaign.purpose = 'Emergency', %(urgent)s, %(due)s)
		where recipient.name in %(names)s and recipient.claim in %(claims)s
		and recipient.status = 'Dialing'""",
		{
			"due": after(seconds),
			"urgent": after(seconds if emergency_seconds is None else emergency_seconds),
			"names": tuple(row.name for row in rows),
			"claims": tuple({row.claim for row in rows}),
		},
	)


def after(seconds: float) -> datetime:
	"""Return the naive site time in this many seconds."""
	return frappe.utils.add_to_date(clock.db_now(), seconds=seconds, as_datetime=True)


def still_due(campaign: str, rows: list) -> list:
	"""Return the rows whose claim this dispatcher still holds, locked until the commit.

	Returns none unless the campaign is running. An old claim is given to another dispatcher. A row whose
	person was renamed or merged since the claim is released and claimed again: it has a new seal, and what is
	written of the old name would break it. A row whose count of attempts is behind its call logs is counted
	again: its next log could not be written, nor those of the others in its chunk.
	"""
	held = {
		name: (claim, person, logged)
		for name, claim, person, logged in frappe.db.sql(
			"""select recipient.name, recipient.claim, recipient.person, log.name
			from `tabDialer Recipient` recipient
			left join `tabDialer Call Log` log
				on log.attempt_key = concat(recipient.name, ':', recipient.attempts + 1)
			where recipient.name in %(names)s and recipient.status = 'Dialing'
			and (recipient.held_until is null or recipient.held_until <= %(now)s)
			and (select status from `tabDialer Campaign` where name = %(campaign)s) = 'Running' for update""",
			{"names": tuple(row.name for row in rows), "campaign": campaign, "now": clock.db_now()},
		)
	}
	held_still = [row for row in rows if row.name in held and held[row.name][0] == row.claim]
	release([row for row in held_still if held[row.name][1] != row.person])
	due = [row for row in held_still if held[row.name][1] == row.person]
	count_again(campaign, [row for row in due if held[row.name][2]])
	return due


def count_again(campaign: str, rows: list) -> None:
	"""Set `attempts` of these rows to the last one on record."""
	if rows:
		last = frappe.db.sql(
			"""select recipient, max(attempt) from `tabDialer Call Log`
			where campaign = %s and recipient in %s and attempt_key is not null group by recipient""",
			(campaign, tuple(row.name for row in rows)),
		)
		logged = dict(last)
		for row in rows:
			row.attempts = max(row.attempts, logged.get(row.name, 0))


def lock_names(campaign, rows: list) -> list[str]:
	"""Return the names to lock from the chunk's last look at the records until it is sent.

	These are its numbers, and the students whose records decide whether the call is made.
	"""
	names = {row.phone for row in rows}
	if source_of(campaign).rechecks:
		names.update(student for row in rows for student in row.students)
	return list(names)


def recheck_audience(campaign, rows: list) -> list:
	"""Return the rows that are still to be called, each with the students the reason still holds for.

	The others become Cancelled, with the reason.
	"""
	source = source_of(campaign)
	if not (rows and source.rechecks):
		return rows
	gone = source.withdrawn({student for row in rows for student in row.students})
	return without_people(without(rows, gone, (states.DIALING,)), source)


def without_people(rows: list, source: Source) -> list:
	"""Return the rows without those whom the campaign leaves out by now, each person at a number alone."""
	people = [(row, point) for row in rows for point in row.get("parties") or [line_of(row)]]
	out = source.passed_over([[Contacted(point.phone, *point.owner)] for _row, point in people])
	left_out: dict[str, list[ContactPoint]] = defaultdict(list)
	for (row, point), yes in zip(people, out, strict=True):
		if yes:
			left_out[row.name].append(point)
	why = source.passed_over_because()
	telling.leave_out([row for row in rows if row.name in left_out], left_out, why)
	wanted, settled = [], []
	for row in rows:
		points = [point for point in row.get("parties") or () if point not in left_out[row.name]]
		if points and left_out[row.name]:
			row.parties, row.students = points, students_of(points)
		(settled if left_out[row.name] and not points else wanted).append(row)
	cancel_or_reach(settled, why, (states.DIALING,))
	return wanted


def without(rows: list, gone: dict[str, str], while_in: tuple[str, ...]) -> list:
	"""Return the rows that are about a student not in `gone`, and drop the `gone` students from them.

	`gone` maps a student to the reason why there is nothing left to report. The other rows become Cancelled
	with that reason, if their status is in `while_in`. If students are left to tell about at another number,
	they wait for a call there; if others were told about already, they are reached.
	"""
	if not gone:
		return rows
	left = telling.withdraw([row.name for row in rows], gone)
	reasons: dict[str, list] = defaultdict(list)
	wanted = []
	for row in rows:
		if not (row.students and gone.keys() >= set(row.students)):
			row.students = tuple(student for student in row.students if student not in gone)
			row.parties = asking.spared(row.get("parties") or (), gone)
			wanted.append(row)
		elif row.name in left:
			fields = {**retries.fields_of(left[row.name][0]), "status": states.PENDING}
			write_instead(row, fields, while_in)
		else:
			reasons[gone[row.students[0]]].append(row)
	for why, some in reasons.items():
		cancel_or_reach(some, why, while_in)
	return wanted


def cancel_or_reach(rows: list, why: str, while_in: tuple[str, ...]) -> None:
	"""End recipients with no one left to call: those who told someone are reached, the others Cancelled."""
	told = telling.told_about([row.name for row in rows])
	for row in rows:
		if row.name in told:
			fields = {"status": states.REACHED, "students": json.dumps(told[row.name])}
			write_instead(row, fields, while_in)
	cancelled([row.name for row in rows if row.name not in told], why, while_in)


def write_instead(row, fields: dict, while_in: tuple[str, ...]) -> None:
	"""Write a recipient that is not called now, in these states. It is rare: most families have one line."""
	fields["claim"] = None
	frappe.db.set_value(
		"Dialer Recipient",
		{"name": row.name, "status": ("in", while_in)},
		planned.sealed(row, fields) if row.seal else fields,
		update_modified=False,
	)


def cancelled(names: list[str], why: str, while_in: tuple[str, ...]) -> None:
	if names:
		frappe.db.sql(
			"""update `tabDialer Recipient` set status = 'Cancelled', outcome = %s, claim = null
			where name in %s and status in %s""",
			(why[:140], tuple(names), while_in),
		)


def send_elsewhere(rows: list, answers: dict[str, gate.EligibilityResult]) -> None:
	"""Give recipients back whose call is by now in another school's name: its own number takes them up.

	The caller's transaction holds the rows.
	"""
	update_each(
		"Dialer Recipient",
		{
			row.name: {"status": states.PENDING, "claim": None, "school": answers[row.name].school or None}
			for row in rows
		},
	)


def apply_refusals(rows: list, answers: dict[str, gate.EligibilityResult]) -> None:
	"""Write the gate's new BLOCK or DEFER on the recipients.

	A recipient with another line moves to it instead.
	"""
	elsewhere = retries.other_lines(
		{
			row.name: answers[row.name].decision.codes
			for row in rows
			if answers[row.name].decision.verdict == "BLOCK"
		}
	)
	for name, fields in elsewhere.items():
		frappe.db.set_value("Dialer Recipient", name, fields, update_modified=False)
	seal_of = planned.signer()
	update_each(
		"Dialer Recipient",
		{
			row.name: planned.sealed(row, gate.as_fields(answers[row.name]) | {"claim": None}, seal_of)
			for row in rows
			if row.name not in elsewhere
		},
	)


def block_missing_data(missing: dict[str, str]) -> None:
	"""Block recipients whose message cannot be rendered, with the reason.

	A message with missing data is never sent.
	"""
	blocked = {"status": states.BLOCKED, "reasons": "MISSING_DATA", "claim": None}
	update_each("Dialer Recipient", {name: blocked | {"outcome": why[:140]} for name, why in missing.items()})


def write_logs(
	campaign,
	rows: list,
	answers: dict[str | None, gate.EligibilityResult],
	sender: str,
	at: datetime,
	purpose: str | None = None,
	account: str | None = None,
) -> None:
	"""Write one call log for each request before it is sent. A test call's row has no name: no recipient.

	`account` is the id of the account that makes the calls, by default the number's. `at` is aware. The
	microseconds of `placed_at` record the order of the requests, by which lost ones are matched.
	"""
	if not rows:
		return
	site_policies.mark_used(
		{(answer.decision.policy, answer.decision.version) for answer in answers.values()}
	)
	common = common_fields(campaign, sender, purpose or campaign.purpose)
	common["carrier_account"] = account or common["carrier_account"]
	values = [
		common
		| fields_of(row, answers[row.name])
		| {
			"placed_at": clock.to_db(at + timedelta(microseconds=index)),
			"school": row.get("school") or campaign.get("school") or None,
		}
		for index, row in enumerate(rows)
	]
	insert("Dialer Call Log", values)
	note_attempts([row for row in rows if row.name], answers)


def note_attempts(rows: list, answers: dict[str | None, gate.EligibilityResult]) -> None:
	"""Write on recipients and parties which call log the attempt has, and about whom and for whom it is."""
	telling.note(rows)
	seal_of = planned.signer()
	update_each("Dialer Recipient", {row.name: called_now(row, answers[row.name], seal_of) for row in rows})


def called_now(row, answer: gate.EligibilityResult, seal_of: Callable) -> dict:
	"""Return what a recipient's row says of the call that is made now, with its seal."""
	fields = {
		"attempts": row.attempts + 1,
		"last_call_log": row.log,
		"students": json.dumps(row.students),
		"school": answer.school or None,
	}
	return planned.sealed(row, fields | {field: row[field] for field in asking.ADDRESSED}, seal_of)


def common_fields(campaign, sender: str, purpose: str) -> dict:
	version = 0
	if campaign.template:
		version = frappe.get_cached_doc("Dialer Message Template", campaign.template).version
	account = carrier_accounts.of_sender(sender)
	return {
		**stamp(),
		"status": states.PLACING,
		"status_rank": states.rank(states.PLACING),
		"direction": "Outbound",
		"channel": campaign.channel,
		"purpose": purpose,
		"campaign": campaign.name,
		"sender": sender,
		"reasons": "",
		"carrier": account.carrier,
		"carrier_account": account.id,
		"template": campaign.template,
		"template_version": version,
	}


def fields_of(row, answer: gate.EligibilityResult) -> dict:
	decision = answer.decision
	record = gate.to_json(decision)
	return {
		"name": row.log,
		"recipient": row.name,
		"attempt": row.attempts + 1,
		"attempt_key": f"{row.name}:{row.attempts + 1}" if row.name else None,
		"person_doctype": row.person_doctype,
		"person": row.person,
		"person_name": row.person_name,
		"phone": row.phone,
		"phone_masked": mask(row.phone),
		"verdict": decision.verdict,
		"decided_at": clock.to_db(decision.at),
		"closes_at": clock.to_db(closes_at(decision)),
		"policy": decision.policy,
		"policy_version": decision.version,
		"decision": record,
		"seal": gate.sign_record(record),
		"language": row.language,
		"students": json.dumps(row.students),
		"school": answer.school or None,
		"fields_used": json.dumps(row.get("fields_used") or []),
	}


def take_back(requests: list) -> None:
	"""Withdraw requests that were logged but not sent. The logs show it, and the attempts do not count."""
	if not requests:
		return
	not_sent([request.log for request in requests], "Not sent")
	release([request.row for request in requests])


def not_sent(logs: list[str], why: str, code: int | None = None) -> None:
	"""Mark logs as not placed: nothing reached the carrier, or it refused them with this code.

	Logs on which the carrier has reported since are left alone. The attempt does not count: its unique key is
	free again, and a recipient that was Unknown waits again. Idempotent: an attempt whose key is free is not
	taken off twice.
	"""
	if not logs:
		return
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		left join `tabDialer Recipient` recipient on recipient.last_call_log = log.name
			and log.attempt_key is not null
		left join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set log.status = %(refused)s, log.status_rank = %(refused_rank)s, log.attempt_key = null,
			log.error_message = %(why)s, log.error_code = %(code)s,
			recipient.attempts = recipient.attempts - 1,
			recipient.status = if(recipient.status = 'Unknown',
				if(campaign.status in %(ended)s, 'Cancelled', 'Pending'), recipient.status)
		where log.name in %(logs)s and log.status_rank <= %(lost)s""",
		{
			"refused": states.REFUSED,
			"refused_rank": states.rank(states.REFUSED),
			"lost": states.rank(states.LOST),
			"why": why[:140],
			"code": str(code) if code else None,
			"ended": states.ENDED,
			"logs": tuple(logs),
		},
	)


def tell_again(logs: list[str]) -> bool:
	"""Return recipients of an emergency to waiting, whose call or text may have been made already.

	The carrier cannot be asked, and this has happened to the recipient for the first time. The logs stay as
	they are: what the carrier reports later is written on them. The attempt does not count. Returns whether
	anyone is called again.
	"""
	if not logs:
		return False
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Call Log` log on log.name = recipient.last_call_log
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set log.attempt_key = null, recipient.attempts = greatest(recipient.attempts - 1, 0),
			recipient.status = 'Pending', recipient.told_again = 1, recipient.claim = null,
			recipient.not_before = %(now)s
		where log.name in %(logs)s and log.status_rank = %(lost)s and recipient.status = 'Unknown'
		and recipient.told_again = 0 and campaign.purpose = 'Emergency' and campaign.status = 'Running'""",
		{"logs": tuple(logs), "lost": states.rank(states.LOST), "now": clock.db_now()},
	)
	return changed() > 0


def count_told_again(logs: list[str]) -> None:
	"""Note that the recipients of these logs, which were lost and then freed, are called once more."""
	if logs:
		frappe.db.sql(
			"""update `tabDialer Recipient` set told_again = 1
			where last_call_log in %s and status in %s""",
			(tuple(logs), states.WAITING),
		)


def give_back(logs: list[str], why: str, seconds: int, urgent_seconds: int = 0) -> None:
	"""Return recipients to waiting whose call or text the carrier accepted but did not deliver.

	For faults that are not the recipient's. The recipient is due again after `seconds` (in an emergency after
	`urgent_seconds`), and the attempt does not count. Idempotent.
	"""
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		join `tabDialer Recipient` recipient on recipient.last_call_log = log.name
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set log.attempt_key = null, recipient.attempts = greatest(recipient.attempts - 1, 0),
			recipient.status = if(campaign.status in %(ended)s, 'Cancelled', 'Pending'),
			recipient.outcome = %(why)s, recipient.claim = null,
			recipient.not_before = if(campaign.purpose = 'Emergency', %(urgent)s, %(due)s)
		where log.name in %(logs)s and log.attempt_key is not null
		and recipient.status in %(under_way)s""",
		{
			"logs": tuple(logs),
			"ended": states.ENDED,
			"why": why[:140],
			"urgent": after(urgent_seconds),
			"due": after(seconds),
			"under_way": (states.DIALING, states.UNKNOWN),
		},
	)
