"""Claims: a dispatcher takes recipients that are due, holds them while it decides, and lets go of them."""

import secrets
from datetime import datetime

import frappe

from school_dialer.audience.base import source_of
from school_dialer.base import clock, states
from school_dialer.campaigns.parties import asking
from school_dialer.gate import planned
from school_dialer.outbound.attempts import strangers
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
	first_time_only: bool = False,
) -> list[frappe._dict]:
	"""Claim up to `most` due recipients of this channel, and commit.

	`schools`: those in whose names the number speaks. `first_time_only` leaves out those who are called once
	more after a lost answer (`attempts.emergency_watch`). No other dispatcher sees them again. Those whom a
	member of staff phones now (`held_until`) are left to them, and those whom this app did not plan are not
	called (`strangers`). Returns rows with `claim` set and what `asking.attach` sets. The caller's
	transaction must be READ COMMITTED (`transactions.begin_read_committed`): gap locks would make dispatchers
	wait for each other.
	"""
	now = clock.db_now()
	rows, others = planned.divided(due_rows(campaign, most, channel, schools, first_time_only, now))
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
	# Release the rows: their claim holds them from here on, and the lock on the numbers may take a while.
	frappe.db.commit()
	for row in rows:
		row.claim = claim
	return rows


def due_rows(
	campaign: str, most: int, channel: str, schools: Schools, first_time_only: bool, now: datetime
) -> list[frappe._dict]:
	"""Return the rows that `claim` may take, locked until the commit."""
	condition, values = due(campaign, channel, schools, now)
	first_time = " and told_again = 0" if first_time_only else ""
	# Without waiting for rows that another dispatcher is claiming now.
	return frappe.db.sql(
		f"""select {CLAIMED} from `tabDialer Recipient`
		where {condition}{first_time} limit %(most)s for update skip locked""",
		values | {"most": most},
		as_dict=True,
	)


def is_due(campaign: str, channel: str, schools: Schools) -> bool:
	"""Return True if a recipient of these schools is due on this channel."""
	condition, values = due(campaign, channel, schools, clock.db_now())
	return bool(
		frappe.db.sql(
			f"""select 1 from `tabDialer Recipient`
			where {condition} limit 1""",
			values,
		)
	)


def due(campaign: str, channel: str, schools: Schools, now: datetime) -> tuple[str, dict]:
	"""Return which recipients are due, as a condition of constant text and its values."""
	of_schools, values = schools.sql("school")
	condition = f"""campaign = %(campaign)s and status in %(waiting)s and not_before <= %(now)s
		and (held_until is null or held_until <= %(now)s) and channel = %(channel)s{of_schools}"""
	return condition, {
		"campaign": campaign,
		"waiting": states.WAITING,
		"now": now,
		"channel": channel,
		**values,
	}


def release(rows: list, seconds: int = 0, emergency_seconds: int | None = None) -> None:
	"""Return recipients to waiting after nothing was placed.

	They are due again after `seconds`, or after `emergency_seconds` in an emergency. Recipients of a canceled
	campaign become Cancelled. Rows that another dispatcher has claimed since are left alone.
	"""
	rows = [row for row in rows if row.name]  # A test call has none.
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
	dialing = frappe.db.sql(
		"""select recipient.name, recipient.claim, recipient.person, log.name
		from `tabDialer Recipient` recipient
		left join `tabDialer Call Log` log
			on log.attempt_key = concat(recipient.name, ':', recipient.attempts + 1)
		where recipient.name in %(names)s and recipient.status = 'Dialing'
		and (recipient.held_until is null or recipient.held_until <= %(now)s)
		and (select status from `tabDialer Campaign` where name = %(campaign)s) = 'Running' for update""",
		{"names": tuple(row.name for row in rows), "campaign": campaign, "now": clock.db_now()},
	)
	held = {name: (claim, person, logged) for name, claim, person, logged in dialing}
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
